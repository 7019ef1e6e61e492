"""A writer that is killed, and a write-ahead log that is torn: what was acknowledged is there, whole."""

from __future__ import annotations

import random
import shutil
import signal
import sqlite3
import time
from pathlib import Path
from typing import Final, NamedTuple

import pytest

import worklattice
from tests.faults.numbers import NUMBERS, tell
from tests.faults.processes import child
from tests.faults.work import commit_number, whole_commits, write_without_end

_HEARD: Final = (1, 2, 2, 3, 3)
"""How many writers in a row are killed over one file, each of them beginning with what the last one left; and
what is heard of each before its time runs: that it began to make the file, that it has opened it, that it has
committed something."""
_LATEST: Final = 0.06
"""Seconds after which a writer is killed at the latest."""


def commits_in(path: Path) -> int:
    """How many of the writer's commits are in the file, each of them whole."""
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    connection.close()
    with worklattice.open(f"sqlite:///{path}") as wl:
        return whole_commits(wl)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system does not kill so")
@pytest.mark.parametrize("synchronous", ["normal", "full"])
def test_a_writer_that_is_killed(tmp_path: Path, synchronous: str) -> None:
    """Every commit that was acknowledged is found, and at most the one that was on its way besides."""
    chance = random.Random(synchronous)  # noqa: S311 - no secret
    kills, acknowledged, unheard = NUMBERS.killed_writers // 2, 0, 0
    for life in range(kills):
        path = tmp_path / f"{life // len(_HEARD)}.db"
        before = commits_in(path) if life % len(_HEARD) else 0
        with child(write_without_end, f"sqlite:///{path}?synchronous={synchronous}") as writer:
            heard = [writer.line.recv() for _ in range(_HEARD[life % len(_HEARD)])]
            time.sleep(chance.uniform(0, _LATEST))
            writer.kill()
            last = max(before, *heard, *writer.last_words())
        found = commits_in(path)
        assert last <= found <= last + 1
        acknowledged += last - before
        unheard += found - last
    assert acknowledged > 0
    tell(f"kill -9, {synchronous}", runs=kills, acknowledged=acknowledged, unheard=unheard)


class Crashed(NamedTuple):
    """The files of a store that was never closed."""

    folder: Path
    dumps: dict[int, str]
    """What the store's dump was at the positions where a commit ended, from the first that a torn log may
    lead back to."""


@pytest.fixture(scope="module", params=["all in the log", "after a checkpoint"])
def crashed(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Crashed:
    """A store with a dozen commits: all in its log, or half of them and the log begun again in between.

    Only what is not yet in the database file may be torn: SQLite syncs the log before it copies from it.
    """
    folder, copies = tmp_path_factory.mktemp("crashed"), tmp_path_factory.mktemp("copies")
    dumps: dict[int, str] = {}
    with worklattice.open(f"sqlite:///{folder}/work.db") as wl:
        dumps[0] = wl.dump()
        for number in range(1, 13):
            commit_number(wl, number)
            if number == 6 and request.param == "after a checkpoint":
                with sqlite3.connect(folder / "work.db") as other:
                    assert other.execute("PRAGMA wal_checkpoint(RESTART)").fetchone()[0] == 0
                other.close()
                dumps.clear()
            dumps[sum(1 for _ in wl.events())] = wl.dump()
        for name in ("work.db", "work.db-wal"):
            shutil.copy(folder / name, copies)
    return Crashed(copies, dumps)


def is_found(crashed: Crashed, path: Path) -> int:
    """The position at which the copy stands, which must be one where a commit ended, and the same in all."""
    with worklattice.open(f"sqlite:///{path}") as wl:
        whole_commits(wl)
        position = sum(1 for _ in wl.events())
        assert wl.dump() == crashed.dumps[position]
    return position


def test_a_log_that_is_torn(crashed: Crashed, folder: Path) -> None:
    """Cut off anywhere, or with any bit turned round, it still holds the first so many commits, whole."""
    chance = random.Random(1)  # noqa: S311 - no secret
    whole = (crashed.folder / "work.db-wal").read_bytes()
    found: list[int] = []
    for number in range(NUMBERS.torn_logs // 2):
        log = bytearray(whole)
        at = chance.randrange(len(log))
        if number % 2:
            del log[at:]
        else:
            log[at] ^= 1 << chance.randrange(8)
        path = folder / "work.db"
        shutil.copy(crashed.folder / "work.db", path)
        path.with_name("work.db-wal").write_bytes(log)
        found.append(is_found(crashed, path))
        for left in folder.glob("work.db*"):
            left.unlink()
    assert len(set(found)) > 2
    tell("torn log", runs=len(found), prefixes_found=len(set(found)))


def test_the_log_untouched_holds_everything(crashed: Crashed, tmp_path: Path) -> None:
    """Whoever copies the file without its log loses what is in the log, and nothing else goes wrong."""
    for name in ("work.db", "work.db-wal"):
        shutil.copy(crashed.folder / name, tmp_path)
    shutil.copy(crashed.folder / "work.db", tmp_path / "alone.db")
    assert is_found(crashed, tmp_path / "work.db") == max(crashed.dumps)
    assert is_found(crashed, tmp_path / "alone.db") == min(crashed.dumps)
