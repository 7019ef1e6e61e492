"""Programs that deliver at once, and programs that die with a notification in their hands."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import pytest

import worklattice
from tests.faults.processes import child
from tests.faults.work import FileClock, deliver_all, deliver_without_end
from tests.stores import url_of
from worklattice import Notification

_CHANNELS: Final = [f"#{number}" for number in range(60)]
_LEASE: Final = 60.0


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, folder: Path) -> str:
    """The URL of a store that processes share, with time enough for those who wait for each other."""
    return url_of(request.param, folder, timeout=60)


@pytest.fixture
def clock(tmp_path: Path) -> FileClock:
    """A clock that the processes share."""
    (tmp_path / "clock").write_text("0")
    return FileClock(tmp_path / "clock")


def tell(wl: worklattice.Orchestrator, channels: list[str]) -> None:
    wl.create_generic_task("t", task_id="a")
    wl.manage_lifecycle("a", "active", notify_channels=channels)


def test_processes_that_deliver_at_once(url: str, clock: FileClock) -> None:
    """Each notification is delivered exactly once, by one of them, where none of them dies."""
    with worklattice.open(url, clock=clock) as wl, ExitStack() as stack:
        tell(wl, _CHANNELS)
        couriers = [stack.enter_context(child(deliver_all, url, clock)) for _ in range(2)]
        for courier in couriers:
            assert courier.line.recv() == "open"
        for courier in couriers:
            courier.line.send("go")
        given = Counter[tuple[str, int]]()
        for courier in couriers:
            while (told := courier.line.recv()) is not None:
                given[told] += 1
        assert given == Counter((channel, 1) for channel in _CHANNELS)
        last = wl.deliver({"slack": print})
        assert (last.delivered, last.next_at) == (0, None)
        assert wl.check(replay=True) == []


def test_a_process_that_is_killed_in_a_handler(url: str, clock: FileClock) -> None:
    """What it had in hand is delivered again when the lease has run out, and not before; nothing else is."""
    with worklattice.open(url, clock=clock) as wl:
        tell(wl, ["#lost", "#other"])
        with child(deliver_without_end, url, clock, f"{_LEASE} seconds") as courier:
            assert courier.line.recv() == ("#lost", 1)
            courier.kill()
        given: list[tuple[str, int]] = []

        def take(notification: Notification) -> None:
            given.append((notification.channel, notification.attempt))

        assert wl.deliver({"slack": take}).delivered == 1
        clock.advance(_LEASE - 1)
        assert wl.deliver({"slack": take}).delivered == 0
        clock.advance(1)
        assert wl.deliver({"slack": take}).delivered == 1
        assert given == [("#other", 1), ("#lost", 2)]
        assert wl.deliver({"slack": take}).next_at is None
