"""The documented patterns of use, as the payloads of `tests/data`, played on every store that is embedded.

`playbook.jsonl` is `payloads.jsonl` with the ids and the few tasks that its later steps rely on.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import worklattice
from tests.stores import url_of
from worklattice.testing import ManualClock, SequentialIds

DATA = Path(__file__).parent.parent / "data"


def lines(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]


class Game:
    """A workspace in which the playbook was played, and what was answered."""

    def __init__(self, wl: worklattice.Orchestrator) -> None:
        self.wl = wl
        self.answers = [(line, wl.dispatch(line["payload"])) for line in lines("playbook.jsonl")]

    def answer(self, pattern: int, step: int) -> Any:
        (found,) = [a for line, a in self.answers if (line["pattern"], line["step"]) == (pattern, step)]
        return found

    def do(self, tool: str, **arguments: object) -> Any:
        answer = self.wl.dispatch({"tool": f"orchestrator_{tool}", "arguments": arguments})
        assert answer["status"] == "success", answer
        return answer

    def refused(self, tool: str, **arguments: object) -> Any:
        answer = self.wl.dispatch({"tool": f"orchestrator_{tool}", "arguments": arguments})
        assert answer["status"] == "error", answer
        return answer

    def tasks(self, task_type: str) -> Any:
        return self.do("query_tasks", filters={"task_type": task_type})["tasks"]

    def status(self, task_id: str) -> object:
        return self.do("get_task", task_id=task_id)["task"]["status"]

    def ready(self, *inside: str) -> set[str]:
        """Those of the tasks that can be started now."""
        found = {task["task_id"] for task in self.do("get_ready_tasks", limit=1000)["tasks"]}
        return found.intersection(inside)

    def complete(self, task_id: str) -> Any:
        self.do("manage_lifecycle", task_id=task_id, lifecycle_stage="active")
        return self.do("manage_lifecycle", task_id=task_id, lifecycle_stage="completed")


def opened(url: str) -> worklattice.Orchestrator:
    return worklattice.open(url, clock=ManualClock(), ids=SequentialIds())


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def game(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Game]:
    """The playbook, played on a new store."""
    with opened(url_of(request.param, tmp_path)) as wl:
        yield Game(wl)


def test_every_step_succeeds(game: Game) -> None:
    """Every payload of the playbook is carried out."""
    assert [answer for _, answer in game.answers if answer["status"] != "success"] == []
    assert game.wl.check() == []


def test_answers_are_json(game: Game) -> None:
    """Every answer is the same after a trip through JSON text."""
    for _, answer in game.answers:
        assert json.loads(json.dumps(answer)) == answer


def test_a_story_broken_down(game: Game) -> None:
    """Pattern 1: the breakdown stands under the story, the story under the sprint."""
    expanded = game.answer(1, 3)
    assert expanded["tasks_created"][0]["parent_task_id"] == "story_password_reset"
    root = game.do("get_task_hierarchy", root_task_id="sprint_23_backend")["root_task"]
    (story,) = root["children"]
    (breakdown,) = story["children"]
    assert breakdown["task_id"] == expanded["root_task_id"]
    assert breakdown["children"]


def test_a_stage_that_waits_for_another(game: Game) -> None:
    """Pattern 2: the beta waits for the internal test, and is ready once that has succeeded."""
    (edge,) = game.answer(2, 3)["dependencies"]
    assert (edge["dependency_task_id"], edge["state"]) == ("internal_testing_stage", "pending")
    assert game.status("beta_rollout_stage") == "blocked"
    stages = ("internal_testing_stage", "beta_rollout_stage")
    assert game.ready(*stages) == {"internal_testing_stage"}
    assert game.complete("internal_testing_stage")["unblocked"] == ["beta_rollout_stage"]
    assert game.ready(*stages) == {"beta_rollout_stage"}


def test_environments_one_after_the_other(game: Game) -> None:
    """Pattern 3: the tree is the documented one, and one environment is ready after the other."""
    expanded = game.answer(3, 1)
    root = game.do("get_task_hierarchy", root_task_id=expanded["root_task_id"])["root_task"]
    assert root["attributes"]["title"] == "Infrastructure Change: Kubernetes cluster upgrade to v1.28"
    environments = root["children"]
    assert [task["attributes"]["environment"] for task in environments] == ["dev", "staging", "production"]
    for environment in environments:
        assert [step["attributes"]["title"] for step in environment["children"]] == [
            "Pre-deployment validation",
            "Upgrade execution",
            "Post-deployment testing",
        ]
    assert [task["status"] for task in environments] == ["pending", "blocked", "blocked"]
    steps = [step["task_id"] for environment in environments for step in environment["children"]]
    assert game.ready(*steps) == {steps[0]}

    dev, staging, production = (task["task_id"] for task in environments)
    for step in steps[:3]:
        game.complete(step)
    assert game.ready(*steps) == set()
    assert staging in game.complete(dev)["unblocked"]
    assert game.ready(*steps) == {steps[3]}
    assert game.status(production) == "blocked"


def test_an_incident(game: Game) -> None:
    """Pattern 4: an incident is born active, and its containment can start at once."""
    assert game.status("sec_incident_001") == "active"
    containment = game.answer(4, 2)["task_id"]
    assert game.ready(containment) == {containment}


def test_phases_of_testing(game: Game) -> None:
    """Pattern 5: integration tests wait for the unit tests."""
    assert game.status("integration_testing_phase") == "blocked"
    game.do("manage_lifecycle", task_id="unit_testing_phase", lifecycle_stage="active")
    game.do("record_metrics", task_id="unit_testing_phase", metrics={"coverage": "87.5%"})
    refused = game.refused("manage_lifecycle", task_id="unit_testing_phase", lifecycle_stage="completed")
    assert "coverage is 87.5%, 2.5% too low" in refused["message"]
    game.do("record_metrics", task_id="unit_testing_phase", metrics={"coverage": 91})
    game.do("manage_lifecycle", task_id="unit_testing_phase", lifecycle_stage="completed")
    assert game.status("integration_testing_phase") == "pending"


def test_targets_of_performance(game: Game) -> None:
    """Pattern 5: a target has an operator, or is a minimum."""
    (epic,) = [task for task in game.tasks("testing_epic") if "performance_targets" in task["attributes"]]
    observed = {"response_time": "480ms", "throughput": 950, "availability": "99.995%"}
    recorded = game.do("record_metrics", task_id=epic["task_id"], metrics=observed)
    assert [(gate["gate"], gate["state"], gate["message"]) for gate in recorded["gates"]] == [
        ("availability >= 99.99%", "passed", None),
        ("response_time < 500 ms", "passed", None),
        ("throughput > 1000 tps", "failed", "throughput is 950 tps, 50 tps too low"),
    ]


def test_a_rollout_that_goes_wrong(game: Game) -> None:
    """Pattern 2: a metric that meets a rollback trigger fails the rollout, and the rollback can start."""
    (rollout,) = game.tasks("feature_flag_deployment")
    task_id = rollout["task_id"]
    game.do(
        "create_generic_task",
        task_type="rollback",
        task_id="switch_off",
        dependencies=[{"dependency_task_id": task_id, "outcome": "failure"}],
    )
    game.do("manage_lifecycle", task_id=task_id, lifecycle_stage="active")
    calm = game.do("record_metrics", task_id=task_id, metrics={"error_rate": "0.05%"})
    assert (calm["triggered"], game.ready("switch_off")) == ([], set())
    fired = game.do("record_metrics", task_id=task_id, metrics={"error_rate": "1.4%"})
    assert [(each["trigger"], each["moved_to"]) for each in fired["triggered"]] == [
        ("error_rate > 1%", "failed")
    ]
    assert fired["unblocked"] == ["switch_off"]
    assert game.ready("switch_off") == {"switch_off"}


def test_checks_of_quality(game: Game) -> None:
    """Pattern 6: named checks must be reported as passed before the extraction completes."""
    game.do("manage_lifecycle", task_id="data_extraction_task", lifecycle_stage="active")
    checks = {"row_count_validation": "passed", "schema_validation": "failed"}
    recorded = game.do("record_metrics", task_id="data_extraction_task", metrics=checks)
    assert [gate["state"] for gate in recorded["gates"]] == ["passed", "failed", "unknown"]
    done = {"schema_validation": "passed", "data_freshness_check": "passed"}
    game.do("record_metrics", task_id="data_extraction_task", metrics=done)
    game.do("manage_lifecycle", task_id="data_extraction_task", lifecycle_stage="completed")
    assert game.status("data_transformation_task") == "pending"


def test_a_pipeline(game: Game) -> None:
    """Pattern 6: the transformation waits for the extraction, and can be told to go on without it."""
    assert game.status("data_transformation_task") == "blocked"
    waived = game.do(
        "manage_dependencies",
        task_id="data_transformation_task",
        operation="waive",
        dependency_ids=["data_extraction_task"],
        reason="yesterday's extract will do",
    )
    assert waived["dependencies"][0]["state"] == "waived"
    assert game.status("data_transformation_task") == "pending"


def test_a_template_of_ones_own(game: Game) -> None:
    """Pattern 7: the template's children wait for one another by their types."""
    created = game.answer(7, 1)
    root, validation, design, implementation = created["tasks_created"]
    assert root["attributes"] == {
        "title": "E-commerce Feature: one_click_checkout",
        "business_impact": "Reduce cart abandonment by 25%",
        "target_segment": "b2c",
    }
    assert created["dependencies_created"] == 2
    ids = [task["task_id"] for task in (validation, design, implementation)]
    assert game.ready(*ids) == {ids[0]}
    game.complete(ids[0])
    assert game.ready(*ids) == {ids[1]}


