"""Exact numbers: read from decimal digits or from what JSON gives, and written as decimal digits again.

Nothing is rounded on the way in. A float stands for the shortest decimal that reads back as it, which is what
its JSON text said: 0.1 is one tenth.
"""

from __future__ import annotations

import math
from decimal import Context, Decimal
from fractions import Fraction
from typing import Final

MOST_DIGITS: Final = 50
"""Significant digits of a number that is written down."""

LARGEST_POWER: Final = 308
"""Numbers other than 0 lie between 10^−308 and 10^308, as those of JSON do."""

NUMBER: Final = r"(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
"""A number without a sign, as a regular expression."""

_LARGEST: Final = 10**LARGEST_POWER
_PLAIN_POWERS: Final = range(-7, 21)
_ROUNDED: Final = Context(prec=6)


def read_decimal(digits: str) -> Fraction:
    """The number that a text matching `NUMBER` says. Raises `ValueError` with the reason.

    >>> read_decimal("0.1"), read_decimal("25e-2")
    (Fraction(1, 10), Fraction(1, 4))
    """
    mantissa, _, exponent = digits.lower().partition("e")
    whole, _, decimals = mantissa.partition(".")
    significant = (whole + decimals).lstrip("0")
    if len(significant.rstrip("0")) > MOST_DIGITS:
        raise ValueError(f"a number has at most {MOST_DIGITS} digits")
    if not significant:
        return Fraction()
    power = int(exponent or 0) - len(decimals)
    _hold(len(significant) - 1 + power)
    number = int(significant)
    return Fraction(number, 10**-power) if power < 0 else Fraction(number * 10**power)


def exact(number: float | Decimal | Fraction) -> Fraction:
    """The number, exactly. Raises `ValueError` with the reason where it is not finite, or out of bounds.

    >>> exact(0.1), exact(3)
    (Fraction(1, 10), Fraction(3, 1))
    """
    if isinstance(number, float):
        if not math.isfinite(number):
            raise ValueError(f"{_INFINITE.get(number, 'NaN')} is no finite number")
        return Fraction(float.__repr__(number))
    if isinstance(number, Decimal):
        if not number.is_finite():
            raise ValueError(f"{number} is no finite number")
        if number:
            _hold(number.adjusted())
    value = Fraction(number)
    if abs(value.numerator) > _LARGEST * value.denominator:
        raise ValueError(_TOO_LARGE)
    return value


def write_decimal(number: Fraction) -> str:
    """The number in decimal digits: exactly where it has at most `MOST_DIGITS`, else rounded to six.

    Whatever was read is written so that it reads back as the same number.

    >>> write_decimal(Fraction(1, 8)), write_decimal(Fraction(10**30)), write_decimal(Fraction(-2, 3))
    ('0.125', '1e30', '-0.666667')
    """
    numerator, denominator = number.numerator, number.denominator
    twos = (denominator & -denominator).bit_length() - 1
    fives, rest = 0, denominator >> twos
    while rest % 5 == 0:
        fives, rest = fives + 1, rest // 5
    if rest == 1:
        places = max(twos, fives)
        value = Decimal(abs(numerator) * 10**places // denominator)
        digits = str(value).rstrip("0")
        if len(digits) <= MOST_DIGITS:
            return _laid_out(digits, value.adjusted() - places, negative=numerator < 0)
    value = _ROUNDED.divide(Decimal(numerator), Decimal(denominator))
    digits = "".join(map(str, value.as_tuple().digits)).rstrip("0")
    return _laid_out(digits, value.adjusted(), negative=numerator < 0)


_INFINITE: Final = {math.inf: "Infinity", -math.inf: "-Infinity"}
_TOO_LARGE: Final = f"the number is too large; numbers are at most 1e{LARGEST_POWER}"
_TOO_SMALL: Final = f"the number is too small; numbers other than 0 are at least 1e-{LARGEST_POWER}"


def _hold(power: int) -> None:
    """Refuse a number whose first digit stands for a power of ten out of bounds."""
    if power >= LARGEST_POWER:
        raise ValueError(_TOO_LARGE)
    if power < -LARGEST_POWER:
        raise ValueError(_TOO_SMALL)


def _laid_out(digits: str, power: int, *, negative: bool) -> str:
    """The digits, the first of which stands for ten to this power."""
    sign = "-" if negative else ""
    if not digits:
        return "0"
    if power not in _PLAIN_POWERS:
        rest = f".{digits[1:]}" if len(digits) > 1 else ""
        return f"{sign}{digits[0]}{rest}e{power}"
    if power < 0:
        return f"{sign}0.{'0' * (-power - 1)}{digits}"
    whole, decimals = digits[: power + 1].ljust(power + 1, "0"), digits[power + 1 :]
    return f"{sign}{whole}.{decimals}" if decimals else f"{sign}{whole}"
