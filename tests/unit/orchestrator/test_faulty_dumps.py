"""Dumps that cannot be restored: where they are faulty, and that nothing comes of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest

import worklattice
from tests.unit.model.asking import make, need
from worklattice import Orchestrator, ValidationError
from worklattice.codec.lines import FORMS_OF_LINES
from worklattice.model.dump_lines import SAID
from worklattice.testing import ManualClock


def restored(lines: list[str]) -> None:
    """Restore a dump into a store of its own, which stays empty where that is refused."""
    with worklattice.open("memory:") as other:
        try:
            other.restore(lines)
        finally:
            assert other.workspaces() in ([], ["default"])
            if other.workspaces() == []:
                make(other, "usable")


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


METRIC: dict[str, Any] = {"value": 1, "at": "2025-01-01T00:00:00Z", "attempt": 1}

FAULTS: dict[str, tuple[Callable[[list[str]], list[str]], str, str]] = {
    "empty": (lambda _: [], "line 1", "the dump is empty"),
    "not JSON": (lambda lines: [*lines, "{"], "line 12", "is not JSON"),
    "a blank line": (lambda lines: [*lines, ""], "line 12", "is not JSON"),
    "no object": (lambda lines: [*lines, "[]"], "line 12", "must be a JSON object"),
    "not a number": (lambda lines: [*lines, '{"kind":NaN}'], "line 12", "must be finite"),
    "too deep": (lambda lines: [*lines, "[" * 100_000], "line 12", "nested deeper"),
    "key twice": (lambda lines: [*lines, '{"a":1,"a":2}'], "line 12", 'has the key "a" twice'),
    "huge number": (lambda lines: [*lines, '{"a":' + "9" * 5000 + "}"], "line 12", "64 bits"),
    "no header": (lambda lines: lines[1:], "line 1", "is not the first line of a dump"),
    "another header": (_twice(1), "line 2", "only the first line does"),
    "newer format": (_with("worklattice", format=2), "line 1", "the dump is of format 2"),
    "unknown kind": (_with("task", kind="tusk"), "line 5", '"tusk" is no kind of line'),
    "out of order": (lambda lines: [*lines, lines[4]], "line 12", "cannot stand behind"),
    "unknown field": (_with("task", colour="red"), "line 5.colour", "is not known here"),
    "missing field": (_with("task", version=...), "line 5.version", "version is required"),
    "wrong type": (_with("task", version="1"), "line 5.version", "must be an integer"),
    "no id": (_with("task", task_id="a b"), "line 5.task_id", "is no id"),
    "bad time": (_with("task", created_at="yesterday"), "line 5.created_at", "this is no time"),
    "no zone": (_with("task", created_at="2025-01-01T00:00:00"), "line 5.created_at", "with a zone"),
    "over a limit": (
        _with("task", attributes={"a": 1 << 63}), "line 5.attributes.a", "integers must fit into 64 bits"
    ),
    "unknown stage": (_with("task", stage="sent"), "line 5.stage", "is no stage of the type"),
    "ended without an end": (_with("task", stage="failed"), "line 5.outcome", "must say how the task ended"),
    "ended otherwise": (_with("task", 1, outcome="failed"), "line 6.outcome", "must be withdrawn"),
    "open with an end": (_with("task", outcome="failed"), "line 5.outcome", "must be left out"),
    "ended at no time": (_with("task", 1, completed_at=...), "line 6.completed_at", "must say when"),
    "open but completed": (
        _with("task", completed_at="2025-01-01T00:00:00Z"), "line 5.completed_at", "must be left out"
    ),
    "task twice": (_twice(5), "line 6.task_id", 'the task "a" stands in the dump twice'),
    "type twice": (_twice(2), "line 3.task_type", "stands in the dump twice"),
    "calendar twice": (_twice(3), "line 4.name", 'the calendar "office" stands in the dump twice'),
    "template twice": (_twice(4), "line 5.version", "stands in the dump twice"),
    "dependency twice": (_twice(9), "line 10", "the dependency stands in the dump twice"),
    "faulty lifecycle": (
        _with("task_type", lifecycle={"stages": {}}), "line 2.lifecycle.stages", ""
    ),
    "faulty schema": (
        _with("task_type", attributes_schema={"type": "tusk"}), "line 2.attributes_schema.type", "must name"
    ),
    "faulty calendar": (
        _with("calendar", body={"working_hours": {}}), "line 3.body.working_hours", "no working hours at all"
    ),
    "calendar with the name of a day": (_with("calendar", name="sunday"), "line 3.name", "day of the week"),
    "calendar without a name": (_with("calendar", name=""), "line 3.name", "is no id"),
    "faulty template": (
        _with("template", body={"template_id": "idea"}), "line 4.body.task_structure", "must be"
    ),
    "another template's body": (
        _with("template", body={"template_id": "other"}), "line 4.body.template_id", "of the line"
    ),
    "lost parent": (_with("task", parent_id="x"), "line 5.parent_id", 'there is no task "x"'),
    "own parent": (_with("task", parent_id="a"), "line 5.parent_id", "names the task itself"),
    "circle of parents": (_with("task", 2, parent_id="a"), "line 5.parent_id", "lead back to this one"),
    "circle of replacements": (
        _with("task", 3, superseded_by="b"), "line 6.superseded_by", "lead back to this one"
    ),
    "lost dependant": (_with("dependency", task_id="x"), "line 9.task_id", 'there is no task "x"'),
    "lost dependency": (_with("dependency", dependency_id="x"), "line 9.dependency_id", 'no task "x"'),
    "own dependency": (_with("dependency", dependency_id="a"), "line 9.dependency_id", "the task itself"),
    "circle": (_with("dependency", task_id="p", dependency_id="a"), "line 9", "wait for one another"),
    "negative lag": (_with("dependency", lag="-PT1H"), "line 9.lag", ""),
    "waived at no time": (_with("dependency", waived_at=...), "line 9.waived_at", "waived_at is required"),
    "lost comment": (_with("comment", task_id="x"), "line 10.task_id", 'there is no task "x"'),
    "faulty artifact": (
        _with("task", 2, artifacts={"file": {"uri": "x"}}), "line 7.artifacts.file.at", "at is required"
    ),
    "reopened in the first attempt": (
        _with("task", reopened_at="2025-01-01T00:00:00Z"), "line 5.reopened_at", "in its first attempt"
    ),
    "metric without a name": (
        _with("task", metrics={" m": METRIC}), 'line 5.metrics[" m"]', "names no metric"
    ),
    "metric without a value": (
        _with("task", metrics={"m": METRIC | {"value": [1]}}), "line 5.metrics.m.value", "must be a number"
    ),
    "metric of an attempt to come": (
        _with("task", metrics={"m": METRIC | {"attempt": 7}}), "line 5.metrics.m.attempt", "must not lie"
    ),
    "metric with a baseline that is none": (
        _with("task", metrics={"m": METRIC | {"first": 0}}), "line 5.metrics.m.first", "must be a number"
    ),
    "too many metrics": (
        _with("task", metrics={str(n): METRIC for n in range(1_001)}), "line 5.metrics", "more than 1,000"
    ),
    "faulty approval": (
        _with("task", 2, approval={"decision": "maybe", "at": "2025-01-01T00:00:00Z"}),
        "line 7.approval.decision",
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
        *("line 5.version", "line 5.join", "line 5.attempt")
    }


@pytest.mark.parametrize("source", [None, 7, {"kind": "task"}, b"bytes"])
def test_what_is_no_source_is_refused(wl: Orchestrator, source: Any) -> None:
    """A dump is a path, or lines."""
    with pytest.raises(ValidationError, match="must be a path or lines"):
        wl.restore(source)


def test_a_dump_given_as_one_text_is_refused_with_the_way_to_give_it(lived: Orchestrator) -> None:
    """It is no path; a text file of it in memory has its lines."""
    text = lived.dump()
    with worklattice.open("memory:") as other:
        with pytest.raises(ValidationError, match=r"is a text of lines.*io\.StringIO"):
            other.restore(text)
        other.restore(StringIO(text))
        assert other.dump() == text


def test_circle_through_a_replacement(clock: ManualClock) -> None:
    """The line that closes a circle is named although it names another task than the one it follows."""
    with worklattice.open("memory:", clock=clock) as wl:
        make(wl, "a", "b", "c")
        need(wl, "b", "a")
        wl.manage_lifecycle("a", "superseded", superseded_by="c")
        lines = list(wl.dump_lines())
    closing = json.dumps({**json.loads(lines[-2]), "task_id": "c", "dependency_id": "b"})
    with pytest.raises(ValidationError, match=r"line [56]: These tasks would wait"):
        restored([*lines[:-1], closing, '{"kind":"end","lines":7}'])


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
