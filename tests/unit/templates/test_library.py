"""The shipped templates: what each makes of the parameters that its users would give."""

from datetime import UTC, datetime

import pytest

from tests.unit.templates.making import NOW, Json, needs, paths, task_at
from worklattice.templates import library
from worklattice.templates.expand import expand
from worklattice.templates.model import Template
from worklattice.templates.parse import parse_template
from worklattice.templates.plan import Expansion

SMALLEST: dict[str, dict[str, Json]] = {
    "etl_pipeline_v1": {"pipeline_name": "Orders", "data_sources": ["orders_db"], "target": "warehouse"},
    "external_system_sync_v1": {"project": "Shop", "systems": [{"kind": "github", "target": "company/shop"}]},
    "feature_flag_rollout_v1": {"feature_name": "Advanced Search", "feature_flag": "advanced_search_v2"},
    "multi_env_deployment_v1": {"change_description": "Upgrade", "environments": ["dev"]},
    "performance_report_v1": {
        "team": "backend_team",
        "period_start": "2025-05-01",
        "period_end": "2025-05-31",
    },
    "product_feature_v1": {"feature_name": "One-click checkout", "business_impact": "Fewer abandoned carts"},
    "scheduled_maintenance_v1": {
        "title": "Q2 2025 Database Maintenance",
        "system": "orders_db",
        "window_start": "2025-06-29T02:00:00Z",
        "window_end": "2025-06-29T06:00:00Z",
    },
    "security_incident_response_v1": {
        "incident_title": "Potential data breach",
        "incident_id": "SEC-2025-0603-001",
        "affected_systems": ["user_database", "auth_service"],
        "incident_commander": "security_team_lead",
    },
    "sprint_planning_v1": {
        "sprint_number": 23,
        "team": "backend_team",
        "sprint_goal": "User management",
        "start_date": "2025-06-16",
        "end_date": "2025-06-30",
    },
    "test_strategy_v1": {"feature_under_test": "Payment Processing"},
    "user_story_breakdown_v1": {"story_title": "password_reset"},
}
"""The least that each template takes."""


def lookup(template_id: str, version: int | None) -> Template | None:
    found = library.definition(template_id) if version in {None, 1} else None
    return parse_template(found, lookup) if found else None


def shipped(template_id: str, **given: Json) -> Expansion:
    template = lookup(template_id, None)
    assert template is not None
    return expand(template, {**SMALLEST[template_id], **given}, now=NOW, include=lookup)


def titles(plan: Expansion) -> list[str]:
    return [str(task.attributes["title"]) for task in plan.tasks]


def test_every_template_is_listed_and_tried() -> None:
    """The shipped templates are these, and an unknown id is none of them."""
    assert set(library.template_ids()) == set(SMALLEST)
    assert library.definition("nope") is None


@pytest.mark.parametrize("template_id", sorted(SMALLEST))
def test_template_says_what_it_is_for(template_id: str) -> None:
    """Name, description and category are there, and every parameter is described, with its fields."""
    body = library.definition(template_id)
    assert body is not None
    assert body["template_id"] == template_id
    assert all(body[name] for name in ("name", "description", "category"))
    waiting: list[Json] = [body["parameters_schema"]]
    while waiting:
        schema = waiting.pop()
        assert schema.get("additionalProperties", False) is not True
        for name, part in schema.get("properties", {}).items():
            assert part.get("description"), name
            waiting.append(part.get("items", part))


@pytest.mark.parametrize("template_id", sorted(SMALLEST))
def test_template_expands_with_the_least(template_id: str) -> None:
    """What is optional may be left out: each task still has a title, and no two siblings have the same."""
    plan = shipped(template_id)
    assert len(plan.tasks) > 4
    assert all(titles(plan))
    siblings = [(task.parent, task.attributes["title"]) for task in plan.tasks]
    assert len(set(siblings)) == len(siblings)


