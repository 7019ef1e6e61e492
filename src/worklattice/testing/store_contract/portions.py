"""What is promised of a transaction that is written in several portions."""

from __future__ import annotations

from worklattice.model.rows import CalendarRow, Changes, CommentRow, TemplateRow, TypeRow
from worklattice.storage.api import Store, Transaction
from worklattice.testing.rows import changes_over, edge_row, event_row, fill, task_row
from worklattice.testing.store_contract.base import Contract, elsewhere, refused
from worklattice.testing.store_contract.reading import assert_nothing_there


def _nothing_more(transaction: Transaction) -> Changes:
    """The last portion, with no event and no row but that of the workspace."""
    row = transaction.workspace()
    assert row is not None
    return Changes.of_nothing(row)


class PortionsContract(Contract):
    """Portions are seen by their own transaction at once, by others after the commit, or by nobody."""

    def test_a_portion_shows_in_its_transaction_and_nowhere_else(self, store: Store) -> None:
        """The transaction reads what it has written; others see it, all together, after the commit."""
        child = task_row("c", 3, parent_id="t", task_type="story", ready=True, moment=5)
        with store.write("w") as transaction:
            transaction.write(
                changes_over(transaction, "w", tasks=[task_row("t"), task_row("u", 2)], events=[event_row(2)])
            )
            transaction.write(
                changes_over(
                    transaction,
                    "w",
                    tasks=[child, task_row("t", version=2)],
                    edges=[edge_row("c", "u", 4, moment=6)],
                    comments=[CommentRow("t", 5, "hello", None, 0)],
                    templates=[TemplateRow("x", 1, {}, 0, deleted=False)],
                    types=[TypeRow("story", None, {})],
                    calendars=[CalendarRow("office", {})],
                    events=[event_row(5)],
                )
            )
            row = transaction.workspace()
            assert row is not None
            assert (row.position, row.wakes_at, row.definitions_at) == (5, 5, 5)
            assert transaction.tasks(["t", "c"]) == {"t": task_row("t", version=2), "c": child}
            assert list(transaction.children("t")) == [child]
            assert [edge.key for edge in transaction.edges_on("u")] == [("c", "u", "completion")]
            assert [comment.text for comment in transaction.comments("t")] == ["hello"]
            assert list(transaction.calendars()) == [CalendarRow("office", {})]
            assert transaction.next_moment(5) == 6
            assert [event.position for event in transaction.events(0, 10)] == [2, 5]
            assert [each.task_id for each in transaction.all_tasks()] == ["t", "u", "c"]
            assert transaction.count(None) == 3
            elsewhere(lambda: _sees_nothing(store))
            transaction.commit(_nothing_more(transaction))
        with store.read("w") as view:
            assert view.task("c") == child
            assert view.count(None) == 3
            assert [event.position for event in view.events(0, 10)] == [2, 5]

    def test_portions_that_are_left_without_a_commit_never_were(self, store: Store) -> None:
        """Leaving the transaction undoes them; what was there before stays."""
        fill(store, tasks=[task_row("t"), task_row("u", 2)], comments=[CommentRow("u", 3, "on u", None, 0)])
        with store.write("w") as transaction:
            transaction.write(changes_over(transaction, "w", tasks=[task_row("t", version=2)]))
            transaction.write(changes_over(transaction, "w", gone_tasks=["u"]))
            assert transaction.task("u") is None
        with store.write("new") as transaction:
            transaction.write(changes_over(transaction, "new", tasks=[task_row("t")]))
        assert list(store.workspaces()) == ["w"]
        with store.read("w") as view, store.read("new") as other:
            assert view.tasks(["t", "u"]) == {"t": task_row("t"), "u": task_row("u", 2)}
            assert [comment.text for comment in view.comments("u")] == ["on u"]
            assert [event.position for event in view.events(0, 10)] == [1]
            assert_nothing_there(other)

    def test_a_portion_may_refer_to_what_comes_later(self, store: Store) -> None:
        """Rows find what they refer to at the commit, whichever portion brings it."""
        with store.write("w") as transaction:
            transaction.write(
                changes_over(
                    transaction, "w", tasks=[task_row("c", parent_id="p")], edges=[edge_row("c", "p", 2)]
                )
            )
            transaction.commit(changes_over(transaction, "w", tasks=[task_row("p", 2)]))
        with store.read("w") as view:
            assert [row.task_id for row in view.children("p")] == ["c"]

    def test_a_portion_that_is_refused_ends_its_transaction(self, store: Store) -> None:
        """Events that do not follow are refused, and with them all portions before."""
        with store.write("w") as transaction:
            transaction.write(changes_over(transaction, "w", tasks=[task_row("t")], events=[event_row(3)]))
            with refused("incompatible"):
                transaction.write(changes_over(transaction, "w", events=[event_row(3)]))
            with refused("closed"):
                transaction.task("t")
            with refused("closed"):
                transaction.write(changes_over(transaction, "w"))
        assert list(store.workspaces()) == []

    def test_nothing_is_written_behind_the_commit(self, store: Store) -> None:
        """A portion after the commit, or after the transaction was left, is refused."""
        with store.write("w") as transaction:
            changes = changes_over(transaction, "w", tasks=[task_row("t")])
            transaction.commit(changes)
            with refused("closed"):
                transaction.write(changes)
        with store.write("w") as transaction:
            changes = changes_over(transaction, "w", tasks=[task_row("u", 2)])
        with refused("closed"):
            transaction.write(changes)

    def test_the_next_transaction_follows_the_last_portion(self, store: Store) -> None:
        """Rows that came in portions change and go like any others."""
        with store.write("w") as transaction:
            for number in range(1, 6):
                transaction.write(changes_over(transaction, "w", tasks=[task_row(f"t{number}", number)]))
            transaction.commit(_nothing_more(transaction))
        fill(store, tasks=[task_row("t1", version=2)], gone_tasks=["t2"])
        with store.read("w") as view:
            assert [(row.task_id, row.version) for row in view.all_tasks()] == [
                *(("t1", 2), ("t3", 1), ("t4", 1), ("t5", 1))
            ]
            assert [event.position for event in view.events(0, 10)] == [1, 2, 3, 4, 5, 6]


def _sees_nothing(store: Store) -> None:
    with store.read("w") as view:
        assert_nothing_there(view)
