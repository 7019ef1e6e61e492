"""Odd values in the place of every argument of every tool, and of everything inside of arguments."""

from __future__ import annotations

import json
from collections import OrderedDict, UserDict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest

import worklattice
from worklattice.errors import LimitExceededError
from worklattice.model.commands import Write
from worklattice.model.task import Claim
from worklattice.testing import ManualClock, SequentialIds
from worklattice.tools.catalogue import TOOLS
from worklattice.types import LIMITS

Json = Any
Path = tuple[str | int, ...]

SENSIBLE: dict[str, dict[str, Json]] = {
    "create_generic_task": {
        "task_type": "t",
        "attributes": {"a": 1},
        "parent_task_id": "p",
        "task_id": "new",
        "dependencies": [{"dependency_task_id": "a", "lag": "1 h"}],
        "lifecycle_stage": "ready",
        "join": "all",
        "not_before": "2025-01-01T00:00:00Z",
    },
    "batch_create": {
        "tasks": [{"task_type": "t", "task_id": "n1", "dependencies": [{"dependency_task_id": "a"}]}]
    },
    "create_from_template": {
        "template_id": "user_story_breakdown_v1",
        "parameters": {"story_title": "x"},
        "parent_task_id": "p",
        "task_id": "q",
        "template_version": 1,
    },
    "manage_dependencies": {
        "task_id": "b",
        "operation": "add",
        "dependencies": [
            {
                "dependency_task_id": "a",
                "dependency_type": "completion",
                "mandatory": True,
                "outcome": "any",
                "conditions": {"a": 1},
                "lag": "1 h",
                "description": "x",
            }
        ],
        "reason": "x",
    },
    "query_tasks": {
        "filters": {
            "status": "pending",
            "attributes": {"a": {"gt": 1}},
            "task_id": ["a"],
            "text": "x",
            "created_after": "2025-01-01",
        },
        "custom_filter": "a=1",
        "date_range": {"start": "2025-01-01", "end": "2025-01-02", "field": "created_at"},
        "sort": {"field": "created_at", "direction": "asc"},
        "limit": 1,
        "offset": 0,
        "include_metrics": True,
        "fields": ["task_id"],
    },
    "manage_lifecycle": {
        "task_id": "a",
        "lifecycle_stage": "active",
        "validation_checks": True,
        "notes": "x",
        "notify_channels": ["x"],
        "result": {"a": 1},
    },
    "get_task": {"task_id": "a"},
    "update_task": {
        "task_id": "a",
        "updates": {"attributes": {"x": 1}, "parent_task_id": None, "task_type": "z", "join": 2},
    },
    "delete_task": {"task_id": "a", "cascade": True, "detach": True},
    "get_task_hierarchy": {"root_task_id": "p", "max_depth": 3},
    "get_dependencies": {"task_id": "b", "include_transitive": True, "direction": "both"},
    "bulk_update": {"task_ids": ["a"], "updates": {"attributes": {"x": 1}}},
    "create_template": {
        "template_id": "tt",
        "name": "x",
        "description": "d",
        "category": "c",
        "parameters_schema": {
            "properties": {
                "p": {"type": "array", "items": {"enum": [1, "x"]}},
                "q": {"type": "string", "pattern": "^a", "default": "abc", "minLength": 1},
            },
            "required": ["p"],
            "additionalProperties": False,
        },
        "task_structure": {
            "root_task": {
                "task_type": "r",
                "attributes": {"x": "{q}", "{q}": "{{"},
                "children": [
                    {
                        "task_type": "c",
                        "key": "k",
                        "dependencies": [],
                        "for_each": "p",
                        "as": "item",
                        "sequential": True,
                        "when": "item = 1",
                        "join": 1,
                        "not_before": "2025-01-01T00:00:00Z",
                    },
                    {"include": "user_story_breakdown_v1", "with": {"story_title": "x"}},
                    {
                        "task_type": "last",
                        "dependencies": [
                            "k",
                            {"key": "k", "dependency_type": "start_to_start", "lag": "1 h"},
                        ],
                    },
                ],
            }
        },
    },
    "register_task_type": {
        "task_type": "z",
        "lifecycle": {
            "stages": {
                "open": {"status": "pending", "roles": ["startable"]},
                "done": {"status": "completed", "roles": ["succeeded"]},
            },
            "transitions": {"open": ["done"]},
        },
        "attributes_schema": {"properties": {"a": {"type": "integer"}}},
    },
    "define_calendar": {
        "name": "office",
        "calendar": {
            "time_zone": "Europe/Berlin",
            "working_hours": {"mon-fri": ["09:00-12:00", "13:00-17:30"]},
            "holidays": ["2025-12-25", {"start": "2025-12-29", "end": "2025-12-31"}],
            "extra_working_days": ["2025-12-20", {"date": "2025-12-21", "hours": ["10-14"]}],
            "windows": [
                "2025-06-15T02:00:00Z",
                {"start": "2025-06-29T02:00:00", "duration": "4 hours"},
                {"schedule": "weekly on sunday at 02:00", "duration": "4 hours", "time_zone": "UTC"},
            ],
        },
    },
    "delete_calendar": {"name": "night"},
    "list_calendars": {},
    "get_ready_tasks": {"filters": {"task_type": "t"}, "sort": {"field": "priority"}, "limit": 1},
    "explain_task": {"task_id": "a"},
    "get_history": {"task_id": "a", "after": 0, "limit": 1},
    "list_dead_letters": {"consumer": "default", "after": "1.0", "limit": 1},
    "redeliver": {"consumer": "default", "dead_letter_ids": ["19.0"]},
    "claim_task": {
        "worker": "w",
        "filters": {"task_type": "t", "claimed_by": None},
        "sort": {"field": "priority"},
        "count": 1,
        "lease": "5 minutes",
        "leaves_only": True,
    },
    "renew_claim": {"task_id": "c", "token": 10, "lease": "1 hour"},
    "release_claim": {"task_id": "c", "token": 10},
    "record_approval": {"task_id": "a", "decision": "approved"},
    "add_artifact": {"task_id": "a", "name": "x", "uri": "file:x"},
    "record_metrics": {
        "task_id": "a",
        "metrics": {"m": 1, "p95": "250ms", "check": "passed"},
        "source": "x",
        "observed_at": "2025-01-01T00:00:00Z",
    },
    "evaluate_gates": {"task_id": "g"},
    "waive_gate": {
        "task_id": "g",
        "gate": "m > 2",
        "reason": "x",
        "expires_at": "2026-01-01T00:00:00Z",
        "withdraw": False,
    },
    "tick": {"limit": 1},
    "next_tick_at": {},
    "pause_schedule": {"task_id": "s"},
    "resume_schedule": {"task_id": "s"},
    "preview_schedule": {
        "schedule": {"every": "day", "at": "2", "time_zone": "UTC", "missed": "skip", "grace": "PT1H"},
        "count": 1,
        "after": "2025-01-01T00:00:00Z",
    },
    "add_comment": {"task_id": "a", "text": "x"},
    "get_template": {"template_id": "user_story_breakdown_v1", "version": 1},
    "list_templates": {"category": "x"},
    "delete_template": {"template_id": "tt"},
    "undo": {"position": 11, "reason": "x"},
    "execute": {"commands": [{"tool": "orchestrator_get_task", "arguments": {"task_id": "a"}}]},
}
"""For each tool a call that succeeds, with as many of its arguments as go together."""

