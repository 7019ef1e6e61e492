"""Many writers: nothing is lost."""

from __future__ import annotations

from pathlib import Path
from threading import Thread

import pytest

import worklattice
from tests.stores import url_of
from tests.unit.model.asking import make, task
from worklattice import ConflictError, Orchestrator

INCREMENTS = 40


def _increment(wl: Orchestrator) -> None:
    done = 0
    while done < INCREMENTS:
        found = task(wl, "counter")
        number = found.attributes["n"]
        assert isinstance(number, int)
        try:
            wl.update_task("counter", attributes={"n": number + 1}, expected_version=found.version)
        except ConflictError:
            continue
        done += 1


@pytest.mark.parametrize("store", ["memory", "sqlite", "postgresql"])
def test_increments_of_two_threads_are_all_there(store: str, tmp_path: Path) -> None:
    """Two threads that read, add one and write with the expected version lose no increment."""
    with worklattice.open(url_of(store, tmp_path, timeout=60)) as wl:
        make(wl, "counter", attributes={"n": 0})
        threads = [Thread(target=_increment, args=(wl,)) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        found = task(wl, "counter")
        assert (found.attributes["n"], found.version) == (2 * INCREMENTS, 2 * INCREMENTS + 1)
        assert wl.check() == []


@pytest.mark.parametrize("store", ["memory", "sqlite", "postgresql"])
def test_positions_of_many_writers_have_no_gap(store: str, tmp_path: Path) -> None:
    """Four threads create tasks; the log counts on without gap, and every task is there."""
    with worklattice.open(url_of(store, tmp_path, timeout=60)) as wl:
        threads = [
            Thread(target=lambda: [wl.create_generic_task("t") for _ in range(INCREMENTS)]) for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [event.position for event in wl.events()] == list(range(1, 8 * INCREMENTS + 1))
        assert wl.query_tasks().total_results == 4 * INCREMENTS
