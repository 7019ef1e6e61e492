"""The outbox: what becomes of a notification between its event and its delivery.

A consumer's deliveries are created from the events behind its position. Each is taken for the time of a
lease, under a number that nobody had before, and goes when it is delivered. Where that fails it is tried
again, after pauses that grow, and in the end it is given up: a dead letter. Whoever dies with a delivery in
his hands is followed by somebody else when the lease has run out: so each is delivered at least once.

Not here: what there is to tell (`worklattice.model.notifications`), calling handlers
(`worklattice.orchestrator.delivering`).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from typing import Final, Literal, NamedTuple, TypeAlias

from worklattice.errors import shown
from worklattice.lang.times import LATEST
from worklattice.model.channels import SIGNS, channel_of
from worklattice.model.notifications import notifications_in
from worklattice.model.rows import DeliveryKey, DeliveryRow, EventRow, Micros
from worklattice.types import LIMITS

_SECOND: Final = 1_000_000

PAUSES: Final[tuple[Micros, ...]] = tuple(
    seconds * _SECOND for seconds in (30, 60, 120, 240, 480, 960, 1_920, 3_600)
)
"""How long to wait after the first try that failed, after the second, and so on: about two hours in all."""

ATTEMPTS: Final = len(PAUSES) + 1
"""How often a delivery is tried before it is given up."""

EVERYONE: Final = ""
"""Stands for the consumers that are not known yet, in the row from whose position they begin.

There is one where a workspace was filled with a log that others have been told of.
"""


def created(consumer: str, events: Iterable[EventRow], now: Micros) -> Iterator[DeliveryRow]:
    """The deliveries of what events tell, to be tried at once."""
    for event in events:
        for place, (channel, text) in enumerate(notifications_in(event)):
            yield DeliveryRow(
                consumer=consumer,
                position=event.position,
                place=place,
                channel=channel,
                text=text,
                attempts=0,
                taken=0,
                next_at=now,
                dead_at=None,
                error=None,
            )


def taken(row: DeliveryRow, lease: Micros, now: Micros) -> DeliveryRow:
    """The delivery in somebody's hands until the lease runs out; it was due, and not tried too often."""
    return row._replace(attempts=row.attempts + 1, taken=row.taken + 1, next_at=_later(now, lease))


def is_worn_out(row: DeliveryRow) -> bool:
    """Whether it was tried as often as it may be; then whoever had it last never came back."""
    return row.attempts >= ATTEMPTS


def failed(row: DeliveryRow, error: str, now: Micros) -> DeliveryRow:
    """The delivery after a try that came to nothing: to be tried again, or dead."""
    if is_worn_out(row):
        return dead(row, error, now)
    return row._replace(next_at=_later(now, PAUSES[row.attempts - 1]), error=error)


def _later(now: Micros, span: Micros) -> Micros:
    return min(now + span, LATEST)


def dead(row: DeliveryRow, error: str, now: Micros) -> DeliveryRow:
    """The delivery, given up."""
    return row._replace(next_at=None, dead_at=now, error=error)


def again(row: DeliveryRow, now: Micros) -> DeliveryRow:
    """A dead letter on its way again, as if it had never been tried; whoever had it last is outrun."""
    return row._replace(attempts=0, taken=row.taken + 1, next_at=now, dead_at=None)


# --- step by step -----------------------------------------------------------------------------------------

Fate: TypeAlias = Literal["delivered", "retried", "dead", "late"]
"""What became of a delivery, as it is counted."""


class Step(NamedTuple):
    """What one transaction writes, what became of deliveries by that, and which one is taken."""

    changes: dict[DeliveryKey, DeliveryRow | None]
    fates: tuple[Fate, ...]
    taken: DeliveryRow | None = None


def ended(before: DeliveryRow, row: DeliveryRow | None, error: str | None, now: Micros) -> Step:
    """The end of a try, which changes nothing where somebody else has had the delivery since.

    Args:
        before: the delivery as it was taken.
        row: the same as it is found now; None where it is not there any more.
        error: why the try failed; None: it is delivered.
        now: when it ended.
    """
    if row is None or row.taken != before.taken:
        return Step({}, ("late",))
    if error is None:
        return Step({row.key: None}, ("delivered",))
    after = failed(row, error, now)
    return Step({row.key: after}, ("dead" if after.next_at is None else "retried",))


