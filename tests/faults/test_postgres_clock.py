"""Computers whose clocks are wrong, around one PostgreSQL server, whose clock is the one that counts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

import worklattice
from tests.stores import store_url
from worklattice import ClaimError
from worklattice.orchestrator import engine
from worklattice.testing import ManualClock


def test_lease_is_measured_by_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker whose computer is an hour ahead takes nobody's task before its time."""
    url = store_url()
    with worklattice.open(url) as one, worklattice.open(url) as other:
        one.create_generic_task("job", task_id="a")
        held = one.claim_task("ann", lease="5 minutes").claim
        assert held is not None
        for skew in (timedelta(hours=1), timedelta(hours=-1)):
            wrong = datetime.now(UTC) + skew
            monkeypatch.setattr(engine, "system_clock", lambda wrong=wrong: wrong)
            assert other.claim_task("ben").claims == ()
            with pytest.raises(ClaimError):
                other.claim_task("ben", task_id="a")
            assert other.renew_claim("a", held.token).claim.expires_at - datetime.now(UTC) < timedelta(
                minutes=6
            )
        assert max(event.at for event in one.events()) - datetime.now(UTC) < timedelta(minutes=1)


def test_clock_that_is_handed_in_counts() -> None:
    """Whoever brings a clock, as tests do, is asked for the time and not the server."""
    clock = ManualClock()
    with worklattice.open(store_url(), clock=clock) as wl:
        assert wl.create_generic_task("job").created_at == clock.now