ODD: list[Json] = [
    *(None, True, False, 0, -1, 1, 1.0, 1.5, 2**63, -(2**63) - 1, 10**400, float("nan"), float("-inf")),
    *("", " ", "x", "a/b", "x" * 300, "x" * (LIMITS.string_characters + 1), "__class__", "{x}", "`", "NULL"),
    *("\ud800", "\x00", "\n", "\x1b[31m", "\u202e", "e\u0301", "2025-06-16", "5 minutes", "a b", "task_id"),
    *([], [[]], [None], ["a", "a"], [{}], [1] * 20_000, {}, {"": 1}, {"a": {"b": 1}}, {"tool": "x"}, {1: 2}),
    *({"\x00": 1}, (), (1,), b"x", object(), ...),
]
TOO_MANY = "one more key"


@pytest.fixture(scope="module")
def wl() -> Iterator[worklattice.Orchestrator]:
    with worklattice.open("memory:", clock=ManualClock(), ids=SequentialIds()) as opened:
        for task_id in ("a", "p"):
            opened.create_generic_task("t", task_id=task_id)
        opened.create_generic_task("t", task_id="b", dependencies=["a"])
        opened.create_generic_task("t", task_id="c")
        assert opened.claim_task("w", task_id="c", lease="1 hour").claim == Claim(
            token=10, worker="w", expires_at=datetime(2025, 1, 1, 1, tzinfo=UTC)
        )
        opened.create_template("tt", {"root_task": {"task_type": "r"}})
        opened.define_calendar("night", {"windows": "2025-06-15"})
        opened.create_generic_task("t", task_id="s", attributes={"schedule": "daily"})
        opened.create_generic_task("t", task_id="g", attributes={"success_metrics": "m > 2"})
        opened.create_generic_task("t", task_id="told", lifecycle_stage="draft")
        opened.manage_lifecycle("told", "active", notify_channels=["#x"])
        assert opened.deliver({}).dead == 1
        assert opened.list_dead_letters().dead_letters[0].dead_letter_id == "19.0"
        yield opened


