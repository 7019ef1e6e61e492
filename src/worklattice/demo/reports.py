"""The three reports of pattern 8, asked by their payloads, for people to read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import worklattice
from worklattice.demo.layout import Paper
from worklattice.demo.patterns import payloads
from worklattice.demo.player import RefusedError

_REPORTS = 8


def reports(wl: worklattice.Orchestrator, paper: Paper) -> Iterator[str]:
    """The answers to the three payloads, as of now."""
    overdue, team, blocked = (_answer(wl, payload) for payload in payloads(_REPORTS))
    yield from paper.text("Overdue: under way, and created more than two weeks ago")
    yield from _overdue(overdue, paper)
    yield ""
    yield from paper.text("Team performance: what the backend team completed in May 2025")
    yield from _team(team, paper)
    yield ""
    yield from paper.text("Blocked by dependencies: the ones that did not change for longest first")
    yield from _blocked(blocked, paper)


def _answer(wl: worklattice.Orchestrator, payload: dict[str, Any]) -> dict[str, Any]:
    answer = wl.dispatch(payload)
    if answer["status"] != "success":
        raise RefusedError(answer)
    return answer


def _overdue(answer: dict[str, Any], paper: Paper) -> Iterator[str]:
    now = datetime.fromisoformat(answer["query_metadata"]["executed_at"])
    rows = [
        (
            task["task_id"],
            f"{(now - datetime.fromisoformat(task['created_at'])).days} days",
            task["lifecycle_stage"],
            task["status"],
            _inside(task["children"]),
            _title(task),
        )
        for task in answer["tasks"]
    ]
    yield from _table(rows, answer, paper)


def _inside(children: Sequence[dict[str, Any]]) -> str:
    """How many tasks are inside, at any depth."""
    count, left = 0, list(children)
    while left:
        count += 1
        left += left.pop()["children"]
    return f"{count} inside" if count else ""


def _team(answer: dict[str, Any], paper: Paper) -> Iterator[str]:
    rows = [(task["task_id"], task["completed_at"][:10], _title(task)) for task in answer["tasks"]]
    yield from _table(rows, answer, paper)
    metrics = answer["metrics"]
    facts = [f"{metrics['total']} completed"]
    if metrics["throughput_per_day"] is not None:
        facts.append(f"{metrics['throughput_per_day'] * 7:.1f} a week")
    facts += [
        f"{name.replace('_', ' ')} {_days(metrics[name]['p50'])} in the median"
        for name in ("lead_time", "cycle_time")
        if metrics[name]["count"]
    ]
    if points := metrics["sums"].get("story_points"):
        facts.append(f"{points:g} story points")
    yield from paper.text(", ".join(facts), margin="  ")


def _days(seconds: float) -> str:
    return f"{timedelta(seconds=seconds) / timedelta(days=1):.1f} days"


def _blocked(answer: dict[str, Any], paper: Paper) -> Iterator[str]:
    rows = [(task["task_id"], task["lifecycle_stage"], _title(task)) for task in answer["tasks"]]
    notes = [
        [f"{edge['state']}: {edge['dependency_task_id']}{_because(edge)}" for edge in task["dependencies"]]
        for task in answer["tasks"]
    ]
    yield from _table(rows, answer, paper, notes)


def _because(edge: dict[str, Any]) -> str:
    return f" ({edge['description']})" if edge["description"] else ""


def _title(task: dict[str, Any]) -> str:
    return str(task["attributes"].get("title", ""))


def _table(
    rows: Sequence[Sequence[str]], answer: dict[str, Any], paper: Paper, notes: Sequence[Sequence[str]] = ()
) -> Iterator[str]:
    yield from paper.table(rows, notes=notes) if rows else paper.text("none", margin="  ")
    if (more := answer["total_results"] - len(rows)) > 0:
        yield from paper.text(f"… and {more} more", margin="  ")
