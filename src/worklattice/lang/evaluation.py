"""What conditions mean: three-valued as in SQL, and compiled into closures, so that scanning rows is fast.

A condition is true, false or unknown (None) of a row. How values compare stands in
`worklattice.lang.comparing`; on top of that:

- Whatever is compared with a time is read as one: text in RFC 3339 or a date (midnight in UTC). Text that is
  neither, and values of other types, compare as unknown.
- `x IN (…)` is `x = …` for some member, `x BETWEEN a AND b` is `x >= a AND x <= b`, unknowns included.
- `LIKE` and `contains` are unknown of what is no text, `has` of what is no array.

Stores push down what they can; what they answer must be what this module says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, Final, Generic, NamedTuple, TypeAlias, TypeVar

from worklattice.lang.comparing import MIRRORED, OPERATORS, compare, json_equal, like, scalar_types, type_of
from worklattice.lang.condition import (
    And,
    Attribute,
    Between,
    Column,
    Comparator,
    Compare,
    Condition,
    Contains,
    Expression,
    Has,
    In,
    IsNull,
    Like,
    Literal,
    Not,
    Now,
    Or,
    Parameter,
    Shift,
    TextSearch,
    Truth,
)
from worklattice.lang.folding import fold, fold_expression
from worklattice.lang.times import from_micros, read_micros, shift, to_micros
from worklattice.lang.values import Value

Row = TypeVar("Row")
Reference: TypeAlias = Column | Attribute | Parameter
Test: TypeAlias = Callable[[Row], bool | None]


class Source(NamedTuple, Generic[Row]):
    """Where a reference's value comes from: the row's value or None; a time in microseconds since 1970."""

    get: Callable[[Row], Any]
    is_time: bool = False


Sources: TypeAlias = Callable[[Reference], Source[Row]]
"""The source of each reference. `Attribute(())` asks for the whole object of attributes."""


class _Operand(NamedTuple, Generic[Row]):
    """An expression, compiled."""

    get: Callable[[Row], Any]
    is_time: bool = False
    is_constant: bool = False
    constant: Any = None


def compile_condition(condition: Condition, sources: Sources[Row]) -> Test[Row]:
    """The condition as a function of a row. It must be folded: nothing in it may depend on the time."""
    test: Test[Row] = _COMPILERS[type(condition)](condition, sources)
    return test


def evaluate(condition: Condition, lookup: Callable[[Reference], Value], now: datetime) -> bool | None:
    """Whether the condition holds where references have the values of `lookup` (None where there is none)."""
    return compile_condition(fold(condition, now), _looking_up(lookup))(None)


def value_of(expression: Expression, lookup: Callable[[Reference], Value], now: datetime) -> Value:
    """The value of the expression."""
    operand = _operand(fold_expression(expression, now), _looking_up(lookup))
    value: Value = operand.get(None)
    return from_micros(value) if operand.is_time and isinstance(value, int) else value


def _looking_up(lookup: Callable[[Reference], Value]) -> Sources[None]:
    def source(reference: Reference) -> Source[None]:
        value = lookup(reference)
        if isinstance(value, datetime):
            return Source(_always(to_micros(value)), is_time=True)
        return Source(_always(value))

    return source


def _always(value: Any) -> Callable[[Any], Any]:  # noqa: ANN401 - whatever a condition's constants are
    return lambda _: value


# --- expressions --------------------------------------------------------------------------------------


def _operand(expression: Expression, sources: Sources[Row]) -> _Operand[Row]:
    match expression:
        case Literal(datetime() as moment):
            return _constant(to_micros(moment), is_time=True)
        case Literal(value):
            return _constant(value)
        case Shift(base, amount, unit):
            get = _as_time(_operand(base, sources)).get

            def moved(row: Row) -> int | None:
                return None if (micros := get(row)) is None else shift(micros, amount, unit)

            return _Operand(moved, is_time=True)
        case Now():
            raise ValueError("fold a condition before compiling it: it depends on the time")
        case Column() | Attribute() | Parameter() as reference:
            return _Operand(*sources(reference))


def _constant(value: object, *, is_time: bool = False) -> _Operand[Any]:
    return _Operand(_always(value), is_time=is_time, is_constant=True, constant=value)


def _as_time(operand: _Operand[Row]) -> _Operand[Row]:
    """The operand read as a time."""
    if operand.is_time:
        return operand
    if operand.is_constant:
        return _constant(_micros(operand.constant), is_time=True)
    get = operand.get

    def read(row: Row) -> int | None:
        return _micros(get(row))

    return _Operand(read, is_time=True)


def _micros(value: object) -> int | None:
    return read_micros(value) if isinstance(value, str) else None


# --- conditions ---------------------------------------------------------------------------------------


def _compare(condition: Compare, sources: Sources[Row]) -> Test[Row]:
    left, right = _operand(condition.left, sources), _operand(condition.right, sources)
    return _comparison(condition.op, left, right)


def _comparison(comparator: Comparator, left: _Operand[Row], right: _Operand[Row]) -> Test[Row]:
    if left.is_constant and not right.is_constant:
        return _comparison(MIRRORED[comparator], right, left)
    if left.is_time or right.is_time:
        left, right = _as_time(left), _as_time(right)
    if right.is_constant:
        return _comparison_with(right.constant, comparator, left.get)
    get, other = left.get, right.get
    return lambda row: compare(comparator, get(row), other(row))


def _comparison_with(constant: object, comparator: Comparator, get: Callable[[Row], Any]) -> Test[Row]:
    """The comparisons that most filters are made of."""
    kind = type_of(constant)
    types = scalar_types(kind)
    if kind is None:
        return _always(None)
    if types is None:
        return lambda row: compare(comparator, get(row), constant)
    if kind == "text" and comparator is Comparator.EQ:
        return lambda row: value == constant if type(value := get(row)) is str else None
    holds = OPERATORS[comparator]
    return lambda row: holds(value, constant) if type(value := get(row)) in types else None


def _in(condition: In, sources: Sources[Row]) -> Test[Row]:
    item = _operand(condition.expression, sources)
    members = [_operand(member, sources) for member in condition.members]
    if item.is_time or any(member.is_time or not member.is_constant for member in members):
        return _some([_comparison(Comparator.EQ, item, member) for member in members])
    return _among([member.constant for member in members], item.get)


def _among(constants: Sequence[Any], get: Callable[[Row], Any]) -> Test[Row]:
    """Whether the value is one of the constants: one look-up among those of its type."""
    kinds = {type_of(constant) for constant in constants}
    if not constants:
        return _always(False)  # noqa: FBT003 - what the test answers
    if kinds == {"text"}:
        texts = frozenset(constants)
        return lambda row: value in texts if type(value := get(row)) is str else None
    scalars = {
        kind: frozenset(constant for constant in constants if type_of(constant) == kind)
        for kind in kinds
        if scalar_types(kind)
    }
    structures = [constant for constant in constants if isinstance(constant, list | dict)]
    otherwise = False if len(kinds) == 1 else None

    def among(row: Row) -> bool | None:
        value = get(row)
        kind = type_of(value)
        if kind is None or kind not in kinds:
            return None
        if kind in scalars:
            return True if value in scalars[kind] else otherwise
        return True if any(json_equal(value, constant) for constant in structures) else otherwise

    return among


def _between(condition: Between, sources: Sources[Row]) -> Test[Row]:
    item = _operand(condition.expression, sources)
    low, high = _operand(condition.low, sources), _operand(condition.high, sources)
    return _both(_comparison(Comparator.GE, item, low), _comparison(Comparator.LE, item, high))


def _like(condition: Like, sources: Sources[Row]) -> Test[Row]:
    get = _operand(condition.expression, sources).get
    matches = like(condition.pattern, condition.escape)
    return lambda row: matches(value) if type(value := get(row)) is str else None


def _contains(condition: Contains, sources: Sources[Row]) -> Test[Row]:
    get, text = _operand(condition.expression, sources).get, condition.text.casefold()
    return lambda row: text in value.casefold() if type(value := get(row)) is str else None


def _has(condition: Has, sources: Sources[Row]) -> Test[Row]:
    get, member = _operand(condition.expression, sources).get, condition.member

    def has(row: Row) -> bool | None:
        value = get(row)
        return any(json_equal(each, member) for each in value) if isinstance(value, list) else None

    return has


def _text_search(condition: TextSearch, sources: Sources[Row]) -> Test[Row]:
    words = [word.casefold() for word in condition.words]
    getters = [sources(each).get for each in (Column("task_id"), Column("task_type"), Attribute(()))]

    def found(row: Row) -> bool:
        text = "\n".join(_texts_in([get(row) for get in getters])).casefold()
        return all(word in text for word in words)

    return found


def _texts_in(value: Value) -> Iterable[str]:
    """Every text in a JSON value, however deep, keys left out."""
    waiting: list[Value] = [value]
    while waiting:
        match waiting.pop():
            case str() as text:
                yield text
            case list() as items:
                waiting.extend(items)
            case dict() as members:
                waiting.extend(members.values())
            case _:
                pass


def _is_null(condition: IsNull, sources: Sources[Row]) -> Test[Row]:
    get = _operand(condition.expression, sources).get
    return lambda row: get(row) is None


def _truth(condition: Truth, sources: Sources[Row]) -> Test[Row]:
    get, is_time, *_ = _operand(condition.expression, sources)

    def true(row: Row) -> bool | None:
        value = get(row)
        if value is None:
            return None
        return isinstance(value, int | float) and value != 0 and not is_time

    return true


def _not(condition: Not, sources: Sources[Row]) -> Test[Row]:
    test = compile_condition(condition.item, sources)
    return lambda row: None if (result := test(row)) is None else not result


def _and(condition: And, sources: Sources[Row]) -> Test[Row]:
    return _every([compile_condition(item, sources) for item in condition.items])


def _or(condition: Or, sources: Sources[Row]) -> Test[Row]:
    return _some([compile_condition(item, sources) for item in condition.items])


def _both(first: Test[Row], second: Test[Row]) -> Test[Row]:
    """What `_every` of two is, without a loop: most conjunctions are of two."""

    def both(row: Row) -> bool | None:
        one = first(row)
        if one is False:
            return False
        other = second(row)
        return other if one or other is False else None

    return both


def _every(tests: Sequence[Test[Row]]) -> Test[Row]:
    if len(tests) == 2:  # noqa: PLR2004 - see `_both`
        return _both(*tests)

    def every(row: Row) -> bool | None:
        result: bool | None = True
        for test in tests:
            each = test(row)
            if each is False:
                return False
            if each is None:
                result = None
        return result

    return every


def _some(tests: Sequence[Test[Row]]) -> Test[Row]:
    def some(row: Row) -> bool | None:
        result: bool | None = False
        for test in tests:
            each = test(row)
            if each:
                return True
            if each is None:
                result = None
        return result

    return some


_COMPILERS: Final[dict[type, Callable[..., Any]]] = {
    Compare: _compare,
    In: _in,
    Between: _between,
    Like: _like,
    Contains: _contains,
    Has: _has,
    TextSearch: _text_search,
    IsNull: _is_null,
    Truth: _truth,
    Not: _not,
    And: _and,
    Or: _or,
}