def test_every_tool_is_tried() -> None:
    """A new tool needs a sensible call here."""
    assert {f"orchestrator_{name}" for name in SENSIBLE} == set(TOOLS)


@pytest.mark.parametrize("name", SENSIBLE)
def test_a_sensible_call(wl: worklattice.Orchestrator, name: str) -> None:
    """What the others spoil is a call that is accepted."""
    assert tried(wl, name, SENSIBLE[name])["status"] == "success"


@pytest.mark.parametrize("name", SENSIBLE)
def test_an_odd_value_anywhere(wl: worklattice.Orchestrator, name: str) -> None:
    """It is answered; a refusal has a field and says what to do, in printable words, and leaves no trace."""
    before, last = wl.dump(), len(list(wl.events()))
    for path in places(SENSIBLE[name]):
        for value in (*ODD, TOO_MANY):
            answer = tried(wl, name, spoilt(SENSIBLE[name], path, value))
            assert json.loads(json.dumps(answer, ensure_ascii=False, allow_nan=False).encode()) == answer
            if answer["status"] == "error":
                told = (path, repr(value)[:60], answer)
                assert answer["field"], told
                assert answer["suggestion"], told
                assert answer["field"].isprintable(), told
                assert answer["message"].replace("\n", "").isprintable(), told
                assert len(answer["message"]) <= LIMITS.message_characters, told
    assert (wl.dump(), len(list(wl.events()))) == (before, last)


def tried(wl: worklattice.Orchestrator, name: str, arguments: Json) -> Json:
    """The answer to a call that writes nothing."""
    if isinstance(arguments, dict) and issubclass(TOOLS[f"orchestrator_{name}"].command, Write):
        arguments = {**arguments, "dry_run": True}
    return wl.dispatch({"tool": f"orchestrator_{name}", "arguments": arguments})


def places(value: Json, path: Path = ()) -> Iterator[Path]:
    """The ways to a value and to everything inside of it."""
    yield path
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, item in inside:
        yield from places(item, (*path, step))


def spoilt(value: Json, path: Path, odd: Json) -> Json:
    """A copy of the value with something odd at the end of the path."""
    if path:
        step, *rest = path
        copy = value.copy()
        copy[step] = spoilt(value[step], tuple(rest), odd)
        return copy
    return {**value, "one\nmore": 1} if odd is TOO_MANY and isinstance(value, dict) else odd


# --- what only Python has -----------------------------------------------------------------------------------


class Text(str):
    """A text that may be more than that."""

    __slots__ = ()


class Point(NamedTuple):
    """A tuple with names."""

    x: int
    y: int


NO_JSON: list[Json] = [
    MappingProxyType({"a": 1}),
    UserDict(a=1),
    Text("x"),
    {Text("k"): 1},
    range(2),
    {1},
    Decimal(1),
    datetime(2025, 1, 1, tzinfo=UTC),
    iter(()),
    LimitExceededError,
]
LIKE_JSON: list[tuple[Json, Json]] = [
    ((1, (2,)), [1, [2]]),
    (OrderedDict(a=(1,)), {"a": [1]}),
    (Point(1, 2), [1, 2]),
]

