"""A clock that goes back an hour, forward an hour, or stands still between any two commands."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from itertools import count, pairwise
from typing import Final, TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import worklattice
from tests.faults.numbers import NUMBERS
from tests.stores import url_of
from worklattice import ClaimError, Orchestrator, Task, WorklatticeError
from worklattice.testing import ManualClock

_HOUR: Final = 3_600.0
_TASKS: Final = tuple("abcd")
_BEGINNING: Final = datetime(2025, 1, 1, tzinfo=UTC)
_numbers = count(1)

Step: TypeAlias = tuple[str, str, float]
"""What to do, with which task, after the clock has gone so many seconds."""

STEPS: Final = st.lists(
    st.tuples(
        st.sampled_from(["claim", "renew", "finish", "release", "start", "later", "comment"]),
        st.sampled_from(_TASKS),
        st.sampled_from([0.0, 0.0, _HOUR, -_HOUR, 60.0]),
    ),
    min_size=5,
    max_size=25,
)


class Watched:
    """A workspace that is looked at after every step."""

    def __init__(self, wl: Orchestrator, clock: ManualClock) -> None:
        self.wl = wl
        self.clock = clock
        self.tokens: dict[str, list[int]] = {task_id: [] for task_id in _TASKS}
        with wl.transaction():
            for task_id in _TASKS:
                wl.create_generic_task("t", task_id=task_id)
        wl.manage_dependencies("d", ["a"])

    def task(self, task_id: str) -> Task:
        """A task as it is now."""
        found = self.wl.get_task(task_id).task
        assert found is not None
        return found

    def take(self, step: Step) -> None:
        """One step; a refusal is a step, too."""
        action, task_id, seconds = step
        self.clock.advance(seconds)
        held = self.task(task_id).claim
        for stale in self.tokens[task_id]:
            if held is None or stale != held.token:
                self.is_refused(task_id, stale)
        token = held.token if held is not None else None
        with suppress(WorklatticeError):
            match action:
                case "claim":
                    claimed = self.wl.claim_task("ann", task_id=task_id, lease="30 minutes").claim
                    assert held is None
                    assert claimed is not None
                    assert all(claimed.token > earlier for each in self.tokens.values() for earlier in each)
                    self.tokens[task_id].append(claimed.token)
                case "renew" if token is not None:
                    self.wl.renew_claim(task_id, token)
                case "release" if token is not None:
                    self.wl.release_claim(task_id, token)
                case "start":
                    self.wl.manage_lifecycle(task_id, "active", claim_token=token)
                case "finish":
                    self.wl.manage_lifecycle(task_id, "completed", claim_token=token)
                case "later":
                    self.wl.update_task(task_id, not_before=self.clock.now)
                case _:
                    self.wl.add_comment(task_id, "well")

    def is_refused(self, task_id: str, token: int) -> None:
        """Invariant 8: nothing is done with a token that is not that of the live claim."""
        with pytest.raises(ClaimError):
            self.wl.renew_claim(task_id, token)
        with pytest.raises(ClaimError):
            self.wl.release_claim(task_id, token)
        with pytest.raises(ClaimError):
            self.wl.manage_lifecycle(task_id, "completed", claim_token=token)

    def look(self) -> None:
        """Invariants 3 and 6, and that nothing that is derived is off."""
        events = list(self.wl.events())
        assert [event.position for event in events] == list(range(1, len(events) + 1))
        assert all(earlier.at <= later.at for earlier, later in pairwise(events))
        now = max(self.clock.now, events[-1].at)
        ready = {task.task_id for task in self.wl.get_ready_tasks(limit=100).tasks}
        tasks = {task_id: self.task(task_id) for task_id in _TASKS}
        waiting = {"d"} if tasks["a"].lifecycle_stage != "completed" else set[str]()
        assert ready == {name for name, task in tasks.items() if is_ready(task, now, waits=name in waiting)}
        assert self.wl.check() == []


def is_ready(task: Task, now: datetime, *, waits: bool) -> bool:
    """Invariant 3, said once more."""
    may_start = task.not_before is None or task.not_before <= now
    return task.lifecycle_stage in {"draft", "ready"} and not waits and task.claim is None and may_start


@pytest.fixture(scope="module", params=["memory", "sqlite", "postgresql"])
def store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Orchestrator, ManualClock]]:
    """A store of each kind, and its clock."""
    clock = ManualClock()
    with worklattice.open(url_of(request.param, tmp_path_factory.mktemp("clocks")), clock=clock) as wl:
        yield wl, clock


@settings(max_examples=NUMBERS.wrong_clocks, deadline=None)
@given(steps=STEPS)
def test_clock_that_goes_wrong(store: tuple[Orchestrator, ManualClock], steps: list[Step]) -> None:
    """The log stays in order, what is ready is ready, and no token but that of the live claim is taken."""
    wl, clock = store
    clock.set(_BEGINNING)
    watched = Watched(wl.workspace(f"run-{next(_numbers)}"), clock)
    for step in steps:
        watched.take(step)
        watched.look()
