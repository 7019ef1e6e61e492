"""Quantities from text, as people write them: `200ms`, `99.9%`, `4.5/5`, `$2M`, `80 points`, `2-4 hours`.

A number is followed by a unit: a listed one (`worklattice.lang.units`), a word of its own, or one `per`
another. Durations of several parts and in ISO 8601 are read as `worklattice.lang.durations` reads them.
Digits are never put in groups, so that `1,000` is refused and not taken for 1.
"""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from typing import Final

from attrs import define

from worklattice.errors import shown
from worklattice.lang.decimals import NUMBER, exact, read_decimal
from worklattice.lang.diagnostics import Span
from worklattice.lang.durations import DurationError, parse_duration
from worklattice.lang.quantities import Quantity, QuantityError, Range, off_scale
from worklattice.lang.units import (
    BARE,
    CURRENCIES,
    Unit,
    UnitMismatchError,
    ambiguity,
    find_unit,
    own_unit,
    per,
    rating,
)

LONGEST_TEXT: Final = 200
"""Characters of a quantity or a range."""

LONGEST_NAME: Final = 40
"""Characters of a unit of its own name."""

_FORM: Final = "Write a number and a unit, such as 200ms, 99.9%, 4.5/5 or 80 points."
_JOINED: Final = "Join the words of a unit of its own name with underscores."
_FORBIDDEN: Final = re.compile("[\0\ud800-\udfff]")

_END: Final = r"(?![^\W_])"  # of a word
_RESERVED: Final = rf"(?:(?:and|or|not|between|to|at)(?![\w-])|per{_END})"
_WORD: Final = rf"[^\W\d_]++(?:[_-]++(?!per{_END})[^\W\d_]++)*+"
_WORDS: Final = rf"(?!{_RESERVED}){_WORD}"
_BEGIN: Final = rf"[-+−]?\s*[{CURRENCIES}]?\s*(?:[0-9.]|P[0-9T])"  # of a quantity
_LARGE: Final = rf"[\s_]*(thousand|million|billion|trillion)s?{_END}"

_GAP: Final = re.compile(r"[\s_]*")
_SIGN: Final = re.compile(r"[-+−]\s*")
_CURRENCY: Final = re.compile(rf"[{CURRENCIES}]\s*")
_NUMBER: Final = re.compile(NUMBER)
_ISO: Final = re.compile(r"P[0-9T][0-9.A-Z]*")
_SCALE: Final = re.compile(rf"([kKM]|bn){_END}|(?i:{_LARGE})")
_SCALE_OF_MONEY: Final = re.compile(rf"([kKmMbB]|bn|mn){_END}|(?i:{_LARGE})")
_OUT_OF: Final = re.compile(rf"\s*/\s*({NUMBER})")
_SYMBOL: Final = re.compile(rf"[%‰{CURRENCIES}]")
_SHARE: Final = re.compile(rf"per[\s_-]+(cent|mille){_END}", re.IGNORECASE)
_FIRST_WORD: Final = re.compile(_WORDS, re.IGNORECASE)
_NEXT_WORDS: Final = re.compile(rf"(?:\s++{_WORDS})*+", re.IGNORECASE)
_PER: Final = re.compile(rf"[\s_]*(?:/|per{_END})[\s_]*", re.IGNORECASE)
_MORE_TIME: Final = re.compile(r"(?:[ _]*[0-9]+(?:\.[0-9]+)?[ _]*[A-Za-z]+)+")
_TO: Final = re.compile(rf"\s*(?:[-–—]|to(?![^\W\d_]))\s*(?={_BEGIN})", re.IGNORECASE)
_PIECE: Final = re.compile(r"\w+|\S")

_SCALES: Final = {
    **dict.fromkeys(("k", "thousand"), 10**3),
    **dict.fromkeys(("m", "mn", "million"), 10**6),
    **dict.fromkeys(("b", "bn", "billion"), 10**9),
    "trillion": 10**12,
}

_NO_DIGIT: Final = ("only the digits 0 to 9 count", "Write the number in them, as in 5.5.")

_NO_NUMBER: Final = tuple(
    (re.compile(pattern), reason, hint)
    for pattern, reason, hint in (
        (r"[-+−]", "one sign is enough", None),
        (r"(?i:nan|inf|infinity)\b", "this is no finite number", None),
        (r"(?![0-9])\d", *_NO_DIGIT),
        (r"(?s:.?)", "expected a number", _FORM),
    )
)
"""What stands where a number belongs: (how it begins, what is wrong, what to do)."""

