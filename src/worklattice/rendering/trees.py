"""A task with what is inside it, as a tree for the terminal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from worklattice.model.answers import TaskNode
from worklattice.model.dependency import Dependency, Point
from worklattice.rendering.holding import held_point
from worklattice.rendering.looks import LOOKS
from worklattice.rendering.text import ASCII_ELLIPSIS, ELLIPSIS, columns, cut, fitted, title_of, visible

_GAP: Final = "  "
_NARROWEST: Final = 40


class _Strokes(NamedTuple):
    """What branches are drawn with."""

    fork: str
    corner: str
    trunk: str
    blank: str = "    "


_BOX: Final = _Strokes(fork="├── ", corner="└── ", trunk="│   ")
_ASCII: Final = _Strokes(fork="|-- ", corner="`-- ", trunk="|   ")


class _Line(NamedTuple):
    """A task's line, or one under it (`node` is None) that says what it waits for."""

    branch: str
    text: str
    node: TaskNode | None = None


def tree(
    root: TaskNode,
    dependencies: Iterable[Dependency] = (),
    *,
    width: int | None = None,
    colour: bool = False,
    ascii_only: bool = False,
) -> str:
    """A task and what is inside it: title (or id), type, stage and status of each, one line a task.

    Args:
        root: the task, as in `get_task_hierarchy(...).root_task`.
        dependencies: what the tasks need; under a task stands what it still waits for. A task that is
            blocked and has no such line is inside one that waits.
        width: the columns that a line may have; the columns then stand at the same place in every tree of
            this width. Where left out, as wide as the longest texts.
        colour: whether statuses are coloured, by the escape sequences that terminals read.
        ascii_only: whether branches and cuts are drawn in ASCII, for terminals that know no other signs.

    Control characters in titles and types are escaped. Lines end with a newline, the last one too.
    """
    lines = list(_lines(root, _notes(root, dependencies), _ASCII if ascii_only else _BOX))
    rooms = _natural_rooms(lines) if width is None else _rooms_within(width)
    drawn = "".join(_drawn(line, rooms, colour=colour) + "\n" for line in lines)
    return drawn.replace(ELLIPSIS, ASCII_ELLIPSIS) if ascii_only else drawn


# --- what stands in the lines ---------------------------------------------------------------------------


def _nodes(root: TaskNode) -> Iterator[TaskNode]:
    left = [root]
    while left:
        node = left.pop()
        yield node
        left += node.children


def _notes(root: TaskNode, dependencies: Iterable[Dependency]) -> Mapping[str, list[str]]:
    """For each task that something holds back, the lines that say what."""
    titles = {node.task_id: title_of(node) for node in _nodes(root)}
    blocked = {node.task_id for node in _nodes(root) if node.status == "blocked"}
    starts: dict[str, list[str]] = defaultdict(list)
    finishes: dict[str, list[str]] = defaultdict(list)
    for edge in dependencies:
        point = held_point(edge)
        other = titles.get(edge.effective_task_id, edge.effective_task_id)
        named = f"{other} ({edge.state})" if edge.state == "failed" else other
        if point is Point.START and edge.task_id in blocked:
            starts[edge.task_id].append(named)
        elif point is Point.FINISH:
            finishes[edge.task_id].append(named)
    notes: dict[str, list[str]] = defaultdict(list)
    for words, said in (("waits for", starts), ("cannot finish before", finishes)):
        for task_id, others in said.items():
            notes[task_id].append(f"{words} {', '.join(others)}")
    return notes


def _lines(root: TaskNode, notes: Mapping[str, Sequence[str]], strokes: _Strokes) -> Iterator[_Line]:
    left: list[tuple[TaskNode, str, str]] = [(root, "", "")]
    while left:
        node, branch, below = left.pop()
        yield _Line(branch, title_of(node), node)
        under = below + (strokes.trunk if node.children else strokes.blank)
        for note in notes.get(node.task_id, ()):
            yield _Line(under, note)
        inside = [(child, below + strokes.fork, below + strokes.trunk) for child in node.children]
        if inside:
            inside[-1] = (node.children[-1], below + strokes.corner, below + strokes.blank)
        left += reversed(inside)


# --- where it stands ------------------------------------------------------------------------------------


class _Rooms(NamedTuple):
    """The widths of the columns."""

    title: int
    type: int
    stage: int
    status: int
    branch: int
    """How much of the title's room the branches may take."""
    line: int
    """The width of a whole line."""


def _natural_rooms(lines: Sequence[_Line]) -> _Rooms:
    nodes = [line.node for line in lines if line.node is not None]
    widest = max(columns(line.branch + line.text) for line in lines)
    return _Rooms(
        title=max(columns(line.branch + line.text) for line in lines if line.node is not None),
        branch=widest,
        line=widest,
        type=max(columns(visible(node.task_type)) for node in nodes),
        stage=max(columns(visible(node.lifecycle_stage)) for node in nodes),
        status=max(columns(node.status) for node in nodes),
    )


def _rooms_within(width: int) -> _Rooms:
    """Half for the title, the rest for type, stage and status, whose longest words have ten letters."""
    width = max(width, _NARROWEST)
    stage = status = min(10, width // 6)
    kind = min(26, width // 4)
    title = width - kind - stage - status - 3 * len(_GAP)
    return _Rooms(title=title, branch=title // 2, type=kind, stage=stage, status=status, line=width)


def _drawn(line: _Line, rooms: _Rooms, *, colour: bool) -> str:
    branch = line.branch
    if columns(branch) > rooms.branch:  # deep inside, only the last branches are drawn
        branch = ELLIPSIS + branch[-(rooms.branch - 1) :]
    node = line.node
    if node is None:
        note = cut(line.text, rooms.line - columns(branch))
        return f"{_painted(branch, '2')}{_painted(note, '2')}" if colour else branch + note
    title = fitted(line.text, rooms.title - columns(branch))
    kind = fitted(visible(node.task_type), rooms.type)
    stage = fitted(visible(node.lifecycle_stage), rooms.stage)
    status = cut(node.status, rooms.status)
    if colour:
        look = LOOKS.get(node.status)
        branch, kind = _painted(branch, "2"), _painted(kind, "2")
        status = status if look is None else _painted(status, look.terminal)
    return _GAP.join((branch + title, kind, stage, status))


def _painted(text: str, colour: str) -> str:
    return f"\x1b[{colour}m{text}\x1b[0m" if text else ""
