"""The command line: `python -m worklattice demo work.db` plays the demo, `show` shows a file.

Errors go to stderr and end with 1; a command line that is wrong ends with 2, as everywhere.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import shutil
import sys
import tempfile
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
        help="show the tasks in an SQLite file, what is ready, and what is blocked by what",
        description="Shows the trees of tasks in an SQLite file, what is ready, and what is blocked by what.",
    )
    show.add_argument("file", metavar="FILE")
    show.add_argument("--workspace", default="default", help="which workspace of the file")
    show.set_defaults(run=_show)
    events = commands.add_parser(
        "events",
        help="write the events in an SQLite file, one JSON object a line",
        description="Writes the events in an SQLite file in order, one JSON object a line.",
    )
    events.add_argument("file", metavar="FILE")
    events.add_argument("--workspace", default="default", help="which workspace of the file")
    events.add_argument("--after", metavar="POSITION", type=int, default=0, help="only those behind this one")
    events.set_defaults(run=_events)
    tools = commands.add_parser("tools", help="write the catalogue of tools as JSON")
    tools.set_defaults(run=_tools)
    return parser


def _complain(message: str) -> int:
    print(f"worklattice: {message}", file=sys.stderr)
    return _FAILED


# --- commands -------------------------------------------------------------------------------------------


def _demo(given: argparse.Namespace) -> Iterator[str]:
    path = Path(given.file) if given.file else Path(tempfile.mkdtemp(prefix="worklattice-"), "work.db")
    paper, clock = _paper(sys.stdout), demo_clock()
    with _opened(path, clock=clock) as wl:
        played = None if _holds_demo(wl, path) else play(wl, clock)
        opening = _nothing_played(path, paper) if played is None else _told(played, path, paper)
        yield _joined(opening)
        yield page(wl, paper, demo=True)
    yield _joined(["", f"This again: python -m worklattice show {visible(shlex.quote(str(path)))}"])


def _show(given: argparse.Namespace) -> Iterator[str]:
    clock = demo_clock()
    with _opened(_existing(given.file), clock=clock, workspace=given.workspace) as wl:
        try:
            demo = is_demo(wl)
        except (NotOursError, CutShortError):
            demo = False
        if not demo:
            clock.set(datetime.now(UTC))
        yield page(wl, _paper(sys.stdout), demo=demo)


def _events(given: argparse.Namespace) -> Iterator[str]:
    after: int | None = given.after
    with _opened(_existing(given.file), workspace=given.workspace) as wl:
        while after is not None:
            arguments = {"after": after, "limit": 1_000}
            answer: dict[str, Any] = wl.dispatch({"tool": "orchestrator_get_history", "arguments": arguments})
            if answer["status"] != "success":
                raise RefusedError(answer)
            yield _joined(json.dumps(event) for event in answer["events"])
            after = answer.get("next_after")


def _tools(_: argparse.Namespace) -> Iterator[str]:
    with worklattice.open("memory:") as wl:
        yield json.dumps(wl.tools(), indent=2) + "\n"


# --- files ----------------------------------------------------------------------------------------------


def _opened(
    path: Path, *, clock: ManualClock | None = None, workspace: str = "default"
) -> worklattice.Orchestrator:
    """The workspace in the file, with the demo's name and ids for what is written."""
    url = f"sqlite:///{quote(path.absolute().as_posix())}"
    return worklattice.open(
        url,
        workspace=workspace,
        clock=clock,
        ids=SequentialIds(),
        actor=ACTOR,
    )


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
