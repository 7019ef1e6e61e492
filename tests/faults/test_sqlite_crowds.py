"""Many processes of many threads that write to one file, and one that does not let go of it."""

from __future__ import annotations

import sqlite3
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Final

import pytest

import worklattice
from tests.faults.numbers import NUMBERS, tell
from tests.faults.processes import child
from tests.faults.work import THREADS, counted, write_in_threads

_LIMIT: Final = 0.5
"""Seconds that those wait who wait for nothing."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store with a counter."""
    path = tmp_path / "work.db"
    with worklattice.open(f"sqlite:///{path}") as wl:
        wl.create_generic_task("counter", task_id="counter", attributes={"number": 0})
    return path


def crowd(path: Path, *, processes: int, writes: int, timeout: float) -> list[tuple[float, list[str]]]:
    """Let a crowd write, all beginning at once: for each process its slowest write, and what was refused."""
    with ExitStack() as stack:
        url = f"sqlite:///{path}?timeout={timeout}"
        children = [stack.enter_context(child(write_in_threads, url, writes)) for _ in range(processes)]
        for each in children:
            assert each.line.recv() == "open"
        for each in children:
            each.line.send("begin")
        return [each.line.recv() for each in children]


def written_to(path: Path) -> int:
    """How far the counter was counted on, which is how many commits there were besides the first."""
    with worklattice.open(f"sqlite:///{path}") as wl:
        assert wl.check() == []
        number = counted(wl)
        positions = [event.position for event in wl.events()]
        assert positions == list(range(1, len(positions) + 1))
        assert wl.query_tasks(filters={"task_type": "step"}).total_results == number
    return number


@pytest.mark.parametrize("processes", [8, 32])
def test_a_crowd_loses_nothing(path: Path, processes: int) -> None:
    """Everybody builds on what somebody else wrote just before, and nobody waits for ever."""
    writes = NUMBERS.writes_in_a_crowd
    came = crowd(path, processes=processes, writes=writes, timeout=300)
    assert [refusals for _, refusals in came] == [[]] * processes
    assert written_to(path) == processes * writes
    slowest = max(slowest for slowest, _ in came)
    tell(f"crowd of {processes} × {THREADS}", acknowledged=processes * writes, slowest_seconds=slowest)


def test_a_crowd_before_a_file_that_somebody_hogs(path: Path) -> None:
    """Everybody is refused in time, also threads that wait for each other; then everybody gets through."""
    processes = 8
    with closing(sqlite3.connect(path, isolation_level=None)) as hog:
        hog.execute("BEGIN IMMEDIATE")
        came = crowd(path, processes=processes, writes=THREADS, timeout=_LIMIT)
        hog.execute("ROLLBACK")
    assert [refusals for _, refusals in came] == [["busy"] * THREADS] * processes
    slowest = max(slowest for slowest, _ in came)
    assert slowest < _LIMIT + NUMBERS.grace
    crowd(path, processes=processes, writes=THREADS, timeout=300)
    assert written_to(path) == processes * THREADS
    tell("hogged file", refused=processes * THREADS, limit_seconds=_LIMIT, slowest_seconds=slowest)
