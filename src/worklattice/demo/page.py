"""The state of a workspace as a page of text: its trees, what is ready, what is blocked and by what.

Bounded, however much the workspace holds: the beginning of each list and each tree is shown, and how much
more there is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from worklattice import Dependency, Orchestrator, Task
from worklattice.demo.layout import Paper
from worklattice.demo.patterns import PATTERNS
from worklattice.demo.reports import reports
from worklattice.model.dependency import Point
from worklattice.model.lifecycle import STATUSES
from worklattice.rendering.holding import held_point
from worklattice.rendering.text import ASCII_ELLIPSIS, ELLIPSIS, title_of
from worklattice.rendering.trees import tree

_TREES: Final = 50
"""How many trees are shown under one heading."""
_BY_DUE_TIME: Final[Any] = {"field": "due_at", "direction": "asc"}
_LINES: Final = 200
"""How much of one tree or list is shown."""


def page(wl: Orchestrator, paper: Paper, *, demo: bool = False) -> str:
    """The page, as of the workspace's clock; by patterns, with the reports, where it holds the demo."""
    sections = _patterns(wl, paper) if demo else _all_trees(wl, paper)
    lines = [*_summary(wl, paper), *sections, *_ready(wl, paper), *_blocked(wl, paper), *_times(wl, paper)]
    text = "".join(line + "\n" for line in lines)
    return text.replace(ELLIPSIS, ASCII_ELLIPSIS) if paper.ascii_only else text


def _summary(wl: Orchestrator, paper: Paper) -> Iterator[str]:
    everything = wl.query_tasks(limit=1)
    counts = {
        status: wl.query_tasks(filters={"status": status}, limit=1).total_results for status in STATUSES
    }
    by_status = ", ".join(f"{count:,} {status}" for status, count in counts.items() if count)
    as_of = f"{everything.query_metadata.executed_at:%Y-%m-%d %H:%M} UTC"
    total = _counted(everything.total_results)
    yield from paper.text(f"{total} as of {as_of}{': ' if by_status else ''}{by_status}")


def _counted(number: int) -> str:
    return "1 task" if number == 1 else f"{number:,} tasks" if number else "No tasks"


# --- trees ----------------------------------------------------------------------------------------------


def _all_trees(wl: Orchestrator, paper: Paper) -> Iterator[str]:
    yield from paper.heading("Tasks")
    yield from _trees(wl, paper, {})


def _patterns(wl: Orchestrator, paper: Paper) -> Iterator[str]:
    theirs: list[str] = []
    for pattern in PATTERNS:
        yield from paper.heading(f"{pattern.number}  {pattern.title}")
        for filters in pattern.roots:
            yield from _trees(wl, paper, filters, shown=theirs)
        if not pattern.roots:
            yield from reports(wl, paper)
    yield from _notifications(wl, paper)
    if wl.query_tasks(filters={"parent_task_id": None}, limit=1).total_results > len(theirs):
        yield from paper.heading("Other tasks")
        yield from _trees(wl, paper, {}, without=frozenset(theirs))


def _trees(
    wl: Orchestrator,
    paper: Paper,
    filters: Mapping[str, Any],
    *,
    shown: list[str] | None = None,
    without: frozenset[str] = frozenset(),
) -> Iterator[str]:
    """The trees whose roots fit the filters; their ids are added to `shown`, those in `without` left out."""
    found = wl.query_tasks(filters={**filters, "parent_task_id": None}, limit=_TREES + len(without))
    roots = [root.task_id for root in found.tasks if root.task_id not in without]
    for task_id in roots:
        yield from _tree(wl, paper, task_id)
    if shown is not None:
        shown += roots
    left_out = found.total_results - found.returned_results
    yield from _more(left_out, paper, "other trees")


def _tree(wl: Orchestrator, paper: Paper, task_id: str) -> Iterator[str]:
    answer = wl.get_task_hierarchy(task_id, include_statistics=False)
    hits = wl.query_tasks(filters={"root_task_id": task_id}, include_dependencies=True, limit=1_000).tasks
    needs = [dependency for hit in hits for dependency in hit.dependencies or ()]
    drawn = tree(
        answer.root_task, needs, width=paper.width, colour=paper.colour, ascii_only=paper.ascii_only
    ).splitlines()
    yield from drawn[:_LINES]
    yield from _more(len(drawn) - _LINES, paper, "lines of this tree")
    if answer.truncated:
        yield from paper.text("… and what is deeper or beyond 10,000 tasks", margin="  ")


def _more(count: int, paper: Paper, what: str) -> Iterator[str]:
    if count > 0:
        yield from paper.text(f"… and {count:,} {what}", margin="  ")


# --- lists ----------------------------------------------------------------------------------------------


def _ready(wl: Orchestrator, paper: Paper) -> Iterator[str]:
    yield from paper.heading("Ready: what can be started now, by priority, then age")
    tasks = wl.get_ready_tasks(leaves_only=True, limit=_LINES + 1).tasks
    rows = [(task.task_id, task.task_type, _named(task)) for task in tasks[:_LINES]]
    yield from paper.table(rows) if rows else paper.text("nothing", margin="  ")
    if len(tasks) > _LINES:
        yield from paper.text("… and more", margin="  ")


def _blocked(wl: Orchestrator, paper: Paper) -> Iterator[str]:
    yield from paper.heading("Blocked: what cannot go on, and what it waits for")
    found = wl.query_tasks(filters={"status": "blocked"}, include_dependencies=True, limit=1_000)
    rows, notes = [], []
    for task in found.tasks:
        waits = [edge for edge in task.dependencies or () if held_point(edge) is Point.START]
        if waits or task.lifecycle_stage == "blocked":
            rows.append((task.task_id, _named(task)))
            notes.append([_wait(wl, edge) for edge in waits])
    yield from paper.table(rows[:_LINES], notes=notes) if rows else paper.text("nothing", margin="  ")
    yield from _more(found.returned_results - len(rows), paper, "inside of tasks that wait")
    yield from _more(
        len(rows) - _LINES + found.total_results - found.returned_results, paper, "blocked tasks"
    )


def _wait(wl: Orchestrator, edge: Dependency) -> str:
    other = wl.get_task(edge.effective_task_id).task
    title = None if other is None else _named(other)
    name = f"{title} ({edge.effective_task_id})" if title else edge.effective_task_id
    kind = "" if edge.dependency_type == "completion" else f", by {edge.dependency_type}"
    return f"waits for {name}{kind}{', which has failed' if edge.state == 'failed' else ''}"


def _times(wl: Orchestrator, paper: Paper) -> Iterator[str]:
    """What must be done by when; nothing where there is no such thing."""
    due = wl.query_tasks(filters={"due_after": "0001-01-01"}, sort=_BY_DUE_TIME, limit=_LINES)
    if not due.tasks:
        return
    yield from paper.heading("Due: what must be done by when")
    rows = [
        (task.task_id, f"{task.due_at:%Y-%m-%d %H:%M}", "missed" if task.breached_at else "", _named(task))
        for task in due.tasks
    ]
    yield from paper.table(rows)
    yield from _more(due.total_results - due.returned_results, paper, "tasks that are due")


def _named(task: Task) -> str:
    """The title, where there is one beside the id."""
    title = title_of(task)
    return "" if title == task.task_id else title


def _notifications(wl: Orchestrator, paper: Paper) -> Iterator[str]:
    yield ""
    yield from paper.text("Notifications that were asked for; sending them is the application's part")
    told = [event.data for event in wl.events(kinds={"notification.requested"})]
    yield from paper.table([(str(data["channel"]), str(data["text"])) for data in told])
