"""Units: what quantities are counted in, and which of them can be compared.

A unit measures a kind of thing; units of one kind compare, others never do. The table `LISTED` has the units
that are known. Any other word is a unit of its own name, of which singular and plural are the same, so that
`80 story_points` compares with points of that name and with nothing else.

Not here: numbers, and how a quantity is written (`worklattice.lang.quantities`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from fractions import Fraction
from typing import Final, NamedTuple

from attrs import frozen

from worklattice.lang import durations
from worklattice.lang.decimals import write_decimal


@frozen
class Unit:
    """What a number counts."""

    name: str
    """As it is written; empty for a number without a unit."""
    kind: str
    """What it measures. Units of one kind compare."""
    size: Fraction = Fraction(1)
    """How large it is beside the other units of its kind."""
    top: Fraction | None = None
    """Where the scale ends on which it rates, for a rating such as 4.5/5."""


@frozen
class UnitMismatchError(ValueError):
    """Two units measure different things."""

    left: Unit
    right: Unit

    def __str__(self) -> str:
        """Both units, and why they do not compare."""
        left, right = _named(self.left), _named(self.right)
        if self.left.top is not None and self.right.top is not None:
            return f"{left} and {right} are on different scales"
        says = f"{left} cannot be compared with {right}"
        if {self.left.kind, self.right.kind} == {"time", "months"}:
            return f"{says}: months and years have no fixed length"
        return says


class Listed(NamedTuple):
    """A unit of the table, and every name by which it is known, its own first."""

    unit: Unit
    names: tuple[str, ...]


BARE: Final = Unit("", "number")
"""The unit of a number without one."""

CURRENCIES: Final = "$€£¥₹"
"""The signs that may stand before a number."""

_SHARES: Final = ((Fraction(1, 100), "% percent pct"), (Fraction(1, 1000), "‰ permille"))


def _time_units() -> Iterator[tuple[Fraction, str]]:
    """The units of durations, and nanoseconds."""
    yield Fraction(1, 10**9), "ns nanosecond nanoseconds"
    sizes = sorted(set(durations.UNITS.values()))
    for size in sizes:
        names = [name for name, its_size in durations.UNITS.items() if its_size == size]
        names.sort(key="m".__eq__)  # a bare m could be taken for metres: minutes are written min
        signs = ["µs", "μs"] if size == 1 else []  # the micro sign and the letter mu
        yield Fraction(size, 10**6), " ".join(names + signs)


def _data_units(one: str, sign: str, prefixes: str, step: int) -> Iterator[tuple[int, str]]:
    """Multiples of bytes or bits: `kB` and `kilobytes`, each `step` times the one before."""
    for power, prefix in enumerate(prefixes.split(), start=1):
        short, long = prefix.split(":")
        yield step**power, f"{short}{sign} {long}{one} {long}{one}s"


_DECIMAL: Final = "k:kilo M:mega G:giga T:tera P:peta"
_BINARY: Final = "Ki:kibi Mi:mebi Gi:gibi Ti:tebi Pi:pebi"

_TABLE: Final[tuple[tuple[str, tuple[tuple[Fraction | int, str], ...]], ...]] = (
    ("share", (*_SHARES, (Fraction(1, 10**6), "ppm"))),
    ("time", tuple(_time_units())),
    ("months", ((1, "mo month months"), (3, "quarter quarters"), (12, "y yr yrs year years"))),
    (
        "data",
        (
            (Fraction(1, 8), "bit bits"),
            (1, "B byte bytes"),
            *_data_units("byte", "B", _DECIMAL, 1000),
            *_data_units("byte", "B", _BINARY, 1024),
            *((Fraction(size, 8), names) for size, names in _data_units("bit", "bit", _DECIMAL, 1000)),
        ),
    ),
    (
        "data/time",
        (
            (Fraction(1000, 8), "kbps"),
            (Fraction(1000**2, 8), "Mbps"),
            (Fraction(1000**3, 8), "Gbps"),
        ),
    ),
    ("number/time", ((1, "Hz"), (1000, "kHz"), (1000**2, "MHz"), (1000**3, "GHz"))),
    ("requests", ((1, "requests request req reqs"),)),
    ("requests/time", ((1, "rps"),)),
    ("transactions", ((1, "transactions transaction"),)),
    ("transactions/time", ((1, "tps"),)),
    ("queries", ((1, "queries query"),)),
    ("queries/time", ((1, "qps"),)),
    ("dollars", ((1, "$ USD dollar dollars"),)),
    ("euros", ((1, "€ EUR euro euros"),)),
    ("pounds sterling", ((1, "£ GBP"),)),
    ("yen", ((1, "¥ JPY yen"),)),
    ("rupees", ((1, "₹ INR rupee rupees"),)),
)
"""Every unit that is known: (what it measures, (its size beside the others, its names)…)."""

LISTED: Final = tuple(
    Listed(Unit(names.split()[0], kind, Fraction(size)), tuple(names.split()))
    for kind, units in _TABLE
    for size, names in units
)
"""The table of units, as the documentation shows it."""

_BY_NAME: Final = {name: unit for unit, names in LISTED for name in names}
_BY_LOWER: Final = {name.lower(): unit for name, unit in _BY_NAME.items()}

PERCENT: Final = _BY_NAME["%"]

AMBIGUOUS: Final = {
    "M": ("minutes or millions", "Write min, or put M right behind the number."),
    "b": ("bits or bytes", "Write bit or B."),
    "Kb": ("bits or bytes", "Write kbit or kB."),
    **{f"{sign}b": ("bits or bytes", f"Write {sign}bit or {sign}B.") for sign in "MGTP"},
}
"""Names that are refused, since they are read in two ways: (which, what to write)."""

_SCALES: Final = frozenset({"k", "bn", "mn", "tn"})
_AS_A_SCALE: Final = (
    "a scale or a unit of its own",
    "Write k, M or bn right behind the number, or a word such as thousand.",
)

_BETWEEN_WORDS: Final = re.compile(r"[\s_-]+")
_OWN: Final = "#"
"""Before the kind of a unit of its own name, so that it is never that of a listed one."""


def find_unit(name: str) -> Unit | None:
    """The listed unit of this name; letter case counts only where it tells two units apart."""
    return _BY_NAME.get(name) or (_BY_LOWER.get(name.lower()) if name not in AMBIGUOUS else None)


def ambiguity(name: str) -> tuple[str, str] | None:
    """How a name may be read and what to write instead, where it is refused; in whatever style of letters."""
    plain = unicodedata.normalize("NFKC", name)
    return AMBIGUOUS.get(plain) or (_AS_A_SCALE if plain.lower() in _SCALES else None)


def own_unit(words: str) -> Unit:
    """The unit of its own name.

    >>> own_unit("story points").name, own_unit("widget").kind == own_unit("Widgets").kind
    ('story_points', True)
    """
    name = _BETWEEN_WORDS.sub("_", words)
    return Unit(name, _OWN + _without_number(name.casefold()))


def rating(top: Fraction) -> Unit:
    """The unit of ratings from 0 to `top`."""
    name = f"/{write_decimal(top)}"
    return Unit(name, name, Fraction(1), top)


def per(unit: Unit, other: Unit) -> Unit:
    """So many of one unit for each of the other."""
    return Unit(f"{unit.name}/{other.name}", f"{unit.kind}/{other.kind}", unit.size / other.size)


def _named(unit: Unit) -> str:
    if unit.top is not None:
        return f"a rating out of {write_decimal(unit.top)}"
    return unit.name or "a number without a unit"


def _without_number(word: str) -> str:
    """What singular and plural have in common: of `cache` and `caches`, `cach`; of `story`, `stori`."""
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    word = word.removesuffix("e")
    return f"{word[:-1]}i" if word.endswith("y") else word
