"""Many writers count one number up together, each looking at the version: none is lost."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import attrs
import pytest

import worklattice
from tests.stores import url_of
from worklattice import ConflictError, Orchestrator
from worklattice.model.commands import WriteTask
from worklattice.orchestrator.writing import DECISIONS
from worklattice.query.request import ClaimTask

WRITERS, INCREMENTS = 4, 25


def _count_up(wl: Orchestrator) -> None:
    done = 0
    while done < INCREMENTS:
        found = wl.get_task("counter").task
        assert found is not None
        count = found.attributes["count"]
        assert isinstance(count, int)
        try:
            wl.update_task("counter", attributes={"count": count + 1}, expected_version=found.version)
        except ConflictError:
            continue
        done += 1


def _count_up_alone(url: str) -> None:
    with worklattice.open(url) as wl:
        _count_up(wl)


def _expect(wl: Orchestrator) -> None:
    found = wl.get_task("counter").task
    assert found is not None
    assert found.attributes == {"count": WRITERS * INCREMENTS}
    assert found.version == WRITERS * INCREMENTS + 1


@pytest.mark.parametrize("store", ["memory", "sqlite", "postgresql"])
def test_threads_lose_no_increment(store: str, tmp_path: Path) -> None:
    """Threads with one orchestrator: each increment counts once."""
    with worklattice.open(url_of(store, tmp_path)) as wl:
        wl.create_generic_task("t", task_id="counter", attributes={"count": 0})
        with ThreadPoolExecutor(WRITERS) as threads:
            for counted in [threads.submit(_count_up, wl) for _ in range(WRITERS)]:
                counted.result()
        _expect(wl)


@pytest.mark.parametrize("store", ["sqlite", "postgresql"])
def test_processes_lose_no_increment(store: str, tmp_path: Path) -> None:
    """Processes on one database: likewise."""
    url = url_of(store, tmp_path)
    with worklattice.open(url) as wl:
        wl.create_generic_task("t", task_id="counter", attributes={"count": 0})
    spawn = multiprocessing.get_context("spawn")
    processes = [spawn.Process(target=_count_up_alone, args=(url,)) for _ in range(WRITERS)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * WRITERS
    with worklattice.open(url) as wl:
        _expect(wl)


def test_every_command_that_names_one_task_takes_an_expected_version() -> None:
    """Whoever changes one task that is there may say which version was looked at."""
    for command in DECISIONS:
        fields = {field.name: field for field in attrs.fields(command)}
        names_one = "task_id" in fields and fields["task_id"].default is attrs.NOTHING
        assert names_one == issubclass(command, WriteTask)
        assert ("expected_version" in fields) == (names_one or command is ClaimTask)  # which may name one