def test_what_is_blocked(game: Game) -> None:
    """Pattern 8: the blocked tasks that have dependencies come with the states of these."""
    found = game.answer(8, 3)
    assert found["returned_results"] == found["total_results"] == len(found["tasks"]) > 3
    for task in found["tasks"]:
        assert task["status"] == "blocked"
        assert {edge["state"] for edge in task["dependencies"]} == {"pending"}


def test_measures(game: Game) -> None:
    """Pattern 8: measures come where they were asked for, also of nothing."""
    assert game.answer(8, 2)["metrics"]["total"] == 0
    assert "metrics" not in game.answer(8, 3)
    assert game.answer(8, 1)["tasks"] == []


def test_a_maintenance(game: Game) -> None:
    """Pattern 9: the optimization waits for the verified backups."""
    assert game.status("execute_db_optimization") == "blocked"
    assert game.complete("verify_db_backups")["unblocked"] == ["execute_db_optimization"]


def test_a_bug_that_is_fixed(game: Game) -> None:
    """Pattern 10: both channels are to be told, and the notes are the reason in the history."""
    done = game.answer(10, 3)
    assert (done["previous_stage"], done["current_stage"]) == ("active", "completed")
    assert [n["channel"] for n in done["notifications"]] == ["#dev-team", "#stakeholders"]
    history = game.do("get_history", task_id="critical_bug_fix_123")["events"]
    assert "Bug fix deployed and verified" in {event["reason"] for event in history}


