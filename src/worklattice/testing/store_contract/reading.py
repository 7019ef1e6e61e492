"""What a view promises: who sees what, and in which order."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest

from worklattice.model.rows import CalendarRow, CommentRow, HoldRow, KeyRow, TemplateRow, TypeRow
from worklattice.query.ast import Query
from worklattice.storage.api import Store, StoreView
from worklattice.testing.rows import edge_row, event_row, fill, task_row
from worklattice.testing.store_contract.base import Contract, refused
from worklattice.types import from_micros


class ReadingContract(Contract):
    """Orders, bounds, and that what is not there is simply not there."""

    def test_a_workspace_that_was_never_written_is_empty(self, store: Store) -> None:
        """Every question has an answer, and it is nothing."""
        fill(
            store,
            "another",
            tasks=[task_row("t")],
            types=[TypeRow("task", None, None)],
            calendars=[CalendarRow("office", {})],
        )
        with store.read("w") as view:
            assert_nothing_there(view)
        with store.write("w") as transaction:
            assert_nothing_there(transaction)

    def test_workspaces_do_not_see_each_other(self, store: Store) -> None:
        """The same ids name different things in two workspaces; what one does never shows in the other."""
        for workspace, title in (("a", "A"), ("b", "B")):
            fill(
                store,
                workspace,
                tasks=[
                    task_row("p", attributes={"title": title}, moment=1, ready=True),
                    task_row("t", 2, parent_id="p", superseded_by="p"),
                ],
                edges=[edge_row("t", "p", 3, artifact=title, moment=1)],
                holds=[HoldRow("lathe", "p", 1, len(workspace))],
                comments=[CommentRow("p", 4, title, None, 0)],
                templates=[TemplateRow("t", 1, {"title": title}, 0, deleted=False)],
                types=[TypeRow("task", {"title": title}, None)],
                calendars=[CalendarRow("office", {"title": title})],
                keys=[KeyRow("key", title, {}, 0)],
            )
        fill(store, "a", gone_tasks=["t"], gone_edges=[("t", "p", "completion")], events=[event_row(2, "p")])
        with store.read("b") as view:
            root = task_row("p", attributes={"title": "B"}, moment=1, ready=True)
            assert view.task("p") == root
            assert [row.task_id for row in view.children("p")] == ["t"]
            assert list(view.due_tasks(1)) == [root]
            assert [edge.artifact for edge in view.edges_on("p")] == ["B"]
            assert [edge.artifact for edge in view.due_edges(1)] == ["B"]
            edge = view.edge(("t", "p", "completion"))
            assert edge is not None
            assert edge.artifact == "B"
            assert view.next_moment(0) == 1
            assert list(view.holds_on("lathe")) == [HoldRow("lathe", "p", 1, 1)]
            assert list(view.replaced_by("p")) == ["t"]
            assert [comment.text for comment in view.comments("p")] == ["B"]
            assert [event.position for event in view.events(0, 10)] == [1]
            assert view.template("t") == TemplateRow("t", 1, {"title": "B"}, 0, deleted=False)
            assert list(view.task_types()) == [TypeRow("task", {"title": "B"}, None)]
            assert (
                list(view.calendars()) == [view.calendar("office")] == [CalendarRow("office", {"title": "B"})]
            )
            assert view.key("key") == KeyRow("key", "B", {}, 0)
            assert view.count(None) == len(view.select(Query())) == len(list(view.all_tasks()))
        with store.read("a") as view:
            assert [row.task_id for row in view.all_tasks()] == ["p"]

    @pytest.mark.parametrize("name", ["'; DROP TABLE tasks; --", '"', "%", "a\\b", "Straße", "w" * 200])
    def test_names_are_only_names(self, store: Store, name: str) -> None:
        """Whatever a workspace or a task is called, it is found under its name and no other."""
        fill(store, name, tasks=[task_row(name, task_type=name), task_row("t", 2)])
        with store.read(name) as view:
            assert view.task(name) is not None
            assert [row.task_id for row in view.tasks_of_type(name)] == [name]
            assert list(view.tasks([name])) == [name]
        with store.read(name.upper() + "x") as view:
            assert_nothing_there(view)

    def test_tasks_asked_for_together_are_those_that_exist(self, store: Store) -> None:
        """What does not exist is left out; asking twice does no harm, nor does asking for none or many."""
        rows = [task_row(f"t{n}", n + 1) for n in range(600)]
        fill(store, tasks=rows)
        with store.read("w") as view:
            assert view.tasks(["t1", "absent", "t1", "t0"]) == {"t0": rows[0], "t1": rows[1]}
            assert view.tasks([]) == {}
            assert len(view.tasks([row.task_id for row in rows])) == len(rows)

    def test_children_come_in_order_of_creation(self, store: Store) -> None:
        """By `seq`, in whatever order they were written or moved."""
        fill(store, tasks=[task_row("p"), task_row("q", 2), task_row("c", 5, parent_id="p")])
        fill(store, tasks=[task_row("b", 4, parent_id="p"), task_row("d", 6, parent_id="q")])
        fill(store, tasks=[task_row("a", 7, parent_id="p"), task_row("z", 3, parent_id="p")])
        with store.read("w") as view:
            assert [row.task_id for row in view.children("p")] == ["z", "b", "c", "a"]
        fill(store, tasks=[task_row("d", 6, parent_id="p"), task_row("b", 4)])
        fill(store, gone_tasks=["z"])
        with store.read("w") as view:
            assert [row.task_id for row in view.children("p")] == ["c", "d", "a"]
            assert not view.children("q")
            assert not view.children("absent")

    def test_edges_come_in_the_order_they_were_added(self, store: Store) -> None:
        """By `seq`, then key, on both sides."""
        late, early = edge_row("t", "u", 9), edge_row("t", "v", 3)
        twin, first = edge_row("u", "v", 9, type="related"), edge_row("u", "v", 9)
        fill(store, tasks=[task_row("t"), task_row("u", 2), task_row("v", 3)], edges=[late, twin, first])
        fill(store, edges=[early])
        with store.read("w") as view:
            assert list(view.edges_of("t")) == [early, late]
            assert list(view.edges_on("v")) == [early, first, twin]
            assert list(view.edges_naming("u")) == [late]
            assert list(view.all_edges()) == [early, late, first, twin]
            assert not view.edges_of("v")

    def test_an_edge_stands_with_the_task_it_waits_for(self, store: Store) -> None:
        """`edges_on` goes by `effective_id`, `edges_naming` by the task that was named."""
        diverted = edge_row("t", "old", 7, effective_id="new")
        direct, other = edge_row("u", "new", 5), edge_row("u", "old", 9)
        fill(
            store,
            tasks=[task_row(name, n) for n, name in enumerate(("t", "u", "old", "new"), 1)],
            edges=[diverted, direct, other],
        )
        with store.read("w") as view:
            assert list(view.edges_on("new")) == [direct, diverted]
            assert list(view.edges_on("old")) == [other]
            assert list(view.edges_naming("old")) == [diverted, other]
            assert list(view.edges_naming("new")) == [direct]
        fill(store, edges=[diverted.but(effective_id="old")])
        with store.read("w") as view:
            assert [edge.task_id for edge in view.edges_on("old")] == ["t", "u"]
            assert list(view.edges_on("new")) == [direct]

    def test_what_was_superseded_is_found_by_its_replacement(self, store: Store) -> None:
        """In order of creation."""
        rows = [task_row("new"), task_row("b", 2, superseded_by="new"), task_row("a", 4, superseded_by="new")]
        fill(
            store,
            tasks=[*rows, task_row("c", 3, superseded_by="new"), task_row("d", 5, superseded_by="newer")],
        )
        with store.read("w") as view:
            assert list(view.replaced_by("new")) == ["b", "c", "a"]
            assert not view.replaced_by("a")
        fill(store, tasks=[task_row("c", 3)])
        with store.read("w") as view:
            assert list(view.replaced_by("new")) == ["b", "a"]

    def test_what_is_due_comes_earliest_first(self, store: Store) -> None:
        """A moment counts from the microsecond it names; ties in order of creation."""
        tasks = [task_row("a", 3, moment=7), task_row("b", 2, moment=7), task_row("c", 4, moment=5)]
        edges = [
            edge_row("a", "b", 9, moment=7),
            edge_row("a", "c", 8, moment=7),
            edge_row("b", "c", 9, moment=-1),
        ]
        fill(store, tasks=[*tasks, task_row("d", 5)], edges=[*edges, edge_row("d", "a", 6)])
        with store.read("w") as view:
            assert [row.task_id for row in view.due_tasks(7)] == ["c", "b", "a"]
            assert [row.task_id for row in view.due_tasks(6)] == ["c"]
            assert not view.due_tasks(4)
            assert list(view.due_edges(7)) == [edges[2], edges[1], edges[0]]
            assert list(view.due_edges(6)) == [edges[2]]
            nexts = [view.next_moment(after) for after in (-2, -1, 4, 5, 6, 7)]
            assert nexts == [-1, 5, 5, 7, 7, None]

    def test_alarms_come_earliest_first(self, store: Store) -> None:
        """They are found apart from what is due otherwise, and count for when something comes next."""
        rows = [task_row("a", 3, alarm_at=7), task_row("b", 2, alarm_at=7), task_row("c", 4, alarm_at=-5)]
        fill(store, tasks=[*rows, task_row("d", 5, moment=6)])
        with store.read("w") as view:
            assert [row.task_id for row in view.due_alarms(7)] == ["c", "b", "a"]
            assert [row.task_id for row in view.due_alarms(6)] == ["c"]
            assert not view.due_alarms(-6)
            assert [row.task_id for row in view.due_tasks(7)] == ["d"]
            assert [view.next_moment(after) for after in (-6, -5, 6, 7)] == [-5, 6, 7, None]

    def test_timed_tasks_in_order_of_creation(self, store: Store) -> None:
        """Those alone that are timed."""
        fill(store, tasks=[task_row("a", 3, timed=True), task_row("b", 2, timed=True), task_row("c", 4)])
        with store.read("w") as view:
            assert [row.task_id for row in view.timed_tasks()] == ["b", "a"]

    def test_what_comes_next_by_its_schedule(self, store: Store) -> None:
        """Earliest first, those of one moment in order of creation, and no more than are asked for."""
        tasks = [task_row(task_id, seq, next_run_at=at) for task_id, seq, at in _SCHEDULED]
        fill(store, tasks=[*tasks, task_row("e", 5)])
        with store.read("w") as view:
            assert [row.task_id for row in view.next_runs(9)] == ["c", "b", "a", "d"]
            assert [row.task_id for row in view.next_runs(2)] == ["c", "b"]
            assert [row.task_id for row in view.next_runs(9, 7)] == ["c", "b", "a"]
            assert [row.task_id for row in view.next_runs(2, 7)] == ["c", "b"]
            assert not view.next_runs(9, 4)
        fill(store, tasks=[task_row("c", 4), task_row("d", 6, next_run_at=1)])
        with store.read("w") as view:
            assert [row.task_id for row in view.next_runs(9)] == ["d", "b", "a"]

    def test_old_keys_are_found_by_their_use(self, store: Store) -> None:
        """Those before a moment, the first in front, then by key; a key that is used again is young again."""
        fill(store, keys=[KeyRow(key, "d", {}, at) for key, at in (("c", 1), ("b", 2), ("a", 2), ("d", 3))])
        fill(store, keys=[KeyRow("c", "e", {}, 9)])
        with store.read("w") as view:
            assert list(view.keys_used_before(3, 9)) == ["a", "b"]
            assert list(view.keys_used_before(10, 9)) == ["a", "b", "d", "c"]
            assert list(view.keys_used_before(10, 1)) == ["a"]
            assert not view.keys_used_before(2, 9)

    def test_an_undo_is_found_by_what_it_undoes(self, store: Store) -> None:
        """The last one, where a command was undone, done again, and undone again."""
        undone = [event_row(position) for position in (1, 2)]
        undoing = [event_row(position)._replace(undoes=undoes) for position, undoes in ((3, 1), (4, 3))]
        fill(store, events=[*undone, *undoing])
        with store.read("w") as view:
            assert [view.undone_by(command) for command in (1, 2, 3, 4)] == [3, None, 4, None]
        fill(store, events=[event_row(5)._replace(undoes=1), event_row(6)._replace(command=5, undoes=1)])
        with store.read("w") as view:
            assert view.undone_by(1) == 5

    def test_tasks_are_found_by_the_template_they_were_made_from(self, store: Store) -> None:
        """By its version, too, in order of creation."""
        made = [
            task_row(name, seq, template_id=template_id, template_version=version)
            for name, seq, template_id, version in (
                ("d", 4, "x", 1), ("a", 3, "x", 2), ("c", 2, "x", 1), ("b", 1, "y", 1)
            )
        ]  # fmt: skip
        fill(store, tasks=[*made, task_row("e", 5)])
        with store.read("w") as view:
            assert [row.task_id for row in view.tasks_from_template("x", 1)] == ["c", "d"]
            assert not list(view.tasks_from_template("z", 1))

    def test_an_edge_is_found_by_its_key(self, store: Store) -> None:
        """By both tasks and its type; another type, or the other way round, is another edge."""
        edge = edge_row("a", "b", 3)
        fill(store, tasks=[task_row("a", 1), task_row("b", 2)], edges=[edge])
        with store.read("w") as view:
            assert view.edge(edge.key) == edge
            assert view.edge(("a", "b", "related")) is None
            assert view.edge(("b", "a", edge.type)) is None

    def test_events_are_read_from_a_position_on(self, store: Store) -> None:
        """In order, behind `after`, up to `limit`, of one task where one is given."""
        log = [event_row(n, "t" if n % 2 else None if n % 4 else "u") for n in range(1, 11)]
        fill(store, events=log[:3])
        with store.read("w") as view:
            assert list(view.events(0, 10, "t")) == [log[0], log[2]]
        fill(store, events=log[3:])
        with store.read("w") as view:
            assert list(view.events(0, 100)) == log
            assert list(view.events(4, 3)) == log[4:7]
            assert not view.events(10, 5)
            assert not view.events(0, 0)
            assert list(view.events(3, 2, "t")) == [log[4], log[6]]
            assert not view.events(0, 5, "absent")

    def test_events_outlive_their_task(self, store: Store) -> None:
        """The history of a deleted task can still be read."""
        fill(store, tasks=[task_row("t")], events=[event_row(1, "t")])
        fill(store, gone_tasks=["t"], events=[event_row(2, "t")])
        with store.read("w") as view:
            assert [event.position for event in view.events(0, 9, "t")] == [1, 2]

    def test_similar_ids_begin_alike(self, store: Store) -> None:
        """Those with the longest beginning in common first, then in order, up to the limit."""
        names = ["story_reset", "story_login", "story_admin", "epic_1", "st", "stop"]
        fill(store, tasks=[task_row(name, n) for n, name in enumerate(names, 1)])
        with store.read("w") as view:
            assert list(view.similar_ids("story_rest", 9)) == [
                "story_reset", "story_admin", "story_login", "stop"
            ]  # fmt: skip
            assert list(view.similar_ids("story_rest", 2)) == ["story_reset", "story_admin"]
            assert list(view.similar_ids("sto", 2)) == ["stop", "story_admin"]
            assert list(view.similar_ids("st", 1)) == ["st"]
            assert not view.similar_ids("zzz", 5)

    def test_similar_ids_may_be_mistyped_at_the_beginning(self, store: Store) -> None:
        """Letters swapped or doubled, another letter case, another dash."""
        fill(
            store, tasks=[task_row(name, seq) for seq, name in enumerate(("story-1", "BUG-17", "epic_3"), 1)]
        )
        with store.read("w") as view:
            for mistyped in ("sotry-1", "tsory-1", "sstory-1", "STORY-1"):
                assert list(view.similar_ids(mistyped, 5)) == ["story-1"]
            assert list(view.similar_ids("bug-17", 5)) == ["BUG-17"]
            assert list(view.similar_ids("epic-3", 5)) == ["epic_3"]
            assert not view.similar_ids("yrots-1", 5)

    def test_everything_can_be_streamed_while_other_questions_are_asked(self, store: Store) -> None:
        """Tasks, edges and comments in order, undisturbed by questions in between."""
        tasks = [task_row(f"t{n}", 1_000 - n) for n in range(300)]
        edges = [edge_row(f"t{n}", "t0", 2_000 - n) for n in range(1, 300)]
        comments = [CommentRow(f"t{n}", 5_000 - n, "!", None, 0) for n in range(10)]
        fill(store, tasks=tasks, edges=edges, comments=comments)
        with store.read("w") as view:
            stream = iter(view.all_tasks())
            first = next(stream)
            assert view.task("t5") == tasks[5]
            assert [edge.seq for edge in view.all_edges()] == sorted(edge.seq for edge in edges)
            assert [first, *stream] == tasks[::-1]
            assert list(view.all_comments()) == comments[::-1]
            assert [row.task_id for row in view.tasks_of_type("task")][:2] == ["t299", "t298"]

    def test_a_stream_that_is_left_early_holds_nothing_up(self, store: Store) -> None:
        """Leaving the view ends what was still being read from it."""
        fill(store, tasks=[task_row(f"t{n}", n + 1) for n in range(50)])
        with store.read("w") as view:
            stream = iter(view.all_tasks())
            next(stream)
        fill(store, tasks=[task_row("t0", version=2)])
        with store.read("w") as view:
            row = view.task("t0")
            assert row is not None
            assert row.version == 2

    def test_holders_come_by_task(self, store: Store) -> None:
        """Those of a resource, by the tasks' ids; all of them by resource first."""
        holds = [HoldRow("b", "u", 1, 4), HoldRow("b", "t", 2, 3), HoldRow("a", "u", 1, 1)]
        fill(store, tasks=[task_row("t"), task_row("u", 2)], holds=holds)
        with store.read("w") as view:
            assert list(view.holds_on("b")) == [holds[1], holds[0]]
            assert list(view.holds_on("c")) == []
            assert list(view.all_holds()) == [holds[2], holds[1], holds[0]]

    def test_the_clock_of_a_store_goes_on(self, store: Store) -> None:
        """A store that has a clock of its own tells the time of the present, in reads and writes alike."""
        with store.read("w") as view:
            first = view.now()
        with store.write("w") as transaction:
            second = transaction.now()
        assert (first is None) == (second is None)
        if first is not None and second is not None:
            assert first <= second
            assert abs(from_micros(second) - datetime.now(UTC)) < timedelta(days=1)

    def test_a_closed_store_refuses(self, store: Store) -> None:
        """Closing twice is harmless; reading and writing afterwards is refused, and so is a late commit."""
        fill(store, tasks=[task_row("t")])
        store.close()
        store.close()
        with refused("closed"), store.read("w"):
            pass
        with refused("closed"), store.write("w"):
            pass


