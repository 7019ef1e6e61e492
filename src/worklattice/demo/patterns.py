"""The ten patterns of the playbook: what each is called, its payloads, and the tasks it is about."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any, Final, NamedTuple

from worklattice.types import JsonObject


class Pattern(NamedTuple):
    """A pattern. `roots` are filters that find the trees which belong to it; none where it makes none."""

    number: int
    title: str
    roots: tuple[dict[str, Any], ...]


PATTERNS: Final = (
    Pattern(1, "Agile sprint planning", ({"task_id": ["sprint_23_backend"]},)),
    Pattern(2, "Feature flag deployment", ({"task_id": ["feature_advanced_search_rollout"]},)),
    Pattern(3, "Deployment over several environments", ({"template_id": ["multi_env_deployment_v1"]},)),
    Pattern(4, "Incident response", ({"task_id": ["sec_incident_001"]},)),
    Pattern(5, "Testing strategy", ({"task_id": ["testing_payment_processing"]},)),
    Pattern(
        6,
        "Data pipeline with quality gates",
        ({"task_id": ["pipeline_customer_analytics"]}, {"run_of": ["pipeline_customer_analytics"]}),
    ),
    Pattern(7, "A template for one domain", ({"template_id": ["ecommerce_feature_v1"]},)),
    Pattern(8, "Reports", ()),
    Pattern(9, "Scheduled maintenance", ({"task_id": ["db_maintenance_q2_2025"]},)),
    Pattern(
        10,
        "Integration with other systems",
        (
            {"task_type": ["github_integration", "jira_integration"]},
            {"task_id": ["critical_bug_fix_123"]},
        ),
    ),
)

TITLES: Final = {pattern.number: pattern.title for pattern in PATTERNS}


@cache
def _lines() -> tuple[dict[str, Any], ...]:
    text = files("worklattice.demo").joinpath("playbook.jsonl").read_text(encoding="utf-8")
    return tuple(json.loads(line) for line in text.splitlines())


def payloads(pattern: int) -> tuple[JsonObject, ...]:
    """The payloads of a pattern, in order. They are not to be changed."""
    return tuple(line["payload"] for line in _lines() if line["pattern"] == pattern)
