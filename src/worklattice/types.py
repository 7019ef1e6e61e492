"""What the whole house builds on: JSON values, ids, limits, and the seams for time and ids.

Not here: anything that knows what a task is (`worklattice.model`), and wire formats (`worklattice.codec`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Protocol, TypeAlias

from attrs import frozen

JsonScalar: TypeAlias = str | int | float | bool | None
JsonValue: TypeAlias = "JsonScalar | list[JsonValue] | dict[str, JsonValue]"
JsonObject: TypeAlias = dict[str, JsonValue]


@frozen(kw_only=True)
class Limits:
    """What one call, one task and one answer may hold. One table, read by code, docs and tests."""

    payload_bytes: int = 1_048_576
    """A JSON text given to `dispatch`."""
    json_depth: int = 64
    """Nesting of any JSON value: an object in an object counts two."""
    attribute_keys: int = 10_000
    """Keys of one JSON object."""
    string_characters: int = 1_000_000
    """Characters of one string, keys included."""
    integer_bits: int = 63
    """Integers lie between −2^63 and 2^63 − 1."""
    id_characters: int = 200
    """A task id, a task type, a stage, a template id, an idempotency key."""
    batch_tasks: int = 10_000
    """Tasks that one batch, or payloads that one `execute`, may hold."""
    answer_characters: int = 16_000_000
    """Characters, as JSON, of the answers of all commands in one `execute`, escapes not counted."""
    claims_per_call: int = 1_000
    """Tasks that one call may claim."""
    runs_per_tick: int = 1_000
    """Runs that one tick makes."""
    expansion_tasks: int = 1_000
    """Tasks that one template expansion may make."""
    expansion_characters: int = 10_000_000
    """Characters, and other values, of the attributes that one expansion may make."""
    expansion_turns: int = 20_000
    """Nodes, in each turn of their loops, that one expansion looks at, those that `when` leaves out too."""
    include_depth: int = 8
    """How deep templates may include one another."""
    template_nodes: int = 2_000
    """Nodes of one template."""
    dependencies_per_call: int = 10_000
    """Dependencies that one call may name."""
    filter_characters: int = 10_000
    """Length of a `custom_filter` or a template's `when`."""
    filter_depth: int = 64
    """Nesting of a `custom_filter`."""
    filter_terms: int = 1_000
    """Conditions, and members of lists, in a `custom_filter`."""
    gate_characters: int = 2_000
    """Length of a gate or a target."""
    gate_depth: int = 32
    """Nesting of a gate: parentheses and `not` within one another."""
    gate_terms: int = 100
    """Comparisons in a gate."""
    gates: int = 100
    """Gates that one attribute of a task makes."""
    metrics: int = 1_000
    """Metrics that are kept of a task."""
    metric_characters: int = 200
    """Length of a metric's value that is a text."""
    channels: int = 100
    """Channels that `notify_channels` of a task, or of a transition, names."""
    channel_characters: int = 2_000
    """Length of the name of such a channel."""
    channels_characters: int = 10_000
    """Length of the names of all of them together."""
    title_characters: int = 500
    """Length of a task's title where people are told of the task, which is cut there."""
    page_size: int = 1_000
    """Hits that one query answers (`limit`)."""
    previewed_occurrences: int = 100
    """Occurrences that one preview of a schedule answers."""
    page_size_default: int = 50
    """Hits where no `limit` is given."""
    offset: int = 1_000_000
    """How far `offset` skips; beyond it, page by `cursor`."""
    hierarchy_levels: int = 64
    """Levels of nested children in one answer."""
    hierarchy_tasks: int = 10_000
    """Tasks nested in one answer."""
    unblocked_ids: int = 1_000
    """Ids listed in `unblocked`; `unblocked_count` counts them all."""
    sort_keys: int = 8
    """Fields that one `sort` may name."""
    answered_fields: int = 100
    """Names in `fields`."""
    cursor_characters: int = 200_000
    """Length of a cursor; where the sorted values are too long for one, `next_cursor` is null."""
    schema_nodes: int = 2_000
    """Objects and arrays in a user's JSON Schema."""
    schema_depth: int = 64
    """Nesting of a user's JSON Schema."""
    schema_in_place: int = 2_000
    """Subschemas that judge one value, counted as often as references repeat them."""
    schema_in_place_depth: int = 32
    """How deep subschemas of one value may be nested, references followed."""
    schema_steps: int = 20_000
    """Work to judge one value: keywords applied to values, texts and patterns by their length."""
    pattern_characters: int = 10_000
    """Length of a pattern in a JSON Schema."""
    pattern_parts: int = 10_000
    """Parts of a pattern, its counted repetitions written out."""
    pattern_repetitions: int = 1_000
    """The largest bound of a counted repetition in a pattern."""
    patterns_parts: int = 20_000
    """Parts of all patterns of one JSON Schema together."""
    duration_days: int = 36_525
    """The longest duration: 100 years."""
    duration_characters: int = 100
    """Length of a duration as text."""
    time_characters: int = 64
    """Length of a time as text."""
    connections: int = 1_000
    """Connections to a PostgreSQL server that one store may keep."""
    write_tries: int = 20
    """How often a write is tried that a database cannot put in order with others."""
    write_wait_seconds: int = 3_600
    """The longest `timeout` of a store URL."""
    idempotency_key_days: int = 30
    """How long an idempotency key is kept; one that is older counts as unused."""
    problems: int = 100
    """Problems that one refusal lists."""
    message_characters: int = 500
    """Length of a message, which is cut there."""


