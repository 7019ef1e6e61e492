"""What Python callers may give in place of commands' own values, and what is refused instead of misread."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from enum import IntEnum, StrEnum
from typing import Any

import pytest

from tests.unit.model.asking import make, task
from worklattice import Orchestrator, ValidationError
from worklattice.testing import ManualClock


class Stage(StrEnum):
    ACTIVE = "active"


class Version(IntEnum):
    FIRST = 1


class Nowhere(tzinfo):
    """A zone that does not know how far from UTC it is."""

    def utcoffset(self, _moment: datetime | None) -> None:
        return None

    def dst(self, _moment: datetime | None) -> None:
        return None

    def tzname(self, _moment: datetime | None) -> str:
        return "nowhere"


@pytest.mark.parametrize(
    ("method", "arguments", "field"),
    [
        ("create_generic_task", {"task_type": "t", "dependencies": "a"}, "dependencies"),
        ("create_generic_task", {"task_type": "t", "dependencies": {"id": "a"}}, "dependencies"),
        ("manage_dependencies", {"task_id": "a", "dependencies": None}, "dependencies"),
        ("manage_dependencies", {"task_id": "a", "dependency_ids": "b"}, "dependency_ids"),
        (
            "manage_lifecycle",
            {"task_id": "a", "lifecycle_stage": "active", "notify_channels": "#a"},
            "notify_channels",
        ),
        ("get_task", {"task_ids": "a"}, "task_ids"),
        ("bulk_update", {"updates": {}, "task_ids": "a"}, "task_ids"),
        ("batch_create", {"tasks": {"task_type": "t"}}, "tasks"),
        ("batch_create", {"tasks": None}, "tasks"),
        ("query_tasks", {"sort": 5}, "sort"),
        ("execute", {"commands_": 5}, "commands"),
    ],
)
def test_one_value_where_a_list_belongs(
    wl: Orchestrator, method: str, arguments: dict[str, Any], field: str
) -> None:
    """A text is not taken for a list of letters, nor an object for one of its keys."""
    make(wl, "a", "b")
    with pytest.raises(ValidationError, match="must be a list") as refused:
        getattr(wl, method)(**arguments)
    assert refused.value.field == f"arguments.{field}"


def test_ids_of_dependencies_in_a_batch(wl: Orchestrator) -> None:
    """An id alone is a completion, in a batch as elsewhere."""
    wl.batch_create(
        [{"task_type": "t", "task_id": "a"}, {"task_type": "t", "task_id": "b", "dependencies": ["a"]}]
    )
    assert [edge.dependency_task_id for edge in wl.get_dependencies("b").dependencies] == ["a"]


def test_times_of_python_in_objects(wl: Orchestrator, clock: ManualClock) -> None:
    """Where a JSON object stands for a value, its times may be datetimes and dates."""
    start = clock.now.astimezone(timezone(timedelta(hours=2)))
    wl.batch_create([{"task_type": "t", "task_id": "a", "not_before": start + timedelta(days=1)}])
    assert task(wl, "a").not_before == clock.now + timedelta(days=1)
    wl.bulk_update({"not_before": datetime(2030, 1, 1, tzinfo=UTC)}, task_ids=["a"])
    assert wl.query_tasks(filters={"created_after": start}).total_results == 0
    assert wl.query_tasks(date_range={"start": date(2025, 1, 1), "end": start}).total_results == 1
    with pytest.raises(ValidationError, match="time zone") as refused:
        wl.query_tasks(filters={"created_after": datetime(2025, 1, 1)})  # noqa: DTZ001 - without, on purpose
    assert refused.value.field == "arguments.filters.created_after"


def test_zone_without_an_offset(wl: Orchestrator) -> None:
    """Such a time says no more than one without a zone; it is not taken for the computer's own time."""
    with pytest.raises(ValidationError, match="time zone"):
        wl.create_generic_task("t", not_before=datetime(2030, 1, 1, tzinfo=Nowhere()))


def test_types_that_only_look_like_those_of_json(wl: Orchestrator) -> None:
    """The refusal names the type, for the value alone looks as it should."""
    make(wl, "a")
    with pytest.raises(ValidationError, match="Stage"):
        wl.manage_lifecycle("a", Stage.ACTIVE)
    with pytest.raises(ValidationError, match="Stage"):
        wl.get_task(Stage.ACTIVE)
    with pytest.raises(ValidationError, match="Version"):
        wl.update_task("a", attributes={}, expected_version=Version.FIRST)


def test_fault_deep_in_attributes(wl: Orchestrator) -> None:
    """The error names the place, not only the attributes."""
    attributes: Any = {"plan": [{"due date": date(2025, 1, 1)}]}
    with pytest.raises(ValidationError) as refused:
        wl.create_generic_task("t", attributes=attributes)
    assert refused.value.field == 'arguments.attributes.plan[0]["due date"]'
