"""A PostgreSQL server that refuses, breaks off, or cannot put transactions in order."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from typing import Any

import psycopg
import pytest

import worklattice
from tests.faults.failing import fail_at
from tests.faults.numbers import NUMBERS, tell
from tests.faults.persistence import Persistent
from tests.stores import server_url, store_url
from worklattice import Orchestrator, StoreError
from worklattice.storage.sql.postgres_session import PostgresSession


@pytest.fixture
def wl() -> Iterator[Orchestrator]:
    """An orchestrator on a schema of its own."""
    with worklattice.open(store_url(application_name="wl")) as opened:
        opened.create_generic_task("t", task_id="a")
        yield opened


def outrun(where: list[int] | None = None, at: int = 0) -> None:
    if where is not None:
        where.append(at)
    raise StoreError(kind="busy", reason="outrun", outrun=True)


def test_a_transaction_that_was_outrun_is_tried_again(
    wl: Orchestrator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At whichever of its statements the database gives up, a command comes through, and once."""
    outrun_at: list[int] = []
    chosen = 0
    for chosen in count(1):
        tries = len(outrun_at)
        with monkeypatch.context() as patch:
            fail_at(patch.setattr, chosen, partial(outrun, outrun_at, chosen), times=3)
            wl.create_generic_task("t", task_id=f"b{chosen}", dependencies=["a"])
        if len(outrun_at) == tries:
            break
    assert len(set(outrun_at)) == chosen - 1 > 4
    made = [event.task_id for event in wl.events(kinds=["task.created"])]
    assert made == ["a", *(f"b{n}" for n in range(1, chosen + 1))]
    assert wl.check() == []


@pytest.mark.parametrize("name", ["drop", "replay", "restore", "repair"])
def test_what_writes_without_a_command_is_tried_again(
    wl: Orchestrator, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """The dropping of a workspace, a replay, a restore and a repair come through when they are outrun."""
    events, dump = list(wl.events()), wl.dump()
    other = wl.workspace("other")
    acts: dict[str, Callable[[], object]] = {
        "drop": lambda: wl.drop_workspace("default"),
        "replay": lambda: other.replay(events),
        "restore": lambda: other.restore([dump]),
        "repair": wl.repair,
    }
    begin_with, left = PostgresSession.begin_with, [3]

    def outrun_at_first(session: PostgresSession, *arguments: Any) -> Any:
        if left[0]:
            left[0] -= 1
            outrun()
        return begin_with(session, *arguments)

    monkeypatch.setattr(PostgresSession, "begin_with", outrun_at_first)
    acts[name]()
    assert left == [0]
    assert wl.workspaces() == {"drop": [], "repair": ["default"]}.get(name, ["default", "other"])
    assert other.dump() == (dump if name in {"replay", "restore"} else wl.workspace("nothing").dump())


def test_a_server_that_often_gives_up() -> None:
    """Sixteen writers, each with a connection of its own, and a server that refuses every third write.

    A driver takes the statements behind the refused one for prepared, which the server never saw: they come
    through all the same.
    """
    url, writers, writes = store_url(), 16, 5
    schema = url.rpartition("schema=")[2]
    errors: list[BaseException] = []

    def write(writer: int) -> None:
        try:
            with worklattice.open(f"{url}&timeout=60&connections=1") as mine:
                for number in range(writes):
                    mine.create_generic_task("t", task_id=f"w{writer}-{number}")
        except BaseException as error:  # noqa: BLE001 - told below
            errors.append(error)

    with worklattice.open(url) as wl:
        wl.create_generic_task("t", task_id="a")
        with psycopg.connect(server_url(), autocommit=True) as connection:
            function = (
                f"CREATE FUNCTION {schema}.give_up() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                "IF random() < 0.33 THEN RAISE EXCEPTION 'no' USING ERRCODE = '40001'; END IF; "
                "RETURN NULL; END $$"
            )
            trigger = (
                f"CREATE TRIGGER give_up BEFORE INSERT ON {schema}.events "
                f"FOR EACH STATEMENT EXECUTE FUNCTION {schema}.give_up()"
            )
            connection.execute(function.encode())
            connection.execute(trigger.encode())
        threads = [threading.Thread(target=write, args=[writer]) for writer in range(writers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert errors == []
        found = [event.task_id for event in wl.events(kinds=["task.created"])]
        assert len(set(found)) == len(found) == 1 + writers * writes
        assert wl.check() == []


def test_a_transaction_that_is_outrun_each_time_is_refused(
    wl: Orchestrator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After twenty tries the caller is told that trying again may help."""
    with monkeypatch.context() as patch:
        fail_at(patch.setattr, 1, outrun, times=1_000)
        with pytest.raises(StoreError) as caught:
            wl.create_generic_task("t")
    assert (caught.value.kind, caught.value.details["retry_helps"]) == ("busy", True)
    assert wl.create_generic_task("t").task.version == 1


def test_connections_that_were_cut_are_replaced(wl: Orchestrator) -> None:
    """What the server ended between two calls is noticed and opened anew."""
    for number in range(5):
        cut_all_connections("wl")
        wl.create_generic_task("t", task_id=f"b{number}")
        cut_all_connections("wl")
        assert wl.get_task(f"b{number}").task is not None


def test_a_connection_cut_inside_a_transaction(wl: Orchestrator) -> None:
    """Nothing of the transaction is there, and the next one goes through."""
    before = wl.dump()

    def cut_inside() -> None:
        with wl.transaction():
            wl.create_generic_task("t", task_id="b")
            cut_all_connections("wl")

    with pytest.raises(StoreError) as caught:
        cut_inside()
    assert caught.value.kind == "unavailable"
    assert wl.dump() == before
    wl.create_generic_task("t", task_id="b")


def test_connections_cut_at_random_lose_nothing() -> None:
    """Whatever was acknowledged is there; what was not is settled by its idempotency key."""
    with worklattice.open(store_url(application_name="cut")) as wl:
        enough, writer = threading.Event(), Persistent(wl)
        thread = threading.Thread(target=writer.write_until, args=(enough,))
        thread.start()
        cut, chance = 0, random.Random(1)  # noqa: S311 - no secret
        try:
            while cut < NUMBERS.cut_connections:
                writer.wait_for_more()
                time.sleep(chance.uniform(0, 0.03))
                cut += cut_all_connections("cut")
        finally:
            enough.set()
            thread.join()
        writer.lost_nothing()
    tell("connections cut", runs=cut, **writer.counts())


def cut_all_connections(name: str) -> int:
    """End all connections of the application; how many."""
    with psycopg.connect(server_url(), autocommit=True) as connection:
        return connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
            "AND backend_type = 'client backend' AND application_name = %s",
            (name,),
        ).rowcount
