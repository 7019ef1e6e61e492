"""Laws of conditions: what they mean, and that text says the same."""

from hypothesis import given
from hypothesis import strategies as st

from tests.properties.conditions import NOW, conditions, tasks, written_conditions
from tests.properties.naive import naive
from tests.properties.spelling import printed
from worklattice.errors import FilterSyntaxError
from worklattice.lang.condition import And, Condition, Not, Or
from worklattice.lang.folding import fold
from worklattice.lang.parsing import parse_condition
from worklattice.model.rows import TaskRow
from worklattice.query.evaluate import compile_filter
from worklattice.query.parse import task_name
from worklattice.types import LIMITS


def result(condition: Condition, row: TaskRow) -> bool | None:
    return compile_filter(fold(condition, NOW))(row)


@given(conditions, st.lists(tasks(), min_size=5, max_size=5))
def test_compiled_conditions_mean_what_the_book_says(condition: Condition, rows: list[TaskRow]) -> None:
    """The compiled form answers as an evaluator does that was written from the documentation."""
    test = compile_filter(fold(condition, NOW))
    assert [test(row) for row in rows] == [naive(condition, row) for row in rows]


@given(conditions, conditions, tasks())
def test_de_morgan(one: Condition, other: Condition, row: TaskRow) -> None:
    """Not both is either not, under three values too."""
    assert result(Not(And((one, other))), row) is result(Or((Not(one), Not(other))), row)
    assert result(Not(Or((one, other))), row) is result(And((Not(one), Not(other))), row)


@given(conditions, tasks())
def test_double_negation(condition: Condition, row: TaskRow) -> None:
    """Negating twice changes nothing, not even the unknown."""
    assert result(Not(Not(condition)), row) is result(condition, row)


@given(conditions, conditions, conditions, tasks())
def test_distribution(one: Condition, two: Condition, three: Condition, row: TaskRow) -> None:
    """AND distributes over OR."""
    assert result(And((one, Or((two, three)))), row) is result(Or((And((one, two)), And((one, three)))), row)


@given(st.lists(conditions, max_size=4), tasks())
def test_nesting_does_not_matter(items: list[Condition], row: TaskRow) -> None:
    """A conjunction of many is the conjunction of conjunctions of two."""
    nested: Condition = And(())
    for item in items:
        nested = And((nested, item))
    assert result(And(tuple(items)), row) is result(nested, row)


@given(conditions)
def test_folding_twice_is_folding_once(condition: Condition) -> None:
    """A folded condition no longer depends on the time."""
    folded = fold(condition, NOW)
    assert fold(folded, NOW.replace(year=1999)) == folded


@given(written_conditions)
def test_printed_condition_reads_back(condition: Condition) -> None:
    """Text that says a condition is read as that condition."""
    assert parse_condition(printed(condition), task_name, LIMITS) == condition


PIECES = """
a status attributes.x `q` 'x' "y" 1 -1 .5 TRUE NULL ( ) , = != < >= AND OR NOT IN BETWEEN LIKE ESCAPE IS NOW()
CURDATE() INTERVAL DAY + - DATE_SUB( % _ \\ ; -- ' " ` é
"""
pieces = st.sampled_from([*PIECES.split(), " ", "\x00", "\ud800", "\u202e"])


@given(
    st.one_of(
        st.text(max_size=60), st.lists(pieces, max_size=12).map(" ".join), st.lists(pieces).map("".join)
    )
)
def test_any_text_is_a_condition_or_a_syntax_error(text: str) -> None:
    """Whatever is written, it is read or refused with a place in the text, never anything else."""
    try:
        condition = parse_condition(text, task_name, LIMITS)
    except FilterSyntaxError as fault:
        error = fault
    else:
        compile_filter(fold(condition, NOW))
        return
    assert 1 <= error.column <= len(text) + 1
    assert len(error.message) <= 500
    assert set(error.diagram.replace("…", "")) <= {chr(code) for code in range(32, 127)} | {"\n"}
