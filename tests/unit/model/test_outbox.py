"""When a delivery is tried again, when it is given up, and what is kept of an error."""

from __future__ import annotations

import pytest

from worklattice.model import outbox
from worklattice.model.outbox import ATTEMPTS, Step
from worklattice.model.rows import DeliveryRow
from worklattice.testing.rows import delivery_row
from worklattice.types import LIMITS

SECOND = 1_000_000
NOTHING = Step({}, ())


def test_pauses_double_up_to_an_hour() -> None:
    """From half a minute; about two hours in all, and then it is dead."""
    row, now, waited = delivery_row("c", 1), 0, []
    while row.next_at is not None:
        now = row.next_at
        row = outbox.failed(outbox.taken(row, 60 * SECOND, now), "no", now)
        waited += [] if row.next_at is None else [(row.next_at - now) // SECOND]
    assert waited == [30, 60, 120, 240, 480, 960, 1_920, 3_600]
    assert row.attempts == row.taken == outbox.ATTEMPTS == 9
    assert (row.dead_at, row.error) == (now, "no")


def test_a_lease_is_until_then() -> None:
    """Whoever takes it next gets another number."""
    first = outbox.taken(delivery_row("c", 1), 5, 100)
    second = outbox.taken(first, 5, 105)
    assert (first.next_at, first.taken, first.attempts) == (105, 1, 1)
    assert (second.next_at, second.taken, second.attempts) == (110, 2, 2)


def test_a_dead_letter_on_its_way_again_is_as_if_new() -> None:
    """But for the numbers, which go on, and its last error."""
    dead = outbox.dead(delivery_row("c", 1, attempts=9, taken=9), "no", 7)
    row = outbox.again(dead, 8)
    assert (row.attempts, row.next_at, row.dead_at, row.error) == (0, 8, None, "no")
    assert row.taken > dead.taken


# --- step by step -----------------------------------------------------------------------------------------

TAKEN = outbox.taken(delivery_row("c", 1), 60, 0)
"""A delivery in somebody's hands."""


def next_step(last: Step, *due: DeliveryRow, room: int = 10) -> Step:
    return outbox.next_step(last, due, {"slack"}, room=room, lease=60, now=7)


def test_a_try_that_succeeds() -> None:
    """Is the end of the delivery."""
    assert outbox.ended(TAKEN, TAKEN, None, 7) == Step({TAKEN.key: None}, ("delivered",))


def test_a_try_that_fails() -> None:
    """Is not the last one, unless it is the ninth."""
    ended = outbox.ended(TAKEN, TAKEN, "no", 7)
    assert ended == Step({TAKEN.key: outbox.failed(TAKEN, "no", 7)}, ("retried",))
    last = TAKEN._replace(attempts=ATTEMPTS)
    assert outbox.ended(last, last, "no", 7) == Step({last.key: outbox.dead(last, "no", 7)}, ("dead",))


@pytest.mark.parametrize("error", [None, "no"])
@pytest.mark.parametrize("row", [None, outbox.taken(TAKEN, 60, 60), outbox.again(TAKEN, 60)])
def test_a_try_that_ends_late(row: DeliveryRow | None, error: str | None) -> None:
    """Changes nothing, however it ended."""
    assert outbox.ended(TAKEN, row, error, 61) == Step({}, ("late",))


def test_the_first_that_somebody_can_deliver_is_taken() -> None:
    """Those before it are given up, those behind it stay as they are."""
    stranger = delivery_row("c", 1, channel="@x")
    worn_out = delivery_row("c", 2, attempts=ATTEMPTS)
    first, second = delivery_row("c", 3), delivery_row("c", 4)
    taken = outbox.taken(first, 60, 7)
    assert next_step(NOTHING, stranger, worn_out, first, second) == Step(
        {
            stranger.key: outbox.dead(stranger, outbox.no_handler("user", ["slack"]), 7),
            worn_out.key: outbox.dead(worn_out, outbox.NEVER_CAME_BACK, 7),
            first.key: taken,
        },
        ("dead", "dead"),
        taken,
    )


def test_what_came_of_the_last_one_is_kept() -> None:
    """It is not taken again at once, even where it is still shown as due."""
    last = outbox.ended(TAKEN, TAKEN, "no", 7)
    assert next_step(last, TAKEN) == last
    other = delivery_row("c", 2)
    taken = outbox.taken(other, 60, 7)
    assert next_step(last, TAKEN, other) == Step({**last.changes, other.key: taken}, ("retried",), taken)


def test_no_room_for_another() -> None:
    """Nothing is taken any more, and nothing given up."""
    strangers = [delivery_row("c", n, channel="@x") for n in range(1, 4)]
    step = next_step(NOTHING, *strangers, delivery_row("c", 4), room=2)
    assert (len(step.changes), step.fates, step.taken) == (2, ("dead", "dead"), None)
    last = outbox.ended(TAKEN, TAKEN, None, 7)
    assert next_step(last, delivery_row("c", 4), room=1) == last


# --- dead letters by name ---------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "1", "1.", ".1", "1.-1", "1.0 ", "\u0661.0", "9" * 30 + ".0", "1.0.0"])
def test_what_is_no_id_of_a_dead_letter(text: str) -> None:
    """Is none, whoever writes it."""
    assert outbox.read_letter_id(text) is None


def test_ids_of_dead_letters_are_read_as_they_are_written() -> None:
    """By the event's position and the place."""
    assert outbox.read_letter_id(outbox.letter_id(delivery_row("c", 12, 3))) == (12, 3)


# --- errors, as they are kept -----------------------------------------------------------------------------


class UnspeakableError(Exception):
    def __str__(self) -> str:
        raise ValueError("https://secret")


@pytest.mark.parametrize(
    ("error", "kept"),
    [
        (ValueError("no room"), "ValueError: no room"),
        (ValueError(), "ValueError"),
        (UnspeakableError(), "UnspeakableError"),
        (OSError("at https://hooks.x/T/SECRET?a=b!"), "OSError: at …"),
        (OSError("(url: /services/T/SECRET)"), "OSError: (url: …"),
        (OSError("to 'ann:SECRET@example.org' now"), "OSError: to … now"),
        (OSError("query ?token=SECRET"), "OSError: query …"),
        (OSError("x&key=SECRET status=500"), "OSError: … status=500"),
        (OSError(r"C:\SECRET"), "OSError: …"),
        (OSError("two\nlines\x00\ud800\x1b[31m"), "OSError: two lines [31m"),
        (KeyError("x"), "KeyError: 'x'"),
    ],
)
def test_an_error_is_kept_without_urls(error: Exception, kept: str) -> None:
    """Nor pieces of them, nor what cannot be printed."""
    assert outbox.error_kept(error, "#c") == kept


def test_the_channel_is_not_kept_where_it_is_a_secret() -> None:
    """As that of a service is; those of people are none."""
    assert outbox.error_kept(OSError("no bot 12:SECRET"), "tgram:12:SECRET") == "OSError: no bot …"
    assert outbox.error_kept(OSError("no #c, no team"), "#c") == "OSError: no #c, no team"


def test_a_long_error_is_cut() -> None:
    """However long it is."""
    kept = outbox.error_kept(OSError("x" * 10_000_000), "#c")
    assert len(kept) == LIMITS.message_characters
    assert kept.endswith("…")
