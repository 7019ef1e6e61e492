"""The online backup of an SQLite store: whole, checked, while others write, never over another file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

import worklattice
from tests.stores import url_of
from tests.unit.model.asking import make
from worklattice import Orchestrator, StoreError
from worklattice.storage.sql import sqlite_copy


@pytest.fixture
def stored(tmp_path: Path) -> Iterator[Orchestrator]:
    """Two workspaces in a file, some of it in the write-ahead log."""
    with worklattice.open(f"sqlite:///{tmp_path}/work.db") as wl:
        make(wl, *(f"t{number}" for number in range(50)))
        make(wl.workspace("other"), "x")
        yield wl


def test_backup_is_the_store_with_all_its_workspaces(stored: Orchestrator, tmp_path: Path) -> None:
    """The copy opens as a store of its own, with equal dumps and logs, and goes on from there."""
    stored.backup(tmp_path / "copy.db")
    with worklattice.open(f"sqlite:///{tmp_path}/copy.db") as copy:
        assert copy.workspaces() == ["default", "other"]
        assert copy.dump() == stored.dump()
        assert list(copy.events()) == list(stored.events())
        make(copy, "later")
        assert worklattice.check(copy, replay=True).is_sound


def test_backup_leaves_nothing_beside_it(stored: Orchestrator, tmp_path: Path) -> None:
    """Neither a temporary file nor a log of its own."""
    folder = tmp_path / "copies"
    folder.mkdir()
    stored.backup(str(folder / "copy.db"))
    assert [each.name for each in folder.iterdir()] == ["copy.db"]


def test_backup_while_others_write(
    stored: Orchestrator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Commits go on between its steps, and the copy is the state of its beginning, without beginning anew."""
    monkeypatch.setattr(sqlite_copy, "_PAGES", 5)
    before, told = stored.dump(), list[tuple[int, int | None]]()

    def write(done: int, total: int | None) -> None:
        told.append((done, total))
        make(stored, f"meanwhile{len(told)}")

    stored.backup(tmp_path / "copy.db", progress=write)
    pages = told[-1][1]
    assert pages is not None
    assert told == [(min(5 * step, pages), pages) for step in range(1, -(-pages // 5) + 1)]
    with worklattice.open(f"sqlite:///{tmp_path}/copy.db") as copy:
        assert copy.dump() == before
    assert stored.dump().count("meanwhile") == len(told)


def test_backup_overwrites_nothing(stored: Orchestrator, tmp_path: Path) -> None:
    """A file that is there already is left as it is, and so is one that came meanwhile."""
    path = tmp_path / "copy.db"
    path.write_text("mine")
    with pytest.raises(StoreError, match=r'There is a file "copy.db" already') as caught:
        stored.backup(path)
    assert caught.value.kind == "unavailable"
    late = tmp_path / "late.db"
    with pytest.raises(StoreError, match="already"):
        stored.backup(late, progress=lambda _done, _total: late.write_text("mine"))
    assert path.read_text() == late.read_text() == "mine"
    assert {each.name for each in tmp_path.iterdir()} >= {"copy.db", "late.db"}
    assert not [each.name for each in tmp_path.iterdir() if each.name.endswith(".part")]


def test_backup_that_is_given_up_leaves_nothing(stored: Orchestrator, tmp_path: Path) -> None:
    """An exception of the callback ends it, and no file is left."""
    folder = tmp_path / "copies"
    folder.mkdir()

    def give_up(_done: int, _total: int | None) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        stored.backup(folder / "copy.db", progress=give_up)
    assert list(folder.iterdir()) == []


def test_backup_where_no_file_can_be_made(stored: Orchestrator, tmp_path: Path) -> None:
    """The system's reason is told."""
    with pytest.raises(StoreError, match="No such file or directory") as caught:
        stored.backup(tmp_path / "nowhere" / "copy.db")
    assert caught.value.kind == "unavailable"


def test_damaged_file_is_not_backed_up(tmp_path: Path) -> None:
    """A copy that SQLite finds damaged is no backup: it is refused, and taken away."""
    path = tmp_path / "work.db"
    with worklattice.open(f"sqlite:///{path}") as wl:
        make(wl, "t")
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA writable_schema = ON")
    connection.execute("UPDATE edges SET task_id = 'x'")
    connection.execute(
        "INSERT INTO comments (workspace, task_id, seq, text, at) VALUES ('default', 'lost', 9, '', 0)"
    )
    connection.commit()
    connection.close()
    with worklattice.open(f"sqlite:///{path}") as wl:
        with pytest.raises(StoreError, match="The copy is not sound") as caught:
            wl.backup(tmp_path / "copy.db")
        assert caught.value.kind == "incompatible"
    assert not (tmp_path / "copy.db").exists()


@pytest.mark.parametrize("store", ["memory", "postgresql"])
def test_stores_without_a_backup_say_what_to_use(store: str, tmp_path: Path) -> None:
    """A dump, or the database's own tool."""
    with worklattice.open(url_of(store, tmp_path)) as wl:
        with pytest.raises(StoreError, match=r"wl\.dump_to.*pg_dump") as caught:
            wl.backup(tmp_path / "copy.db")
        assert caught.value.kind == "incompatible"


def test_closed_store_is_not_backed_up(stored: Orchestrator, tmp_path: Path) -> None:
    """Like any other use of it."""
    stored.close()
    with pytest.raises(StoreError) as caught:
        stored.backup(tmp_path / "copy.db")
    assert caught.value.kind == "closed"
