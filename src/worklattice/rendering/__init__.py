"""Pictures of tasks, their dependencies and their lifecycles, as text.

`tree` draws a task with what is inside it for a terminal. `mermaid_tasks`, `mermaid_lifecycle`, `dot_tasks`
and `dot_lifecycle` write Mermaid, which GitHub and many documentation tools draw, and DOT, which Graphviz
draws. All of them take the values that an orchestrator answers; nobody's titles can break out of a picture.

Between the values and the two languages stands a small model (`Diagram`): who wants another language writes
a function of a diagram, who wants another picture builds another diagram.

`diagram` is that model, `picturing` builds it, `mermaid` and `dot` write it; `trees` draws for terminals.
`looks` says how each status looks, `holding` what a dependency still holds back, and `text` makes texts that
strangers wrote fit to be shown.

Not here: reading the tasks (`worklattice.Orchestrator`), and printing (`worklattice.demo`).
"""

from __future__ import annotations

from collections.abc import Iterable

from worklattice.model.dependency import Dependency
from worklattice.model.lifecycle import DEFAULT, Lifecycle
from worklattice.model.task import Task
from worklattice.rendering.diagram import Arc, Diagram, Group, Node
from worklattice.rendering.dot import digraph
from worklattice.rendering.mermaid import Direction, flowchart, state_diagram
from worklattice.rendering.picturing import picture_lifecycle, picture_tasks
from worklattice.rendering.trees import tree

__all__ = [
    "Arc",
    "Diagram",
    "Group",
    "Node",
    "digraph",
    "dot_lifecycle",
    "dot_tasks",
    "flowchart",
    "mermaid_lifecycle",
    "mermaid_tasks",
    "picture_lifecycle",
    "picture_tasks",
    "state_diagram",
    "tree",
]


def mermaid_tasks(
    tasks: Iterable[Task], dependencies: Iterable[Dependency] = (), *, direction: Direction = "LR"
) -> str:
    """A Mermaid flowchart of tasks: parents around children, arrows from what comes first to what waits.

    A task that brings its children along (`get_task_hierarchy(...).root_task`) is drawn with them. The colour
    of a task is its status; an arrow that is dotted holds nothing back. `direction`: LR from left to
    right, TB from top to bottom.
    """
    return flowchart(picture_tasks(tasks, dependencies), direction=direction)


def dot_tasks(tasks: Iterable[Task], dependencies: Iterable[Dependency] = ()) -> str:
    """The same picture as `mermaid_tasks`, in DOT."""
    return digraph(picture_tasks(tasks, dependencies))


def mermaid_lifecycle(lifecycle: Lifecycle = DEFAULT) -> str:
    """A Mermaid state diagram of a lifecycle; the default one where none is given.

    It is drawn from the table that the engine reads. The colour of a stage is the status it gives a task.
    """
    return state_diagram(picture_lifecycle(lifecycle))


def dot_lifecycle(lifecycle: Lifecycle = DEFAULT) -> str:
    """The same picture as `mermaid_lifecycle`, in DOT."""
    return digraph(picture_lifecycle(lifecycle))
