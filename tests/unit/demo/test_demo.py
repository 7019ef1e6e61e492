import json
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

import worklattice
from worklattice import DependencySpec, NewTask
from worklattice.demo import CutShortError, NotOursError, Paper, RefusedError, demo_clock, is_demo, page, play
from worklattice.demo.patterns import PATTERNS, payloads
from worklattice.demo.player import ACTOR
from worklattice.rendering.text import columns
from worklattice.testing import ManualClock, SequentialIds

PLAYBOOK = Path(__file__).parents[2] / "data" / "playbook.jsonl"


def empty(clock: ManualClock) -> worklattice.Orchestrator:
    return worklattice.open("memory:", clock=clock, ids=SequentialIds(), actor=ACTOR)


@pytest.fixture(scope="module")
def wl() -> Iterator[worklattice.Orchestrator]:
    """A workspace in which the demo was played; to be read only."""
    clock = demo_clock()
    with empty(clock) as wl:
        play(wl, clock)
        yield wl


@pytest.fixture
def other() -> Iterator[worklattice.Orchestrator]:
    """An empty workspace."""
    with empty(demo_clock()) as wl:
        yield wl


def report(wl: worklattice.Orchestrator, number: int) -> dict[str, Any]:
    return wl.dispatch(payloads(8)[number - 1])


def ids(answer: dict[str, Any]) -> list[str]:
    return [task["task_id"] for task in answer["tasks"]]


def test_the_package_carries_the_playbook() -> None:
    """Its copy is the documented one, byte for byte."""
    assert files("worklattice.demo").joinpath("playbook.jsonl").read_bytes() == PLAYBOOK.read_bytes()


def test_the_playbook_is_played_in_order_and_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each payload is handed to dispatch unchanged; the story's own calls come in between."""
    played: list[object] = []
    dispatch = worklattice.Orchestrator.dispatch

    def recorded(wl: worklattice.Orchestrator, payload: object) -> Any:
        played.append(json.loads(json.dumps(payload)))
        return dispatch(wl, payload)

    monkeypatch.setattr(worklattice.Orchestrator, "dispatch", recorded)
    clock = demo_clock()
    with empty(clock) as wl:
        assert play(wl, clock).calls == len(played)
    left = iter(played)
    wanted = [json.loads(line)["payload"] for line in PLAYBOOK.read_text(encoding="utf-8").splitlines()]
    assert all(payload in left for payload in wanted)


def test_the_demo_leaves_a_sound_workspace(wl: worklattice.Orchestrator) -> None:
    """Everything derived is right, and it is known as the demo."""
    assert wl.check() == []
    assert is_demo(wl)


def test_two_demos_are_the_same(wl: worklattice.Orchestrator) -> None:
    """Time and ids are its own, so nothing differs."""
    clock = demo_clock()
    with empty(clock) as again:
        play(again, clock)
        assert again.dump() == wl.dump()
        assert page(again, Paper(), demo=True) == page(wl, Paper(), demo=True)


def test_the_report_on_overdue_tasks_has_something_to_say(wl: worklattice.Orchestrator) -> None:
    """The incident is still open after two weeks, and the beta was begun and is blocked now."""
    answer = report(wl, 1)
    assert {"sec_incident_001", "beta_rollout_stage"} <= set(ids(answer))
    assert {task["status"] for task in answer["tasks"]} == {"active", "blocked"}


def test_the_report_on_the_team_has_something_to_say(wl: worklattice.Orchestrator) -> None:
    """The backend team completed three tasks in May."""
    answer = report(wl, 2)
    assert ids(answer) == ["may_audit_log", "may_login_limit", "may_session_store"]
    assert answer["metrics"]["sums"]["story_points"] == 16
    assert answer["metrics"]["cycle_time"]["count"] == 3


def test_the_report_on_blocked_tasks_has_something_to_say(wl: worklattice.Orchestrator) -> None:
    """One waits for something that failed, others for what goes on."""
    answer = report(wl, 3)
    states = {task["task_id"]: {edge["state"] for edge in task["dependencies"]} for task in answer["tasks"]}
    assert states["data_transformation_task"] == {"failed"}
    assert states["beta_rollout_stage"] == {"satisfied", "pending"}


def test_the_page_shows_every_pattern(wl: worklattice.Orchestrator) -> None:
    """With its tree, what is ready, what is blocked and by what, the reports, and the notifications."""
    shown = page(wl, Paper(), demo=True)
    lines = shown.splitlines()
    assert all(f"{pattern.number}  {pattern.title}" in lines for pattern in PATTERNS)
    assert "        waits for Extract Customer Data (failed)" in lines
    ready = [line.split() for line in lines if line.startswith("  verify_db_backups ")]
    assert ["verify_db_backups", "maintenance_preparation", "Verify", "Database", "Backups"] in ready
    assert ["verify_db_backups", "2025-06-28", "02:00", "Verify", "Database", "Backups"] in ready
    assert any("2025-06-03 09:30  missed  Immediate Containment" in line for line in lines)
    assert "      waits for CRITICAL: Potential Data Breach Detected (sec_incident_001)" in lines
    assert any("cycle time 5.2 days in the median" in line for line in lines)
    assert "      pending: sec_incident_001 (No wider rollout before we know what leaked)" in lines
    assert sum(line.startswith(("  #dev-team", "  #stakeholders")) for line in lines) == 2
    assert max(map(columns, lines)) <= 100
    assert "\x1b" not in shown


