"""Looking back: a task, and the whole workspace, as of a position or a time."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

import worklattice
from tests.stores import url_of
from tests.unit.model.asking import finish, go, make, need, position
from tests.unit.model.test_undo import COMMANDS, crowd
from worklattice import ConflictError, Orchestrator, ValidationError
from worklattice.testing import ManualClock, SequentialIds

EAST = timezone(timedelta(hours=5))


@pytest.mark.parametrize("store", ["memory", "sqlite", "postgresql"])
def test_every_moment_comes_back(store: str, tmp_path: Path) -> None:
    """Whatever was done, the dump as of each position and time is the dump that was there."""
    clock = ManualClock()
    with worklattice.open(url_of(store, tmp_path), clock=clock, ids=SequentialIds()) as wl:
        dumps: list[tuple[int, Any, str]] = []
        crowd(wl)
        for command in COMMANDS.values():
            clock.advance("1 hour")
            command(wl)
            dumps.append((position(wl), clock.now, wl.dump()))
            clock.advance("1 minute")
            wl.undo()
        for at, moment, dump in dumps[::9]:
            for as_of in (at, moment):
                with wl.as_of(as_of) as past:
                    assert past.dump() == dump
                    assert past.check() == []
            _compare_tasks(wl, at, moment, dump)


def _compare_tasks(wl: Orchestrator, at: int, moment: Any, dump: str) -> None:
    """Each task's own history shows it as the dump has it."""
    lines = [json.loads(line) for line in dump.splitlines()]
    there = {line["task_id"]: line for line in lines if line["kind"] == "task"}
    for task_id in {event.task_id for event in wl.events() if event.task_id is not None}:
        for as_of in (at, moment):
            found = wl.get_history(task_id, as_of=as_of).task
            line = there.get(task_id)
            if line is None or found is None:
                assert line is found
                continue
            assert found.version == line["version"]
            assert found.lifecycle_stage == line["stage"]
            assert found.attributes == line["attributes"]
            assert found.parent_task_id == line.get("parent_id")
            assert found.superseded_by == line.get("superseded_by")
            assert found.attempt == line["attempt"]
            assert (found.started_at is None) == ("started_at" not in line)
            assert (found.completed_at is None) == ("completed_at" not in line)
            assert {artifact.name for artifact in found.artifacts} == set(line.get("artifacts", {}))
            assert (found.approval and found.approval.decision) == line.get("approval", {}).get("decision")


def test_past_workspace_is_read_like_any_other(wl: Orchestrator, clock: ManualClock) -> None:
    """Statuses, readiness and lags are those of then; the clock there stands still."""
    make(wl, "a", "b")
    need(wl, "b", "a", lag="1 hour")
    finish(wl, "a")
    clock.advance("30 minutes")
    between = clock.now
    clock.advance("1 hour")
    wl.delete_task("a", detach=True)
    with wl.as_of(between) as past:
        tasks = past.query_tasks(filters={"task_id": ["a", "b"]}).tasks
        assert [task.status for task in tasks] == ["completed", "blocked"]
    with wl.as_of(between + timedelta(minutes=40)) as past:
        assert [task.task_id for task in past.get_ready_tasks().tasks] == ["b"]
        until = between + timedelta(minutes=40)
        assert list(past.events()) == [event for event in wl.events() if event.at <= until]


def test_past_cannot_be_written_to(wl: Orchestrator) -> None:
    """It can be tried in, and nothing comes of that."""
    make(wl, "a")
    with wl.as_of(1) as past:
        assert past.delete_task("a", dry_run=True).deleted_task_ids == ("a",)
        with pytest.raises(ConflictError, match="cannot be written to"):
            past.delete_task("a")
        with pytest.raises(ConflictError), past.transaction():
            pass
    assert wl.query_tasks().total_results == 1


def test_before_the_first_event_nothing_is_there(wl: Orchestrator, clock: ManualClock) -> None:
    """That is no fault: it is what was there."""
    make(wl, "a")
    for as_of in (0, clock.now - timedelta(days=1)):
        with wl.as_of(as_of) as past:
            assert past.query_tasks().total_results == 0
        history = wl.get_history("a", as_of=as_of)
        assert (history.events, history.task) == ((), None)


def test_what_lies_ahead_is_refused(wl: Orchestrator, clock: ManualClock) -> None:
    """Nobody knows what will be, and what will be is not what is."""
    make(wl, "a")
    for as_of in (3, clock.now + timedelta(seconds=1)):
        asks: list[Callable[[Any], object]] = [wl.as_of, lambda at: wl.get_history("a", as_of=at)]
        for ask in asks:
            with pytest.raises(ValidationError) as caught:
                ask(as_of)
            assert caught.value.field == "arguments.as_of"


NO_MOMENTS = ("yesterday", -1, True, 1.5, datetime(2025, 1, 1), datetime(1, 1, 1, tzinfo=EAST))  # noqa: DTZ001


@pytest.mark.parametrize("as_of", NO_MOMENTS)
def test_moments_that_are_none(wl: Orchestrator, as_of: Any) -> None:
    """Neither a position nor a time."""
    asks: list[Callable[[Any], object]] = [wl.as_of, lambda at: wl.get_history(as_of=at)]
    for ask in asks:
        with pytest.raises(ValidationError):
            ask(as_of)


def test_history_ends_there(wl: Orchestrator, clock: ManualClock) -> None:
    """Events behind the moment are left out, on every page."""
    make(wl, "a")
    moment = clock.now
    clock.advance("1 hour")
    go(wl, "a", "active", "completed")
    arguments: Any = {"as_of": "2025-01-01T00:30:00Z", "task_id": "a"}
    answer: Any = wl.dispatch({"tool": "orchestrator_get_history", "arguments": arguments})
    assert [event["position"] for event in answer["events"]] == [1, 2]
    assert answer["task"]["lifecycle_stage"] == "draft"
    assert answer["next_after"] is None
    page = wl.get_history(as_of=3, limit=2)
    assert (len(page.events), page.next_after) == (2, 2)
    assert [event.position for event in wl.get_history(after=2, as_of=3).events] == [3]
    assert wl.get_history("a", as_of=moment).task == wl.get_history("a", as_of=1).task
    assert "task" not in wl.dispatch({"tool": "orchestrator_get_history", "arguments": {"task_id": "a"}})
