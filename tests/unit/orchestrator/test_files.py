"""Files that dumps and backups are written to, and what may stand at their names already."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import worklattice
from worklattice import Orchestrator, StoreError, ValidationError


@pytest.fixture
def stored(tmp_path: Path) -> Iterator[Orchestrator]:
    """A workspace with a task in a file."""
    with worklattice.open(f"sqlite:///{tmp_path}/work.db") as wl:
        wl.create_generic_task("t", task_id="a")
        yield wl


def only_those(folder: Path, *names: str) -> bool:
    """Whether nothing else was left in the folder."""
    left = {path.name for path in folder.iterdir()}
    return left - {"work.db-wal", "work.db-shm"} == {"work.db", *names}


# --- dumps --------------------------------------------------------------------------------------------------


def test_dump_does_not_overwrite_a_database(stored: Orchestrator, tmp_path: Path) -> None:
    """Neither the store itself nor another one: it is refused, and the store goes on."""
    with pytest.raises(StoreError, match="is an SQLite database"):
        stored.dump_to(tmp_path / "work.db")
    assert only_those(tmp_path)
    stored.create_generic_task("t", task_id="b")
    assert stored.check() == []


def test_dump_replaces_an_earlier_one_and_keeps_its_rights(stored: Orchestrator, tmp_path: Path) -> None:
    """What only its owner could read stays so."""
    path = tmp_path / "dump.jsonl"
    stored.dump_to(path)
    path.chmod(0o600)
    stored.create_generic_task("t", task_id="b")
    stored.dump_to(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_text(encoding="utf-8") == stored.dump()


def test_dump_goes_where_a_link_leads(stored: Orchestrator, tmp_path: Path) -> None:
    """The link stays one."""
    path, link = tmp_path / "dump.jsonl", tmp_path / "latest"
    path.touch()
    link.symlink_to(path.name)
    stored.dump_to(link)
    assert link.is_symlink()
    assert path.read_text(encoding="utf-8") == stored.dump()


def test_dump_goes_through_a_pipe(stored: Orchestrator, tmp_path: Path) -> None:
    """What is no file is written to, not replaced."""
    pipe, read = tmp_path / "pipe", list[str]()
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: read.append(pipe.read_text(encoding="utf-8")))
    reader.start()
    stored.dump_to(pipe)
    reader.join()
    assert read == [stored.dump()]
    assert pipe.is_fifo()


NO_PATHS: list[Any] = [None, "", "/", "a\0b", b"dump", 7]


@pytest.mark.parametrize("path", NO_PATHS)
def test_what_is_no_path_is_refused(stored: Orchestrator, path: Any) -> None:
    """For dumps and for backups."""
    writes: list[Callable[[Any], object]] = [stored.dump_to, stored.backup]
    for write in writes:
        with pytest.raises(ValidationError) as caught:
            write(path)
        assert caught.value.field == "path"


@pytest.mark.parametrize("line", [None, 5, ["x"], {"kind": "task"}])
def test_what_is_no_line_is_refused(line: Any) -> None:
    """A dump is made of texts."""
    with worklattice.open("memory:") as wl, pytest.raises(ValidationError, match="line 1 must be text"):
        wl.restore([line])


# --- backups ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["-wal", "-shm", "-journal"])
def test_backup_does_not_meet_the_log_of_a_database_that_is_gone(
    stored: Orchestrator, tmp_path: Path, ending: str
) -> None:
    """SQLite would take it for a part of the copy."""
    (tmp_path / f"copy.db{ending}").touch()
    with pytest.raises(StoreError, match=f"There is a file .copy.db{ending}. already"):
        stored.backup(tmp_path / "copy.db")
    assert only_those(tmp_path, f"copy.db{ending}")


def test_backup_keeps_the_rights_of_the_file(stored: Orchestrator, tmp_path: Path) -> None:
    """A copy can be read by nobody who could not read the store."""
    (tmp_path / "work.db").chmod(0o600)
    stored.backup(tmp_path / "copy.db")
    assert (tmp_path / "copy.db").stat().st_mode & 0o777 == 0o600


# --- stores -------------------------------------------------------------------------------------------------


def test_checking_a_file_that_is_not_there_creates_none(tmp_path: Path) -> None:
    """A slip in the name is told, not called sound."""
    with pytest.raises(StoreError, match="There is no file"):
        worklattice.check(f"sqlite:///{tmp_path}/wrok.db")
    assert list(tmp_path.iterdir()) == []


def test_row_that_cannot_be_read_is_named(stored: Orchestrator, tmp_path: Path) -> None:
    """Where another hand has spoilt it, the error says which it is and what to do."""
    with sqlite3.connect(tmp_path / "work.db") as other:
        other.execute("UPDATE tasks SET attributes = '{\"x\":'")
    other.close()
    reads: list[Callable[[], object]] = [stored.dump, stored.check, lambda: stored.get_task("a")]
    for read in reads:
        with pytest.raises(StoreError, match=r"tasks \(a\).*attributes is no JSON") as caught:
            read()
        assert caught.value.kind == "incompatible"
        assert caught.value.suggestion


def test_moment_that_is_none_is_refused(stored: Orchestrator) -> None:
    """A position or a time."""
    nothing: Any = None
    with pytest.raises(ValidationError, match="must be a position in the log or an aware datetime"):
        stored.as_of(nothing)