_SCHEDULED: Final = (("a", 3, 7), ("b", 2, 7), ("c", 4, 5), ("d", 6, 8))
"""Tasks, when they were created, and when they come next."""


def assert_nothing_there(view: StoreView) -> None:
    """Every question about the view's workspace is answered by nothing."""
    assert view.workspace() is None
    assert view.task("t") is None
    assert view.template("t") is None
    assert view.template("t", 1) is None
    assert view.task_type("task") is None
    assert view.calendar("office") is None
    assert view.key("key") is None
    assert view.consumer("c") is None
    assert view.delivery(("c", 1, 0)) is None
    assert view.next_delivery("c") is None
    assert view.edge(("t", "p", "completion")) is None
    assert view.next_moment(0) is None
    assert view.tasks(["t", "p"]) == {}
    assert view.count(None) == 0
    by_id = (
        *(view.children, view.edges_of, view.edges_on, view.edges_naming, view.replaced_by),
        *(view.comments, view.holds_on),
    )
    answers: list[Iterable[object]] = [ask("t") for ask in by_id]
    answers += [
        view.due_tasks(9),
        view.due_alarms(9),
        view.timed_tasks(),
        view.due_edges(9),
        view.templates(),
        view.task_types(),
        view.calendars(),
    ]
    answers += [view.events(0, 9), view.events(0, 9, "t"), view.similar_ids("t", 9), view.select(Query())]
    answers += [view.all_tasks(), view.all_edges(), view.all_comments(), view.all_templates()]
    answers += [view.tasks_of_type("task"), view.all_holds()]
    answers += [view.due_deliveries("c", 9, 9), view.dead_letters("c", (0, 0), 9)]
    assert not [answer for answer in map(list, answers) if answer]