def test_the_page_says_the_same_on_other_paper(wl: worklattice.Orchestrator) -> None:
    """Narrow, in colour, in ASCII."""
    narrow = page(wl, Paper(width=60), demo=True)
    assert max(map(columns, narrow.splitlines())) <= 60
    assert "\x1b[31mblocked\x1b[0m" in page(wl, Paper(colour=True), demo=True)
    in_ascii = page(wl, Paper(ascii_only=True), demo=True)
    assert "─" not in in_ascii
    assert "…" not in in_ascii


def test_an_empty_workspace_is_no_demo(other: worklattice.Orchestrator) -> None:
    """It has a page all the same."""
    assert not is_demo(other)
    assert page(other, Paper()).startswith("No tasks as of 2025-06-20 12:00 UTC\n")


def test_a_workspace_with_other_tasks_is_left_alone() -> None:
    """Who wrote its first event tells."""
    with worklattice.open("memory:") as wl:
        wl.create_generic_task("mine")
        with pytest.raises(NotOursError):
            is_demo(wl)


def test_a_demo_that_was_cut_short_is_told(other: worklattice.Orchestrator) -> None:
    """Its last event is missing."""
    other.create_generic_task("sprint")
    with pytest.raises(CutShortError):
        is_demo(other)


def test_a_refused_call_ends_the_demo(other: worklattice.Orchestrator) -> None:
    """The error says what the answer said."""
    other.create_generic_task("sprint", task_id="sprint_23_backend")
    with pytest.raises(RefusedError, match=r"^DuplicateTaskError: A task .* exists already. Choose another"):
        play(other, demo_clock())


def test_what_was_done_after_the_demo_is_shown_too() -> None:
    """Trees of no pattern stand under a heading of their own."""
    clock = demo_clock()
    with empty(clock) as wl:
        play(wl, clock)
        wl.create_generic_task("errand", attributes={"title": "Buy\x1b[2J milk"})
        assert is_demo(wl)
        shown = page(wl, Paper(), demo=True)
        _, others = shown.split("\nOther tasks\n")
        assert "Buy\\x1b[2J milk" in others
        assert "Write an audit log" in others


def test_a_large_workspace_is_shown_in_part(other: worklattice.Orchestrator) -> None:
    """The beginning of each tree and list, and how much more there is."""
    other.create_generic_task("step", task_id="a")
    inside = [NewTask(task_type="step", task_id=f"c{n}", parent_task_id="a") for n in range(300)]
    held = [
        NewTask(task_type="step", task_id=f"b{n}", dependencies=(DependencySpec(dependency_task_id="a"),))
        for n in range(250)
    ]
    other.batch_create(inside + held)
    lines = page(other, Paper()).splitlines()
    assert "551 tasks as of 2025-06-20 12:00 UTC: 301 pending, 250 blocked" in lines
    for more in (
        "  … and 101 lines of this tree",
        "  … and 201 other trees",
        "  … and more",
        "  … and 50 blocked tasks",
    ):
        assert more in lines
    assert len(lines) < 1_000


def test_a_tree_that_is_too_deep_for_one_answer_is_shown_in_part(other: worklattice.Orchestrator) -> None:
    """And the page says that there is more."""
    levels = [NewTask(task_type="step", task_id=f"t{n}", parent_task_id=f"t{n - 1}") for n in range(1, 80)]
    other.create_generic_task("step", task_id="t0")
    other.batch_create(levels)
    assert "  … and what is deeper or beyond 10,000 tasks" in page(other, Paper()).splitlines()


def test_what_waits_inside_of_others_is_counted(other: worklattice.Orchestrator) -> None:
    """It has no dependency of its own to name; a stage that says blocked needs none."""
    other.create_generic_task("step", task_id="first")
    other.create_generic_task("step", task_id="second", dependencies=["first"])
    other.create_generic_task("step", task_id="inside", parent_task_id="second")
    other.create_generic_task(
        "step",
        task_id="shipping",
        dependencies=[{"dependency_task_id": "first", "dependency_type": "approval"}],
    )
    other.create_generic_task("step", task_id="stuck", lifecycle_stage="blocked")
    _, blocked = page(other, Paper()).split("\nBlocked")
    assert blocked.splitlines()[2:] == [
        "  second",
        "      waits for first",
        "  shipping",
        "      waits for first, by approval",
        "  stuck",
        "  … and 1 inside of tasks that wait",
    ]