LIMITS: Final = Limits()

ID_PATTERN: Final = r"^[A-Za-z0-9_.:\-]{1,200}$"
"""Ids as the published schemas spell them; `is_id` is the check (`$` alone would let a newline pass)."""

ID_RULE: Final = "1 to 200 characters: letters, digits and _ - . :"
"""The same in words."""

is_id: Final = re.compile(r"[A-Za-z0-9_.:\-]{1,200}").fullmatch


class Clock(Protocol):
    """Tells the time; called once for each call of the library."""

    def __call__(self) -> datetime:
        """Now, aware."""
        ...


class IdFactory(Protocol):
    """Makes ids that are unique in a workspace; ascending ids make SQL stores faster."""

    def __call__(self) -> str:
        """A new id."""
        ...


EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def to_micros(moment: datetime) -> int:
    """Microseconds since 1970, exactly."""
    return (moment - EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    """The moment that lies `micros` microseconds after 1970, in UTC."""
    return EPOCH + timedelta(microseconds=micros)


def in_utc(moment: datetime) -> datetime:
    """`moment` in UTC; raises `ValueError` where it has no time zone or leaves the years 1 to 9999."""
    if moment.utcoffset() is None:
        raise ValueError(
            "the datetime has no time zone; give an aware one, such as datetime.now(UTC), "
            "or say which zone it is in, as in moment.replace(tzinfo=UTC)"
        )
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("the time lies outside the years 1 to 9999 in UTC") from None


_INTEGERS: Final = range(-1 << LIMITS.integer_bits, 1 << LIMITS.integer_bits)
_FORBIDDEN = re.compile("[\x00\ud800-\udfff]")


JsonFault: TypeAlias = tuple[tuple[str | int, ...], str]
"""The keys and indexes that lead to a fault in a JSON value, outermost first, and what is wrong there."""


def json_fault(value: Any, depth: int = 0) -> JsonFault | None:  # noqa: ANN401 - whatever was given
    """The first thing that keeps `value`, which stands `depth` levels deep, from being a storable JSON value.

    Refused are: types that JSON has not, keys that are no text, NaN and infinities, integers outside 64
    bits, U+0000 and lone surrogates in texts, and whatever is beyond `LIMITS`. Cost: one visit a value; paths
    are made on the way back only.
    """
    kind = type(value)
    if kind is str:
        what = _text_fault(value)
    elif kind is bool or value is None:
        return None
    elif kind is int:
        what = None if value in _INTEGERS else "integers must fit into 64 bits"
    elif kind is float:
        what = None if math.isfinite(value) else "numbers must be finite"
    elif isinstance(value, dict):
        return _object_fault(value, depth + 1)
    elif isinstance(value, list | tuple):
        return _array_fault(value, depth + 1)
    else:
        what = f"is of the type {kind.__name__}, which JSON does not have"
    return None if what is None else ((), what)


def _text_fault(text: str) -> str | None:
    if len(text) > LIMITS.string_characters:
        return f"is longer than {LIMITS.string_characters:,} characters"
    if text.isascii() and "\x00" not in text:
        return None
    bad = _FORBIDDEN.search(text)
    return None if bad is None else f"must not contain U+{ord(bad.group()):04X}"


def _array_fault(value: Sequence[object], depth: int) -> JsonFault | None:
    if depth > LIMITS.json_depth:
        return (), f"is nested deeper than {LIMITS.json_depth} levels"
    for index, item in enumerate(value):
        if (fault := json_fault(item, depth)) is not None:
            return (index, *fault[0]), fault[1]
    return None


def _object_fault(value: Mapping[object, object], depth: int) -> JsonFault | None:
    if depth > LIMITS.json_depth:
        return (), f"is nested deeper than {LIMITS.json_depth} levels"
    if len(value) > LIMITS.attribute_keys:
        return (), f"has more than {LIMITS.attribute_keys:,} keys"
    for key, item in value.items():
        if type(key) is not str:
            return (), "has a key that is no text"
        if (what := _text_fault(key)) is not None:
            return (), f"has a key that {what}"
        if (fault := json_fault(item, depth)) is not None:
            return (key, *fault[0]), fault[1]
    return None


_SCALARS: Final = frozenset({str, int, float, bool})


def copied(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """A JSON value that shares nothing mutable with `value`; tuples become lists."""
    if isinstance(value, dict):
        return {
            key: item if item is None or type(item) in _SCALARS else copied(item)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [copied(item) for item in value]
    return value


def identical(one: Any, other: Any) -> bool:  # noqa: ANN401 - any JSON values
    """Whether two JSON values are the same to the letter: true is not 1, and 1 is not 1.0."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(identical(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(identical, one, other))
    return bool(one == other)
