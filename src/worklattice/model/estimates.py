"""Estimates: how long, how much work, how many points, as people write them, and what they add up to.

Some attributes (`ATTRIBUTES`) hold an amount with its unit, such as `2_hours`, `6 points`, or a range such as
`2-4 hours`. The amounts of one attribute are added up exactly, so that the order of tasks never shows; those
whose units do not compare are added up apart.

What cannot be read is an attribute like any other and counts for nothing; whoever writes it is warned. A
number without a unit is no such amount: numbers are summed as numbers (`worklattice.query.metrics`).

Not here: units, and how amounts are read from text (`worklattice.lang`).
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache
from typing import Final

from attrs import define, frozen

from worklattice.errors import shown
from worklattice.lang.diagnostics import LanguageError
from worklattice.lang.quantities import Range
from worklattice.lang.quantity_parsing import LONGEST_TEXT, parse_range
from worklattice.lang.units import BARE, Unit
from worklattice.model.unreadable import Unreadable
from worklattice.types import JsonObject, JsonValue

ATTRIBUTES: Final = ("estimated_duration", "estimated_effort", "story_points", "capacity")
"""The attributes whose amounts are added up."""

_TIME: Final = "time"
_WHOLE: Final = range(-(1 << 63), 1 << 63)


@frozen(kw_only=True)
class EstimateSum:
    """What the estimates of one attribute add up to, as far as their units compare.

    Every estimate has a low and a high end, which are the same where it is no range; `low` and `high` are the
    sums of either.
    """

    count: int
    """How many estimates there are."""
    low: int | float
    """The sum where each comes to the least."""
    high: int | float
    """The sum where each comes to the most."""
    unit: str
    """`seconds` for durations, else the smallest of the units that stand there."""


class Estimates:
    """The estimates of tasks, added up by attribute and by what they measure."""

    def __init__(self) -> None:
        self._sums: dict[tuple[str, str], _Sum] = {}

    def add(self, attributes: JsonObject) -> None:
        """Add the estimates among a task's attributes."""
        for name in ATTRIBUTES:
            value = attributes.get(name)
            if isinstance(value, str) and isinstance(amount := _read(value), Range):
                self._sums.setdefault((name, amount.low.unit.kind), _Sum()).add(amount)

    def totals(self) -> dict[str, tuple[EstimateSum, ...]]:
        """The sums by attribute, without those that no finite number holds."""
        totals: dict[str, tuple[EstimateSum, ...]] = {}
        for (name, kind), added in sorted(self._sums.items()):
            total = added.total(kind)
            if total is not None:
                totals[name] = (*totals.get(name, ()), total)
        return totals


def faults_in_estimates(attributes: JsonObject) -> Iterator[Unreadable]:
    """Which estimates of a task cannot be read, and why."""
    for name in ATTRIBUTES:
        if name in attributes and (fault := _fault(attributes[name])) is not None:
            yield Unreadable(name, "is kept and counts for nothing", fault)


def _fault(value: JsonValue) -> str | None:
    if isinstance(value, str):
        amount = _read(value)
        return amount if isinstance(amount, str) else None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return None
    return f"{shown(value)} is no amount, such as 2-4 hours"


@define
class _Sum:
    """Amounts whose units compare, in the unit of size 1."""

    count: int = 0
    low: Fraction = Fraction()
    high: Fraction = Fraction()
    units: frozenset[Unit] = frozenset()

    def add(self, amount: Range) -> None:
        """Count one more."""
        self.count += 1
        self.low += amount.low.magnitude * amount.low.unit.size
        self.high += amount.high.magnitude * amount.high.unit.size
        self.units |= {amount.low.unit, amount.high.unit}

    def total(self, kind: str) -> EstimateSum | None:
        """The sum in the unit to answer with; None where no finite number holds it."""
        size, unit = (Fraction(1), "seconds") if kind == _TIME else _smallest(self.units)
        try:
            low, high = _number(self.low / size), _number(self.high / size)
        except OverflowError:
            return None
        return EstimateSum(count=self.count, low=low, high=high, unit=unit)


def _smallest(units: frozenset[Unit]) -> tuple[Fraction, str]:
    """The smallest unit, by its size and its name: of several names the longest, which is the plural."""
    size = min(unit.size for unit in units)
    names = (unit.name for unit in units if unit.size == size)
    return size, max(names, key=lambda name: (len(name), name))


def _number(exactly: Fraction) -> int | float:
    """The number, rounded once where it is not whole, or too large to be written as such."""
    whole = exactly.denominator == 1 and exactly.numerator in _WHOLE
    return exactly.numerator if whole else float(exactly)


def _read(text: str) -> Range | str:
    """The amount that the text says, or why it says none."""
    if len(text) > LONGEST_TEXT:
        return f"an amount has at most {LONGEST_TEXT} characters"
    return _parsed(text)


@lru_cache(maxsize=4096)
def _parsed(text: str) -> Range | str:
    try:
        amount = parse_range(text)
    except LanguageError as fault:
        return fault.in_short
    if amount.low.unit == BARE:
        return f"{shown(text)} has no unit"
    if amount.low.unit.top is not None:
        return f"{shown(text)} is a rating"
    return f"{shown(text)} is less than nothing" if amount.low.magnitude < 0 else amount
