"""The table of limits: rooms that may not read it hold the same numbers."""

import pytest

from worklattice import codec, errors
from worklattice.lang import durations, times
from worklattice.schema import budget, definition, faults, pattern_syntax, patterns
from worklattice.types import ID_PATTERN, LIMITS

_DAY = 86_400 * 1_000_000


@pytest.mark.parametrize(
    ("published", "held"),
    [
        pytest.param(LIMITS.problems, codec.FAULTS_LIMIT, id="problems of arguments"),
        pytest.param(LIMITS.problems, faults.FAULTS_LIMIT, id="problems of a schema"),
        pytest.param(LIMITS.message_characters, errors.MESSAGE_LIMIT, id="message"),
        pytest.param(LIMITS.duration_days * _DAY, durations.LONGEST, id="duration"),
        pytest.param(LIMITS.duration_characters, durations.LONGEST_TEXT, id="duration as text"),
        pytest.param(LIMITS.time_characters, times.LONGEST_TEXT, id="time as text"),
        pytest.param(LIMITS.schema_depth, definition.DEPTH_LIMIT, id="schema"),
        pytest.param(LIMITS.schema_in_place, definition.IN_PLACE_LIMIT, id="subschemas of a value"),
        pytest.param(LIMITS.schema_in_place_depth, definition.IN_PLACE_DEPTH_LIMIT, id="their nesting"),
        pytest.param(LIMITS.schema_steps, budget.STEPS_LIMIT, id="work"),
        pytest.param(LIMITS.pattern_characters, pattern_syntax.LENGTH_LIMIT, id="pattern"),
        pytest.param(LIMITS.pattern_parts, patterns.SIZE_LIMIT, id="parts of a pattern"),
        pytest.param(LIMITS.pattern_repetitions, pattern_syntax.REPEAT_LIMIT, id="repetitions"),
        pytest.param(LIMITS.patterns_parts, definition.PATTERNS_LIMIT, id="parts of all patterns"),
    ],
)
def test_a_limit_is_the_same_in_its_room(published: int, held: int) -> None:
    """What the documentation says of a limit is what is held to."""
    assert published == held


def test_the_pattern_of_ids_says_their_length() -> None:
    """It is published with the schemas."""
    assert ID_PATTERN.endswith(f"{{1,{LIMITS.id_characters}}}$")
