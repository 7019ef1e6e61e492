"""Dumps written to files, and restored: all of a dump or nothing."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest

import worklattice
from tests.stores import url_of
from tests.unit.model.asking import finish, make, need
from worklattice import ConflictError, Event, Orchestrator, StoreError, ValidationError
from worklattice.orchestrator import restoring, upkeep
from worklattice.orchestrator.files import Lines
from worklattice.testing import ManualClock

# --- files --------------------------------------------------------------------------------------------------


def test_dump_in_a_file_is_the_dump(lived: Orchestrator, tmp_path: Path) -> None:
    """The file holds what `dump` gives, in UTF-8, and can be restored by its path or as an open file."""
    path = tmp_path / "dump.jsonl"
    path.write_text("older")
    assert lived.dump_to(path) == lived.dump().count("\n")
    assert path.read_bytes() == lived.dump().encode()
    assert [each.name for each in tmp_path.iterdir()] == ["dump.jsonl"]
    with worklattice.open("memory:") as other:
        other.restore(str(path))
        assert other.dump() == lived.dump()
    with worklattice.open("memory:") as other, path.open(encoding="utf-8") as file:
        other.restore(file)
        assert other.dump() == lived.dump()


def test_dump_that_fails_leaves_the_file_before(
    lived: Orchestrator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever happens while it is written: the older file stays, and nothing else."""
    path = tmp_path / "dump.jsonl"
    path.write_text("older")

    def fail(_done: int, _total: int | None) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(upkeep, "TOLD_EVERY", 3)
    with pytest.raises(ZeroDivisionError):
        lived.dump_to(path, progress=fail)
    assert path.read_text() == "older"
    assert [each.name for each in tmp_path.iterdir()] == ["dump.jsonl"]


@pytest.mark.parametrize("act", [Orchestrator.dump_to, Orchestrator.restore])
def test_file_that_cannot_be_opened(
    wl: Orchestrator, tmp_path: Path, act: Callable[[Orchestrator, Path], object]
) -> None:
    """A path that leads nowhere is a `StoreError` that names the file."""
    with pytest.raises(StoreError, match=r'"dump.jsonl" cannot be .*: No such file') as caught:
        act(wl, tmp_path / "nowhere" / "dump.jsonl")
    assert caught.value.kind == "unavailable"


