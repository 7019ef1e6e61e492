"""Files that are opened, and files that are refused and left as they are."""

import sqlite3
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from worklattice.errors import StoreError
from worklattice.storage.sql.migrations import SCHEMA_VERSION
from worklattice.storage.sql.sqlite import SqliteStore
from worklattice.storage.sql.sqlite_file import Synchronous
from worklattice.testing.rows import fill, task_row


def refusal(path: Path) -> StoreError:
    """The error of opening the file, which is left as it is."""
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(StoreError) as caught:
        SqliteStore(path)
    if before is not None:
        assert path.read_bytes() == before
    assert not list(path.parent.glob("*-journal"))
    return caught.value


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    """Any other file is refused."""
    path = tmp_path / "work.db"
    path.write_text("This is not a database, but it is long enough to look like one. " * 100)
    assert refusal(path).kind == "incompatible"


def test_a_database_of_another_program(tmp_path: Path) -> None:
    """Its tables, or its mark, show that it is not ours."""
    for number, statement in enumerate(
        ("CREATE TABLE t (x)", "PRAGMA application_id = 7", "PRAGMA user_version = 3")
    ):
        path = tmp_path / f"{number}.db"
        with sqlite3.connect(path) as connection:
            connection.execute(statement)
        connection.close()
        assert "another program" in refusal(path).message


