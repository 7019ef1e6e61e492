"""What threads may do to a store at the same time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event

from worklattice.storage.api import Store
from worklattice.testing.rows import changes_over, fill, task_row
from worklattice.testing.store_contract.base import Contract, elsewhere, refused, results

_THREADS = 4
_TIMES = 25


class ConcurrencyContract(Contract):
    """Writers take turns; readers see whole commits, one state at a time."""

    def test_no_increment_is_lost(self, store: Store) -> None:
        """Threads that read and write in one transaction build on each other."""
        fill(store, tasks=[task_row("t", version=0)])

        def increment() -> None:
            for _ in range(_TIMES):
                with store.write("w") as transaction:
                    row = transaction.tasks(["t"])["t"]
                    transaction.commit(
                        changes_over(transaction, "w", tasks=[row.but(version=row.version + 1)])
                    )

        with ThreadPoolExecutor(_THREADS) as threads:
            results([threads.submit(increment) for _ in range(_THREADS)])
        with store.read("w") as view:
            assert view.tasks(["t"])["t"].version == _THREADS * _TIMES
            positions = [event.position for event in view.events(0, 1_000)]
            assert positions == list(range(1, _THREADS * _TIMES + 2))

    def test_nobody_sees_half_a_commit(self, store: Store) -> None:
        """Two rows that are always written together are always read together."""
        fill(store, tasks=[task_row("t", version=0), task_row("u", 2, version=0)])
        done = Event()

        def write() -> None:
            for version in range(1, 100):
                fill(store, tasks=[task_row("t", version=version), task_row("u", 2, version=version)])

        def watch() -> int:
            seen = 0
            while not done.is_set():
                with store.read("w") as view:
                    first, (other,) = view.task("t"), view.tasks(["u"]).values()
                    assert first is not None
                    assert first.version == other.version >= seen
                    assert [row.version for row in view.all_tasks()] == [first.version] * 2
                    seen = first.version
            return seen

        with ThreadPoolExecutor(3) as threads:
            watchers = [threads.submit(watch) for _ in range(2)]
            try:
                threads.submit(write).result()
            finally:
                done.set()
            results(watchers)

    def test_an_open_view_does_not_change(self, store: Store) -> None:
        """What another thread commits meanwhile shows in the next view, not in this one."""
        fill(store, tasks=[task_row("t")])
        with ThreadPoolExecutor(1) as thread:
            with store.read("w") as view:
                assert view.count(None) == 1
                late = thread.submit(lambda: fill(store, tasks=[task_row("t", version=2), task_row("u", 2)]))
                assert view.task("t") == task_row("t")
                assert view.count(None) == 1
            late.result()
        with store.read("w") as view:
            assert view.count(None) == 2

    def test_reading_goes_on_while_a_transaction_makes_up_its_mind(self, store: Store) -> None:
        """A reader neither waits for an open write nor sees anything of it."""
        fill(store, tasks=[task_row("t")])

        def count() -> int:
            with store.read("w") as view:
                return view.count(None)

        with store.write("w") as transaction:
            changes = changes_over(transaction, "w", tasks=[task_row("u", 2)])
            assert elsewhere(count) == count() == 1
            transaction.commit(changes)
        assert elsewhere(count) == count() == 2

    def test_a_second_writer_is_told_that_the_store_is_busy(self, hasty_store: Store) -> None:
        """It waits for the time given at opening, and is refused; the first one is not disturbed."""

        def write_too() -> None:
            with refused("busy"):
                fill(hasty_store, tasks=[task_row("u")])

        with hasty_store.write("w") as transaction:
            elsewhere(write_too)
            transaction.commit(changes_over(transaction, "w", tasks=[task_row("t")]))
        with hasty_store.read("w") as view:
            assert [row.task_id for row in view.all_tasks()] == ["t"]
        fill(hasty_store, tasks=[task_row("u", 2)])

    def test_a_write_inside_a_write_is_refused_at_once(self, store: Store) -> None:
        """It would wait for itself; the outer one goes on."""
        with store.write("w") as transaction:
            with refused("busy"), store.write("w"):
                pass
            transaction.commit(changes_over(transaction, "w", tasks=[task_row("t")]))
        fill(store, tasks=[task_row("u", 2)])

    def test_views_of_one_thread_may_be_open_at_the_same_time(self, store: Store) -> None:
        """Reads inside a read, and reads inside a write, answer like any other."""
        fill(store, tasks=[task_row("t")])
        with store.read("w") as outer, store.read("w") as inner, store.read("other") as other:
            assert outer.task("t") == inner.task("t") == task_row("t")
            assert other.task("t") is None
        with store.write("w"), store.read("w") as view:
            assert view.task("t") == task_row("t")

    def test_closing_does_not_cut_off_who_is_inside(self, store: Store) -> None:
        """An open view answers to its end; an open transaction can no longer commit."""
        fill(store, tasks=[task_row("t")])
        with store.read("w") as view:
            assert view.task("t") is not None
            store.close()
            assert view.task("t") is not None

    def test_a_transaction_of_a_closed_store_does_not_commit(self, store: Store) -> None:
        """It is refused instead of being lost."""
        with store.write("w") as transaction:
            changes = changes_over(transaction, "w", tasks=[task_row("t")])
            store.close()
            with refused("closed"):
                transaction.commit(changes)
