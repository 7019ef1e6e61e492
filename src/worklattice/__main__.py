"""The command line: `python -m worklattice demo work.db` plays the demo, `show` shows a file.

`dump`, `restore`, `backup`, `check` and `repair` look after a store, which is the path of an SQLite file or a
store URL.

Errors go to stderr and end with 1; a command line that is wrong ends with 2, as everywhere.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shlex
import shutil
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from io import TextIOWrapper
from pathlib import Path
from typing import Any, Final, TextIO
from urllib.parse import quote

import worklattice
from worklattice.demo import CutShortError, NotOursError, Paper, RefusedError, demo_clock, is_demo, page, play
from worklattice.demo.layout import WIDEST
from worklattice.demo.player import ACTOR, Played
from worklattice.rendering.text import visible
from worklattice.testing import ManualClock, SequentialIds

_FAILED: Final = 1
_INTERRUPTED: Final = 130
"""As a shell says it of a program that Ctrl-C ended."""


_A_STORE: Final = "the path of an SQLite file, or a store URL"


class _RefusalError(Exception):
    """Something that cannot be done, in words for people."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line; its exit code."""
    given = _parser().parse_args(arguments)
    run: Callable[[argparse.Namespace], Iterable[str]] = given.run
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a title may hold what the terminal cannot show
    try:
        for text in run(given):
            sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _FAILED
    except (_RefusalError, RefusedError) as error:
        return _complain(str(error))
    except KeyboardInterrupt:
        return _complain("Interrupted.", code=_INTERRUPTED)
    except worklattice.WorklatticeError as error:
        return _complain(f"{error.error_type}: {error}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m worklattice", description="A task graph to embed in a Python program."
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    demo = commands.add_parser(
        "demo",
        help="play ten workflows into a new SQLite file and show what came of them",
        description="Plays ten documented workflows into an SQLite file, by tool payloads, and shows what "
        "came of them. A file that holds the demo already is shown as it is; other files are left alone.",
    )
    demo.add_argument(
        "file", metavar="FILE", nargs="?", help="a new one in the temporary folder where left out"
    )
    demo.set_defaults(run=_demo)
    show = commands.add_parser(
        "show",
        help="show the tasks in a store, what is ready, and what is blocked by what",
        description="Shows the trees of tasks in a store, what is ready, and what is blocked by what.",
    )
    show.add_argument("store", metavar="STORE", help=_A_STORE)
    show.add_argument("--workspace", default="default", help="which workspace of the store")
    show.set_defaults(run=_show)
    events = commands.add_parser(
        "events",
        help="write the events in a store, one JSON object a line",
        description="Writes the events in a store in order, one JSON object a line.",
    )
    events.add_argument("store", metavar="STORE", help=_A_STORE)
    events.add_argument("--workspace", default="default", help="which workspace of the store")
    events.add_argument("--after", metavar="POSITION", type=int, default=0, help="only those behind this one")
    events.set_defaults(run=_events)
    _add_upkeep(commands.add_parser)
    tools = commands.add_parser("tools", help="write the catalogue of tools as JSON")
    tools.set_defaults(run=_tools)
    return parser


def _add_upkeep(add: Callable[..., ArgumentParser]) -> None:
    """Add the commands that look after a store."""

    def added(name: str, run: Callable[[argparse.Namespace], Iterable[str]], text: str) -> ArgumentParser:
        command = add(name, help=text[0].lower() + text[1:], description=text)
        command.add_argument("store", metavar="STORE", help=_A_STORE)
        command.set_defaults(run=run)
        return command

    dump = added("dump", _dump, "Write the dump of a workspace, as JSON Lines")
    dump.add_argument("file", metavar="FILE", nargs="?", help="to the standard output where left out")
    restore = added("restore", _restore, "Write a dump into an empty workspace")
    restore.add_argument("file", metavar="FILE", help="the dump; - for the standard input")
    backup = added("backup", _backup, "Copy an SQLite file while others write to it")
    backup.add_argument("file", metavar="FILE", help="the copy, which must be a new file")
    check = added("check", _check, "Check every workspace of a store, and say what is wrong")
    check.add_argument("--replay", action="store_true", help="compare the rows with the logs, too")
    repair = added("repair", _repair, "Put right what a check finds in a workspace")
    repair.add_argument("--rows", action="store_true", help="rebuild what was said from the log, too")
    for command in (dump, restore, repair):
        command.add_argument("--workspace", default="default", help="which workspace of the store")


def _complain(message: str, code: int = _FAILED) -> int:
    print(f"worklattice: {message}", file=sys.stderr)
    return code


# --- commands -------------------------------------------------------------------------------------------


def _demo(given: argparse.Namespace) -> Iterator[str]:
    path = Path(given.file) if given.file else Path(tempfile.mkdtemp(prefix="worklattice-"), "work.db")
    paper, clock = _paper(sys.stdout), demo_clock()
    with _opened(_url_of(path), clock=clock) as wl:
        played = None if _holds_demo(wl, path) else play(wl, clock)
        opening = _nothing_played(path, paper) if played is None else _told(played, path, paper)
        yield _joined(opening)
        yield page(wl, paper, demo=True)
    yield _joined(["", f"This again: python -m worklattice show {visible(shlex.quote(str(path)))}"])


def _show(given: argparse.Namespace) -> Iterator[str]:
    clock = demo_clock()
    with _opened(_url(given.store), clock=clock, workspace=given.workspace) as wl:
        try:
            demo = is_demo(wl)
        except (NotOursError, CutShortError):
            demo = False
        if not demo:
            clock.set(datetime.now(UTC))
        yield page(wl, _paper(sys.stdout), demo=demo)


def _events(given: argparse.Namespace) -> Iterator[str]:
    after: int | None = given.after
    with _opened(_url(given.store), workspace=given.workspace) as wl:
        while after is not None:
            arguments = {"after": after, "limit": 1_000}
            answer: dict[str, Any] = wl.dispatch({"tool": "orchestrator_get_history", "arguments": arguments})
            if answer["status"] != "success":
                raise RefusedError(answer)
            yield _joined(json.dumps(event) for event in answer["events"])
            after = answer.get("next_after")


def _dump(given: argparse.Namespace) -> Iterator[str]:
    with worklattice.open(_url(given.store), workspace=given.workspace) as wl:
        _refuse_unknown_workspace(wl, given.workspace)
        if given.file is not None:
            lines = wl.dump_to(given.file)
            yield f"Wrote {lines:,} lines to {given.file}.\n"
            return
        if isinstance(sys.stdout, TextIOWrapper):
            sys.stdout.reconfigure(encoding="utf-8", errors="strict", newline="\n")
        yield from (line + "\n" for line in wl.dump_lines())


def _restore(given: argparse.Namespace) -> Iterator[str]:
    if given.file != "-":
        _existing(given.file)
    with worklattice.open(_url(given.store, must_exist=False), workspace=given.workspace) as wl:
        lines = wl.restore(sys.stdin.buffer if given.file == "-" else given.file)
    yield f"Restored {lines:,} lines.\n"


def _backup(given: argparse.Namespace) -> Iterator[str]:
    with worklattice.open(_url(given.store)) as wl:
        wl.backup(given.file)
    yield f"Copied {given.store} to {given.file}.\n"


def _check(given: argparse.Namespace) -> Iterator[str]:
    report = worklattice.check(_url(given.store), replay=given.replay)
    yield f"{report}\n"
    if not report.is_sound:
        raise _RefusalError("The store is not sound; repair puts it right.")


def _repair(given: argparse.Namespace) -> Iterator[str]:
    with worklattice.open(_url(given.store), workspace=given.workspace) as wl:
        _refuse_unknown_workspace(wl, given.workspace)
        mended = wl.repair(rows=given.rows)
    yield _joined(str(found) for found in mended)
    yield f"{len(mended):,} put right.\n" if mended else "Nothing was wrong.\n"


def _refuse_unknown_workspace(wl: worklattice.Orchestrator, name: str) -> None:
    """Refuse a workspace that was never written to, where others were: a slip of the pen, most likely."""
    known = wl.workspaces()
    if known and name not in known:
        raise _RefusalError(f"There is no workspace {name} in it; there is {', '.join(known)}.")


def _tools(_: argparse.Namespace) -> Iterator[str]:
    with worklattice.open("memory:") as wl:
        yield json.dumps(wl.tools(), indent=2) + "\n"


# --- files ----------------------------------------------------------------------------------------------


def _opened(
    url: str, *, clock: ManualClock | None = None, workspace: str = "default"
) -> worklattice.Orchestrator:
    """The workspace of a store, with the demo's name and ids for what is written."""
    return worklattice.open(
        url,
        workspace=workspace,
        clock=clock,
        ids=SequentialIds(),
        actor=ACTOR,
    )


def _url(store: str, *, must_exist: bool = True) -> str:
    """The URL of a store that is named by it, or by the path of its file."""
    if _LIKE_A_URL.match(store):
        return store
    return _url_of(_existing(store) if must_exist else Path(store))


_LIKE_A_URL: Final = re.compile(r"[a-z]+:(//|$)")


def _url_of(path: Path) -> str:
    return f"sqlite:///{quote(path.absolute().as_posix())}"


def _existing(file: str) -> Path:
    path = Path(file)
    if not path.is_file():
        raise _RefusalError(f"There is no file {path}.")
    return path


def _holds_demo(wl: worklattice.Orchestrator, path: Path) -> bool:
    try:
        return is_demo(wl)
    except NotOursError:
        raise _RefusalError(
            f"{path} holds other tasks, which the demo leaves alone. Name a new file."
        ) from None
    except CutShortError:
        raise _RefusalError(
            f"{path} holds a demo that was cut short. Delete it, or name a new file."
        ) from None


# --- output ---------------------------------------------------------------------------------------------


def _paper(stream: TextIO) -> Paper:
    """What the terminal can do; where the output goes elsewhere, the widest page without colours."""
    terminal = stream.isatty()
    try:
        "├──…".encode(stream.encoding or "ascii")
    except UnicodeEncodeError:
        ascii_only = True
    else:
        ascii_only = False
    return Paper(
        width=min(WIDEST, shutil.get_terminal_size((WIDEST, 24)).columns) if terminal else WIDEST,
        colour=terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb",
        ascii_only=ascii_only,
    )


def _nothing_played(path: Path, paper: Paper) -> Iterator[str]:
    yield from paper.text(f"{path} holds the demo already. Nothing was played; this is how it stands.")
    yield ""


def _told(played: Played, path: Path, paper: Paper) -> Iterator[str]:
    yield from paper.text(
        f"Played ten workflows into {path}, on a clock of their own: {played.calls} tool calls, none refused."
    )
    yield ""
    for chapter in played.chapters:
        calls = f"{chapter.calls} call{'s' if chapter.calls != 1 else ''}"
        yield from paper.text(f"{chapter.at:%Y-%m-%d %H:%M}  {chapter.text} ({calls})", hanging=18)
    yield ""


def _joined(lines: Iterable[str]) -> str:
    return "".join(line + "\n" for line in lines)


if __name__ == "__main__":
    sys.exit(main())
