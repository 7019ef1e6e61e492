"""Resources: what claims hold beside the task."""

from __future__ import annotations

from pathlib import Path

import pytest

import worklattice
from tests.stores import url_of
from tests.unit.model.asking import make, ready, task
from worklattice import ClaimError, Orchestrator
from worklattice.model.resources import Need, faults_in_resources, needs_of
from worklattice.testing import ManualClock
from worklattice.types import JsonObject, JsonValue


def gpu(units: int, capacity: int = 4) -> JsonObject:
    """Attributes of a task that needs so many graphics cards of so many."""
    return {"resources": [{"name": "gpu", "units": units, "capacity": capacity}]}


def claimed(wl: Orchestrator, count: int = 10) -> list[str]:
    """The tasks that are handed out now."""
    return [found.task.task_id for found in wl.claim_task("ann", count=count).claims]


def token(wl: Orchestrator, task_id: str) -> int:
    """The token of the claim on a task."""
    held = task(wl, task_id).claim
    assert held is not None
    return held.token


def test_task_whose_resource_is_busy_is_passed_over(wl: Orchestrator) -> None:
    """The next best one that can be worked on is handed out in its place; it stays ready."""
    make(wl, "a", "b", attributes={"resources": "lathe"})
    make(wl, "c")
    assert claimed(wl) == ["a", "c"]
    assert ready(wl) == ["b"]
    with pytest.raises(ClaimError, match="lathe") as refused:
        wl.claim_task("ben", task_id="b")
    assert refused.value.details["held_by"] == ["a"]
    wl.release_claim("a", token(wl, "a"))
    wl.manage_lifecycle("a", "cancelled")
    assert claimed(wl) == ["b"]


@pytest.mark.parametrize("ending", ["completed", "failed", "cancelled"])
def test_resource_is_free_when_the_task_ends(wl: Orchestrator, ending: str) -> None:
    """However it ends."""
    make(wl, "a", "b", attributes={"resources": ["lathe"]})
    assert claimed(wl) == ["a"]
    wl.manage_lifecycle("a", "active", claim_token=token(wl, "a"))
    assert claimed(wl) == []
    wl.manage_lifecycle("a", ending, claim_token=token(wl, "a"))
    assert claimed(wl) == ["b"]


def test_units_are_added_up(wl: Orchestrator) -> None:
    """As many tasks are handed out as there are units for, smaller ones past a larger one."""
    for name, units in (("a", 3), ("b", 2), ("c", 1), ("d", 1)):
        make(wl, name, attributes=gpu(units))
    assert claimed(wl) == ["a", "c"]
    wl.release_claim("c", token(wl, "c"))
    wl.release_claim("a", token(wl, "a"))
    wl.delete_task("a")
    assert claimed(wl) == ["b", "c", "d"]


def test_least_capacity_counts(wl: Orchestrator) -> None:
    """Whoever needs a thing alone meets nobody there and is met by nobody."""
    make(wl, "a-shared", attributes=gpu(1))
    make(wl, "b-alone", attributes={"resources": ["gpu"]})
    make(wl, "c-other", attributes=gpu(1))
    assert claimed(wl) == ["a-shared", "c-other"]
    for name in ("a-shared", "c-other"):
        wl.release_claim(name, token(wl, name))
    wl.claim_task("ann", task_id="b-alone")
    assert claimed(wl) == []


def test_all_or_none_of_several(wl: Orchestrator) -> None:
    """A task that needs two things holds neither while one of them is busy."""
    make(wl, "a", attributes={"resources": ["lathe"]})
    make(wl, "b", attributes={"resources": ["drill", "lathe"]})
    make(wl, "c", attributes={"resources": ["drill"]})
    assert claimed(wl) == ["a", "c"]


def test_busy_tasks_by_the_hundred_hide_no_free_one(wl: Orchestrator) -> None:
    """However many come before it."""
    wl.batch_create(
        [{"task_type": "t", "task_id": f"b{n:03}", "attributes": {"resources": "lathe"}} for n in range(250)]
    )
    make(wl, "free")
    assert claimed(wl, count=2) == ["b000", "free"]