def test_deployment_over_three_environments() -> None:
    """The documented payload makes the documented tree: three environments in a chain of three steps each."""
    plan = shipped(
        "multi_env_deployment_v1",
        change_description="Kubernetes cluster upgrade to v1.28",
        environments=["dev", "staging", "production"],
        risk_level="high",
        maintenance_window="2025-06-15T02:00:00Z",
    )
    steps = ["Pre-deployment validation", "Upgrade execution", "Post-deployment testing"]
    assert titles(plan) == [
        "Infrastructure Change: Kubernetes cluster upgrade to v1.28",
        *("dev Environment Deployment", *steps),
        *("staging Environment Deployment", *steps),
        *("production Environment Deployment", *steps),
    ]
    assert [task.parent for task in plan.tasks] == [None, 0, 1, 1, 1, 0, 5, 5, 5, 0, 9, 9, 9]
    links = {i: [dependency.on for dependency in task.dependencies] for i, task in enumerate(plan.tasks)}
    chains = [(3, [2]), (4, [3]), (5, [1]), (7, [6]), (8, [7]), (9, [5]), (11, [10]), (12, [11])]
    assert {i: on for i, on in links.items() if on} == dict(chains)
    assert task_at(plan, "environment_deployment[1]/upgrade_execution").attributes == {
        "title": "Upgrade execution",
        "environment": "staging",
        "change_description": "Kubernetes cluster upgrade to v1.28",
        "risk_level": "high",
    }
    bound = [task.attributes["environment"] for task in plan.tasks if "maintenance_window" in task.attributes]
    assert bound == ["production"]


def test_deployment_to_prod() -> None:
    """The window binds production under its short name as well."""
    window = "2025-06-15T02:00:00Z"
    plan = shipped("multi_env_deployment_v1", environments=["dev", "prod"], maintenance_window=window)
    assert titles(plan).count("Upgrade execution") == 2
    bound = [task.attributes["environment"] for task in plan.tasks if "maintenance_window" in task.attributes]
    assert bound == ["prod"]


def test_story_of_moderate_complexity() -> None:
    """The documented payload makes design, work on both ends, review, tests and documentation."""
    plan = shipped(
        "user_story_breakdown_v1",
        complexity="moderate",
        backend_effort="6 points",
        frontend_effort="2 points",
    )
    assert paths(plan) == [
        "story_refinement",
        "technical_design",
        "backend_implementation",
        "frontend_implementation",
        "code_review",
        "story_testing",
        "documentation",
        "story_acceptance",
    ]
    assert task_at(plan, "backend_implementation").attributes["estimated_effort"] == "6 points"
    assert needs(plan)["story_testing"] == ["backend_implementation", "frontend_implementation"]


@pytest.mark.parametrize(
    ("given", "there", "gone"),
    [
        ({"complexity": "simple"}, "backend_implementation", "technical_design"),
        ({"complexity": "complex"}, "spike", "frontend_implementation"),
        ({"frontend_effort": "3"}, "frontend_implementation", "backend_implementation"),
        ({"backend_effort": "3"}, "backend_implementation", "frontend_implementation"),
    ],
)
def test_story_has_the_tasks_that_it_needs(given: Json, there: str, gone: str) -> None:
    """Simple stories need no design, complex ones a spike, and only the ends that have work have tasks."""
    made = paths(shipped("user_story_breakdown_v1", **given))
    assert there in made
    assert gone not in made


def test_rollback_waits_for_any_failure() -> None:
    """The rollback of a rollout is ready when any stage fails; the stages are a chain."""
    plan = shipped("feature_flag_rollout_v1", observation="2 hours")
    rollback = task_at(plan, "rollback")
    assert rollback.join == "any"
    assert [(plan.tasks[d.on].key, d.outcome) for d in rollback.dependencies] == [
        (f"deployment_stage[{n}]", "failure") for n in range(4)
    ]
    assert needs(plan)["deployment_stage[2]"] == ["flag_preparation", "deployment_stage[1]"]
    assert task_at(plan, "deployment_stage[0]/stage_decision").dependencies[0].lag == "2 hours"