_LEFT_OVER: Final = tuple(
    (re.compile(pattern, re.IGNORECASE), reason, hint)
    for pattern, reason, hint in (
        (r"(?<=[0-9])[\s_,'’]+[0-9]", "digits are not put in groups", "Write the number as in 1000."),
        (r"(?![0-9])\d", *_NO_DIGIT),
        (r"(?<=[0-9])\.", "this is no number", "Write a number such as 5, 0.25 or 1e6."),
        (_TO.pattern, "this is a range", "Write one quantity here."),
        (r"\s*(?:\*|\^|\+|//|-|−)", "there is no arithmetic", "Write what comes of it."),
        (r"\s*(?:%|‰)", "one unit is enough", None),
    )
)
"""What stands behind a quantity: (how it begins, what is wrong, what to do)."""


def parse_quantity(text: str) -> Quantity:
    """The quantity that the text says. Raises `QuantityError`.

    >>> [str(parse_quantity(text)) for text in ("0.10 %", "30_minutes", "PT2H", "$1.5k", "9/10")]
    ['0.1%', '30 min', '2 h', '$1500', '9/10']
    """
    return read_quantity(text, _whole(text))


def parse_range(text: str) -> Range:
    """The range that the text says; a single quantity is a range of one. Raises `QuantityError`.

    >>> str(parse_range("2-4 hours")), str(parse_range("3 weeks"))
    ('2 h to 4 h', '3 w')
    """
    return read_range(text, _whole(text))


def quantity_of(value: object) -> Quantity:
    """What JSON, or Python, gives as a quantity: a number, or a text that has a unit. Raises `QuantityError`.

    >>> str(quantity_of(0.25)), str(quantity_of("250ms"))
    ('0.25', '250 ms')
    """
    match value:
        case Quantity():
            return value
        case bool():
            raise QuantityError(f"{shown(value)} is no number")
        case int() | float() | Decimal() | Fraction():
            try:
                return Quantity(exact(value))
            except ValueError as fault:
                raise QuantityError(str(fault)) from None
        case str():
            quantity = parse_quantity(value)
            if quantity.unit == BARE:
                raise QuantityError(f"the text {shown(value)} has no unit", hint="Give a number as a number.")
            return quantity
        case _:
            raise QuantityError(f"{shown(value)} is no number")


def read_quantity(text: str, span: Span) -> Quantity:
    """The quantity that stands in the text at `span`. Raises `QuantityError`."""
    reader = _Reader(text, span, span.start)
    quantity = reader.quantity()
    reader.end()
    return quantity


def read_range(text: str, span: Span) -> Range:
    """The range that stands in the text at `span`. Raises `QuantityError`."""
    reader = _Reader(text, span, span.start)
    low, low_scaled = reader.quantity(), reader.scaled
    if not reader.passes(_TO):
        reader.end()
        return Range(low, low)
    high = reader.quantity()
    reader.end()
    if reader.scaled and not low_scaled and BARE in (low.unit, high.unit):
        hint = "Say it of both, as in 2k-4k."
        raise QuantityError.at(text, span, "it is not clear whether both numbers are so large", hint)
    return between(low, high, text, span)


def between(low: Quantity, high: Quantity, text: str, span: Span) -> Range:
    """The range between two ends, one of which may leave the unit to the other. Raises `QuantityError`."""
    try:
        if low.unit == BARE:
            low = low.taking(high.unit)
        elif high.unit == BARE:
            high = high.taking(low.unit)
        return Range(low, high)
    except QuantityError as fault:
        raise QuantityError.at(text, span, fault.reason) from None
    except (UnitMismatchError, ValueError) as fault:
        raise QuantityError.at(text, span, str(fault)) from None


def _whole(text: str) -> Span:
    """The span of a text that is a quantity, or a range, and nothing else."""
    if len(text) > LONGEST_TEXT:
        raise QuantityError.at(text, (0, 1), f"a quantity has at most {LONGEST_TEXT} characters")
    if bad := _FORBIDDEN.search(text):
        raise QuantityError.at(text, bad.span(), f"a quantity must not contain U+{ord(bad.group()):04X}")
    if not text.strip():
        raise QuantityError("a quantity must not be empty", hint=_FORM)
    return Span(0, len(text))


