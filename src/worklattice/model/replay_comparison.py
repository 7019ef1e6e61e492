"""The rows of a workspace against those that its log tells of: what differs, and what puts it right.

`told` is a draft over an empty workspace into which the whole log was replayed. Only what was said is
compared; what is derived follows from it, and is counted again (`worklattice.model.recount`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple, TypeVar

from worklattice.model.dump_lines import SAID
from worklattice.model.rows import Changes, WorkspaceRow
from worklattice.model.soundness import Discrepancy, named
from worklattice.model.view import Scan
from worklattice.model.waiting import same

K = TypeVar("K")
R = TypeVar("R", bound=NamedTuple)

_THERE: Final = "there"
_MISSING: Final = "missing"


class ReplayComparison:
    """The rows that are stored beside those of the log."""

    def __init__(self, view: Scan, told: Changes, workspace: WorkspaceRow) -> None:
        self._workspace = workspace
        self._told = told
        self._tasks = {row.task_id: row for row in view.all_tasks()}
        self._edges = {edge.key: edge for edge in view.all_edges()}
        self._comments = {row.key: row for row in view.all_comments()}
        self._templates = {(row.template_id, row.version): row for row in view.all_templates()}
        self._types = {row.task_type: row for row in view.task_types()}
        self._calendars = {row.name: row for row in view.calendars()}

    def discrepancies(self) -> Iterator[Discrepancy]:
        """What is stored otherwise than the log says."""
        told = self._told
        yield from _differences("task", self._tasks, _there(told.tasks), str)
        edges = _there(told.edges)
        yield from _differences(
            "dependency", self._edges, edges, lambda key: named(self._edges.get(key) or edges[key])
        )
        yield from _differences(
            "comment", self._comments, _there(told.comments), lambda key: f"comment {key[1]} on {key[0]}"
        )
        yield from _differences(
            "template",
            self._templates,
            _there(told.templates),
            lambda key: f"template {key[0]}, version {key[1]}",
        )
        yield from _differences(
            "task_type",
            self._types,
            _there(told.types),
            lambda name: f"task type {name}",
        )
        yield from _differences(
            "calendar", self._calendars, _there(told.calendars), lambda name: f"calendar {name}"
        )

    def changes(self) -> Changes:
        """What to write so that the rows are those of the log. No event goes with it."""
        told = self._told
        return Changes.of_nothing(self._workspace)._replace(
            tasks=dict.fromkeys(self._tasks) | told.tasks,
            previous_tasks=self._tasks,
            edges=dict.fromkeys(self._edges) | told.edges,
            previous_edges=self._edges,
            comments=dict.fromkeys(self._comments) | told.comments,
            templates=dict.fromkeys(self._templates) | told.templates,
            types=dict.fromkeys(self._types) | told.types,
            calendars=dict.fromkeys(self._calendars) | told.calendars,
        )


def _there(rows: Mapping[K, R | None]) -> dict[K, R]:
    return {key: row for key, row in rows.items() if row is not None}


def _differences(
    kind: str, stored: Mapping[K, R], told: Mapping[K, R], name: Callable[[K], str]
) -> Iterator[Discrepancy]:
    for key, row in told.items():
        before = stored.get(key)
        if before is None:
            yield Discrepancy(subject=name(key), field=f"the {kind}", stored=_MISSING, expected=_THERE)
            continue
        for field in SAID[kind]:
            old, new = getattr(before, field), getattr(row, field)
            if not same(old, new):
                yield Discrepancy(subject=name(key), field=field, stored=old, expected=new)
    for key in stored.keys() - told.keys():
        yield Discrepancy(subject=name(key), field=f"the {kind}", stored=_THERE, expected=_MISSING)
