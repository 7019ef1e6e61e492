"""The command line, most of it as a process of its own."""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

import worklattice
from worklattice.__main__ import main
from worklattice.demo import RefusedError
from worklattice.demo.player import ACTOR

PLAIN = {"NO_COLOR": "1", "PYTHONUTF8": "1"}


def run(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "worklattice", *arguments],
        cwd=cwd,
        env={**os.environ, **PLAIN, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_demo_shows_the_same_when_its_file_is_opened_again(tmp_path: Path) -> None:
    """What `demo` shows after playing, `show` shows in another process, and `demo` shows again."""
    played = run("demo", "work.db", cwd=tmp_path)
    shown = run("show", "work.db", cwd=tmp_path)
    again = run("demo", "work.db", cwd=tmp_path)
    for done in (played, shown, again):
        assert (done.returncode, done.stderr) == (0, "")
    assert played.stdout.startswith("Played ten workflows into work.db")
    assert again.stdout.startswith("work.db holds the demo already. Nothing was played")
    hint = "\nThis again: python -m worklattice show work.db\n"
    assert played.stdout.endswith(shown.stdout + hint)
    assert again.stdout.endswith(shown.stdout + hint)
    assert len(shown.stdout.splitlines()) > 100


def test_the_demo_leaves_a_file_that_others_open(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With the default settings of the Python API, at any later time."""
    assert main(["demo", "work.db"]) == 0
    with worklattice.open("sqlite:///work.db") as wl:
        assert wl.check() == []
        before = wl.dump()
    assert main(["demo", "work.db"]) == 0
    with worklattice.open("sqlite:///work.db") as wl:
        assert wl.dump() == before


def test_the_demo_needs_no_file_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It makes a file in the temporary folder, and says where."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert main(["demo"]) == 0
    (made,) = tmp_path.glob("worklattice-*/work.db")
    assert f"show {made}" in capsys.readouterr().out.replace("\n", " ")


def test_the_demo_may_begin_in_an_empty_workspace(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that was created, and that nothing was written to."""
    worklattice.open("sqlite:///work.db").close()
    assert main(["demo", "work.db"]) == 0


def test_a_file_name_may_hold_what_urls_cannot(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Spaces, percent signs, question marks."""
    assert main(["demo", "my work 100%?.db"]) == 0
    assert (folder / "my work 100%?.db").is_file()


def _text(path: Path) -> str:
    path.write_text("precious notes " * 100)
    return "no intact SQLite database"


def _foreign(path: Path) -> str:
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("CREATE TABLE precious (note)")
    connection.close()
    return "of another program"


def _tasks(path: Path) -> str:
    with worklattice.open(f"sqlite:///{path.as_posix()}") as wl:
        wl.create_generic_task("precious")
    return "holds other tasks"


def _cut_short(path: Path) -> str:
    with worklattice.open(f"sqlite:///{path.as_posix()}", actor=ACTOR) as wl:
        wl.create_generic_task("sprint")
    return "was cut short"


@pytest.mark.parametrize("make", [_text, _foreign, _tasks, _cut_short])
def test_the_demo_leaves_other_files_alone(
    make: Callable[[Path], str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It says why, and changes nothing."""
    reason = make(folder / "mine.db")
    before = (folder / "mine.db").read_bytes()
    assert main(["demo", "mine.db"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("worklattice: ")
    assert reason in said.err
    assert (folder / "mine.db").read_bytes() == before


def test_a_refused_call_is_an_error(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer's message goes to stderr."""

    def refuse(*_: object) -> None:
        raise RefusedError({"error_type": "ConflictError", "message": "No.", "suggestion": None})

    monkeypatch.setattr("worklattice.__main__.play", refuse)
    assert main(["demo", "work.db"]) == 1
    assert capsys.readouterr().err == "worklattice: ConflictError: No.\n"


def test_show_shows_any_file_as_it_is_now(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Trees, what is ready, what is blocked; of the workspace that is asked for."""
    with worklattice.open("sqlite:///mine.db", workspace="acme") as wl:
        wl.create_generic_task("trip", task_id="trip", attributes={"title": "To the sea"})
    assert main(["show", "mine.db", "--workspace", "acme"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith(f"1 task as of {datetime.now().astimezone().year}")
    assert "To the sea" in shown
    assert main(["show", "mine.db"]) == 0
    assert capsys.readouterr().out.startswith("No tasks as of")


def test_show_does_not_create_files(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A name that is mistyped is an error."""
    assert main(["show", "nothing.db"]) == 1
    assert capsys.readouterr().err == "worklattice: There is no file nothing.db.\n"
    assert list(folder.iterdir()) == []


def test_show_takes_the_url_of_a_store(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As the commands that look after stores do."""
    main(["demo", "work.db"])
    capsys.readouterr()
    for command in ("show", "events"):
        assert main([command, "sqlite:///work.db"]) == 0
        assert "sprint_23_backend" in capsys.readouterr().out


def test_a_workspace_that_is_not_there(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A slip in its name is told, and no empty dump is written."""
    main(["demo", "work.db"])
    for command in (["dump", "work.db", "dump.jsonl"], ["repair", "work.db"]):
        capsys.readouterr()
        assert main([*command, "--workspace", "tpyo"]) == 1
        assert "There is no workspace tpyo in it; there is default." in capsys.readouterr().err
    assert not Path("dump.jsonl").exists()


def test_a_dump_that_is_not_there(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No empty store is left for it."""
    assert main(["restore", "new.db", "nope.jsonl"]) == 1
    assert "There is no file nope.jsonl." in capsys.readouterr().err
    assert not Path("new.db").exists()


def test_events_are_written_one_a_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """All of them, however many, in order; or those behind a position."""
    with worklattice.open("sqlite:///mine.db") as wl:
        wl.batch_create([{"task_type": "step"} for _ in range(700)])
        last = max(event.position for event in wl.events())
    assert main(["events", "mine.db"]) == 0
    positions = [json.loads(line)["position"] for line in capsys.readouterr().out.splitlines()]
    assert positions == list(range(1, last + 1))
    assert main(["events", "mine.db", "--after", str(last - 1)]) == 0
    assert json.loads(capsys.readouterr().out)["position"] == last
    assert main(["events", "mine.db", "--after", "-1"]) == 1
    assert "ValidationError" in capsys.readouterr().err


def test_tools_writes_the_catalogue(capsys: pytest.CaptureFixture[str]) -> None:
    """As MCP clients read it."""
    assert main(["tools"]) == 0
    names = [tool["name"] for tool in json.loads(capsys.readouterr().out)]
    assert "orchestrator_query_tasks" in names


@pytest.mark.parametrize("arguments", [[], ["dance"], ["show"], ["events", "x", "--after", "soon"]])
def test_a_wrong_command_line_is_told_what_is_right(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """As everywhere: usage on stderr, exit code 2."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "usage: python -m worklattice" in capsys.readouterr().err


def test_a_reader_that_has_read_enough_is_no_reason_to_complain(tmp_path: Path) -> None:
    """As in `python -m worklattice events work.db | head -1`: no traceback."""
    with worklattice.open(f"sqlite:///{(tmp_path / 'mine.db').as_posix()}") as wl:
        wl.batch_create([{"task_type": "step"} for _ in range(2_000)])
    command = [sys.executable, "-m", "worklattice", "events", "mine.db"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 1


def test_a_terminal_that_knows_only_ascii_gets_only_ascii(tmp_path: Path) -> None:
    """Branches are drawn in ASCII, and other characters stand as escapes."""
    with worklattice.open(f"sqlite:///{(tmp_path / 'mine.db').as_posix()}") as wl:
        root = wl.create_generic_task("trip", attributes={"title": "日本"}).task_id
        wl.create_generic_task("leg", task_id="inside", parent_task_id=root)
    shown = run("show", "mine.db", cwd=tmp_path, PYTHONUTF8="0", PYTHONIOENCODING="ascii")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert shown.stdout.isascii()
    assert r"\u65e5\u672c" in shown.stdout
    assert "`-- inside" in shown.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="has no pseudo-terminals")
@pytest.mark.parametrize(
    ("environment", "coloured"),
    [
        ({"TERM": "xterm", "NO_COLOR": ""}, True),
        ({"TERM": "xterm", "NO_COLOR": "1"}, False),
        ({"TERM": "dumb", "NO_COLOR": ""}, False),
    ],
)
def test_a_terminal_is_shown_colours_unless_it_minds(
    environment: dict[str, str], *, coloured: bool, tmp_path: Path
) -> None:
    """And lines no longer than it is wide."""
    import pty  # noqa: PLC0415 - where there are any

    with worklattice.open(f"sqlite:///{(tmp_path / 'mine.db').as_posix()}") as wl:
        wl.create_generic_task("trip", attributes={"title": "To the sea " * 9})
    ours, theirs = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-m", "worklattice", "show", "mine.db"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONUTF8": "1", "COLUMNS": "70", **environment},
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        check=False,
    )
    os.close(theirs)
    shown = _everything_from(ours)
    assert done.returncode == 0
    assert ("\x1b[36mpending\x1b[0m" in shown) == coloured
    assert coloured or max(map(len, shown.splitlines())) <= 70


def _everything_from(terminal: int) -> str:
    """What was written to a pseudo-terminal; its end is an error on Linux and nothing elsewhere."""
    parts: list[bytes] = []
    try:
        while part := os.read(terminal, 65_536):
            parts.append(part)
    except OSError:
        pass
    finally:
        os.close(terminal)
    return b"".join(parts).decode()
