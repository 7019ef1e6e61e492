"""Workers that die or fall asleep with a task, and come back: too late, they are let in no more."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import pytest

import worklattice
from tests.faults.numbers import NUMBERS, tell
from tests.faults.processes import Child, child
from tests.faults.work import FileClock, hold_a_claim
from tests.stores import url_of
from worklattice import ClaimError, Orchestrator

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="this system does not stop processes")

_AT_ONCE: Final = 10
"""How many workers there are at a time."""
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


def make_jobs(wl: Orchestrator, count: int) -> None:
    wl.batch_create([{"task_type": "job"} for _ in range(count)])


def claims_of(workers: list[Child]) -> list[tuple[str, int]]:
    """What the workers said that they have claimed, each something else."""
    claims: list[tuple[str, int]] = [worker.line.recv() for worker in workers]
    assert len(dict(claims)) == len(workers)
    assert len({token for _, token in claims}) == len(workers)
    return claims


def test_workers_that_are_killed(url: str, clock: FileClock) -> None:
    """Until the lease is over nobody gets their tasks, whatever his name; then a namesake may."""
    reclaimed = 0
    with worklattice.open(url, clock=clock) as wl:
        for _ in range(NUMBERS.lost_workers // 2 // _AT_ONCE or 1):
            make_jobs(wl, _AT_ONCE)
            with ExitStack() as stack:
                names = [f"worker {number}" for number in range(_AT_ONCE)]
                begin = starter(stack, url, clock)
                workers = [begin(name) for name in names]
                lost = dict(claims_of(workers))
                for worker in workers:
                    worker.kill()
                assert begin(names[0]).line.recv() is None
                clock.advance(_LEASE - 1)
                assert wl.claim_task(names[0]).claims == ()
                clock.advance(1)
                again = [begin(name) for name in names]
                for task_id, token in claims_of(again):
                    assert token > max(lost.values())
                    with pytest.raises(ClaimError):
                        wl.renew_claim(task_id, lost[task_id])
                assert answers(again) == ["done"] * _AT_ONCE
                reclaimed += len(again)
        assert wl.check() == []
        assert all_are_done_once(wl) == reclaimed
    tell("worker killed", runs=reclaimed, reclaimed=reclaimed)


def test_workers_that_sleep_too_long(url: str, clock: FileClock) -> None:
    """Woken up after the lease, they find their task taken, by a namesake even, and are refused."""
    refused = 0
    with worklattice.open(url, clock=clock) as wl:
        for _ in range(NUMBERS.lost_workers // 2 // _AT_ONCE or 1):
            make_jobs(wl, _AT_ONCE)
            with ExitStack() as stack:
                begin = starter(stack, url, clock)
                sleepers = [begin("ann") for _ in range(_AT_ONCE)]
                claims_of(sleepers)
                for sleeper in sleepers:
                    os.kill(pid_of(sleeper), signal.SIGSTOP)
                clock.advance(_LEASE)
                # Half of the tasks are done by the time that the sleepers awake, half are being worked on.
                quick = [begin("ann") for _ in range(_AT_ONCE // 2)]
                claims_of(quick)
                assert answers(quick) == ["done"] * len(quick)
                slow = [begin("ann") for _ in range(_AT_ONCE // 2)]
                claims_of(slow)
                for sleeper in sleepers:
                    os.kill(pid_of(sleeper), signal.SIGCONT)
                outcomes = answers(sleepers)
                assert outcomes == ["refused"] * _AT_ONCE
                assert answers(slow) == ["done"] * len(slow)
                refused += len(outcomes)
        assert wl.check() == []
        assert all_are_done_once(wl) == refused
    tell("worker asleep", runs=refused, late_finishes_refused=refused)


def test_a_lease_by_the_clock_of_the_computer_or_the_server(url: str) -> None:
    """Nothing else than time has to pass."""
    with worklattice.open(url) as wl:
        make_jobs(wl, 1)
        with child(hold_a_claim, url, None, "ann", "1 second") as lost, ExitStack() as stack:
            task_id, token = lost.line.recv()
            lost.kill()
            begin = starter(stack, url, None)
            while not (again := wl.claim_task("ben").claim):
                time.sleep(0.05)
            assert again.token > token
            with pytest.raises(ClaimError):
                wl.manage_lifecycle(task_id, "completed", claim_token=token)
            assert begin("ann").line.recv() is None


def starter(stack: ExitStack, url: str, clock: FileClock | None) -> Callable[[str], Child]:
    """How to start a worker of some name, until the stack is left."""
    return lambda name: stack.enter_context(child(hold_a_claim, url, clock, name, f"{_LEASE} seconds"))


def answers(workers: list[Child]) -> list[str]:
    """How it goes when the workers finish what they have, all at once."""
    for worker in workers:
        worker.line.send("finish")
    return [worker.line.recv() for worker in workers]


def pid_of(worker: Child) -> int:
    pid = worker.process.pid
    assert pid is not None
    return pid


def all_are_done_once(wl: Orchestrator) -> int:
    """How many tasks there are, each of them completed exactly once."""
    done = [
        event.task_id for event in wl.events(kinds=["task.stage_changed"]) if event.data["to"] == "completed"
    ]
    assert len(set(done)) == len(done)
    assert len(done) == wl.query_tasks().total_results
    return len(done)
