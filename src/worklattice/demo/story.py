"""The story of the demo: seven weeks in the spring of 2025, from the payloads of the playbook.

The playbook sets work up and asks for reports on it; so that these have something true to say, some work is
done in between. Every step is a tool payload, like those of the playbook.
"""

from __future__ import annotations

from typing import Any, Final, Protocol

BACKEND_TASKS: Final = (
    # id, title, story points, started, completed
    ("may_login_limit", "Limit the rate of logins", 5, "2025-05-06T09:00:00Z", "2025-05-09T16:00:00Z"),
    (
        "may_session_store",
        "Move sessions to the new store",
        8,
        "2025-05-12T09:00:00Z",
        "2025-05-21T11:30:00Z",
    ),
    ("may_audit_log", "Write an audit log", 3, "2025-05-22T09:00:00Z", "2025-05-27T15:00:00Z"),
)
"""What the backend team did in May: the report of pattern 8 asks for it."""

END: Final = "2025-06-20T12:00:00Z"
"""When the story ends; the demo is shown as of then."""


class Stage(Protocol):
    """What the story is played on."""

    def at(self, time: str) -> None:
        """Set the clock."""
        ...

    def say(self, text: str) -> None:
        """Say what happens next."""
        ...

    def pattern(self, number: int) -> None:
        """Play a pattern of the playbook."""
        ...

    def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """Make a call of the story's own; its answer."""
        ...


def tell(stage: Stage) -> None:
    """Play the story from its beginning to its end."""
    _backend_tasks(stage)
    _patterns_are_set_up(stage)
    _incident(stage)
    _rollout(stage)
    _pipeline_and_feature(stage)
    _first_environment(stage)
    _sprint_and_tests(stage)
    _reports_and_what_follows(stage)
    stage.at(END)


def _backend_tasks(stage: Stage) -> None:
    stage.at("2025-05-05T09:00:00Z")
    stage.say(
        "Before the playbook: the backend team takes on three tasks and finishes them by the end of May"
    )
    for task_id, title, points, _, _ in BACKEND_TASKS:
        attributes = {"title": title, "assigned_team": "backend_team", "story_points": points}
        stage.call("create_generic_task", task_type="task", task_id=task_id, attributes=attributes)
    for task_id, _, _, started, completed in BACKEND_TASKS:
        _move(stage, task_id, "active", at=started)
        _move(stage, task_id, "completed", at=completed)


def _patterns_are_set_up(stage: Stage) -> None:
    for number in range(1, 8):
        stage.at(f"2025-06-03T09:{5 * (number - 1):02}:00Z")
        stage.pattern(number)


def _incident(stage: Stage) -> None:
    stage.at("2025-06-03T10:00:00Z")
    stage.say("Pattern 4: the containment is done, later than its 15 minutes; the incident stays open")
    containment = _ready(stage, {"parent_task_id": "sec_incident_001"})
    _move(stage, containment, "active", at="2025-06-03T10:01:00Z")
    _move(stage, containment, "completed", at="2025-06-03T10:13:00Z")


def _rollout(stage: Stage) -> None:
    stage.at("2025-06-04T09:00:00Z")
    stage.say("Pattern 2: internal testing passes, which releases the beta; then the beta has to pause")
    _move(stage, "feature_advanced_search_rollout", "active", at="2025-06-04T09:00:00Z")
    _move(stage, "internal_testing_stage", "active", at="2025-06-04T09:05:00Z")
    _move(stage, "internal_testing_stage", "completed", at="2025-06-06T15:00:00Z")
    _move(stage, "beta_rollout_stage", "active", at="2025-06-09T09:00:00Z")
    stage.at("2025-06-10T11:00:00Z")
    needed = {
        "dependency_task_id": "sec_incident_001",
        "description": "No wider rollout before we know what leaked",
    }
    stage.call("manage_dependencies", task_id="beta_rollout_stage", dependencies=[needed])


def _pipeline_and_feature(stage: Stage) -> None:
    stage.at("2025-06-11T02:00:00Z")
    stage.say("Pattern 6: the first run of the extraction fails its quality checks")
    _move(stage, "pipeline_customer_analytics", "active", at="2025-06-11T02:00:00Z")
    _move(stage, "data_extraction_task", "active", at="2025-06-11T02:00:00Z")
    stage.at("2025-06-11T02:07:00Z")
    error = {"check": "row_count_validation", "expected": 48210, "found": 0}
    stage.call("manage_lifecycle", task_id="data_extraction_task", lifecycle_stage="failed", error=error)
    stage.at("2025-06-12T02:00:00Z")
    stage.say("Pattern 6: the next night its schedule makes a run of it")
    stage.call("tick")
    stage.at("2025-06-12T09:00:00Z")
    stage.say("Pattern 7: the business case is validated, which releases the design")
    validation = _ready(stage, {"task_type": "business_validation"})
    _move(stage, validation, "active", at="2025-06-12T09:00:00Z")
    _move(stage, validation, "completed", at="2025-06-13T16:00:00Z")


def _first_environment(stage: Stage) -> None:
    stage.at("2025-06-15T02:00:00Z")
    stage.say("Pattern 3: the dev environment is upgraded, which releases staging")
    parent = ""
    for hour in (2, 3, 4):
        step = _ready(stage, {"template_id": "multi_env_deployment_v1"})
        if not parent:
            parent = _parent(stage, step)
            _move(stage, _parent(stage, parent), "active", at="2025-06-15T02:00:00Z")
            _move(stage, parent, "active", at="2025-06-15T02:00:00Z")
        _move(stage, step, "active", at=f"2025-06-15T{hour:02}:00:00Z")
        _move(stage, step, "completed", at=f"2025-06-15T{hour:02}:45:00Z")
    _move(stage, parent, "completed", at="2025-06-15T04:50:00Z")


def _sprint_and_tests(stage: Stage) -> None:
    stage.at("2025-06-16T09:00:00Z")
    stage.say("Pattern 1: the sprint begins, and with it the story and its first task")
    _move(stage, "sprint_23_backend", "active", at="2025-06-16T09:00:00Z")
    _move(stage, "story_password_reset", "active", at="2025-06-16T09:30:00Z")
    first = _ready(stage, {"template_id": "user_story_breakdown_v1"})
    _move(stage, first, "active", at="2025-06-16T10:00:00Z")
    stage.at("2025-06-17T09:00:00Z")
    stage.say("Pattern 5: unit testing begins and comes to its review")
    _move(stage, "testing_payment_processing", "active", at="2025-06-17T09:00:00Z")
    _move(stage, "unit_testing_phase", "active", at="2025-06-17T09:00:00Z")
    _move(stage, "unit_testing_phase", "review", at="2025-06-19T17:00:00Z")


def _reports_and_what_follows(stage: Stage) -> None:
    for number in (8, 9, 10):
        stage.at(f"2025-06-20T{number + 1:02}:00:00Z")
        stage.pattern(number)


def _move(stage: Stage, task_id: str, lifecycle_stage: str, *, at: str) -> None:
    stage.at(at)
    stage.call("manage_lifecycle", task_id=task_id, lifecycle_stage=lifecycle_stage)


def _ready(stage: Stage, filters: dict[str, Any]) -> str:
    """The task that could be started first, of those that fit."""
    answer = stage.call("get_ready_tasks", filters=filters, leaves_only=True, limit=1)
    task_id: str = answer["tasks"][0]["task_id"]
    return task_id


def _parent(stage: Stage, task_id: str) -> str:
    parent: str = stage.call("get_task", task_id=task_id)["task"]["parent_task_id"]
    return parent