def test_a_database_of_a_newer_version(tmp_path: Path) -> None:
    """Whoever upgraded and went back is told so, and loses nothing."""
    path = tmp_path / "work.db"
    SqliteStore(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    connection.close()
    error = refusal(path)
    assert error.kind == "incompatible"
    assert str(SCHEMA_VERSION + 1) in error.message


def test_a_directory_and_a_path_into_nowhere(tmp_path: Path) -> None:
    """Both are refused by name, without the rest of the path."""
    assert "directory" in refusal(tmp_path).message
    nowhere = refusal(tmp_path / "absent" / "work.db")
    assert nowhere.kind == "unavailable"
    assert str(tmp_path) not in nowhere.message


def test_what_could_not_be_opened_can_be_shown(tmp_path: Path) -> None:
    """Whoever prints the local variables of the traceback sees which file it was."""
    path = tmp_path / "absent" / "work.db"
    with pytest.raises(StoreError) as caught:
        SqliteStore(path)
    half_made = [entry.locals.get("self") for entry in caught.traceback]
    assert f"SqliteStore({str(path)!r})" in map(repr, half_made)


def test_a_torn_header(tmp_path: Path) -> None:
    """A file cut short is refused."""
    path = tmp_path / "work.db"
    with SqliteStoreFilled(path):
        pass
    path.write_bytes(path.read_bytes()[:5_000])
    assert refusal(path).kind == "incompatible"


def test_an_empty_file_is_a_new_database(tmp_path: Path) -> None:
    """So is one that does not exist."""
    path = tmp_path / "work.db"
    path.touch()
    with SqliteStoreFilled(path) as store, store.read("w") as view:
        assert view.count(None) == 1


def test_what_was_written_is_there_after_opening_again(tmp_path: Path) -> None:
    """The file keeps rows, indexes and positions."""
    path = tmp_path / "work.db"
    with SqliteStoreFilled(path):
        pass
    store = SqliteStore(path)
    fill(store, tasks=[task_row("u", 2)])
    with store.read("w") as view:
        assert [row.task_id for row in view.all_tasks()] == ["t", "u"]
        assert [event.position for event in view.events(0, 9)] == [1, 2]
    store.close()


@pytest.mark.parametrize("name", [":memory:", "file:work.db?mode=memory", "a?nolock=1", "a#b%20", " "])
def test_names_that_sqlite_might_take_for_something_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """A path is a path: a file of this very name."""
    monkeypatch.chdir(tmp_path)
    with SqliteStoreFilled(name):
        assert (tmp_path / name).is_file()


@pytest.mark.parametrize(("synchronous", "level"), [("normal", 1), ("full", 2)])
def test_connections_are_set_up(tmp_path: Path, synchronous: Synchronous, level: int) -> None:
    """References are checked, the log is written ahead, and commits are as durable as was asked."""
    store = SqliteStore(tmp_path / "work.db", synchronous=synchronous)
    connections = [store._sessions._writer._connection]
    with store.read("w") as view:
        connections.append(view._session._connection)  # type: ignore[attr-defined]
        for connection in connections:
            asked = [
                connection.execute(f"PRAGMA {name}").fetchone() for name in ("foreign_keys", "synchronous")
            ]
            assert asked == [(1,), (level,)]
            assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    store.close()


def test_an_sqlite_too_old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is named, and nothing is created."""
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 37, 2))
    path = tmp_path / "work.db"
    assert "3.38" in refusal(path).message
    assert not path.exists()


def test_file_that_another_creates_while_it_is_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is ours, however much of it the other one has written when the version is asked for."""
    path, connect = tmp_path / "work.db", sqlite3.connect
    others = [threading.Thread(target=lambda: SqliteStore(path, timeout=60).close())]

    def create_meanwhile(statement: str) -> None:
        if others and statement == "PRAGMA user_version":
            other = others.pop()
            other.start()
            other.join(timeout=0.5)  # it is done by then, or waits for us
            started.append(other)

    def watched(*given: Any, **more: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(*given, **more)
        if threading.current_thread() is threading.main_thread():
            connection.set_trace_callback(create_meanwhile)
        return connection

    started: list[threading.Thread] = []
    monkeypatch.setattr(sqlite3, "connect", watched)
    store = SqliteStore(path, timeout=60)
    (other,) = started
    other.join()
    fill(store, tasks=[task_row("t")])
    store.close()


def test_processes_that_create_the_same_file_at_once(tmp_path: Path) -> None:
    """One of them makes the schema, and all of them can write."""
    script = """
import sys
import threading
from worklattice.storage.sql.sqlite import SqliteStore
from worklattice.storage.sql.sqlite_file import Synchronous
from worklattice.testing.rows import fill, task_row
sys.stdin.read()
store = SqliteStore(sys.argv[1], timeout=60)
fill(store, tasks=[task_row(sys.argv[2])])
store.close()
"""
    path = tmp_path / "work.db"
    command = [sys.executable, "-c", script, str(path)]
    processes = [subprocess.Popen([*command, f"t{n}"], stdin=subprocess.PIPE) for n in range(4)]
    for process in processes:
        assert process.stdin is not None
        process.stdin.close()
    assert [process.wait() for process in processes] == [0] * 4
    store = SqliteStore(path)
    with store.read("w") as view:
        assert view.count(None) == 4
        assert [event.position for event in view.events(0, 9)] == [1, 2, 3, 4]
    store.close()


class SqliteStoreFilled:
    """A store with one task, closed in the end."""

    def __init__(self, path: Path | str) -> None:
        self._store = SqliteStore(path)
        fill(self._store, tasks=[task_row("t")])

    def __enter__(self) -> SqliteStore:
        return self._store

    def __exit__(self, *exception: object) -> None:
        self._store.close()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps files that are open")
def test_a_file_that_is_deleted_or_replaced_while_it_is_open(tmp_path: Path) -> None:
    """Nothing is written to a file that nobody can find again, and no empty one is left in its place."""
    path = tmp_path / "work.db"
    store = SqliteStore(path)
    fill(store, tasks=[task_row("t")])
    path.rename(tmp_path / "aside.db")
    for begin in (store.read, store.write):
        with pytest.raises(StoreError, match="deleted, moved or replaced") as caught, begin("w"):
            pass
        assert caught.value.kind == "unavailable"
    assert not path.exists()
    SqliteStore(path).close()
    with pytest.raises(StoreError, match="replaced"), store.write("w"):
        pass
    store.close()