def without_event_ids(answer: dict[str, Any]) -> dict[str, Any]:
    """The answer without what names the log, which is another one in each store."""
    notifications = [{**told, "event_id": None} for told in answer.get("notifications", ())]
    return {**answer, "notifications": notifications}


def test_the_same_on_every_store(tmp_path: Path) -> None:
    """Memory and SQLite answer the same, and their dumps are the same."""
    with opened("memory:") as memory, opened(f"sqlite:///{tmp_path}/work.db") as sqlite:
        one, other = Game(memory), Game(sqlite)
        for (line, answer), (_, answered) in zip(one.answers, other.answers, strict=True):
            assert without_event_ids(answer) == without_event_ids(answered), line
        assert memory.dump() == sqlite.dump()


def test_payloads_as_documented() -> None:
    """Without the ids that they rely on, payloads are refused for what is missing, and for nothing else."""
    with opened("memory:") as wl:
        refusals = {
            (line["pattern"], line["step"]): answer["error_type"]
            for line in lines("payloads.jsonl")
            if (answer := wl.dispatch(line["payload"]))["status"] == "error"
        }
    assert set(refusals.values()) <= {"ParentTaskNotFoundError", "TaskNotFoundError", "TemplateNotFoundError"}
    assert refusals[1, 2] == refusals[1, 3] == "ParentTaskNotFoundError"
    assert refusals[10, 3] == "TaskNotFoundError"
