"""Several commands together: all of them, or none."""

from __future__ import annotations

from pathlib import Path
from threading import Thread

import pytest

import worklattice
from tests.stores import url_of
from tests.unit.model.asking import kinds, make, need, ready, status, task, versions
from worklattice import (
    DuplicateTaskError,
    Orchestrator,
    PrerequisitesNotMetError,
    StoreError,
    TaskNotFoundError,
)
from worklattice.testing import ManualClock


def test_commands_of_a_transaction_are_committed_together(wl: Orchestrator) -> None:
    """They stand in the log one after the other, at one time."""
    with wl.transaction():
        make(wl, "a")
        make(wl, "b", dependencies=["a"])
    events = list(wl.events())
    assert [event.event_type for event in events] == [
        "task.created",
        "task.ready",
        "task.created",
        "dependency.added",
        "task.blocked",
    ]
    assert len({event.at for event in events}) == 1


def test_reads_inside_see_what_was_done(wl: Orchestrator) -> None:
    """Queries, ready tasks, hierarchy and history show the state so far."""
    make(wl, "old", attributes={"n": 1})
    with wl.transaction():
        make(wl, "a", parent_task_id="old", attributes={"n": 2})
        make(wl, "b", parent_task_id="old", dependencies=["a"])
        wl.update_task("old", attributes={"n": 3})
        found = wl.query_tasks(custom_filter="attributes.n > 1", sort="-attributes.n").tasks
        assert [task.task_id for task in found] == ["old", "a"]
        assert wl.query_tasks(filters={"status": "blocked"}).total_results == 1
        assert ready(wl) == ["a", "old"]
        root = wl.get_task_hierarchy("old").root_task
        assert [child.task_id for child in root.children] == ["a", "b"]
        assert [event.event_type for event in wl.get_history("a").events] == ["task.created", "task.ready"]
        wl.delete_task("b")
        assert wl.get_task(task_ids=["a", "b"]).missing == ("b",)


def test_ids_that_are_offered_are_there(wl: Orchestrator) -> None:
    """A task that the transaction deleted is not offered in place of one that is not there; new ones are."""
    make(wl, "task_old", "task_gone")
    with wl.transaction():
        wl.delete_task("task_gone")
        make(wl, "task_new")
        with pytest.raises(TaskNotFoundError) as caught:
            wl.get_task("task_new2")
    assert caught.value.candidates == ("task_new", "task_old")


def test_exception_undoes_them_all(wl: Orchestrator) -> None:
    """Whatever leaves the block, nothing of it stays, and the next transaction goes well."""
    make(wl, "old")
    before = wl.dump()
    with pytest.raises(RuntimeError, match="my mind"), wl.transaction():  # noqa: PT012 - the whole block is undone
        make(wl, "new")
        wl.delete_task("old")
        raise RuntimeError("changed my mind")
    assert wl.dump() == before
    make(wl, "new")


def test_refused_command_leaves_the_others_standing(wl: Orchestrator) -> None:
    """A refusal that is caught inside leaves no trace, not even of what the command began with."""
    with wl.transaction():
        make(wl, "a")
        with pytest.raises(DuplicateTaskError):
            wl.batch_create([{"task_type": "t", "task_id": "b"}, {"task_type": "t", "task_id": "a"}])
        make(wl, "c")
    assert [task.task_id for task in wl.query_tasks().tasks] == ["a", "c"]


def test_refusal_that_is_not_caught_undoes_them_all(wl: Orchestrator) -> None:
    """An error that leaves the block is an exception like any other."""
    with pytest.raises(TaskNotFoundError), wl.transaction():  # noqa: PT012 - the whole block is undone
        make(wl, "a")
        wl.manage_lifecycle("nobody", "active")
    assert kinds(wl) == []


def test_transaction_inside_another_is_part_of_it(wl: Orchestrator) -> None:
    """The inner block commits nothing by itself, and the outer one undoes it too."""
    with pytest.raises(RuntimeError), wl.transaction():  # noqa: PT012 - the whole block is undone
        with wl.transaction():
            make(wl, "inner")
        make(wl, "outer")
        raise RuntimeError
    assert kinds(wl) == []


def test_each_command_adds_a_version(wl: Orchestrator) -> None:
    """Two commands on a task in one transaction are two versions."""
    make(wl, "t")
    with wl.transaction():
        wl.update_task("t", attributes={"x": 1}, expected_version=1)
        wl.update_task("t", attributes={"x": 2}, expected_version=2)
    assert versions(wl, "t") == [3]


