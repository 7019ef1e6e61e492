"""Dumps written to files, and restored: all of a dump or nothing, and what is wrong with a faulty one."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import worklattice
from tests.stores import url_of
from tests.unit.model.asking import finish, make, need
from worklattice import ConflictError, Event, Orchestrator, StoreError, ValidationError
from worklattice.codec.lines import FORMS_OF_LINES
from worklattice.model.said import SAID
from worklattice.orchestrator import restoring, upkeep
from worklattice.orchestrator.files import Lines
from worklattice.testing import ManualClock

LETTER: dict[str, Any] = {
    "stages": {
        "written": {"status": "pending", "roles": ["startable"]},
        "sent": {"status": "completed", "roles": ["succeeded"]},
    },
    "transitions": {"written": ["sent"]},
}


@pytest.fixture
def lived(wl: Orchestrator) -> Orchestrator:
    """A workspace with a line of each kind, and tasks that refer to younger ones."""
    wl.register_task_type("letter", lifecycle=LETTER, attributes_schema={"type": "object"})
    wl.create_template("idea", {"root_task": {"task_type": "task"}})
    make(wl, "a", "b", "p")
    wl.create_generic_task("letter", task_id="letter", attributes={"n": 1.5, "text": "\u2028\x85ä\n"})
    wl.update_task("a", parent_task_id="p")
    wl.manage_lifecycle("b", "superseded", superseded_by="letter")
    need(wl, "a", "b", lag="90 minutes")
    wl.manage_dependencies("a", operation="waive", dependency_ids=["b"], reason="so")
    wl.add_artifact("p", "file", content={"x": [1, None]})
    wl.add_comment("a", "one\ntwo", actor="ada")
    return wl


def restored(lines: list[str]) -> None:
    """Restore a dump into a store of its own, which stays empty where that is refused."""
    with worklattice.open("memory:") as other:
        try:
            other.restore(lines)
        finally:
            assert other.workspaces() in ([], ["default"])
            if other.workspaces() == []:
                make(other, "usable")


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

    monkeypatch.setattr(upkeep, "_TOLD_EVERY", 3)
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
    monkeypatch.setattr(upkeep, "_TOLD_EVERY", 4)
    monkeypatch.setattr(restoring, "_TOLD_EVERY", 4)
    monkeypatch.setattr(restoring, "PORTION", 3)
    told: list[tuple[int, int | None]] = []
    lived.dump_to(tmp_path / "dump.jsonl", progress=lambda done, total: told.append((done, total)))
    assert told == [(4, None), (8, None), (9, 9)]
    told.clear()
    with worklattice.open("memory:") as other:
        other.restore(tmp_path / "dump.jsonl", progress=lambda done, total: told.append((done, total)))
    # the header, a type, a template, three tasks, one task, a dependency, a comment
    assert told == [(0, 4), (0, 8), (1, 9), (2, 9), (3, 9), (6, 9), (7, 9), (8, 9), (9, 9)]


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
        assert other.dump().count("\n") == 2
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
    assert events[6].data == {"parent_id": "p"}
    assert {event.actor for event in events} == {"ada"}
    assert [event.position for event in events] == list(range(1, 11))


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
        assert other.restore(wl.dump_lines()) == 1
        assert other.workspaces() == []


def test_log_begins_behind_every_number_that_was_a_position() -> None:
    """A number that the old log gave out is not given out again, where it would mean another."""
    lines = Lines(
        io.BytesIO(b'{"kind":"task","token":7}\n{"token":3,"updated_at":"1970-01-02T00:00:00Z"}\n[1]\n')
    )
    survey = restoring.surveyed(lines, lambda _done, _total: None)
    assert (survey.lines, survey.token, survey.latest) == (3, 7, 86_400_000_000)


# --- faulty dumps -------------------------------------------------------------------------------------------


def test_every_field_that_is_said_has_its_form() -> None:
    """What a dump writes, a restore reads."""
    for kind, fields in SAID.items():
        assert {*FORMS_OF_LINES[kind].reads} == {*fields} - {"seq"}, kind


def _with(kind: str, at: int = 0, /, **fields: Any) -> Callable[[list[str]], list[str]]:
    """Change fields of one line of a kind, the first unless said otherwise; ... takes one away."""

    def change(lines: list[str]) -> list[str]:
        documents: list[dict[str, Any]] = [json.loads(line) for line in lines]
        wanted = [document for document in documents if document["kind"] == kind][at]
        wanted |= fields
        return [json.dumps({k: v for k, v in each.items() if v is not ...}) for each in documents]

    return change


def _twice(number: int) -> Callable[[list[str]], list[str]]:
    return lambda lines: [*lines[:number], lines[number - 1], *lines[number:]]


FAULTS: dict[str, tuple[Callable[[list[str]], list[str]], str, str]] = {
    "empty": (lambda _: [], "line 1", "the dump is empty"),
    "not JSON": (lambda lines: [*lines, "{"], "line 10", "is not JSON"),
    "a blank line": (lambda lines: [*lines, ""], "line 10", "is not JSON"),
    "no object": (lambda lines: [*lines, "[]"], "line 10", "must be a JSON object"),
    "not a number": (lambda lines: [*lines, '{"kind":NaN}'], "line 10", "must be finite"),
    "too deep": (lambda lines: [*lines, "[" * 100_000], "line 10", "nested deeper"),
    "key twice": (lambda lines: [*lines, '{"a":1,"a":2}'], "line 10", 'has the key "a" twice'),
    "huge number": (lambda lines: [*lines, '{"a":' + "9" * 5000 + "}"], "line 10", "64 bits"),
    "no header": (lambda lines: lines[1:], "line 1", "is not the first line of a dump"),
    "another header": (_twice(1), "line 2", '"worklattice" is no kind of line'),
    "newer format": (_with("worklattice", format=2), "line 1", "the dump is of format 2"),
    "unknown kind": (_with("task", kind="tusk"), "line 4", '"tusk" is no kind of line'),
    "out of order": (lambda lines: [*lines, lines[3]], "line 10", "cannot stand behind"),
    "unknown field": (_with("task", colour="red"), "line 4.colour", "is not known here"),
    "missing field": (_with("task", version=...), "line 4.version", "version is required"),
    "wrong type": (_with("task", version="1"), "line 4.version", "must be an integer"),
    "no id": (_with("task", task_id="a b"), "line 4.task_id", "is no id"),
    "bad time": (_with("task", created_at="yesterday"), "line 4.created_at", "this is no time"),
    "no zone": (_with("task", created_at="2025-01-01T00:00:00"), "line 4.created_at", "with a zone"),
    "over a limit": (
        _with("task", attributes={"a": 1 << 63}), "line 4.attributes.a", "integers must fit into 64 bits"
    ),
    "unknown stage": (_with("task", stage="sent"), "line 4.stage", "is no stage of the type"),
    "ended without an end": (_with("task", stage="failed"), "line 4.outcome", "must say how the task ended"),
    "ended otherwise": (_with("task", 1, outcome="failed"), "line 5.outcome", "must be withdrawn"),
    "open with an end": (_with("task", outcome="failed"), "line 4.outcome", "must be left out"),
    "ended at no time": (_with("task", 1, completed_at=...), "line 5.completed_at", "must say when"),
    "open but completed": (
        _with("task", completed_at="2025-01-01T00:00:00Z"), "line 4.completed_at", "must be left out"
    ),
    "task twice": (_twice(4), "line 5.task_id", 'the task "a" stands in the dump twice'),
    "type twice": (_twice(2), "line 3.task_type", "stands in the dump twice"),
    "template twice": (_twice(3), "line 4.version", "stands in the dump twice"),
    "dependency twice": (_twice(8), "line 9", "the dependency stands in the dump twice"),
    "faulty lifecycle": (
        _with("task_type", lifecycle={"stages": {}}), "line 2.lifecycle.stages", ""
    ),
    "faulty schema": (
        _with("task_type", attributes_schema={"type": "tusk"}), "line 2.attributes_schema.type", "must name"
    ),
    "faulty template": (
        _with("template", body={"template_id": "idea"}), "line 3.body.task_structure", "must be"
    ),
    "another template's body": (
        _with("template", body={"template_id": "other"}), "line 3.body.template_id", "of the line"
    ),
    "lost parent": (_with("task", parent_id="x"), "line 4.parent_id", 'there is no task "x"'),
    "own parent": (_with("task", parent_id="a"), "line 4.parent_id", "names the task itself"),
    "circle of parents": (_with("task", 2, parent_id="a"), "line 4.parent_id", "lead back to this one"),
    "circle of replacements": (
        _with("task", 3, superseded_by="b"), "line 5.superseded_by", "lead back to this one"
    ),
    "lost dependant": (_with("dependency", task_id="x"), "line 8.task_id", 'there is no task "x"'),
    "lost dependency": (_with("dependency", dependency_id="x"), "line 8.dependency_id", 'no task "x"'),
    "own dependency": (_with("dependency", dependency_id="a"), "line 8.dependency_id", "the task itself"),
    "circle": (_with("dependency", task_id="p", dependency_id="a"), "line 8", "wait for one another"),
    "negative lag": (_with("dependency", lag="-PT1H"), "line 8.lag", ""),
    "waived at no time": (_with("dependency", waived_at=...), "line 8.waived_at", "waived_at is required"),
    "lost comment": (_with("comment", task_id="x"), "line 9.task_id", 'there is no task "x"'),
    "faulty artifact": (
        _with("task", 2, artifacts={"file": {"uri": "x"}}), "line 6.artifacts.file.at", "at is required"
    ),
    "faulty approval": (
        _with("task", 2, approval={"decision": "maybe", "at": "2025-01-01T00:00:00Z"}),
        "line 6.approval.decision",
        "must be one of",
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_faulty_dump_is_refused(lived: Orchestrator, fault: str) -> None:
    """The error names the line and what is wrong there, and nothing is written."""
    spoil, field, message = FAULTS[fault]
    with pytest.raises(ValidationError) as caught:
        restored(spoil(list(lived.dump_lines())))
    assert caught.value.field == field
    assert message in caught.value.message


def test_every_problem_of_a_line_is_told(lived: Orchestrator) -> None:
    """Not only the first."""
    with pytest.raises(ValidationError) as caught:
        restored(_with("task", version=0, join=-1, attempt=...)(list(lived.dump_lines())))
    assert {problem.field for problem in caught.value.problems} == {
        *("line 4.version", "line 4.join", "line 4.attempt")
    }


@pytest.mark.parametrize("source", [None, 7, {"kind": "task"}, b"bytes"])
def test_what_is_no_source_is_refused(wl: Orchestrator, source: Any) -> None:
    """A dump is a path, or lines."""
    with pytest.raises(ValidationError, match="must be a path or lines"):
        wl.restore(source)


def test_circle_through_a_replacement(clock: ManualClock) -> None:
    """The line that closes a circle is named although it names another task than the one it follows."""
    with worklattice.open("memory:", clock=clock) as wl:
        make(wl, "a", "b", "c")
        need(wl, "b", "a")
        wl.manage_lifecycle("a", "superseded", superseded_by="c")
        lines = list(wl.dump_lines())
    closing = json.dumps({**json.loads(lines[-1]), "task_id": "c", "dependency_id": "b"})
    with pytest.raises(ValidationError, match=r"line [56]: These tasks would wait"):
        restored([*lines, closing])


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


def test_half_a_claim_is_refused(wl: Orchestrator, clock: ManualClock) -> None:
    """A claim has a token, a worker, a lease and an end that lies ahead."""
    make(wl, "a")
    wl.claim_task("ada", task_id="a", lease="1 hour")
    lines = list(wl.dump_lines())
    for fields, field in (
        ({"token": ...}, "token"),
        ({"lease": ...}, "lease"),
        ({"claimed_by": ...}, "claimed_by"),
        ({"claimed_until": "2025-01-01T00:00:00Z"}, "claimed_until"),
        ({"holds": {"gpu": {"units": 1}}}, "holds.gpu.capacity"),
    ):
        with pytest.raises(ValidationError) as caught:
            restored(_with("task", **fields)(lines))
        assert caught.value.field == f"line 2.{field}"


def test_ended_tasks_come_back_ended(wl: Orchestrator) -> None:
    """Their times and outcomes are those that were said, and what follows from them is worked out."""
    make(wl, "a", "b")
    need(wl, "b", "a")
    finish(wl, "a")
    with worklattice.open("memory:", clock=wl._clock) as other:
        other.restore(wl.dump_lines())
        assert [task.task_id for task in other.get_ready_tasks().tasks] == ["b"]
        assert other.get_task("a") == wl.get_task("a")
