"""The awaitable methods are those of the orchestrator, all of them, and say the same."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
from collections.abc import Awaitable, Callable
from typing import Any, Final

import pytest

import worklattice
from tests.unit.aio.looping import in_a_loop, log
from worklattice import Orchestrator, aio
from worklattice.aio import AsyncOrchestrator
from worklattice.aio.calling import lane_of
from worklattice.aio.lanes import Lane
from worklattice.aio.orchestrator import _lane_of
from worklattice.model.commands import CreateTask
from worklattice.model.reads import GetTask
from worklattice.testing import ManualClock, SequentialIds
from worklattice.tools.catalogue import PREFIX, TOOLS

ELSEWISE: Final = {
    "subscribe": "follow",  # a handler would be called in some thread; `async for` stays in the loop
    "carry_out": "run",  # for the toolbox, which stays in its thread
}
"""What has no twin of its name, and what is there instead."""


def _public(of: type) -> set[str]:
    return {name for name in dir(of) if not name.startswith("_")}


TWINS: Final = sorted(_public(Orchestrator) - set(ELSEWISE))


def test_no_method_lacks_its_twin() -> None:
    """A method that is added to the orchestrator is added to the awaitable one."""
    assert _public(AsyncOrchestrator) == {*TWINS, *ELSEWISE.values()}


@pytest.mark.parametrize("name", TWINS)
def test_a_twin_takes_the_same_and_says_the_same(name: str) -> None:
    """Parameters, defaults and what is answered are equal, and there is a docstring."""
    method, twin = getattr(Orchestrator, name), getattr(AsyncOrchestrator, name)
    assert inspect.signature(twin).parameters == inspect.signature(method).parameters
    if hasattr(twin, "__wrapped__"):
        assert inspect.signature(twin).return_annotation == inspect.signature(method).return_annotation
        assert twin.__name__ == name
    assert twin.__doc__


def test_opening_takes_the_same_and_a_number_of_threads() -> None:
    """What `worklattice.open` takes, `worklattice.aio.open` takes as well."""
    given = dict(inspect.signature(aio.open).parameters)
    del given["threads"]
    assert given == dict(inspect.signature(worklattice.open).parameters)


@pytest.mark.parametrize("name", TOOLS)
def test_lanes_follow_the_catalogue(name: str) -> None:
    """A call queues with the readers exactly if the tool says that it only reads, dispatched or called."""
    lane = Lane.READS if TOOLS[name].effects.reads_only else Lane.WRITES
    assert lane_of(getattr(Orchestrator, name.removeprefix(PREFIX))) is lane
    payload = {"tool": name, "arguments": {}}
    for given in (payload, json.dumps(payload), json.dumps(payload, indent=1).encode()):
        assert _lane_of(given) is lane


@pytest.mark.parametrize("payload", [None, [], {}, {"tool": []}, {"tool": "x"}, "{}", b"{\xff}", 3])
def test_a_payload_that_says_nothing_queues_with_the_writers(payload: object) -> None:
    """Whatever it is, it finds a lane."""
    assert _lane_of(payload) is Lane.WRITES


Step = Callable[[Any], Any]

STEPS: Final[list[Step]] = [
    lambda wl: wl.create_generic_task("t", task_id="a", attributes={"n": 1}),
    lambda wl: wl.batch_create([{"task_type": "t", "task_id": f"b{n}"} for n in range(3)]),
    lambda wl: wl.manage_dependencies("b0", ["a"]),
    lambda wl: wl.run(CreateTask(task_type="t", task_id="c", parent_task_id="a")),
    lambda wl: wl.run(GetTask(task_id="c")),
    lambda wl: wl.manage_lifecycle("b1", "active", dry_run=True),
    lambda wl: wl.execute([CreateTask(task_type="t"), GetTask(task_id="a")]),
    lambda wl: wl.dispatch({"tool": "orchestrator_add_comment", "arguments": {"task_id": "a", "text": "x"}}),
    lambda wl: wl.dispatch(b'{"tool": "orchestrator_nothing"}'),
    lambda wl: wl.query_tasks(filters={"task_type": "t"}, sort="-created_at"),
    lambda wl: wl.get_task_hierarchy("a", include_statistics=True),
    lambda wl: wl.get_history("a"),
    lambda wl: wl.workspaces(),
    lambda wl: wl.tools(),
    lambda wl: wl.check(),
    lambda wl: wl.dump(),
]


@in_a_loop
async def test_both_answer_the_same() -> None:
    """The same calls get equal answers, and leave equal dumps."""
    with worklattice.open("memory:", clock=ManualClock(), ids=SequentialIds()) as plain:
        async with aio.open("memory:", clock=ManualClock(), ids=SequentialIds()) as wl:
            for step in STEPS:
                told: Awaitable[Any] = step(wl)
                assert _without_stream(await told) == _without_stream(step(plain))
            assert [line async for line in wl.dump_lines()] == list(plain.dump_lines())
            assert [(e.position, e.event_type) for e in await log(wl)] == [
                (e.position, e.event_type) for e in plain.events()
            ]


def _without_stream(answer: object) -> str:
    """The answer as text, without the name of the log, which is another one in each store."""
    return "".join(part[36:] if index else part for index, part in enumerate(str(answer).split("event_id='")))


def test_who_has_no_loop_loads_none() -> None:
    """Importing the package and using it brings neither asyncio nor threads; naming aio does."""
    program = """
import sys
import worklattice
with worklattice.open("memory:") as wl:
    wl.create_generic_task("t")
    wl.dispatch({"tool": "orchestrator_query_tasks", "arguments": {}})
unwanted = {"asyncio", "concurrent.futures", "worklattice.aio"}
assert not unwanted & set(sys.modules), unwanted & set(sys.modules)
import worklattice.aio
assert unwanted < set(sys.modules)
"""
    subprocess.run([sys.executable, "-W", "error", "-c", program], check=True, timeout=60)