@define
class _Reader:
    """Reads what stands in a text at a span, from left to right."""

    _text: str
    _span: Span
    _at: int
    scaled: bool = False
    """Whether the number just read was given in thousands or more."""

    def passes(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Go past what the pattern matches here."""
        if match := pattern.match(self._text, self._at, self._span.end):
            self._at = match.end()
        return match

    def end(self) -> None:
        """Refuse whatever is left."""
        if self._at == self._span.end:
            return
        for pattern, reason, hint in _LEFT_OVER:
            if match := pattern.match(self._text, self._at, self._span.end):
                raise self._fault(match.span(), reason, hint)
        self.passes(_GAP)
        if piece := self.passes(_PIECE):
            raise self._fault(piece.span(), f"{shown(piece[0])} cannot stand here", _FORM)

    def quantity(self) -> Quantity:
        """The quantity that begins here."""
        self.passes(_GAP)
        if iso := self.passes(_ISO):
            return self._duration(iso.start())
        sign = self.passes(_SIGN)
        currency = self.passes(_CURRENCY)
        if currency and sign is None:
            sign = self.passes(_SIGN)
        start = self._at
        number = self._number(_SCALE_OF_MONEY if currency else _SCALE)
        negative = sign is not None and sign[0][0] != "+"
        if negative:
            number = -number
        if currency is None and (top := self.passes(_OUT_OF)):
            return self._rating(number, start, top)
        unit = find_unit(currency[0].strip()) if currency else self._unit()
        if unit and unit.kind == "time" and self.passes(_MORE_TIME):
            whole = self._duration(start)
            return Quantity(-whole.magnitude, whole.unit) if negative else whole
        if self.passes(_PER):
            unit = per(unit or BARE, self._divisor())
        return Quantity(number, unit or BARE)

    def _number(self, scales: re.Pattern[str]) -> Fraction:
        digits = self.passes(_NUMBER)
        if digits is None:
            raise self._no_number()
        scale = self.passes(scales)
        self.scaled = scale is not None
        try:
            number = read_decimal(digits[0])
            return exact(number * _SCALES[scale[scale.lastindex or 0].lower()]) if scale else number
        except ValueError as fault:
            raise self._fault(digits.span(), str(fault)) from None

    def _rating(self, number: Fraction, start: int, top: re.Match[str]) -> Quantity:
        try:
            scale = read_decimal(top[1])
        except ValueError as fault:
            raise self._fault(top.span(1), str(fault)) from None
        if not scale:
            raise self._fault(top.span(1), "a scale ends above 0")
        unit = rating(scale)
        if reason := off_scale(number, unit):
            raise self._fault((start, self._at), reason)
        return Quantity(number, unit)

    def _unit(self) -> Unit | None:
        """The unit that stands here, if one does."""
        before = self._at
        self.passes(_GAP)
        if symbol := self.passes(_SYMBOL):
            return find_unit(symbol[0])
        if share := self.passes(_SHARE):
            return find_unit(f"per{share[1]}")
        word = self.passes(_FIRST_WORD)
        if word is None:
            self._at = before
            return None
        if read_in_two_ways := ambiguity(word[0]):
            readings, hint = read_in_two_ways
            raise self._fault(word.span(), f"{word[0]} may mean {readings}", hint)
        known = find_unit(word[0])
        more = self.passes(_NEXT_WORDS)
        if known is None:
            return self._own_unit(word.start())
        if more and (words := more[0].split()):
            start = self._text.index(words[0], more.start())
            reason = f"{shown(words[0])} cannot stand behind the unit {word[0]}"
            raise self._fault((start, start + len(words[0])), reason, _JOINED)
        return known

    def _own_unit(self, start: int) -> Unit:
        name = self._text[start : self._at]
        if len(name) > LONGEST_NAME:
            most = f"the name of a unit has at most {LONGEST_NAME} characters"
            raise self._fault((start, self._at), most)
        self._refuse_numerals(start)
        return own_unit(name)

    def _refuse_numerals(self, start: int) -> None:
        """Refuse words that begin with a numeral, such as ½: it would belong to the number."""
        begins = True
        for at in range(start, self._at):
            if begins and self._text[at].isnumeric():
                raise self._fault((at, at + 1), *_NO_DIGIT)
            begins = not self._text[at].isalnum()

    def _divisor(self) -> Unit:
        if unit := self._unit():
            return unit
        raise self._fault((self._at, self._at + 1), "expected a unit", "As in 10 per minute or 5 MB/s.")

    def _duration(self, start: int) -> Quantity:
        """The duration that ends here, in the largest unit that counts it without a rest."""
        try:
            micros = parse_duration(self._text[start : self._at])
        except DurationError as fault:
            at = start + fault.column - 1
            raise self._fault((at, at + 1), fault.reason, fault.hint) from None
        unit = next(unit for unit in _WHOLE_UNITS if not micros % (unit.size * 10**6))
        return Quantity(micros / (unit.size * 10**6), unit)

    def _no_number(self) -> QuantityError:
        for pattern, reason, hint in _NO_NUMBER:
            if match := pattern.match(self._text, self._at, self._span.end):
                return self._fault(match.span(), reason, hint)
        raise AssertionError("the last pattern matches everything")

    def _fault(self, span: tuple[int, int], reason: str, hint: str | None = None) -> QuantityError:
        return QuantityError.at(self._text, span, reason, hint)


_WHOLE_UNITS: Final = tuple(
    unit for name in ("d", "h", "min", "s", "ms", "us") if (unit := find_unit(name)) is not None
)
"""The units in which a duration of several parts is counted."""