def test_transaction_without_a_change_leaves_nothing(wl: Orchestrator, clock: ManualClock) -> None:
    """Reading only, or changing nothing, makes no event, even where time has passed."""
    make(wl, "t", not_before=clock.now.replace(hour=1))
    before = kinds(wl)
    clock.advance("2 hours")
    with wl.transaction():
        assert ready(wl) == ["t"]
        wl.update_task("t", attributes={})
    assert kinds(wl) == before


def test_time_stands_still_inside(wl: Orchestrator, clock: ManualClock) -> None:
    """All commands happen at the time at which the transaction began."""
    with wl.transaction():
        make(wl, "a")
        clock.advance("1 hour")
        make(wl, "b")
    assert len({event.at for event in wl.events()}) == 1


def test_removed_edge_stays_removed(wl: Orchestrator) -> None:
    """What one command takes away, the next does not see, and the commit does not bring back."""
    make(wl, "a", "t")
    need(wl, "t", "a")
    with wl.transaction():
        wl.manage_dependencies("t", operation="remove", dependency_ids=["a"])
        assert wl.get_dependencies("t").dependencies == ()
        assert wl.delete_task("a").dependencies_removed == 0
    assert status(wl, "t") == ["pending"]


def test_dry_run_inside_sees_and_leaves_the_others(wl: Orchestrator) -> None:
    """It answers on the state so far, and adds nothing to it."""
    with wl.transaction():
        make(wl, "a")
        answer = wl.create_generic_task("t", dependencies=["a"], dry_run=True)
        assert answer.task.status == "blocked"
    assert [task.task_id for task in wl.query_tasks().tasks] == ["a"]


def test_other_threads_see_the_state_before(wl: Orchestrator) -> None:
    """Until the block ends, a reader in another thread is shown what was committed."""
    found: list[int] = []
    with wl.transaction():
        make(wl, "a")
        reader = Thread(target=lambda: found.append(wl.query_tasks().total_results))
        reader.start()
        reader.join()
    assert found == [0]


def test_other_threads_are_not_drawn_in(wl: Orchestrator) -> None:
    """A write in another thread is no part of the transaction: it waits, here until its patience ends."""
    import worklattice  # noqa: PLC0415 - a store of little patience, for this test

    with worklattice.open("memory:?timeout=0") as impatient:
        errors: list[StoreError] = []

        def write() -> None:
            try:
                make(impatient, "other")
            except StoreError as error:
                errors.append(error)

        with impatient.transaction():
            make(impatient, "a")
            writer = Thread(target=write)
            writer.start()
            writer.join()
        assert [error.kind for error in errors] == ["busy"]
        assert [task.task_id for task in impatient.query_tasks().tasks] == ["a"]


def test_exception_of_an_inner_transaction_undoes_only_that(wl: Orchestrator) -> None:
    """Whoever catches it between the two goes on with what the outer one did, before and afterwards."""
    with wl.transaction():
        make(wl, "before")
        with pytest.raises(RuntimeError), wl.transaction():  # noqa: PT012 - the whole block is undone
            make(wl, "half", dependencies=["before"])
            wl.update_task("before", attributes={"n": 1})
            raise RuntimeError
        with wl.transaction():
            make(wl, "kept", parent_task_id="before")
        make(wl, "after", dependencies=["kept"])
    assert wl.get_task(task_ids=["before", "half", "kept", "after"]).missing == ("half",)
    assert task(wl, "before").attributes == {}


@pytest.mark.parametrize("before", [False, True])
def test_generated_ids_are_new_within_a_transaction_too(wl: Orchestrator, *, before: bool) -> None:
    """An id that was generated already, by hand or by chance, is passed over, also once its task is gone."""
    if before:
        make(wl, "task-1")
        wl.delete_task("task-1")
    with wl.transaction():
        if not before:
            make(wl, "task-1")
            wl.delete_task("task-1")
        with wl.transaction():
            assert wl.create_generic_task("t").task_id == "task-2"


@pytest.mark.parametrize("store", ["memory", "sqlite"])
def test_tree_that_went_and_came_back_in_a_nested_transaction(store: str, tmp_path: Path) -> None:
    """Its children are there again, inside and afterwards."""
    with worklattice.open(url_of(store, tmp_path)) as wl:
        wl.create_generic_task("t", task_id="p")
        wl.create_generic_task("t", task_id="c", parent_task_id="p")
        with wl.transaction(), wl.transaction():
            wl.delete_task("p", cascade=True)
            wl.undo()
        root = wl.get_task_hierarchy("p").root_task
        assert [child.task_id for child in root.children] == ["c"]
        with wl.transaction():
            with wl.transaction():
                wl.delete_task("p", cascade=True)
                wl.create_generic_task("t", task_id="p")
                wl.create_generic_task("t", task_id="c", parent_task_id="p")
            with pytest.raises(PrerequisitesNotMetError):
                wl.delete_task("p")
        assert wl.check() == []