def next_step(
    last: Step,
    due: Iterable[DeliveryRow],
    schemes: Collection[str],
    *,
    room: int,
    lease: Micros,
    now: Micros,
) -> Step:
    """The end of the last try, and the next delivery taken: the first of those due that has a handler.

    Those before it are given up. All that comes to an end takes room; where none is left, nothing is taken.

    Args:
        last: how the last try ended; its changes need not show in `due`.
        due: the deliveries that are due, as stored.
        schemes: those that there are handlers for.
        room: how many may come to an end, the last one included.
        lease: for how long the next one is taken.
        now: the time.
    """
    changes = {**last.changes}
    fates: list[Fate] = [*last.fates]
    for row in due:
        if len(fates) >= room:
            break
        if row.key in changes:
            continue
        if (fault := _fault(row, schemes)) is None:
            chosen = taken(row, lease, now)
            return Step({**changes, row.key: chosen}, tuple(fates), chosen)
        changes[row.key] = dead(row, fault, now)
        fates.append("dead")
    return Step(changes, tuple(fates))


def _fault(row: DeliveryRow, schemes: Collection[str]) -> str | None:
    """Why nobody can deliver it, where nobody can."""
    if is_worn_out(row):
        return NEVER_CAME_BACK
    scheme = channel_of(row.channel).scheme
    return None if scheme in schemes else no_handler(scheme, schemes)


# --- dead letters by name ---------------------------------------------------------------------------------

_ID: Final = re.compile(r"([0-9]{1,18})\.([0-9]{1,9})", re.ASCII)

BEGINNING: Final = (0, -1)
"""Before all dead letters."""


def letter_id(row: DeliveryRow) -> str:
    """What a delivery is called among those of its consumer: its event's position, and its place there."""
    return f"{row.position}.{row.place}"


def read_letter_id(text: str) -> tuple[int, int] | None:
    """The position and the place, or None where the text is no such name."""
    match = _ID.fullmatch(text)
    return None if match is None else (int(match[1]), int(match[2]))


# --- errors, as they are kept -----------------------------------------------------------------------------

NEVER_CAME_BACK: Final = "Whoever had it last never said what came of it."

_LOOKED_AT: Final = 10_000
"""Characters of an error that are looked at."""
_MAY_TELL: Final = re.compile(r"\S*(?:[/\\@]|[?&][^\s=]+=)\S*")
"""A word that may be a URL, or the rest of one: those of hooks are secrets as a whole."""


def no_handler(scheme: str, known: Iterable[str]) -> str:
    """Why a notification is given up for whose scheme nobody has a handler."""
    listed = ", ".join(sorted(map(shown, known))) or "none"
    return f"There is no handler for the scheme {shown(scheme)}. Those that there are: {listed}."


def without_urls(text: str) -> str:
    """The text in one line, with every word left out that may be a URL, or a piece of one."""
    return " ".join(_MAY_TELL.sub("…", _printable(text)).split())


def error_kept(error: BaseException, channel: str) -> str:
    """An exception as it is kept: its type, and what it says without anything that may be a URL."""
    try:
        text = str(error)[:_LOOKED_AT]
    except Exception:  # noqa: BLE001 - whatever a stranger's exception does
        text = ""
    read = channel_of(channel)
    if read.scheme not in {"", *SIGNS.values()}:
        for secret in (read.name, read.target):
            text = text.replace(secret, "…")
    text = without_urls(text)
    kind = type(error).__name__
    whole = f"{kind}: {text}" if text else kind
    limit = LIMITS.message_characters
    return whole if len(whole) <= limit else whole[: limit - 1] + "…"


def _printable(text: str) -> str:
    return text if text.isprintable() else "".join(each if each.isprintable() else " " for each in text)