PLACES: list[tuple[str, Callable[[Json], Json]]] = [
    ("create_generic_task", lambda value: {"task_type": "t", "attributes": {"a": value}}),
    ("create_generic_task", lambda value: {"task_type": "typed", "attributes": {"a": value}}),
    ("update_task", lambda value: {"task_id": "o", "updates": {"attributes": {"a": value}}}),
    ("manage_lifecycle", lambda value: {"task_id": "o", "lifecycle_stage": "active", "result": [value]}),
    ("create_from_template", lambda value: {"template_id": "tt", "parameters": {"p": value}}),
    ("create_from_template", lambda value: {"template_id": "tt", "parameters": {"q": value}}),
    (
        "create_template",
        lambda value: {
            "template_id": "new",
            "task_structure": {"root_task": {"task_type": "r", "attributes": {"a": value}}},
        },
    ),
    (
        "register_task_type",
        lambda value: {"task_type": "new", "attributes_schema": {"properties": {"a": {"default": value}}}},
    ),
]


@pytest.fixture(params=["memory:", "sqlite:///{}/work.db"], ids=["memory", "sqlite"])
def typed(request: pytest.FixtureRequest, tmp_path: Any) -> Iterator[worklattice.Orchestrator]:
    """A workspace where values are judged by schemas."""
    with worklattice.open(request.param.format(tmp_path), clock=ManualClock()) as opened:
        kinds: Json = {"type": ["array", "object"]}
        opened.register_task_type("typed", attributes_schema={"properties": {"a": kinds}})
        root: Json = {"root_task": {"task_type": "r", "attributes": {"x": "{p}", "y": "{q}"}}}
        opened.create_template("tt", root, parameters_schema={"properties": {"p": {}, "q": kinds}})
        opened.create_generic_task("t", task_id="o")
        yield opened


@pytest.mark.parametrize("value", NO_JSON, ids=lambda value: type(value).__name__)
def test_a_value_that_json_does_not_have(typed: worklattice.Orchestrator, value: Json) -> None:
    """It is refused wherever a JSON value may stand."""
    before = typed.dump()
    for name, arguments in PLACES:
        answer: Json = typed.dispatch({"tool": f"orchestrator_{name}", "arguments": arguments(value)})
        assert answer["status"] == "error", name
        assert answer["field"].startswith("arguments.")
        json.dumps(answer)
    assert typed.dump() == before


@pytest.mark.parametrize("value", NO_JSON, ids=lambda value: type(value).__name__)
def test_a_payload_that_json_does_not_have(typed: worklattice.Orchestrator, value: Json) -> None:
    """As a whole, as a tool, as arguments, as a command: it is refused."""
    for payload in (
        value,
        {"tool": value},
        {"tool": "orchestrator_get_task", "arguments": value},
        {"tool": "orchestrator_get_task", "arguments": {"task_id": "o", "task_ids": value}},
        {"tool": "orchestrator_execute", "arguments": {"commands": value}},
        {"tool": "orchestrator_execute", "arguments": {"commands": [value]}},
    ):
        answer: Json = typed.dispatch(payload)
        assert answer["status"] == "error"
        assert answer["field"]
        json.dumps(answer)


@pytest.mark.parametrize(("value", "plain"), LIKE_JSON, ids=lambda value: type(value).__name__)
def test_a_value_that_is_like_json(typed: worklattice.Orchestrator, value: Json, plain: Json) -> None:
    """A tuple is an array and every dict an object; what is answered and kept is plain."""
    for name, arguments in PLACES:
        answer: Json = typed.dispatch({"tool": f"orchestrator_{name}", "arguments": arguments(value)})
        assert answer["status"] == "success", answer
        assert json.loads(json.dumps(answer)) == answer
    answer = typed.dispatch({"tool": "orchestrator_get_task", "arguments": {"task_id": "o"}})
    assert (answer["task"]["attributes"], answer["task"]["result"]) == ({"a": plain}, [plain])
    assert typed.check() == []
