"""Idempotency keys: the same call twice has one effect."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import worklattice
from tests.stores import url_of
from tests.unit.model.asking import kinds, make
from worklattice import ConflictError, NewTask, Orchestrator, TaskNotFoundError, TaskUpdates
from worklattice.model.commands import CreateTask
from worklattice.orchestrator import idempotency
from worklattice.testing import ManualClock, SequentialIds
from worklattice.types import LIMITS

CALLS: dict[str, Callable[[Orchestrator, str], Any]] = {
    "create": lambda wl, key: wl.create_generic_task("t", attributes={"x": 1.5}, idempotency_key=key),
    "batch": lambda wl, key: wl.batch_create(
        [NewTask(task_type="t"), NewTask(task_type="t")], idempotency_key=key
    ),
    "update": lambda wl, key: wl.update_task("a", attributes={"x": [None]}, idempotency_key=key),
    "bulk update": lambda wl, key: wl.bulk_update(
        TaskUpdates(join="any"), task_ids=["a", "b"], idempotency_key=key
    ),
    "stage": lambda wl, key: wl.manage_lifecycle(
        "a", "active", notify_channels=["mail"], result={"k": 1}, idempotency_key=key
    ),
    "dependencies": lambda wl, key: wl.manage_dependencies("a", ["b"], idempotency_key=key),
    "approval": lambda wl, key: wl.record_approval("a", "approved", idempotency_key=key),
    "artifact": lambda wl, key: wl.add_artifact("a", "x", uri="file:x", idempotency_key=key),
    "comment": lambda wl, key: wl.add_comment("a", "x", idempotency_key=key),
    "delete": lambda wl, key: wl.delete_task("a", idempotency_key=key),
    "undo": lambda wl, key: wl.undo(idempotency_key=key),
    "type": lambda wl, key: wl.register_task_type("story", idempotency_key=key),
    "calendar": lambda wl, key: wl.define_calendar("day", {"windows": "2025-06-15"}, idempotency_key=key),
    "several": lambda wl, key: wl.execute([CreateTask(task_type="t")], idempotency_key=key),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_same_call_gives_the_first_answer_again(
    wl: Orchestrator, clock: ManualClock, call: Callable[[Orchestrator, str], Any]
) -> None:
    """With the same key and arguments the first answer is given again, and nothing is written."""
    make(wl, "a", "b")
    first = call(wl, "k")
    before = kinds(wl), wl.dump()
    clock.advance("1 hour")
    assert call(wl, "k") == first
    assert (kinds(wl), wl.dump()) == before


def test_key_belongs_to_its_arguments(wl: Orchestrator) -> None:
    """Another payload under the same key is a conflict, and so is another tool."""
    wl.create_generic_task("t", task_id="a", idempotency_key="k")
    for call in (
        lambda: wl.create_generic_task("t", task_id="b", idempotency_key="k"),
        lambda: wl.delete_task("a", idempotency_key="k"),
        lambda: wl.create_generic_task("t", task_id="a", actor="ann", idempotency_key="k"),
    ):
        with pytest.raises(ConflictError, match="was used with other arguments") as caught:
            call()
        assert caught.value.field == "arguments.idempotency_key"


def test_arguments_are_compared_as_json(wl: Orchestrator) -> None:
    """The order of keys does not matter, nor that a default is spelled out."""
    first = wl.create_generic_task("t", attributes={"a": 1, "b": 2}, idempotency_key="k")
    again = wl.create_generic_task(
        "t", attributes={"b": 2, "a": 1}, validation_checks=True, idempotency_key="k"
    )
    assert again == first


def test_key_is_looked_up_before_any_other_check(wl: Orchestrator) -> None:
    """The repeated call is answered even where it would be refused by now."""
    make(wl, "a")
    first = wl.delete_task("a", expected_version=1, idempotency_key="k")
    assert wl.delete_task("a", expected_version=1, idempotency_key="k") == first


def test_refusal_does_not_use_the_key_up(wl: Orchestrator) -> None:
    """After a refusal the same key works, when the call does."""
    with pytest.raises(TaskNotFoundError):
        wl.delete_task("a", idempotency_key="k")
    make(wl, "a")
    assert wl.delete_task("a", idempotency_key="k").deleted_task_ids == ("a",)


def test_dry_run_does_not_use_the_key_up(wl: Orchestrator) -> None:
    """A dry run under a new key leaves it free; under a used one it gives the first answer."""
    wl.create_generic_task("t", idempotency_key="k", dry_run=True)
    first = wl.create_generic_task("t", idempotency_key="k")
    assert first.task_id == "task-1"
    assert wl.create_generic_task("t", idempotency_key="k", dry_run=True) == first
    assert kinds(wl) == [("task.created", "task-1"), ("task.ready", "task-1")]


def test_call_that_changes_nothing_uses_its_key(wl: Orchestrator) -> None:
    """The answer of a call without effect is kept too; the log does not grow, nor does time."""
    make(wl, "a")
    wl.update_task("a", attributes={}, idempotency_key="k")
    assert len(kinds(wl)) == 2
    with pytest.raises(ConflictError):
        wl.update_task("a", attributes={"x": 1}, idempotency_key="k")


def test_undone_transaction_frees_its_keys(wl: Orchestrator) -> None:
    """What did not happen was not used; inside the transaction the key holds."""
    with pytest.raises(RuntimeError), wl.transaction():  # noqa: PT012 - the whole block is undone
        first = wl.create_generic_task("t", idempotency_key="k")
        assert wl.create_generic_task("t", idempotency_key="k") == first
        raise RuntimeError
    assert wl.create_generic_task("x", idempotency_key="k").task_type == "x"


def test_keys_belong_to_their_workspace_and_last(tmp_path: Path) -> None:
    """Another workspace may use the same key; the file remembers it."""
    url = f"sqlite:///{tmp_path}/work.db"
    with worklattice.open(url, ids=SequentialIds()) as wl:
        first = wl.create_generic_task("t", idempotency_key="k")
    with worklattice.open(url, workspace="other", ids=SequentialIds("other-")) as wl:
        assert wl.create_generic_task("x", idempotency_key="k").task_id == "other-1"
    with worklattice.open(url) as wl:
        assert wl.create_generic_task("t", idempotency_key="k") == first


def test_first_answer_is_kept_as_it_was_given(wl: Orchestrator) -> None:
    """Who changes the objects in an answer changes neither the first answer nor what is answered again."""
    for _ in range(3):
        answer = wl.create_generic_task("t", task_id="a", attributes={"tags": ["x"]}, idempotency_key="k")
        assert answer.task.attributes == {"tags": ["x"]}
        tags = answer.task.attributes["tags"]
        assert isinstance(tags, list)
        tags.append("spoilt")


def test_keys_are_known_within_their_transaction(wl: Orchestrator) -> None:
    """The same call twice in one transaction is one call."""
    with wl.transaction():
        first = wl.create_generic_task("t", idempotency_key="k")
        assert wl.create_generic_task("t", idempotency_key="k") == first
    assert wl.query_tasks().total_results == 1


@pytest.mark.parametrize("store", ["memory", "sqlite", "postgresql"])
def test_keys_are_kept_for_their_time(store: str, tmp_path: Path) -> None:
    """Up to the documented age a key gives the first answer; a moment later it counts as unused."""
    clock, kept = ManualClock(), timedelta(days=LIMITS.idempotency_key_days)
    tick = timedelta(microseconds=1)
    with worklattice.open(url_of(store, tmp_path), clock=clock, ids=SequentialIds()) as wl:
        first = wl.create_generic_task("t", idempotency_key="k")
        for passes in (kept - tick, tick):
            clock.advance(passes)
            assert wl.create_generic_task("t", idempotency_key="k") == first
        clock.advance(tick)
        second = wl.create_generic_task("x", idempotency_key="k")
        assert second.task_id == "task-2"
        clock.advance(kept)
        assert wl.create_generic_task("x", idempotency_key="k") == second


@pytest.mark.parametrize("store", ["memory", "sqlite", "postgresql"])
def test_old_keys_go_little_by_little(store: str, tmp_path: Path) -> None:
    """Each write with a key takes some old ones along, the oldest first, and leaves the young ones."""
    clock, many = ManualClock(), 2 * idempotency.FORGOTTEN_AT_ONCE + 5
    with worklattice.open(url_of(store, tmp_path), clock=clock) as wl:
        for number in range(many):
            wl.create_generic_task("t", idempotency_key=f"old-{number:03}")
            clock.advance("1 second")
        clock.advance(timedelta(days=LIMITS.idempotency_key_days))
        left = [f"old-{number:03}" for number in range(many)]
        for number in range(4):
            wl.create_generic_task("t", idempotency_key=f"young-{number}")
            left = left[idempotency.FORGOTTEN_AT_ONCE :]
            with wl._store.read("default") as view:
                young = [f"young-{n}" for n in range(number + 1)]
                assert list(view.keys_used_before(2**60, 1_000)) == left + young
        with wl.transaction():
            for number in range(4):
                wl.create_generic_task("t", idempotency_key=f"young-{number}")
        assert wl.query_tasks().total_results == many + 4


def _create_at_once(url: str, start: Any, answers: Any) -> None:
    with worklattice.open(url) as wl:
        start.wait()
        answers.put(wl.create_generic_task("t", idempotency_key="k").task_id)


@pytest.mark.parametrize("store", ["sqlite", "postgresql"])
def test_two_processes_with_one_key(store: str, tmp_path: Path) -> None:
    """One carries the request out, the others get its answer."""
    url = url_of(store, tmp_path)
    worklattice.open(url).close()
    spawn = multiprocessing.get_context("spawn")
    start, answers = spawn.Barrier(3), spawn.Queue()
    processes = [spawn.Process(target=_create_at_once, args=(url, start, answers)) for _ in range(3)]
    for process in processes:
        process.start()
    given = {answers.get(timeout=60) for _ in processes}
    for process in processes:
        process.join()
    with worklattice.open(url) as wl:
        assert {task.task_id for task in wl.query_tasks().tasks} == given
        assert len(given) == 1
