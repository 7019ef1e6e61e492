"""Laws of delivering, whatever handlers do and whenever they are called."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

import worklattice
from worklattice import Notification
from worklattice.model.outbox import ATTEMPTS
from worklattice.testing import ManualClock, SequentialIds

FATES = st.sampled_from(["sent", "sent", "raises", "dies", "sent and dies", "too late"])
"""What becomes of a notification in a handler's hands."""

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("tell"), st.integers(1, 3)),
        st.tuples(st.just("deliver"), st.lists(FATES, max_size=4)),
        st.tuples(st.just("wait"), st.sampled_from([1, 30, 60, 300, 3_600])),
        st.tuples(st.just("redeliver"), st.none()),
    ),
    max_size=25,
)


class DiedError(BaseException):
    """Ends the program that delivers."""


class Courier:
    """Hands notifications out, and keeps count of what arrived."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.wl = worklattice.open("memory:", clock=self.clock, ids=SequentialIds())
        self.asked: set[str] = set()
        self.arrived: Counter[str] = Counter()
        self.uncertain: Counter[str] = Counter()
        """How often each arrived, perhaps without its being recorded."""
        self._fates: list[str] = []

    def tell(self, count: int) -> None:
        task = self.wl.create_generic_task("t").task_id
        channels = [f"#{task}-{n}" for n in range(count)]
        self.wl.manage_lifecycle(task, "active", notify_channels=channels)
        self.asked.update(channels)

    def deliver(self, fates: list[str]) -> None:
        self._fates = [*fates]
        with suppress(DiedError):
            self.wl.deliver({"slack": self._handle}, limit=1 + len(fates))

    def _handle(self, notification: Notification) -> None:
        fate = self._fates.pop(0) if self._fates else "sent"
        if fate not in {"raises", "dies"}:
            self.arrived[notification.channel] += 1
        if fate in {"dies", "sent and dies"}:
            self.uncertain[notification.channel] += fate == "sent and dies"
            raise DiedError
        if fate == "raises":
            raise OSError("no")
        if fate == "too late":
            self.clock.advance(timedelta(minutes=5))
            self.uncertain[notification.channel] += 1
            self.wl.deliver({"slack": self._handle}, limit=1_000)

    def run(self, step: str, what: object) -> None:
        if step == "tell":
            assert isinstance(what, int)
            self.tell(what)
        elif step == "deliver":
            assert isinstance(what, list)
            self.deliver(what)
        elif step == "wait":
            assert isinstance(what, int)
            self.clock.advance(timedelta(seconds=what))
        else:
            self.wl.redeliver()


@given(steps=STEPS)
def test_each_arrives_at_least_once(steps: list[tuple[str, object]]) -> None:
    """Once nothing fails any more; and more often only where nobody could know that it had arrived."""
    courier = Courier()
    with courier.wl as wl:
        for step, what in steps:
            courier.run(step, what)
        log = len(list(wl.events()))
        wl.redeliver()
        courier.clock.advance(timedelta(hours=1))
        courier.deliver([])
        while wl.deliver({"slack": courier._handle}, limit=1_000).next_at is not None:
            courier.clock.advance(timedelta(hours=1))
        assert set(courier.arrived) == courier.asked
        assert all(count <= 1 + courier.uncertain[name] for name, count in courier.arrived.items())
        assert (wl.list_dead_letters().dead_letters, len(list(wl.events()))) == ((), log)


@given(fates=st.lists(st.sampled_from(["raises", "dies"]), min_size=ATTEMPTS, max_size=ATTEMPTS))
def test_each_is_given_up_after_so_many_tries(fates: list[str]) -> None:
    """However they fail."""
    courier = Courier()
    with courier.wl as wl:
        courier.tell(1)
        for fate in fates:
            assert wl.list_dead_letters().dead_letters == ()
            courier.deliver([fate])
            courier.clock.advance(timedelta(hours=1))
        courier.deliver([])
        assert len(wl.list_dead_letters().dead_letters) == 1
        assert not courier.arrived
