"""The keywords that look at a value alone, as one table: what each asks, and what it says where it is not so.

No message repeats the value.

Not here: keywords that lead on to parts of the value or to subschemas (`worklattice.schema.judging`).
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any, Final, NamedTuple, TypeAlias

from worklattice.errors import shown
from worklattice.schema.equality import Options
from worklattice.schema.formats import CHECKED, LONGEST
from worklattice.schema.keywords import Divisor
from worklattice.schema.patterns import Pattern

Said: TypeAlias = Any
"""What a keyword says, as `worklattice.schema.keywords` reads it."""

Json: TypeAlias = Any
Spend: TypeAlias = Callable[[int], None]


class Assertion(NamedTuple):
    """A keyword that judges the values of some types."""

    judges: tuple[type, ...]
    holds: Callable[[Said, Json, Spend], bool]
    says: Callable[[Said], str]

    def concerns(self, value: Json) -> bool:
        """Whether the value is of a type that is judged; true is no number."""
        return isinstance(value, self.judges) and (type(value) is not bool or bool in self.judges)


def _no_lower(least: float, value: float, _spend: Spend) -> bool:
    return value >= least


def _no_higher(most: float, value: float, _spend: Spend) -> bool:
    return value <= most


def _above(low: float, value: float, _spend: Spend) -> bool:
    return value > low


def _below(high: float, value: float, _spend: Spend) -> bool:
    return value < high


def _multiple_of(divisor: Divisor, value: float, _spend: Spend) -> bool:
    return (Fraction(repr(value)) / divisor.exact).denominator == 1


def _no_fewer(least: int, value: Json, _spend: Spend) -> bool:
    return len(value) >= least


def _no_more(most: int, value: Json, _spend: Spend) -> bool:
    return len(value) <= most


def _matches(pattern: Pattern, text: str, spend: Spend) -> bool:
    return pattern.matches(text, spend)


def _has_format(name: str, text: str, _spend: Spend) -> bool:
    return len(text) <= LONGEST and CHECKED[name].holds(text)


def _be(what: str) -> Callable[[Said], str]:
    def says(said: Said) -> str:
        return f"must be {what} {shown(said)}"

    return says


def _have(bound: str, thing: str) -> Callable[[Said], str]:
    def says(said: Said) -> str:
        return f"must have {bound} {many(said, thing)}"

    return says


def _one_of(options: Options) -> str:
    return f"must be {options.text}" if options.single else f"must be one of {options.text}"


def _multiple(divisor: Divisor) -> str:
    return f"must be a multiple of {shown(divisor.written)}"


def _pattern(pattern: Pattern) -> str:
    return f"must match the pattern {shown(pattern.text)}"


def _format(name: str) -> str:
    return f"must be a {name}, such as {CHECKED[name].example}"


def many(count: int, thing: str) -> str:
    """The count and the noun."""
    return f"{count:,} {thing}" + ("" if count == 1 else "s")


_ANY: Final = (object, bool)
_NUMBER: Final = (int, float)
_TEXT: Final = (str,)
_ARRAY: Final = (list,)
_OBJECT: Final = (dict,)

ASSERTIONS: Final[dict[str, Assertion]] = {
    "enum": Assertion(_ANY, Options.allow, _one_of),
    "const": Assertion(_ANY, Options.allow, _one_of),
    "minimum": Assertion(_NUMBER, _no_lower, _be("at least")),
    "maximum": Assertion(_NUMBER, _no_higher, _be("at most")),
    "exclusiveMinimum": Assertion(_NUMBER, _above, _be("above")),
    "exclusiveMaximum": Assertion(_NUMBER, _below, _be("below")),
    "multipleOf": Assertion(_NUMBER, _multiple_of, _multiple),
    "minLength": Assertion(_TEXT, _no_fewer, _have("at least", "character")),
    "maxLength": Assertion(_TEXT, _no_more, _have("at most", "character")),
    "pattern": Assertion(_TEXT, _matches, _pattern),
    "format": Assertion(_TEXT, _has_format, _format),
    "minItems": Assertion(_ARRAY, _no_fewer, _have("at least", "item")),
    "maxItems": Assertion(_ARRAY, _no_more, _have("at most", "item")),
    "minProperties": Assertion(_OBJECT, _no_fewer, _have("at least", "key")),
    "maxProperties": Assertion(_OBJECT, _no_more, _have("at most", "key")),
}