@pytest.mark.parametrize("store", ["memory", "sqlite", "postgresql"])
def test_only_what_needs_the_busy_thing_is_passed_over(store: str, tmp_path: Path) -> None:
    """Not what needs one whose name is like it, or fewer units of it, on any store."""
    needs: dict[str, JsonValue] = {
        "a": "50%_\\",
        "b": "50%_\\",
        "c-like-it": "50x_\\",
        "d-a-part": "50%_",
        "e-more": "50%_\\ 1/1",
        "f": {"name": "gpu", "units": 3, "capacity": 4},
        "g-too-large": {"name": "gpu", "units": 2, "capacity": 4},
        "h-small": {"name": "gpu", "units": 1, "capacity": 4},
        "i-nothing": None,
    }
    with worklattice.open(url_of(store, tmp_path), clock=ManualClock()) as wl:
        for name, resources in needs.items():
            make(wl, name, attributes={} if resources is None else {"resources": resources})
        assert claimed(wl) == ["a", "c-like-it", "d-a-part", "e-more", "f", "h-small", "i-nothing"]
        assert wl.check() == []


def test_claim_holds_what_the_task_needed_when_it_was_claimed(wl: Orchestrator) -> None:
    """Attributes that change meanwhile change nothing of what is held."""
    make(wl, "a", "b", attributes={"resources": "lathe"})
    assert claimed(wl) == ["a"]
    wl.update_task("a", attributes={"resources": None})
    assert claimed(wl) == []
    assert wl.check() == []


@pytest.mark.parametrize(
    ("value", "needs"),
    [
        ("lathe", {"lathe": Need(1, 1)}),
        (["a", "b"], {"a": Need(1, 1), "b": Need(1, 1)}),
        ({"name": "gpu", "units": 2, "capacity": 4.0}, {"gpu": Need(2, 4)}),
        ([{"name": "gpu"}], {"gpu": Need(1, 1)}),
        ([], {}),
    ],
)
def test_ways_to_say_it(value: JsonValue, needs: dict[str, Need]) -> None:
    """One alone or a list, by name or with units."""
    assert needs_of({"resources": value}) == needs
    assert list(faults_in_resources({"resources": value})) == []


@pytest.mark.parametrize(
    "value",
    [
        None,
        7,
        True,
        "",
        "a\nb",
        "x" * 201,
        ["a", "a"],
        [["a"]],
        {"cpu": 2},
        {"name": 1},
        {"name": "gpu", "units": 0},
        {"name": "gpu", "units": True},
        {"name": "gpu", "units": 1.5},
        {"name": "gpu", "units": 3, "capacity": 2},
        {"name": "gpu", "capacity": 1e300},
        {"name": "gpu", "capacity": 2**62},
        {"name": "gpu", "unit": 1},
    ],
)
def test_what_cannot_be_read_is_only_an_attribute(wl: Orchestrator, value: JsonValue) -> None:
    """It is kept and holds nothing, and whoever wrote it is told."""
    said = wl.create_generic_task("task", task_id="a", attributes={"resources": value})
    assert len(said.warnings) == 1
    assert "resources" in said.warnings[0]
    assert said.task.attributes == {"resources": value}
    assert len(wl.update_task("a", attributes={"x": 1}).warnings) == 1
    assert len(wl.bulk_update(task_ids=["a"], updates={"attributes": {"y": 1}}).warnings) == 1
    batch = wl.batch_create([{"task_type": "task", "task_id": "b", "attributes": {"resources": value}}])
    assert len(batch.warnings) == 1
    assert claimed(wl) == ["a", "b"]


def test_attributes_without_resources_need_nothing(wl: Orchestrator) -> None:
    """And nobody is warned."""
    assert needs_of({}) == {}
    assert list(faults_in_resources({})) == []
    assert wl.create_generic_task("task", attributes={"title": "x"}).warnings == ()
