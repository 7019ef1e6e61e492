"""Formats of `format`: those that are checked, as one table, and those that only say what is meant.

Not here: durations, times and ids as the tools read them (`worklattice.lang`), which are more forgiving.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, time
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Final, NamedTuple

_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME: Final = re.compile(
    r"([0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.[0-9]{1,9})?(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)
_DURATION: Final = re.compile(
    r"P(?:[0-9]+W|(?=[0-9T])(?:[0-9]+Y)?(?:[0-9]+M)?(?:[0-9]+D)?"
    r"(?:T(?=[0-9])(?:[0-9]+H)?(?:[0-9]+M)?(?:[0-9]+S)?)?)"
)
_EMAIL: Final = re.compile(
    r"[^\s@<>()\[\],;:\"\\]{1,64}@[^\s@<>()\[\],;:\"\\_.]+(?:\.[^\s@<>()\[\],;:\"\\_.]+)*"
)
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_URI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!#-;=?-\[\]_a-z~]*")

LONGEST: Final = 2_000
"""Characters of a text that a format is checked on; a longer text has no format."""


class Format(NamedTuple):
    """A format that is checked."""

    holds: Callable[[str], bool]
    example: str


def _is_date(text: str) -> bool:
    if not _DATE.fullmatch(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _is_time(text: str) -> bool:
    match = _TIME.fullmatch(text)
    if match is None:
        return False
    try:
        time.fromisoformat(match[1])
    except ValueError:
        return False
    return True


def _is_date_time(text: str) -> bool:
    return text[10:11] in {"T", "t"} and _is_date(text[:10]) and _is_time(text[11:])


def _is_address(kind: type[IPv4Address | IPv6Address]) -> Callable[[str], bool]:
    def holds(text: str) -> bool:
        try:
            kind(text)
        except AddressValueError:
            return False
        return "%" not in text

    return holds


def _like(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda text: pattern.fullmatch(text) is not None


CHECKED: Final[dict[str, Format]] = {
    "date-time": Format(_is_date_time, "2025-06-16T09:00:00Z"),
    "date": Format(_is_date, "2025-06-16"),
    "time": Format(_is_time, "09:00:00Z"),
    "duration": Format(_like(_DURATION), "PT2H"),
    "email": Format(_like(_EMAIL), "ada@example.org"),
    "ipv4": Format(_is_address(IPv4Address), "192.0.2.1"),
    "ipv6": Format(_is_address(IPv6Address), "2001:db8::1"),
    "uuid": Format(_like(_UUID), "0190163d-8694-739b-aea5-966c26f8ad91"),
    "uri": Format(_like(_URI), "https://example.org/page"),
}
"""Name: how it is checked, and an example for the message. Leap seconds are refused."""

NAMED: Final = frozenset(
    {
        *("hostname", "idn-email", "idn-hostname", "iri", "iri-reference", "json-pointer", "regex"),
        *("relative-json-pointer", "uri-reference", "uri-template"),
    }
)
"""The standard's other formats: they may be named, and nothing is checked."""
