"""The commands that look after a store."""

from __future__ import annotations

import io
import sqlite3
import sys
from pathlib import Path

import pytest

import worklattice
from tests.unit.model.asking import make
from tests.unit.test_main import run
from worklattice.__main__ import main


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store with a task in two workspaces, in the working directory."""
    monkeypatch.chdir(tmp_path)
    with worklattice.open("sqlite:///work.db") as wl:
        make(wl, "t", attributes={"title": "ä\u2028"})
        make(wl.workspace("other"), "x")
    return tmp_path


def dumped(url: str, workspace: str = "default") -> str:
    with worklattice.open(url, workspace=workspace) as wl:
        return wl.dump()


def test_dump_and_restore_move_a_workspace(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By a file: dumped from one workspace, restored into another one of a new file."""
    assert main(["dump", "work.db", "dump.jsonl"]) == 0
    assert main(["restore", "new.db", "dump.jsonl", "--workspace", "moved"]) == 0
    assert capsys.readouterr().out == "Wrote 3 lines to dump.jsonl.\nRestored 3 lines.\n"
    assert dumped("sqlite:///new.db", "moved") == dumped("sqlite:///work.db")


def test_dump_goes_through_a_pipe(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In UTF-8, whatever the terminal's encoding, and back from the standard input."""
    done = run("dump", "sqlite:///work.db", "--workspace", "default", cwd=work, PYTHONIOENCODING="ascii")
    assert (done.stdout, done.stderr) == (dumped("sqlite:///work.db"), "")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(done.stdout.encode())))
    assert main(["restore", "new.db", "-"]) == 0
    assert dumped("sqlite:///new.db") == done.stdout


def test_backup_copies_the_file(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Once: the second time there is a file already."""
    assert main(["backup", "work.db", "copy.db"]) == 0
    assert dumped("sqlite:///copy.db", "other") == dumped("sqlite:///work.db", "other")
    assert main(["backup", "work.db", "copy.db"]) == 1
    assert 'StoreError: There is a file "copy.db" already' in capsys.readouterr().err


def test_check_finds_and_repair_mends(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A check of a store that is not sound ends with 1 and says what is wrong; a repair says what it did."""
    assert main(["check", "work.db", "--replay"]) == 0
    assert capsys.readouterr().out == "Nothing is wrong in 2 workspaces.\n"
    connection = sqlite3.connect("work.db")
    connection.execute("UPDATE tasks SET depth = 3, version = 5 WHERE task_id = 'x'")
    connection.commit()
    connection.close()
    assert main(["check", "work.db", "--replay"]) == 1
    told = capsys.readouterr()
    assert told.out == "other: x: depth is 3, and should be 0\nother: x: version is 5, and should be 1\n"
    assert told.err == "worklattice: The store is not sound; repair puts it right.\n"
    assert main(["repair", "work.db"]) == 0
    assert capsys.readouterr().out == "Nothing was wrong.\n"
    assert main(["repair", "work.db", "--workspace", "other", "--rows"]) == 0
    assert capsys.readouterr().out.endswith("x: version is 5, and should be 1\n1 put right.\n")
    assert main(["check", "work.db", "--replay"]) == 0


@pytest.mark.parametrize("command", ["dump", "check", "repair"])
def test_file_that_is_not_there_is_not_made(
    work: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    """Only a restore makes a new one."""
    assert main([command, "nowhere.db"]) == 1
    assert capsys.readouterr().err == "worklattice: There is no file nowhere.db.\n"
    assert not (work / "nowhere.db").exists()


def test_faulty_dump_is_told(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With its line, and nothing is restored."""
    (work / "dump.jsonl").write_text(
        '{"format":1,"kind":"worklattice"}\n{"kind":"task"\n{"kind":"end","lines":3}\n'
    )
    assert main(["restore", "new.db", "dump.jsonl"]) == 1
    assert "worklattice: ValidationError: line 2: is not JSON" in capsys.readouterr().err
    assert dumped("sqlite:///new.db") == dumped("memory:")