def test_incident_with_personal_data() -> None:
    """An incident is active from the start, and the authority is told where personal data is involved."""
    plan = shipped("security_incident_response_v1", personal_data_involved=True, stakeholders=["ciso", "cto"])
    assert plan.tasks[0].lifecycle_stage == "active"
    assert {"authority_notification", "stakeholder_notification[1]", "recovery/system_recovery[1]"} <= set(
        paths(plan)
    )
    assert "authority_notification" not in paths(shipped("security_incident_response_v1"))


def test_tests_of_a_feature() -> None:
    """Integration waits for unit tests; performance and compliance are tested where they are asked for."""
    plan = shipped(
        "test_strategy_v1", compliance_testing=["pci_dss"], performance_targets={"response_time": "< 500ms"}
    )
    assert needs(plan)["integration_testing"] == ["unit_testing"]
    assert needs(plan)["acceptance_testing"] == [
        "end_to_end_testing",
        "security_testing",
        "performance_testing",
        "compliance_testing[0]",
    ]
    assert "performance_testing" not in paths(shipped("test_strategy_v1", security_testing=False))


def test_pipeline_of_two_sources() -> None:
    """Transformation waits for the gate behind both extractions, and a failed gate leads to quarantine."""
    plan = shipped(
        "etl_pipeline_v1", data_sources=["orders_db", "customer_db"], compliance_requirements=["gdpr"]
    )
    assert needs(plan)["extraction_gate"] == ["data_extraction[0]", "data_extraction[1]"]
    assert {d.outcome for d in task_at(plan, "quarantine").dependencies} == {"failure"}


def test_stories_of_a_feature_and_of_a_sprint_are_broken_down() -> None:
    """Stories are expanded by the template of stories, with what is known of them."""
    stories = [
        {"title": "Pay with one click", "complexity": "simple", "frontend_effort": "3 points"},
        {"title": "Undo"},
    ]
    feature = shipped("product_feature_v1", stories=stories)
    assert "implementation_phase/story[0]/frontend_implementation" in paths(feature)
    assert task_at(feature, "implementation_phase/story[1]").template_id == "user_story_breakdown_v1"
    sprint = shipped("sprint_planning_v1", stories=stories)
    assert "user_story[1]/breakdown/technical_design" in paths(sprint)
    assert task_at(sprint, "sprint_review").not_before == datetime(2025, 6, 30, tzinfo=UTC)


def test_maintenance_starts_in_its_window() -> None:
    """Maintenance waits for its window and for an approval; its operations are a chain."""
    plan = shipped("scheduled_maintenance_v1", operations=["Reindex", "Vacuum"])
    execution = task_at(plan, "maintenance_execution")
    operation = task_at(plan, "maintenance_execution/maintenance_operation[0]")
    assert execution.attributes["execution_window"] == "maintenance"
    assert operation.attributes["execution_window"] == "maintenance"
    assert execution.dependencies[0].dependency_type == "approval"
    assert needs(plan)["maintenance_execution/maintenance_operation[1]"] == [
        "maintenance_execution/maintenance_operation[0]"
    ]


def test_report_for_two_audiences() -> None:
    """A report is gathered per metric and sent per audience once it is approved."""
    plan = shipped("performance_report_v1", audiences=["management", "team"], metrics=["throughput"])
    assert needs(plan)["report_distribution[1]"] == ["report_review"]
    assert "data_collection/metric_collection[0]" in paths(plan)


def test_systems_are_connected_in_their_own_way() -> None:
    """Repositories and boards are mapped and synchronised; a channel gets a test message."""
    plan = shipped(
        "external_system_sync_v1",
        systems=[{"kind": "jira", "target": "PROJ"}, {"kind": "slack", "target": "#dev-team"}],
    )
    assert "system_integration[0]/initial_sync" in paths(plan)
    assert "system_integration[1]/initial_sync" not in paths(plan)
    assert needs(plan)["system_integration[1]/test_notification"] == [
        "system_integration[1]/event_subscription"
    ]
