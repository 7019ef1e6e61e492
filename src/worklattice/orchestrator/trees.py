"""Tasks with what is inside them, nested, within the limits of one answer."""

from __future__ import annotations

from worklattice.model.answers import TaskNode
from worklattice.model.rows import TaskRow
from worklattice.model.times import seen_at
from worklattice.orchestrator.working import WorkingDraft
from worklattice.types import LIMITS


class TreeBuilder:
    """Builds nested tasks. One builder serves one answer: the limits count over all of its trees.

    `seen` holds the rows that are in the answer, `truncated` says whether any had to be left out.
    """

    def __init__(
        self, draft: WorkingDraft, *, max_depth: int = LIMITS.hierarchy_levels, include_ended: bool = True
    ) -> None:
        self.draft = draft
        self.truncated = False
        self.seen: list[TaskRow] = []
        self._max_depth = max_depth
        self._include_ended = include_ended

    def node(self, row: TaskRow) -> TaskNode:
        """The task with what is inside it. At most `LIMITS.hierarchy_levels` deep, hence the recursion."""
        self.seen.append(row)
        return TaskNode.of(seen_at(row, self.draft.now), children=self.children(row))

    def children(self, row: TaskRow) -> tuple[TaskNode, ...]:
        """What is inside the task, nested."""
        return tuple(self._children(row, self._max_depth))

    def _children(self, row: TaskRow, levels: int) -> list[TaskNode]:
        if row.children == 0:
            return []
        if levels == 0:
            self.truncated = self.truncated or self._max_depth == LIMITS.hierarchy_levels
            return []
        nodes = []
        for child in self.draft.children(row.task_id):
            if child.outcome is not None and not self._include_ended:
                continue
            if len(self.seen) >= LIMITS.hierarchy_tasks:
                self.truncated = True
                break
            self.seen.append(child)
            inside = tuple(self._children(child, levels - 1))
            nodes.append(TaskNode.of(seen_at(child, self.draft.now), children=inside))
        return nodes
