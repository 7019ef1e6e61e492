"""Quantities as values: exact numbers with units, and ranges between two of them.

What units there are, and which of them compare, says `worklattice.lang.units`. A number without a unit takes
the unit of what it is compared with (`Quantity.taking`), so that 0.5 beside `1%` is 0.5%.

Not here: how they are read from text (`worklattice.lang.quantity_parsing`).
"""

from __future__ import annotations

from fractions import Fraction

from attrs import frozen

from worklattice.lang.decimals import write_decimal
from worklattice.lang.diagnostics import LanguageError
from worklattice.lang.units import BARE, CURRENCIES, Unit, UnitMismatchError


class QuantityError(LanguageError):
    """The text, or the value, is no quantity."""


@frozen
class Quantity:
    """A number and what it counts."""

    magnitude: Fraction
    unit: Unit = BARE

    def __str__(self) -> str:
        """As `format_quantity` writes it."""
        return format_quantity(self)

    def in_unit(self, unit: Unit) -> Quantity:
        """The same quantity, counted in another unit. Raises `UnitMismatchError`."""
        own = self.unit
        if own is unit or own == unit:
            return self
        if own.kind != unit.kind:
            raise UnitMismatchError(own, unit)
        return Quantity(self.magnitude * own.size / unit.size, unit)

    def taking(self, unit: Unit) -> Quantity:
        """The quantity in a unit, which a number without one takes as its own. Raises `UnitMismatchError`.

        A number that takes the scale of a rating must lie on it, else `QuantityError` is raised.

        >>> from worklattice.lang.units import find_unit
        >>> str(Quantity(Fraction(1, 2)).taking(find_unit("%")))
        '0.5%'
        """
        if self.unit is not BARE and self.unit != BARE:
            return self.in_unit(unit)
        if reason := off_scale(self.magnitude, unit):
            raise QuantityError(reason)
        return Quantity(self.magnitude, unit)


@frozen
class Range:
    """From one quantity up to another, both included. Their units compare."""

    low: Quantity
    high: Quantity

    def __attrs_post_init__(self) -> None:
        """Refuse ends that do not compare (`UnitMismatchError`) or stand the wrong way round."""
        if self.low.in_unit(self.high.unit).magnitude > self.high.magnitude:
            raise ValueError("a range goes from the lower end to the higher")

    def __str__(self) -> str:
        """As `parse_range` reads it."""
        return str(self.low) if self.low == self.high else f"{self.low} to {self.high}"


def format_quantity(quantity: Quantity) -> str:
    """The quantity as text; what was read from text reads back as itself.

    More digits than a text may have are rounded.

    >>> format_quantity(Quantity(Fraction(1, 3)))
    '0.333333'
    """
    digits, name = write_decimal(quantity.magnitude), quantity.unit.name
    if name and name[0] in CURRENCIES:
        sign = "-" if digits.startswith("-") else ""
        return f"{sign}{name[0]}{digits.removeprefix('-')}{name[1:]}"
    return f"{digits} {name}" if name[:1].isalpha() else f"{digits}{name}"


def off_scale(number: Fraction, unit: Unit) -> str | None:
    """Why no rating on the unit's scale has this number; None where one has, or the unit is no rating."""
    if unit.top is None or 0 <= number <= unit.top:
        return None
    return f"{write_decimal(number)} does not lie on the scale from 0 to {write_decimal(unit.top)}"
