"""Workspaces of one store: reached through one another, and knowing nothing of each other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import worklattice
from tests.stores import url_of
from worklattice import Orchestrator, StoreError, ValidationError
from worklattice.testing import ManualClock, SequentialIds
from worklattice.tools.catalogue import TOOLS
from worklattice.types import JsonObject

STORES = ["memory", "sqlite", "postgresql"]

CALLS: dict[str, list[dict[str, Any]]] = {
    "create_generic_task": [
        {"task_type": "x", "task_id": "theirs"},
        {"task_type": "x", "task_id": "n1", "parent_task_id": "theirs"},
        {"task_type": "x", "task_id": "n2", "dependencies": [{"dependency_task_id": "their-other"}]},
        {"task_type": "x", "task_id": "n3", "template_id": "their-template"},
        {"task_type": "their-type", "task_id": "n4", "idempotency_key": "their-key"},
    ],
    "create_from_template": [{"template_id": "their-template"}],
    "manage_dependencies": [
        {"task_id": "their-other", "dependencies": [{"dependency_task_id": "mine"}]},
        {"task_id": "mine", "dependencies": [{"dependency_task_id": "their-other"}]},
        {"task_id": "mine", "operation": "remove", "dependency_ids": ["their-other"]},
    ],
    "query_tasks": [
        {"filters": {"task_id": "their-other"}},
        {"filters": {"parent_task_id": "their-other"}},
        {"filters": {"task_type": "their-type"}},
        {"custom_filter": "task_id = 'their-other'"},
        {"include_metrics": True},
    ],
    "manage_lifecycle": [
        {"task_id": "their-other", "lifecycle_stage": "active"},
        {"task_id": "mine", "lifecycle_stage": "superseded", "superseded_by": "their-other"},
    ],
    "get_task": [{"task_id": "their-other"}, {"task_ids": ["their-other", "mine"]}],
    "update_task": [
        {"task_id": "their-other", "updates": {}},
        {"task_id": "mine", "updates": {"parent_task_id": "their-other"}},
    ],
    "delete_task": [{"task_id": "their-other"}],
    "get_task_hierarchy": [{"root_task_id": "their-other"}],
    "get_dependencies": [{"task_id": "their-other"}],
    "batch_create": [{"tasks": [{"task_type": "x", "task_id": "n5", "parent_task_id": "their-other"}]}],
    "bulk_update": [{"task_ids": ["their-other"], "updates": {}}],
    "create_template": [
        {"template_id": "their-template", "task_structure": {"root_task": {"task_type": "y"}}}
    ],
    "get_template": [{"template_id": "their-second"}],
    "list_templates": [{}],
    "delete_template": [{"template_id": "their-second"}],
    "get_ready_tasks": [{}],
    "claim_task": [
        {"worker": "w", "task_id": "their-other"},
        {"worker": "w", "filters": {"task_type": "y"}},
        {"worker": "w", "lease": "1 second"},
    ],
    "renew_claim": [{"task_id": "theirs", "token": 5}],
    "release_claim": [{"task_id": "theirs", "token": 5}],
    "record_approval": [{"task_id": "their-other", "decision": "approved"}],
    "add_artifact": [{"task_id": "their-other", "name": "x", "uri": "file:x"}],
    "record_metrics": [{"task_id": "their-other", "metrics": {"x": 1}}],
    "evaluate_gates": [{"task_id": "their-other"}],
    "waive_gate": [{"task_id": "their-other", "gate": "x > 1", "reason": "so"}],
    "tick": [{}, {"dry_run": True}],
    "next_tick_at": [{}],
    "pause_schedule": [{"task_id": "their-nightly"}],
    "resume_schedule": [{"task_id": "their-nightly"}],
    "preview_schedule": [{"task_id": "their-nightly"}, {"schedule": "daily_at_2am"}],
    "add_comment": [{"task_id": "their-other", "text": "hello"}],
    "explain_task": [{"task_id": "their-other"}, {"task_id": "mine"}],
    "get_history": [{"task_id": "their-other"}, {}],
    "list_dead_letters": [{}, {"consumer": "their-consumer"}],
    "redeliver": [{}, {"consumer": "their-consumer"}, {"dead_letter_ids": ["1.0"]}],
    "undo": [{"dry_run": True}, {"position": 1_000}],
    "register_task_type": [{"task_type": "their-type"}],
    "define_calendar": [{"name": "their-calendar", "calendar": {"windows": "2025-06-15"}}],
    "delete_calendar": [{"name": "their-hours"}],
    "list_calendars": [{}],
    "execute": [{"commands": [{"tool": "orchestrator_get_task", "arguments": {"task_id": "their-other"}}]}],
}
"""Calls of every tool that name what is in another workspace."""


def filled(url: str, clock: ManualClock) -> Orchestrator:
    """A workspace with a task of its own, on a store whose other workspaces may hold anything."""
    wl = worklattice.open(url, workspace="mine", clock=clock, ids=SequentialIds())
    wl.create_generic_task("x", task_id="mine")
    return wl


def crowd(theirs: Orchestrator) -> None:
    """Fill another workspace with everything that the calls name."""
    schema: JsonObject = {"type": "object", "required": ["never"]}
    theirs.register_task_type("their-type", attributes_schema=schema)
    theirs.create_generic_task("x", task_id="theirs", idempotency_key="their-key")
    theirs.create_generic_task("x", task_id="their-other", dependencies=["theirs"])
    theirs.claim_task("w", task_id="theirs")
    theirs.manage_lifecycle("their-other", "cancelled", notify_channels=["#theirs"])
    assert theirs.deliver({}, consumer="their-consumer").dead == theirs.deliver({}).dead == 1
    theirs.create_generic_task("x", task_id="their-nightly", attributes={"schedule": "every second"})
    for name in ("their-template", "their-second"):
        theirs.create_template(name, {"root_task": {"task_type": "x"}})
    for name in ("their-calendar", "their-hours"):
        theirs.define_calendar(name, {"working_hours": {"daily": ["9-17"]}})


def answers(wl: Orchestrator) -> Iterator[tuple[str, Any]]:
    """What each call is answered, without what names the log."""
    for tool, calls in CALLS.items():
        for arguments in calls:
            answer: Any = wl.dispatch({"tool": f"orchestrator_{tool}", "arguments": arguments})
            for event in answer.get("events", ()):
                event.pop("event_id")
            yield f"{tool} {arguments}", answer


@pytest.mark.parametrize("store", STORES)
def test_what_is_in_another_workspace_is_not_there(store: str, tmp_path: Path) -> None:
    """Every call that names it is answered as where it never was."""
    assert {f"orchestrator_{tool}" for tool in CALLS} == set(TOOLS)
    clock = ManualClock()
    with filled("memory:", clock) as alone, filled(url_of(store, tmp_path), clock) as beside:
        crowd(beside.workspace("theirs"))
        before = beside.workspace("theirs").dump()
        for (call, expected), (_, answer) in zip(answers(alone), answers(beside), strict=True):
            assert answer == expected, call
        assert beside.dump() == alone.dump()
        assert beside.workspace("theirs").dump() == before


@pytest.mark.parametrize("store", STORES)
def test_workspaces_of_one_store(store: str, tmp_path: Path) -> None:
    """They share the connection, are listed once they are written to, and go with all that is in them."""
    with worklattice.open(url_of(store, tmp_path), workspace="a") as a:
        b = a.workspace("b")
        assert a.workspaces() == []
        a.create_generic_task("x", task_id="t")
        b.create_generic_task("x", task_id="t")
        first = [event.event_id for event in b.events()]
        assert a.workspaces() == b.workspaces() == ["a", "b"]
        assert a.drop_workspace("b")
        assert not a.drop_workspace("b")
        assert (a.workspaces(), b.dump(), list(b.events())) == (["a"], worklattice.open("memory:").dump(), [])
        b.create_generic_task("x", task_id="t")
        assert not {event.event_id for event in b.events()} & set(first)
        assert a.get_task("t").task is not None
    with pytest.raises(StoreError, match="closed"):
        b.get_task("t")


def test_one_object_for_one_workspace() -> None:
    """Whoever subscribes hears of all that is committed through the store's other handles."""
    with worklattice.open("memory:", workspace="a") as a:
        assert a.workspace("b") is a.workspace("b").workspace("b")
        assert a.workspace("b").workspace("a") is a
        with pytest.raises(ValidationError, match="workspace"):
            a.workspace("no/name")
        with pytest.raises(ValidationError, match="workspace"):
            a.drop_workspace("")