def test_progress_is_told(lived: Orchestrator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A dump tells every so many lines and at the end; a restore while it looks, and after each portion."""
    monkeypatch.setattr(upkeep, "TOLD_EVERY", 4)
    monkeypatch.setattr(restoring, "TOLD_EVERY", 4)
    monkeypatch.setattr(restoring, "PORTION", 3)
    told: list[tuple[int, int | None]] = []
    lived.dump_to(tmp_path / "dump.jsonl", progress=lambda done, total: told.append((done, total)))
    assert told == [(4, None), (8, None), (11, 11)]
    told.clear()
    with worklattice.open("memory:") as other:
        other.restore(tmp_path / "dump.jsonl", progress=lambda done, total: told.append((done, total)))
    # the header, a type, a calendar, a template, three tasks, one task, a dependency, a comment, the end
    assert told == [(0, 4), (0, 8), *((done, 11) for done in (1, 2, 3, 4, 7, 8, 9, 10, 11))]


# --- restoring ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("store", ["memory", "sqlite", "postgresql"])
def test_restore_into_a_workspace_that_was_written_to(
    lived: Orchestrator, store: str, tmp_path: Path
) -> None:
    """Only an empty workspace takes a dump; others of the store do not matter."""
    with worklattice.open(url_of(store, tmp_path)) as other:
        make(other, "x")
        with pytest.raises(ConflictError, match="empty workspace"):
            other.restore(lived.dump_lines())
        assert other.dump().count("\n") == 3
        other.workspace("new").restore(lived.dump_lines())
        assert other.workspace("new").dump() == lived.dump()


@pytest.mark.parametrize("store", ["memory", "sqlite", "postgresql"])
def test_restore_that_fails_in_the_middle_leaves_nothing(
    lived: Orchestrator, store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A faulty last line, or a failing callback: the workspace is as if nothing had been tried."""
    monkeypatch.setattr(restoring, "PORTION", 2)

    def fail(done: int, total: int | None) -> None:
        if done == total:
            raise ZeroDivisionError

    with worklattice.open(url_of(store, tmp_path)) as other:
        with pytest.raises(ValidationError):
            other.restore([*lived.dump_lines(), "no line"])
        with pytest.raises(ZeroDivisionError):
            other.restore(lived.dump_lines(), progress=fail)
        assert other.workspaces() == []
        assert list(other.events()) == []
        other.restore(lived.dump_lines())
        assert other.dump() == lived.dump()


def test_restored_log_says_what_the_dump_says(lived: Orchestrator) -> None:
    """Its events carry the lines; links to what came later have an event of their own."""
    with worklattice.open("memory:", actor="ada") as other:
        other.restore(lived.dump_lines())
        events = list(other.events())
    assert [(event.event_type, event.task_id) for event in events] == [
        ("task_type.defined", None),
        ("calendar.defined", None),
        ("template.imported", None),
        ("task.imported", "a"),
        ("task.imported", "b"),
        ("task.imported", "p"),
        ("task.imported", "letter"),
        ("task.linked", "a"),
        ("task.linked", "b"),
        ("dependency.imported", "a"),
        ("comment.imported", "a"),
    ]
    assert events[7].data == {"parent_id": "p"}
    assert {event.actor for event in events} == {"ada"}
    assert [event.position for event in events] == list(range(1, 12))


def test_restore_is_one_command_that_cannot_be_undone(
    lived: Orchestrator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many portions it has. What is done afterwards can be, and what was before is not known."""
    monkeypatch.setattr(restoring, "PORTION", 2)
    with worklattice.open("memory:", clock=lived._clock) as other:
        other.restore(lived.dump_lines())
        assert {event.command for event in other.events()} == {1}
        with pytest.raises(ConflictError, match="imported cannot be taken back"):
            other.undo()
        other.update_task("a", attributes={"x": 1})
        other.undo()
        last = list(other.events())[-1].position
        assert other.check(replay=True) == []
        for position in range(1, last + 1):
            with other.as_of(position) as past:
                assert past.check(replay=True) == []
        found = other.get_task("a").task
        assert found is not None
        assert found.attributes == {}


def test_subscribers_are_told_of_a_restore(lived: Orchestrator) -> None:
    """After the commit, in order, of every event."""
    told: list[Event] = []
    with worklattice.open("memory:") as other:
        other.subscribe(told.append)
        other.restore(lived.dump_lines())
        assert told == list(other.events())


def test_dump_of_nothing_writes_nothing() -> None:
    """The workspace stays as if never written, and may still be restored into."""
    with worklattice.open("memory:") as wl, worklattice.open("memory:") as other:
        assert other.restore(wl.dump_lines()) == 2
        assert other.workspaces() == []


def test_log_begins_behind_every_number_that_was_a_position() -> None:
    """A number that the old log gave out is not given out again, where it would mean another."""
    lines = Lines(
        io.BytesIO(
            b'{"format":1,"kind":"worklattice"}\n{"kind":"task","token":7}\n'
            b'{"token":3,"updated_at":"1970-01-02T00:00:00Z"}\n[1]\n{"kind":"end","lines":5}\n'
        )
    )
    survey = restoring.surveyed(lines, lambda _done, _total: None)
    assert (survey.lines, survey.token, survey.latest) == (5, 7, 86_400_000_000)


@pytest.mark.parametrize("store", ["memory", "sqlite", "postgresql"])
def test_claims_are_restored(wl: Orchestrator, clock: ManualClock, store: str, tmp_path: Path) -> None:
    """A live claim holds on, with its token and its resources; later tokens are larger than all before."""
    make(wl, "a", "b", attributes={"resources": ["gpu"]})
    first = wl.claim_task("ada", task_id="a", lease="1 hour").claim
    assert first is not None
    with worklattice.open(url_of(store, tmp_path), clock=clock) as other:
        other.restore(wl.dump_lines())
        assert other.dump() == wl.dump()
        assert other.check(replay=True) == []
        assert next(iter(other.events())).position > first.token
        assert other.claim_task("bob").claim is None, "the resource is held"
        other.renew_claim("a", first.token)
        other.release_claim("a", first.token)
        second = other.claim_task("bob").claim
        assert second is not None
        assert second.token > first.token


def test_claim_that_has_run_out_meanwhile(wl: Orchestrator, clock: ManualClock) -> None:
    """It is restored as it was said, and expires in the restored workspace, as an event of its own."""
    make(wl, "a")
    wl.claim_task("ada", task_id="a", lease="1 hour")
    lines = list(wl.dump_lines())
    clock.advance("2 hours")
    with worklattice.open("memory:", clock=clock) as other:
        other.restore(lines)
        assert other.dump().splitlines() == lines
        assert [task.task_id for task in other.get_ready_tasks().tasks] == ["a"]
        make(other, "b")
        kinds = [event.event_type for event in other.events()]
        assert kinds[:2] == ["task.imported", "claim.expired"]
        assert other.check(replay=True) == []


def test_ended_tasks_come_back_ended(wl: Orchestrator) -> None:
    """Their times and outcomes are those that were said, and what follows from them is worked out."""
    make(wl, "a", "b")
    need(wl, "b", "a")
    finish(wl, "a")
    with worklattice.open("memory:", clock=wl._clock) as other:
        other.restore(wl.dump_lines())
        assert [task.task_id for task in other.get_ready_tasks().tasks] == ["b"]
        assert other.get_task("a") == wl.get_task("a")
