"""The rows of a workspace in memory: all of a commit, or none of it."""

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest

import worklattice
from worklattice.errors import StoreError
from worklattice.model.rows import CalendarRow, CommentRow, KeyRow, TemplateRow, TypeRow
from worklattice.query.ast import BY_PRIORITY, Query
from worklattice.storage.api import StoreView
from worklattice.storage.memory import indexes, state
from worklattice.storage.memory.store import MemoryStore
from worklattice.testing import ManualClock
from worklattice.testing.rows import changes_over, edge_row, event_row, fill, task_row
from worklattice.testing.store_contract.queries import READY, equals
from worklattice.types import JsonObject

_STEPS = [
    (indexes.Children, ("leave", "join")),
    (indexes.Ordered, ("remove", "move")),
    (indexes.Buckets, ("remove", "move")),
    (indexes.EdgeLists, ("move",)),
    (state.WorkspaceState, ("_drop_comments", "_put_others", "_index_edges")),
]


class _Interrupted(BaseException):
    """What Ctrl-C does, at a moment that the test chooses."""


def _everything(view: StoreView) -> list[Any]:
    """Whatever the view answers, by rows and by indexes."""
    names = ("p", "q", "t", "u", "v")
    by_id = (view.children, view.edges_of, view.edges_on, view.edges_naming, view.replaced_by, view.comments)
    return [
        view.workspace(),
        [
            list(rows)
            for rows in (view.all_tasks(), view.all_edges(), view.all_comments(), view.all_templates())
        ],
        [[list(ask(name)) for name in names] for ask in by_id],
        [list(view.events(0, 99)), *(list(view.events(0, 99, name)) for name in names)],
        view.key("k"),
        [list(view.due_tasks(99)), list(view.due_edges(99)), list(view.task_types()), list(view.calendars())],
        [list(view.select(Query())), list(view.select(Query(where=READY, sort=BY_PRIORITY)))],
        [view.count(equals("status", status)) for status in ("pending", "blocked")],
        [view.count(equals("lifecycle_stage", stage)) for stage in ("draft", "active")],
    ]


@pytest.fixture
def store() -> Iterator[MemoryStore]:
    store = MemoryStore()
    fill(
        store,
        tasks=[
            task_row("p"),
            task_row("q", 2, ready=True, moment=4),
            task_row("t", 3, parent_id="p", superseded_by="q"),
            task_row("u", 4, parent_id="p"),
        ],
        edges=[edge_row("t", "u", 5, moment=3), edge_row("u", "q", 6)],
        comments=[CommentRow("u", 7, "hello", None, 0)],
        templates=[TemplateRow("a", 1, {}, 0, deleted=False)],
        types=[TypeRow("task", None, None)],
        calendars=[CalendarRow("office", {})],
    )
    yield store
    store.close()


def _commit_a_bit_of_everything(store: MemoryStore) -> None:
    fill(
        store,
        tasks=[
            task_row("q", 2, status="blocked", stage="active"),
            task_row("t", 3, parent_id="q", ready=True, moment=9),
            task_row("v", 9, parent_id="p", ready=True),
        ],
        gone_tasks=["u"],
        edges=[edge_row("t", "q", 10, effective_id="p")],
        gone_edges=[("t", "u", "completion"), ("u", "q", "completion")],
        comments=[CommentRow("t", 11, "bye", None, 0)],
        templates=[
            TemplateRow("a", 1, {"new": 1}, 0, deleted=True),
            TemplateRow("a", 2, {}, 0, deleted=False),
        ],
        types=[TypeRow("task", {}, None)],
        calendars=[CalendarRow("night", {})],
        gone_calendars=["office"],
        keys=[KeyRow("k", "digest", {}, 0)],
        events=[event_row(2, "t"), event_row(3, "u")],
    )


@pytest.mark.parametrize("late", [False, True], ids=["before the step", "after the step"])
def test_a_commit_that_is_interrupted_at_any_step_changes_nothing(
    store: MemoryStore, monkeypatch: pytest.MonkeyPatch, *, late: bool
) -> None:
    """Whatever fails, wherever: the state is the one before; without a failure, the one after."""
    with store.read("w") as view:
        before = _everything(view)
    step = 0
    for step in count(1):
        with monkeypatch.context() as patch:
            _interrupt(patch, step, late=late)
            try:
                _commit_a_bit_of_everything(store)
                break
            except _Interrupted:
                pass
        with store.read("w") as view:
            assert _everything(view) == before
    assert step > 10
    with store.read("w") as view:
        assert _everything(view) != before


def _interrupt(patch: pytest.MonkeyPatch, chosen: int, *, late: bool) -> None:
    """Raise at the chosen one of all calls of `_STEPS`."""
    calls = count(1)

    def interrupting(method: Callable[..., None]) -> Callable[..., None]:
        def call(*arguments: Any) -> None:
            hit = next(calls) == chosen
            if hit and not late:
                raise _Interrupted
            method(*arguments)
            if hit:
                raise _Interrupted

        return call

    for owner, names in _STEPS:
        for name in names:
            patch.setattr(owner, name, interrupting(getattr(owner, name)))


def test_indexes_built_late_are_kept_up_like_the_others(store: MemoryStore) -> None:
    """An index that a query asked for first shows what was committed since."""
    with store.read("w") as view:
        assert view.count(equals("lifecycle_stage", "draft")) == 4
        assert [event.position for event in view.events(0, 9, "t")] == []
    _commit_a_bit_of_everything(store)
    with store.read("w") as view:
        assert view.count(equals("lifecycle_stage", "draft")) == 3
        assert view.count(equals("lifecycle_stage", "active")) == 1
        assert [event.position for event in view.events(0, 9, "t")] == [2]


def test_a_write_inside_a_read_of_the_same_thread_is_refused(store: MemoryStore) -> None:
    """It would change the view that is open, or wait for it without end."""
    with store.read("w") as view:
        with pytest.raises(StoreError, match="before the read is left"), store.write("w"):
            pass
        assert view.task("t") is not None
    with store.write("w") as transaction:
        changes = changes_over(transaction, "w", gone_tasks=["u"], gone_edges=[("t", "u", "completion")])
        with store.read("w"), pytest.raises(StoreError, match="before the read is left"):
            transaction.commit(changes)


def test_another_task_of_the_same_id() -> None:
    """In one commit a task goes and another takes its id: indexes know it by its own place in the order."""
    attributes: JsonObject = {"due_at": "2025-01-01T12:00:00Z"}
    with worklattice.open("memory:", clock=ManualClock()) as wl:
        wl.create_generic_task("t", task_id="a", attributes=attributes)
        with wl.transaction():
            wl.delete_task("a")
            wl.create_generic_task("t", task_id="a", attributes=attributes)
        assert wl.query_tasks(filters={"overdue": False}).total_results == 1
        wl.delete_task("a")
        assert wl.check() == []
