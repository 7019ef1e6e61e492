"""Writers and readers of a PostgreSQL store that wait: for each other, and for connections."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress

import pytest

import worklattice
from tests.faults.numbers import NUMBERS
from tests.stores import store_url
from worklattice import Orchestrator, StoreError
from worklattice.model.commands import CreateTask


@contextmanager
def held_by_another(url: str) -> Generator[None]:
    """Somebody else, with connections of their own, is in the middle of a write."""
    is_held, is_over = threading.Event(), threading.Event()

    def hold() -> None:
        with worklattice.open(url) as other, other.transaction():
            other.create_generic_task("t")
            is_held.set()
            is_over.wait(20)

    thread = threading.Thread(target=hold)
    thread.start()
    assert is_held.wait(20)
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def in_threads(calls: int, call: Callable[[], object]) -> tuple[list[str], float]:
    """How calls at once were refused ("ok" where they were not), and the seconds of the slowest."""
    outcomes: list[str] = []
    slowest: list[float] = []

    def timed() -> None:
        began = time.monotonic()
        try:
            call()
            outcomes.append("ok")
        except StoreError as error:
            outcomes.append(error.kind)
        slowest.append(time.monotonic() - began)

    threads = [threading.Thread(target=timed) for _ in range(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes, max(slowest)


def with_timeout(url: str, timeout: float) -> str:
    return f"{url}&timeout={timeout}"


@pytest.mark.parametrize("timeout", [0, 0.0004, 0.2])
def test_a_writer_waits_no_longer_than_the_timeout(timeout: float) -> None:
    """No time at all is no time, not time without end."""
    url = store_url()
    worklattice.open(url).close()
    with worklattice.open(with_timeout(url, timeout)) as wl, held_by_another(url):
        assert in_threads(1, lambda: wl.create_generic_task("t"))[0] == ["busy"]


def test_the_timeout_is_for_all_who_are_waited_for() -> None:
    """Not for each of them: who comes last in a queue is refused in time, too."""
    url = store_url()
    worklattice.open(url).close()

    def write_slowly() -> None:
        with worklattice.open(with_timeout(url, 0.4)) as wl, wl.transaction():
            wl.create_generic_task("t")
            time.sleep(0.35)

    outcomes, slowest = in_threads(7, write_slowly)
    assert set(outcomes) == {"ok", "busy"}
    assert slowest < 0.4 + NUMBERS.grace + 0.35


def test_threads_that_wait_to_write_leave_the_connections_to_others() -> None:
    """Whoever reads gets through, and no writer waits first for a connection and then for its turn."""
    url = store_url()
    with worklattice.open(f"{with_timeout(url, 1)}&connections=2") as wl, held_by_another(url):
        reads: list[float] = []

        def write() -> None:
            began = time.monotonic()
            wl.query_tasks()
            reads.append(time.monotonic() - began)
            wl.create_generic_task("t")

        outcomes, slowest = in_threads(6, write)
    assert outcomes == ["busy"] * 6
    assert slowest < 1 + NUMBERS.grace
    assert max(reads) < 0.5


def test_a_reader_that_is_taken_up_again_too_late_disturbs_nobody() -> None:
    """Its connection may be in another transaction by then."""
    with worklattice.open(store_url(connections=1)) as wl:
        fill(wl, 2_500)
        with wl._store.read("default") as view:
            left_half_read = iter(view.all_tasks())
            next(left_half_read)
        with wl.transaction():
            wl.create_generic_task("t", task_id="a")
            with pytest.raises(StoreError) as caught:
                list(left_half_read)
            wl.create_generic_task("t", task_id="b")
        assert caught.value.kind == "closed"
        assert wl.get_task("b").task is not None


@pytest.mark.filterwarnings("error")
def test_readers_that_are_left_half_read_give_their_connection_back() -> None:
    """Whatever ends the read."""
    with worklattice.open(store_url(connections=1, timeout=1)) as wl:
        fill(wl, 3)
        for error in (ZeroDivisionError, KeyboardInterrupt, GeneratorExit):
            with suppress(error), wl._store.read("default") as view:
                next(iter(view.all_tasks()))
                raise error
        assert wl.create_generic_task("t").task is not None


def fill(wl: Orchestrator, count: int) -> None:
    with wl.transaction():
        for _ in range(count):
            wl.run(CreateTask(task_type="t"))
