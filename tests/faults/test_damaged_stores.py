"""Rows that were changed by hand, behind our back: a check finds it, and a repair mends it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import psycopg
import pytest

import worklattice
from tests.stores import store_url
from tests.unit.model.asking import finish, make, need
from worklattice import ConflictError, Orchestrator, ValidationError
from worklattice.testing import ManualClock

Execute: TypeAlias = Callable[[str], None]
"""Runs SQL on the store's tables, with no checks of references."""


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, Execute]]:
    """The URL of a store, and a way to its tables."""
    if request.param == "sqlite":
        path = tmp_path / "work.db"
        yield f"sqlite:///{path}", lambda sql: _in_sqlite(path, sql)
    else:
        url = store_url()
        base, _, parameters = url.rpartition("schema=")
        yield url, lambda sql: _in_postgres(base.rstrip("?&"), parameters, sql)


def _in_sqlite(path: Path, sql: str) -> None:
    connection = sqlite3.connect(path)
    assert connection.execute(sql).rowcount > 0
    connection.commit()
    connection.close()


def _in_postgres(url: str, schema: str, sql: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(f"SET search_path TO {schema}".encode())
        for table, name in (("tasks", "parent_id"), ("edges", "task_id"), ("edges", "dependency_id")):
            constraint = f"{table}_workspace_{name}_fkey"
            connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {constraint}".encode())
        assert connection.execute(sql.encode()).rowcount > 0


@pytest.fixture
def wl(store: tuple[str, Execute]) -> Iterator[Orchestrator]:
    """A workspace with a tree, dependencies, a replacement, a lag that runs, comments and definitions."""
    clock = ManualClock()
    with worklattice.open(store[0], clock=clock) as opened:
        opened.register_task_type("story", attributes_schema={"type": "object"})
        opened.define_calendar("office", {"working_hours": {"mon-fri": ["9-17"]}})
        make(opened, "a", "b", "old", "new")
        make(opened, "t", dependencies=["old"])
        make(opened, "c", parent_task_id="t")
        need(opened, "t", "a", lag="2 hours")
        need(opened, "b", "a", "finish_to_finish")
        opened.manage_lifecycle("old", "superseded", superseded_by="new")
        finish(opened, "a")
        opened.add_comment("c", "one")
        opened.add_comment("c", "two")
        make(opened, "held", attributes={"resources": ["gpu"]})
        opened.claim_task("ada", task_id="held", lease="1 day")
        make(opened, "nightly", attributes={"schedule": "yearly on 25 december"})
        make(opened, "step", parent_task_id="nightly")
        assert opened.check(replay=True) == []
        yield opened


DERIVED: dict[str, tuple[str, str]] = {
    "status": ("UPDATE tasks SET status = 'active' WHERE task_id = 't'", "status"),
    "ready": ("UPDATE tasks SET ready = {true} WHERE task_id = 't'", "ready"),
    "counts": ("UPDATE tasks SET start_met = 7, edges = 0 WHERE task_id = 't'", "start_met"),
    "children": ("UPDATE tasks SET open_children = 0 WHERE task_id = 't'", "open_children"),
    "holders": ("UPDATE tasks SET holders = 0 WHERE task_id = 'c'", "holders"),
    "root": ("UPDATE tasks SET root_id = 'a', depth = 4 WHERE task_id = 'c'", "root_id"),
    "rank": ("UPDATE tasks SET rank = 1", "rank"),
    "levels": ("UPDATE tasks SET start_level = 0, finish_level = 0", "level of finish"),
    "effective id": ("UPDATE edges SET effective_id = 'a' WHERE dependency_id = 'old'", "effective_id"),
    "moment": ("UPDATE edges SET moment = NULL WHERE moment IS NOT NULL", "moment"),
    "wakes at": ("UPDATE workspaces SET wakes_at = NULL", "wakes_at"),
    "hold": ("UPDATE holds SET units = 5", "hold of gpu"),
    "lost hold": ("DELETE FROM holds", "hold of gpu"),
    "next run": ("UPDATE tasks SET next_run_at = 7 WHERE task_id = 'nightly'", "next_run_at"),
    "series above": ("UPDATE tasks SET in_series = 0, ready = NOT ready WHERE task_id = 'step'", "in_series"),
    "run of": ("UPDATE tasks SET run_of = 'a' WHERE task_id = 't'", "run_of"),
    "lost follower": ("UPDATE edges SET effective_id = 'x' WHERE dependency_id = 'old'", "effective_id"),
}


@pytest.mark.parametrize("damage", DERIVED)
def test_derived_value_is_found_and_mended(wl: Orchestrator, store: tuple[str, Execute], damage: str) -> None:
    """What follows from what was said is counted again; the log and the dump stay as they were."""
    url, execute = store
    sql, field = DERIVED[damage]
    dump, log = wl.dump(), list(wl.events())
    execute(sql.replace("{true}", "1" if url.startswith("sqlite") else "TRUE"))
    found = wl.check()
    assert any(each.field.startswith(field) for each in found)
    assert wl.repair() == found
    assert wl.check(replay=True) == []
    assert wl.repair() == []
    assert (wl.dump(), list(wl.events())) == (dump, log)


SAID: dict[str, tuple[str, str]] = {
    "stage": ("UPDATE tasks SET stage = 'ready' WHERE task_id = 't'", "stage"),
    "unknown stage": ("UPDATE tasks SET stage = 'x' WHERE task_id = 't'", "stage"),
    "outcome": ("UPDATE tasks SET outcome = NULL WHERE task_id = 'a'", "outcome"),
    "attributes": ("UPDATE tasks SET attributes = '{\"x\": 1}' WHERE task_id = 't'", "attributes"),
    "version": ("UPDATE tasks SET version = 9 WHERE task_id = 't'", "version"),
    "position": ("UPDATE tasks SET seq = 999 WHERE task_id = 't'", "seq"),
    "parent": ("UPDATE tasks SET parent_id = NULL WHERE task_id = 'c'", "parent_id"),
    "lost parent": ("UPDATE tasks SET parent_id = 'x' WHERE task_id = 'c'", "parent_id"),
    "circle of parents": ("UPDATE tasks SET parent_id = 'c' WHERE task_id = 't'", "parent_id"),
    "circle of replacements": (
        "UPDATE tasks SET superseded_by = 'old' WHERE task_id = 'new'", "superseded_by"
    ),
    "series": ("UPDATE tasks SET series = '{\"until\":1}' WHERE task_id = 'nightly'", "series"),
    "lost task": ("DELETE FROM tasks WHERE task_id = 'a'", "the task"),
    "edge": ("UPDATE edges SET lag = 0 WHERE dependency_id = 'a'", "lag"),
    "edge of an unknown type": ("UPDATE edges SET type = 'x' WHERE dependency_id = 'old'", "the dependency"),
    "lost edge": ("DELETE FROM edges WHERE task_id = 't'", "the dependency"),
    "comment": ("UPDATE comments SET text = 'three' WHERE text = 'two'", "text"),
    "lost comment": ("DELETE FROM comments WHERE text = 'one'", "the comment"),
    "type": ("UPDATE task_types SET attributes_schema = NULL", "attributes_schema"),
    "lost type": ("DELETE FROM task_types", "the task_type"),
    "calendar": ("UPDATE calendars SET body = '{\"windows\":\"2025-06-15\"}'", "body"),
    "unreadable calendar": ("UPDATE calendars SET body = '{}'", "body"),
    "lost calendar": ("DELETE FROM calendars", "the calendar"),
}  # fmt: skip


@pytest.mark.parametrize("damage", SAID)
def test_what_was_said_is_found_and_mended_from_the_log(
    wl: Orchestrator, store: tuple[str, Execute], damage: str
) -> None:
    """The log knows better: its replay shows what is wrong, and puts it right."""
    _, execute = store
    sql, field = SAID[damage]
    dump, log = wl.dump(), list(wl.events())
    execute(sql)
    assert field in {each.field for each in wl.check(replay=True)}
    assert field in {each.field for each in wl.repair(rows=True)}
    assert wl.check(replay=True) == []
    assert wl.repair(rows=True) == []
    assert (wl.dump(), list(wl.events())) == (dump, log)
    wl.add_comment("c", "and it goes on")
    assert wl.check(replay=True) == []


def test_rows_that_contradict_one_another_are_not_counted(
    wl: Orchestrator, store: tuple[str, Execute]
) -> None:
    """A repair of what is derived says that it cannot, and how to go on; nothing is changed."""
    _, execute = store
    execute("UPDATE tasks SET parent_id = 'c' WHERE task_id = 't'")
    execute("UPDATE tasks SET status = 'active' WHERE task_id = 't'")
    found = wl.check()
    assert {each.field for each in found} == {"parent_id"}
    with pytest.raises(ConflictError, match=r"contradict one another: t: parent_id.*repair\(rows=True\)"):
        wl.repair()
    assert wl.check() == found


def test_damaged_log_is_found(wl: Orchestrator, store: tuple[str, Execute]) -> None:
    """An event that is missing, or says something impossible: found, and no ground for a repair."""
    _, execute = store
    execute("DELETE FROM events WHERE event_type = 'task.created' AND task_id = 'a'")
    assert wl.check() == []
    found = {(each.subject, each.field) for each in wl.check(replay=True)}
    assert found >= {("a", "seq"), ("the log", "the replay")}
    with pytest.raises(ValidationError, match="does not follow"):
        wl.repair(rows=True)
    execute("UPDATE events SET at = 0, event_type = 'x' WHERE event_type = 'comment.added'")
    found = {(each.subject[:5], each.field) for each in wl.check(replay=True)}
    assert found >= {("event", "at"), ("event", "event_type")}


def test_end_of_the_log_is_found(wl: Orchestrator, store: tuple[str, Execute]) -> None:
    """A workspace that is ahead of its log, or behind it, is found without reading the log."""
    _, execute = store
    execute("UPDATE workspaces SET position = position + 1")
    assert ("the workspace", "position") in {(each.subject, each.field) for each in wl.check()}


def test_report_over_every_workspace(wl: Orchestrator, store: tuple[str, Execute]) -> None:
    """By a URL, a store or an orchestrator: what is wrong, in which workspace."""
    url, execute = store
    make(wl.workspace("other"), "x")
    assert worklattice.check(wl).is_sound
    assert str(worklattice.check(url)) == "Nothing is wrong in 2 workspaces."
    execute("UPDATE tasks SET depth = 3 WHERE workspace = 'other'")
    for checked in (url, wl, wl._store):
        report = worklattice.check(checked)
        assert not report.is_sound
        assert report.workspaces["default"] == ()
        assert str(report) == "other: x: depth is 3, and should be 0"
