"""Reading the log: whole, from a position, and from another process while it grows."""

from __future__ import annotations

import multiprocessing
from pathlib import Path
from typing import Any

import pytest

import worklattice
from worklattice import Orchestrator, ValidationError

TASKS = 60


def test_events_go_on_from_a_position(wl: Orchestrator) -> None:
    """Called again from the last position, it misses nothing and repeats nothing."""
    wl.create_generic_task("t", task_id="a")
    first = list(wl.events())
    wl.create_generic_task("t", task_id="b")
    assert [event.position for event in wl.events(after=first[-1].position)] == [3, 4]
    assert list(wl.events(after=4)) == []


def test_events_of_some_kinds(wl: Orchestrator) -> None:
    """Only the kinds asked for are given, with their positions in the whole log."""
    wl.create_generic_task("t", task_id="a")
    wl.create_generic_task("t", task_id="b")
    assert [event.position for event in wl.events(kinds=["task.ready"])] == [2, 4]


@pytest.mark.parametrize(
    ("kinds", "field", "suggestion"),
    [
        (["task.creatd"], "kinds[0]", 'Did you mean "task.created", "task.ready" or "task.restored"?'),
        ("task.created", "kinds", "Put it into a list of its own."),
    ],
)
def test_kinds_that_no_event_has_are_refused(
    wl: Orchestrator, kinds: Any, field: str, suggestion: str
) -> None:
    """Nothing would ever be found, and nobody would know why."""
    for ask in (lambda: wl.events(kinds=kinds), lambda: wl.subscribe(print, kinds=kinds)):
        with pytest.raises(ValidationError) as caught:
            ask()
        assert (caught.value.field, caught.value.suggestion) == (f"arguments.{field}", suggestion)


def test_iterator_ends_where_the_log_ended(wl: Orchestrator) -> None:
    """What is committed while it runs is not given: it is finite, whoever writes."""
    for _ in range(3):
        wl.create_generic_task("t")
    positions: list[int] = []
    for event in wl.events():
        positions.append(event.position)
        wl.create_generic_task("t")
    assert positions == [1, 2, 3, 4, 5, 6]


def test_event_ids_are_unique_among_workspaces(tmp_path: Path) -> None:
    """Two workspaces of one file share positions, and no event id."""
    ids = set()
    for workspace in ("one", "two"):
        with worklattice.open(f"sqlite:///{tmp_path}/work.db", workspace=workspace) as wl:
            wl.create_generic_task("t")
            ids |= {event.event_id for event in wl.events()}
    assert len(ids) == 4


def test_event_ids_stay_the_same(tmp_path: Path) -> None:
    """Opened again, the log gives the same events to the letter."""
    url = f"sqlite:///{tmp_path}/work.db"
    with worklattice.open(url) as wl:
        wl.create_generic_task("t", attributes={"x": [1, 2.5, None]}, actor="ann", reason="because")
        before = list(wl.events())
    with worklattice.open(url) as wl:
        assert list(wl.events()) == before


def _write(url: str) -> None:
    with worklattice.open(url) as wl:
        for number in range(TASKS):
            wl.create_generic_task("t", task_id=f"t{number}")


def test_tailing_from_another_process(tmp_path: Path) -> None:
    """A reader in another process than the writer's sees each event once, in order, while they come."""
    url = f"sqlite:///{tmp_path}/work.db"
    with worklattice.open(url) as wl:
        wl.create_generic_task("t", task_id="first")
        seen = [event.position for event in wl.events()]
        writer = multiprocessing.get_context("spawn").Process(target=_write, args=(url,))
        writer.start()
        while writer.is_alive():
            seen += [event.position for event in wl.events(after=seen[-1])]
        writer.join()
        assert writer.exitcode == 0
        seen += [event.position for event in wl.events(after=seen[-1])]
        assert seen == list(range(1, 2 * (TASKS + 1) + 1))


@pytest.mark.parametrize("after", [-1, "3", 10**30, True])
def test_positions_that_are_none(wl: Orchestrator, after: Any) -> None:
    """They are refused alike on every store, before anything is read."""
    with pytest.raises(ValidationError):
        wl.events(after)
