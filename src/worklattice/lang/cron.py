"""The form of cron expressions: five fields, and what each is made of.

`minute hour day-of-month month day-of-week`, in the dialect of Debian's cron: lists, ranges, steps, names of
months and days, and also `L` (the last day), `LW` (the last from Monday to Friday), `FRI#2` and `FRIL`.

Not here: what the fields mean (`worklattice.calendar.cron` asks the library `cronsim`).
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from worklattice.lang.diagnostics import LanguageError, Span

LONGEST_TEXT: Final = 200

FIELDS: Final = ("minute", "hour", "day of the month", "month", "day of the week")
_LARGEST: Final = (59, 23, 31, 12, 7)
_FORM: Final = "Write minute, hour, day of the month, month and day of the week, as in 30 2 * * 1-5."
_SECONDS: Final = "There is no field for seconds, nor one for years."
_HASHED: Final = "Nothing is chosen by chance; write the minute or hour itself."

_FIELD: Final = re.compile(r"[^ ]+")
_STRAY: Final = re.compile(r"[^0-9A-Za-z*/,#-]")
_STEP: Final = re.compile(r"/([0-9]+)")
_HASH: Final = re.compile(r"(?<![A-Za-z])[HR](?![A-Za-z])", re.IGNORECASE)


class CronError(LanguageError):
    """The text is no cron expression, or one that never comes."""


class Cron(NamedTuple):
    """An expression whose form is right, in capitals and with single spaces, and where its fields stand."""

    text: str
    written: str
    spans: tuple[Span, ...]

    @property
    def is_periodic(self) -> bool:
        """Whether it goes on by the hour or the minute: one of those fields begins with a star."""
        minute, hour, *_ = self.text.split(" ")
        return minute.startswith("*") or hour.startswith("*")

    def fault(self, field: int, reason: str) -> CronError:
        """The error that one field is to blame for."""
        return CronError.at(self.written, self.spans[field], reason, _FORM)


def is_cron(text: str) -> bool:
    """Whether the text is meant as a cron expression, rather than as words."""
    return text[:1].isdecimal() or "*" in text


def parse_cron(text: str) -> Cron:
    """The expression. Raises `CronError`.

    >>> parse_cron("30  2 * * mon-fri").text
    '30 2 * * MON-FRI'
    """
    if len(text) > LONGEST_TEXT:
        raise CronError.at(text, (0, 1), f"a cron expression has at most {LONGEST_TEXT} characters")
    spans = tuple(Span(*match.span()) for match in _FIELD.finditer(text))
    for span in spans:
        _check_field(text, span)
    if len(spans) != len(FIELDS):
        raise CronError.at(
            text,
            spans[len(FIELDS)] if len(spans) > len(FIELDS) else (0, len(text)),
            f"a cron expression has 5 fields and this has {len(spans)}",
            f"{_FORM} {_SECONDS}" if len(spans) > len(FIELDS) else _FORM,
        )
    for span, largest in zip(spans, _LARGEST, strict=True):
        _check_steps(text, span, largest)
    return Cron(" ".join(text[slice(*span)].upper() for span in spans), text, spans)


def _check_field(text: str, span: Span) -> None:
    if stray := _STRAY.search(text, *span):
        raise CronError.at(text, stray.span(), "this character means nothing in a cron expression", _FORM)
    if hashed := _HASH.search(text, *span):
        raise CronError.at(text, hashed.span(), "there are no random fields", _HASHED)


def _check_steps(text: str, span: Span, largest: int) -> None:
    for step in _STEP.finditer(text, *span):
        if not 1 <= int(step[1]) <= largest:
            raise CronError.at(text, step.span(1), f"a step here is 1 to {largest}")
