"""What a store promises of consumers and of what is to be delivered to them."""

from __future__ import annotations

from worklattice.model.rows import ConsumerRow
from worklattice.storage.api import Store, StoreView
from worklattice.testing.rows import delivery_row, fill
from worklattice.testing.store_contract.base import Contract

_LARGE = 1 << 62


class OutboxContract(Contract):
    """What is due comes first, the dead are found by themselves, and consumers know nothing of each other."""

    def test_deliveries_come_back_as_they_were_written(self, store: Store) -> None:
        """Field by field, whatever stands in the texts."""
        waiting = delivery_row("c", _LARGE, 3, channel="#é", text="a\n'b'", attempts=2, taken=9, next_at=7)
        dead = delivery_row("c", 5, next_at=None, dead_at=8, error="no\t?")
        fill(store, consumers=[ConsumerRow("c", 6)], deliveries=[waiting, dead])
        with store.read("w") as view:
            assert view.consumer("c") == ConsumerRow("c", 6)
            assert view.delivery(waiting.key) == waiting
            assert view.delivery(dead.key) == dead
            assert view.delivery(("c", 5, 1)) is None
            assert view.delivery(("d", 5, 0)) is None

    def test_what_is_due_comes_in_the_order_of_its_time(self, store: Store) -> None:
        """Earliest first, then by event and place; only what is due, and only so many."""
        rows = [
            delivery_row("c", 1, next_at=30),
            delivery_row("c", 2, 1, next_at=10),
            delivery_row("c", 2, 0, next_at=10),
            delivery_row("c", 3, next_at=-20),
            delivery_row("c", 4, next_at=31),
            delivery_row("c", 5, next_at=None, dead_at=1),
        ]
        fill(store, deliveries=rows)
        with store.read("w") as view:
            assert _due(view, "c", 30) == [(3, 0), (2, 0), (2, 1), (1, 0)]
            assert _due(view, "c", 30, 2) == [(3, 0), (2, 0)]
            assert _due(view, "c", -21) == []
            assert view.next_delivery("c") == -20

    def test_dead_letters_come_in_the_order_of_their_events(self, store: Store) -> None:
        """By event and place, page by page, without those that are on their way."""
        dead = [delivery_row("c", n, place, next_at=None, dead_at=9) for n in (7, 2) for place in (1, 0)]
        fill(store, deliveries=[*dead, delivery_row("c", 3)])
        with store.read("w") as view:
            assert _dead(view, "c") == [(2, 0), (2, 1), (7, 0), (7, 1)]
            assert _dead(view, "c", (2, 0), 2) == [(2, 1), (7, 0)]
            assert _dead(view, "c", (2, 5)) == [(7, 0), (7, 1)]
            assert _dead(view, "c", (7, 1)) == []

    def test_a_delivery_changes_and_goes(self, store: Store) -> None:
        """It is found where it now belongs, and nowhere else; one that is not there may go as well."""
        row = delivery_row("c", 1)
        fill(store, consumers=[ConsumerRow("c", 1)], deliveries=[row, delivery_row("c", 2, next_at=4)])
        fill(store, consumers=[ConsumerRow("c", 2)], deliveries=[row._replace(next_at=8, taken=1)])
        with store.read("w") as view:
            assert view.consumer("c") == ConsumerRow("c", 2)
            assert _due(view, "c", 7) == [(2, 0)]
            assert view.next_delivery("c") == 4
        fill(store, deliveries=[row._replace(next_at=None, dead_at=5, error="no")])
        with store.read("w") as view:
            assert _due(view, "c", 9) == [(2, 0)]
            assert _dead(view, "c") == [(1, 0)]
        fill(store, deliveries=[row], gone_deliveries=[("c", 2, 0), ("c", 3, 0), ("d", 1, 0)])
        with store.read("w") as view:
            assert _due(view, "c", 9) == [(1, 0)]
            assert _dead(view, "c") == []
        fill(store, gone_deliveries=[row.key])
        with store.read("w") as view:
            assert view.next_delivery("c") is None
            assert view.delivery(row.key) is None

    def test_consumers_and_workspaces_have_their_own(self, store: Store) -> None:
        """What is one's is never another's, and goes with its workspace."""
        for workspace in ("v", "w"):
            fill(
                store,
                workspace,
                consumers=[ConsumerRow("a", 1), ConsumerRow("b", len(workspace))],
                deliveries=[
                    delivery_row("a", 1, next_at=5),
                    delivery_row("a", 2, next_at=None, dead_at=1),
                    delivery_row("b", 1, next_at=6),
                    delivery_row("b", 3, next_at=None, dead_at=1),
                ],
            )
        fill(store, "v", gone_deliveries=[("b", 1, 0), ("b", 3, 0)])
        with store.read("w") as view, store.read("v") as other:
            assert (_due(view, "a", 9), _due(view, "b", 9), _due(view, "c", 9)) == ([(1, 0)], [(1, 0)], [])
            assert (_dead(view, "a"), _dead(view, "b"), _dead(view, "")) == ([(2, 0)], [(3, 0)], [])
            assert (view.next_delivery("a"), view.next_delivery("b")) == (5, 6)
            assert (_due(other, "b", 9), _dead(other, "b"), other.next_delivery("b")) == ([], [], None)
        with store.write("w") as transaction:
            transaction.drop()
        with store.read("w") as view, store.read("v") as other:
            assert (view.consumer("a"), _due(view, "a", 9), _dead(view, "a")) == (None, [], [])
            assert _due(other, "a", 9) == [(1, 0)]

    def test_many_deliveries_are_one_commit(self, store: Store) -> None:
        """Thousands come, change and go in one transaction each."""
        rows = [delivery_row("c", n, next_at=n) for n in range(1, 2_001)]
        fill(store, deliveries=rows)
        fill(store, deliveries=[row._replace(next_at=None, dead_at=1) for row in rows[::2]])
        with store.read("w") as view:
            assert len(view.due_deliveries("c", 5_000, 5_000)) == len(view.dead_letters("c", (0, -1), 5_000))
        fill(store, gone_deliveries=[row.key for row in rows])
        with store.read("w") as view:
            assert (view.next_delivery("c"), _dead(view, "c")) == (None, [])


def _due(view: StoreView, consumer: str, now: int, limit: int = 100) -> list[tuple[int, int]]:
    return [row.key[1:] for row in view.due_deliveries(consumer, now, limit)]


def _dead(
    view: StoreView, consumer: str, after: tuple[int, int] = (0, -1), limit: int = 100
) -> list[tuple[int, int]]:
    return [row.key[1:] for row in view.dead_letters(consumer, after, limit)]
