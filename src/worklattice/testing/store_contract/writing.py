"""What a commit promises."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import pytest
from hypothesis import given

from worklattice.codec import canonical
from worklattice.model.rows import (
    CalendarRow,
    Changes,
    CommentRow,
    EventRow,
    HoldRow,
    KeyRow,
    TaskRow,
    TemplateRow,
    TypeRow,
    WorkspaceRow,
)
from worklattice.storage.api import Store
from worklattice.testing.rows import changes_over, edge_row, event_row, fill, task_row
from worklattice.testing.store_contract.base import Contract, fresh_workspace, refused
from worklattice.testing.store_contract.reading import assert_nothing_there
from worklattice.testing.strategies import tasks

_FULL_TASK: Final = task_row(
    "t", 1, task_type="story", stage="active", attributes={"title": "é", "deep": [[1, 1.0, True, None]]},
    version=3, created_at=10, updated_at=20, started_at=11, completed_at=12, not_before=13, join=2,
    template_id="template", template_version=4, outcome="succeeded", attempt=2, reopened_at=21,
    result={"done": [1]}, error="no", approval={"decision": "approved"}, artifacts={"file": {"uri": "x"}},
    metrics={"m": {"value": 1}}, gate_waivers={"m > 2": {"reason": "so"}},
    series={"until": "x"}, run_of="s", next_run_at=19, in_series=20, token=16,
    claimed_by="me", claimed_until=17, lease=18, holds={"lathe": {"units": 1}},
    status="blocked", ready=True, rank=float("inf"), due_at=14, needs="\nlathe 1/1\n", depth=7, children=5,
    open_children=4, edges=6, start_edges=3, start_met=2, finish_open=1, holders=8, start_level=9,
    finish_level=10, moment=15,
)  # fmt: skip


class WritingContract(Contract):
    """All of a commit is there for whoever reads next, or none of it."""

    def test_every_kind_of_row_comes_back_as_it_was_written(self, store: Store) -> None:
        """A read after a commit shows every row of it, field by field."""
        other = task_row("u", 2, superseded_by="t", result=0, error=False)
        edge = edge_row(
            "t", "u", 3, conditions={"a": 1}, lag=-5, artifact="file", description="why", mandatory=False,
            waived_at=1, waived_until=2, waived_by="me", waive_reason="so", effective_id="t", moment=9,
        )  # fmt: skip
        comment = CommentRow("t", 4, "hello\nyou", None, 5)
        template = TemplateRow("template", 1, {"root_task": {}}, 6, deleted=False)
        kind = TypeRow("story", None, {"type": "object"})
        calendar = CalendarRow("office", {"working_hours": {"mon": ["9-17"]}, "windows": ["é", 1.0, None]})
        key = KeyRow("key", "digest", {"status": "success"}, 7)
        events = [EventRow(1, "task.created", "t", 8, "me", "so", {"x": [1.0]}, 1, 1), event_row(2)]
        fill(
            store,
            tasks=[_FULL_TASK, other],
            edges=[edge],
            comments=[comment],
            templates=[template],
            types=[kind],
            calendars=[calendar],
            keys=[key],
            events=events,
            at=99,
        )
        with store.read("w") as view:
            assert view.workspace() == WorkspaceRow("w", "stream-w", 2, 99, 9, 2)
            assert _plain(view.tasks(["t", "u"]).values()) == _plain([_FULL_TASK, other])
            assert repr(list(view.edges_of("t"))) == repr([edge])
            assert list(view.comments("t")) == [comment]
            assert view.template("template") == template
            assert view.task_type("story") == kind
            assert repr(view.calendar("office")) == repr(calendar)
            assert view.key("key") == key
            assert repr(list(view.events(0, 10))) == repr(events)

    def test_any_json_comes_back_as_it_was_written(self, store: Store) -> None:
        """1, 1.0 and true stay apart, as do null, "" and what is missing; every key is kept."""

        @given(rows=tasks())
        def comes_back(rows: list[TaskRow]) -> None:
            workspace = fresh_workspace(store)
            fill(store, workspace, tasks=rows)
            with store.read(workspace) as view:
                assert _plain(view.all_tasks()) == _plain(rows)

        comes_back()

    def test_workspaces_are_listed_and_dropped(self, store: Store) -> None:
        """Those that were written to, in order; one that is dropped is as if it had never been."""
        assert list(store.workspaces()) == []
        for name in ("b", "a", "C"):
            fill(
                store,
                name,
                tasks=[task_row("t"), task_row("u", 2, parent_id="t")],
                edges=[edge_row("u", "t", 3)],
                holds=[HoldRow("lathe", "t", 1, 1)],
                comments=[CommentRow("t", 4, "x", None, 0)],
                templates=[TemplateRow("x", 1, {}, 0, deleted=False)],
                types=[TypeRow("task", {}, None)],
                calendars=[CalendarRow("office", {})],
                keys=[KeyRow("k", "d", {}, 0)],
            )
        with store.read("only read"), store.write("never committed"):
            pass
        assert list(store.workspaces()) == ["C", "a", "b"]
        with store.write("a") as transaction:
            transaction.drop()
        assert list(store.workspaces()) == ["C", "b"]
        with store.read("a") as view:
            assert_nothing_there(view)
        fill(store, "a", tasks=[task_row("t")])
        with store.read("a") as view, store.read("b") as other:
            assert [row.task_id for row in view.all_tasks()] == ["t"]
            assert [row.task_id for row in other.all_tasks()] == ["t", "u"]

    def test_a_drop_is_a_commit(self, store: Store) -> None:
        """A transaction that was left before, or that has dropped already, changes nothing more."""
        fill(store, tasks=[task_row("t")])
        with store.write("w") as transaction:
            transaction.drop()
            with refused("closed"):
                transaction.drop()
        fill(store, tasks=[task_row("t")])
        with store.write("w") as transaction:
            pass
        with refused("closed"):
            transaction.drop()
        assert list(store.workspaces()) == ["w"]

    def test_a_write_that_is_left_without_a_commit_changes_nothing(self, store: Store) -> None:
        """Leaving a write, or failing inside of it, leaves everything as it was."""
        fill(store, tasks=[task_row("t")])
        with store.write("w"):
            pass
        with pytest.raises(ZeroDivisionError), store.write("w") as transaction:
            transaction.commit(changes_over(transaction, "w", gone_tasks=[str(1 // 0)]))
        with store.read("w") as view:
            assert view.task("t") == task_row("t")
        fill(store, tasks=[task_row("u", 2)])  # and the next one may write

    def test_a_transaction_shows_what_was_there_before_it(self, store: Store) -> None:
        """Until its commit a transaction reads the state that it began with."""
        fill(store, tasks=[task_row("t")])
        with store.write("w") as transaction:
            assert transaction.task("t") == task_row("t")
            transaction.commit(changes_over(transaction, "w", tasks=[task_row("t", version=2)]))
        with store.read("w") as view:
            assert view.task("t") == task_row("t", version=2)

    def test_a_transaction_commits_once(self, store: Store) -> None:
        """A second commit is refused, and so is any question after the first."""
        with store.write("w") as transaction:
            changes = changes_over(transaction, "w", tasks=[task_row("t")])
            transaction.commit(changes)
            with refused("closed"):
                transaction.commit(changes)
            with refused("closed"):
                transaction.task("t")
        with store.read("w") as view:
            assert [event.position for event in view.events(0, 10)] == [1]

    def test_a_view_that_was_left_answers_no_more(self, store: Store) -> None:
        """Whoever keeps a view beyond its `with` is told so."""
        with store.read("w") as view:
            pass
        with store.write("w") as transaction:
            pass
        for left in (view, transaction):
            with refused("closed"):
                left.task("t")
        with refused("closed"):
            transaction.commit(_no_changes())

    def test_a_row_is_put_in_place_of_the_one_before(self, store: Store) -> None:
        """Tasks and edges change in every index that holds them, too."""
        fill(
            store,
            tasks=[task_row("p"), task_row("q", 2), task_row("t", 3, parent_id="p", ready=True, moment=5)],
            edges=[edge_row("t", "p", 4, moment=6)],
        )
        changed = task_row("t", 3, parent_id="q", task_type="story", attributes={"a": True}, moment=7)
        fill(store, tasks=[changed], edges=[edge_row("t", "p", 4, effective_id="q")])
        with store.read("w") as view:
            assert view.task("t") == changed
            assert not view.children("p")
            assert list(view.children("q")) == [changed]
            assert list(view.tasks_of_type("story")) == [changed]
            assert list(view.due_tasks(10)) == [changed]
            assert not view.due_edges(10)
            assert not view.edges_on("p")
            assert list(view.edges_on("q")) == list(view.edges_naming("p")) == list(view.edges_of("t"))

    def test_a_row_goes(self, store: Store) -> None:
        """None in place of a row takes it away, with the comments on it; the rest stays."""
        fill(
            store,
            tasks=[task_row("t"), task_row("u", 2, parent_id="t", moment=1)],
            edges=[edge_row("u", "t", 3)],
            comments=[CommentRow("u", 4, "on u", None, 0), CommentRow("t", 5, "on t", None, 0)],
        )
        fill(store, gone_tasks=["u"], gone_edges=[("u", "t", "completion")])
        with store.read("w") as view:
            assert view.task("u") is None
            assert [row.task_id for row in view.all_tasks()] == ["t"]
            assert not view.children("t")
            assert not view.due_tasks(9)
            assert not list(view.all_edges())
            assert not view.edges_on("t")
            assert not view.comments("u")
            assert [comment.text for comment in view.all_comments()] == ["on t"]

    def test_a_row_that_comes_and_goes_in_one_transaction_never_was(self, store: Store) -> None:
        """None in place of a row that was not there does nothing."""
        fill(store, tasks=[task_row("t")], gone_tasks=["brief"], gone_edges=[("t", "brief", "completion")])
        with store.read("w") as view:
            assert [row.task_id for row in view.all_tasks()] == ["t"]

    def test_an_id_is_given_to_another_task_in_one_transaction(self, store: Store) -> None:
        """A row with another `seq` is another task: the comments on the one before go."""
        fill(
            store,
            tasks=[task_row("p"), task_row("t", 2, parent_id="p"), task_row("u", 3, parent_id="p")],
            comments=[CommentRow("t", 4, "old", None, 0)],
        )
        again = task_row("t", 9, parent_id="p")
        fill(store, tasks=[again], comments=[CommentRow("t", 10, "new", None, 0)])
        with store.read("w") as view:
            assert [row.task_id for row in view.children("p")] == ["u", "t"]
            assert [comment.text for comment in view.comments("t")] == ["new"]

    def test_the_newest_version_of_a_template_counts(self, store: Store) -> None:
        """Without a version the newest is meant, deleted or not; a version given again replaces itself."""
        first, second, gone = (
            TemplateRow("t", version, {"v": version}, version, deleted=version == 3) for version in (1, 2, 3)
        )
        other = TemplateRow("a", 1, {}, 0, deleted=False)
        fill(store, templates=[first, second])
        fill(store, templates=[gone, other])
        fill(store, templates=[first._replace(deleted=True)])
        with store.read("w") as view:
            assert view.template("t") == gone
            assert view.template("t", 2) == second
            assert view.template("t", 1) == first._replace(deleted=True)
            assert view.template("t", 4) is None
            assert view.template("u") is None
            assert list(view.templates()) == [other, gone]
            assert list(view.all_templates()) == [other, first._replace(deleted=True), second, gone]

    def test_what_claims_hold_comes_and_goes(self, store: Store) -> None:
        """A hold may go and another one come for the same task and resource in one transaction."""
        old, new = HoldRow("lathe", "t", 1, 1), HoldRow("lathe", "t", 2, 3)
        fill(store, tasks=[task_row("t"), task_row("u", 2)], holds=[old])
        fill(store, holds=[new, HoldRow("drill", "u", 1, 1)], gone_holds=[old])
        with store.read("w") as view:
            assert list(view.holds_on("lathe")) == [new]
        fill(store, gone_holds=[new])
        with store.read("w") as view:
            assert list(view.all_holds()) == [HoldRow("drill", "u", 1, 1)]

    def test_a_type_registered_again_replaces_itself(self, store: Store) -> None:
        """There is one registration of a type, the last one."""
        fill(store, types=[TypeRow("b", None, None), TypeRow("a", {"stages": {}}, None)])
        fill(store, types=[TypeRow("b", None, {"type": "object"})])
        with store.read("w") as view:
            assert view.task_type("c") is None
            kinds = [TypeRow("a", {"stages": {}}, None), TypeRow("b", None, {"type": "object"})]
            assert list(view.task_types()) == kinds

    def test_a_calendar_defined_again_replaces_itself(self, store: Store) -> None:
        """There is one calendar of a name, the last one; they are listed by their names' code points."""
        names = ["b", "B", "a.b", "a-b", "a:b"]
        fill(store, calendars=[CalendarRow(name, {"first": name}) for name in names])
        fill(store, calendars=[CalendarRow("b", {"then": [True]})])
        with store.read("w") as view:
            assert view.calendar("c") is None
            assert view.calendar("b") == CalendarRow("b", {"then": [True]})
            assert [row.name for row in view.calendars()] == sorted(names)
            assert list(view.calendars())[-1] == CalendarRow("b", {"then": [True]})

    def test_what_is_beside_tasks_goes(self, store: Store) -> None:
        """None in place of a comment, a template's version, a type, a calendar or a key takes it away.

        If it is there.
        """
        for _ in range(2):
            fill(
                store,
                tasks=[task_row("t")],
                comments=[CommentRow("t", 4, "one", None, 0), CommentRow("t", 5, "two", None, 0)],
                templates=[TemplateRow("x", version, {}, 0, deleted=False) for version in (1, 2)],
                types=[TypeRow("a", None, None), TypeRow("b", None, None)],
                calendars=[CalendarRow("a", {}), CalendarRow("b", {})],
                keys=[KeyRow("j", "d", {}, 0), KeyRow("k", "d", {}, 0)],
            )
            fill(
                store,
                gone_comments=[("t", 4), ("t", 9), ("u", 1)],
                gone_templates=[("x", 2), ("y", 1)],
                gone_types=["a", "z"],
                gone_calendars=["a", "z"],
                gone_keys=["j", "i"],
            )
            with store.read("w") as view:
                assert [comment.text for comment in view.comments("t")] == ["two"]
                assert [row.version for row in view.all_templates()] == [1]
                assert view.template("x") == TemplateRow("x", 1, {}, 0, deleted=False)
                assert view.task_type("a") is None
                assert [row.task_type for row in view.task_types()] == ["b"]
                assert view.calendar("a") is None
                assert [row.name for row in view.calendars()] == ["b"]
                assert view.key("j") is None
                assert view.key("k") is not None
                assert list(view.keys_used_before(1, 9)) == ["k"]

    def test_a_comment_comes_back_into_its_place(self, store: Store) -> None:
        """Comments are in order of their `seq`, whenever they came; a text given again replaces itself."""
        fill(store, tasks=[task_row("t")], comments=[CommentRow("t", 7, "old", "me", 1)])
        fill(store, comments=[CommentRow("t", 4, "first", None, 0), CommentRow("t", 7, "new", "me", 1)])
        with store.read("w") as view:
            assert [comment.text for comment in view.comments("t")] == ["first", "new"]

    def test_a_log_out_of_order_is_refused_whole(self, store: Store) -> None:
        """An event at or before the last one is refused, and with it all of its transaction."""
        fill(store, events=[event_row(1), event_row(2)])
        for position in (1, 2):
            with refused("incompatible"):
                fill(store, tasks=[task_row("t")], events=[event_row(position)])
        with store.read("w") as view:
            assert view.task("t") is None
            assert [event.position for event in view.events(0, 10)] == [1, 2]
        fill(store, events=[event_row(3)])

    def test_a_large_batch_is_one_commit(self, store: Store) -> None:
        """Thousands of rows go in, change and go in one transaction each."""
        rows = [task_row(f"t{n}", n + 1, parent_id="t0" if n else None) for n in range(2_000)]
        fill(store, tasks=rows, edges=[edge_row(f"t{n}", "t0", 5_000 + n) for n in range(1, 2_000)])
        fill(store, tasks=[row.but(version=2) for row in rows])
        with store.read("w") as view:
            assert [row.task_id for row in view.children("t0")] == [row.task_id for row in rows[1:]]
            assert len(view.edges_on("t0")) == len(rows) - 1
            assert {row.version for row in view.tasks([row.task_id for row in rows]).values()} == {2}
        fill(
            store,
            gone_tasks=[row.task_id for row in rows],
            gone_edges=[(f"t{n}", "t0", "completion") for n in range(1, 2_000)],
        )
        with store.read("w") as view:
            assert not list(view.all_tasks())
            assert view.count(None) == 0


def _plain(rows: Iterable[TaskRow]) -> dict[TaskRow, str]:
    """The rows, their JSON as text in which 1 and true differ, and the order of keys counts for nothing."""
    json_fields = (
        "attributes",
        "result",
        "error",
        "approval",
        "artifacts",
        "metrics",
        "gate_waivers",
        "series",
        "holds",
    )
    return {
        row.but(**dict.fromkeys(json_fields)): canonical([getattr(row, name) for name in json_fields])
        for row in rows
    }


def _no_changes() -> Changes:
    return Changes.of_nothing(WorkspaceRow("w", "s", 0, 0))
