"""A writer that is killed, and a write-ahead log that is torn: what was acknowledged is there, whole."""

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from worklattice.storage.sql.sqlite import SqliteStore
from worklattice.testing.rows import edge_row, fill, task_row

WRITER = """
import sys
from worklattice.storage.sql.sqlite import SqliteStore
from worklattice.testing.rows import edge_row, fill, task_row
store = SqliteStore(sys.argv[1], synchronous=sys.argv[2])
for n in range(1, 100_000):
    fill(
        store,
        tasks=[task_row("t0", version=n), task_row(f"t{n}", n + 1, parent_id="t0", version=n)],
        edges=[edge_row(f"t{n}", "t0", n)],
    )
    print(n, flush=True)
"""


def commits_in(path: Path) -> int:
    """How many of the writer's commits are in the file, each of them whole."""
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    connection.close()
    store = SqliteStore(path)
    with store.read("w") as view:
        row = view.task("t0")
        commits = row.version if row else 0
        assert view.count(None) == (commits + 1 if commits else 0)
        assert [child.version for child in view.children("t0")] == list(range(1, commits + 1))
        assert [edge.seq for edge in view.all_edges()] == list(range(1, commits + 1))
        assert [event.position for event in view.events(0, 1_000_000)] == list(range(1, commits + 1))
        workspace = view.workspace()
        assert (workspace.position if workspace else 0) == commits
    store.close()
    return commits


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system does not kill so")
@pytest.mark.parametrize("synchronous", ["normal", "full"])
@pytest.mark.parametrize("last_words", [1, 7, 40])
def test_a_writer_that_is_killed(tmp_path: Path, synchronous: str, last_words: int) -> None:
    """Every commit that was acknowledged is found, and at most the one that was on its way besides."""
    path = tmp_path / "work.db"
    command = [sys.executable, "-c", WRITER, str(path), synchronous]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        acknowledged = [int(writer.stdout.readline()) for _ in range(last_words)]
        os.kill(writer.pid, signal.SIGKILL)
        acknowledged += map(int, writer.stdout.read().split())
    assert acknowledged[-1] <= commits_in(path) <= acknowledged[-1] + 1


@pytest.fixture(scope="module")
def crashed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of a store that was never closed, with ten commits in its log."""
    folder = tmp_path_factory.mktemp("crashed")
    store = SqliteStore(folder / "work.db")
    for n in range(1, 11):
        fill(
            store,
            tasks=[task_row("t0", version=n), task_row(f"t{n}", n + 1, parent_id="t0", version=n)],
            edges=[edge_row(f"t{n}", "t0", n)],
        )
    copies = folder / "copies"
    copies.mkdir()
    for name in ("work.db", "work.db-wal"):
        shutil.copy(folder / name, copies)
    store.close()
    return copies


@pytest.mark.parametrize("seed", range(12))
def test_a_log_that_is_torn(crashed: Path, tmp_path: Path, seed: int) -> None:
    """Cut off anywhere, or with any bit turned round, it still holds the first so many commits, whole."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    shutil.copy(crashed / "work.db", tmp_path)
    log = bytearray((crashed / "work.db-wal").read_bytes())
    at = chance.randrange(len(log))
    if seed % 2:
        log = log[:at]
    else:
        log[at] ^= 1 << chance.randrange(8)
    (tmp_path / "work.db-wal").write_bytes(log)
    assert 0 <= commits_in_or_new(tmp_path / "work.db") <= 10


def commits_in_or_new(path: Path) -> int:
    """The same, where the log may have lost the schema, too."""
    connection = sqlite3.connect(path)
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    connection.close()
    return commits_in(path) if tables else 0


def test_the_log_untouched_holds_everything(crashed: Path, tmp_path: Path) -> None:
    """Whoever copies the file without its log loses what is in the log, and nothing else goes wrong."""
    shutil.copy(crashed / "work.db", tmp_path / "alone.db")
    for name in ("work.db", "work.db-wal"):
        shutil.copy(crashed / name, tmp_path)
    assert commits_in(tmp_path / "work.db") == 10
    assert commits_in_or_new(tmp_path / "alone.db") < 10
