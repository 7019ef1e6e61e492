"""Guards: conditions without side effects that a change must meet, and what is unmet where it does not.

They hold at birth as in every transition; `validation_checks: false` skips them, and the event says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from worklattice.errors import PrerequisitesNotMetError, Unmet, shown
from worklattice.lang.times import format_time
from worklattice.model.consequences import holds_inside
from worklattice.model.dependency import DEPENDENCY_TYPES, MET, EdgeState, Point
from worklattice.model.draft import Draft
from worklattice.model.gates import gates_of
from worklattice.model.lifecycle import Stage
from worklattice.model.openings import Opening, opening_of
from worklattice.model.rows import JOIN_ALL, EdgeRow, TaskRow
from worklattice.model.times import times_of
from worklattice.model.verdicts import LETS_PASS, judged
from worklattice.model.waiting import edge_state, join_met, needed_of, next_change
from worklattice.types import from_micros

LISTED = 10
"""Tasks that one reason names at most."""


def unmet_of_stage(draft: Draft, row: TaskRow, stage: Stage) -> list[Unmet]:
    """What keeps the task from entering `stage`; empty where nothing does."""
    unmet: list[Unmet] = []
    if row.outcome is not None and not stage.ended:
        unmet += unmet_by_ancestors(draft, row.parent_id)
    if stage.started or stage.succeeded:
        unmet += unmet_to_start(draft, row)
    is_under_way = row.stage != stage.name and draft.stage(row).started
    if stage.started and not is_under_way:
        unmet += unmet_by_time(draft, row)
    if stage.succeeded:
        unmet += _unmet_to_finish(draft, row)
        unmet += _unmet_by_gates(draft, row)
    return unmet


def unmet_to_start(draft: Draft, row: TaskRow) -> list[Unmet]:
    """What the task waits for: its own start edges, and ancestors that hold it back."""
    unmet = []
    if not join_met(row):
        unmet.append(_unmet_join(draft, row))
    if row.holders:
        holding = (a for a in draft.ancestors(row) if holds_inside(a, draft.stage(a)))
        unmet += map(_held_by, islice(holding, LISTED))
    return unmet


def unmet_by_time(draft: Draft, row: TaskRow) -> list[Unmet]:
    """That it is not the time to start the task, where it is not."""
    unmet: list[Unmet] = []
    if row.not_before is not None and row.not_before > draft.now:
        text = f"it may not start before {format_time(from_micros(row.not_before))}"
        unmet.append(Unmet(kind="not_before", text=text))
    if row.timed and times_of(row, draft, draft.now).is_closed:
        when = _opening_in_words(opening_of(row, draft, draft.now))
        unmet.append(Unmet(kind="window", text=f"its window is closed and {when}"))
    return unmet


def _opening_in_words(opening: Opening | None) -> str:
    if opening is None:
        return "does not open again"
    return (
        f"{'opens at' if opening.is_found else 'does not open before'} {format_time(from_micros(opening.at))}"
    )


def _unmet_join(draft: Draft, row: TaskRow) -> Unmet:
    open_edges = [(edge, state) for edge, state in _states(draft, row, Point.START) if state not in MET]
    listed = ", ".join(_described(draft, row, *found) for found in open_edges[:LISTED])
    needed = "" if row.join == JOIN_ALL else f" ({needed_of(row)} of {row.start_edges} needed)"
    return Unmet(
        kind="dependency",
        text=f"it waits for {listed}{needed}",
        task_ids=tuple(edge.effective_id for edge, _ in open_edges),
    )


def _held_by(ancestor: TaskRow) -> Unmet:
    why = f"is {ancestor.stage}" if ancestor.outcome is not None else "waits itself"
    return Unmet(
        kind="ancestor",
        text=f"its ancestor {shown(ancestor.task_id)} {why}",
        task_ids=(ancestor.task_id,),
    )


def _unmet_to_finish(draft: Draft, row: TaskRow) -> list[Unmet]:
    """What the task waits for before it may complete: open children and finish edges."""
    unmet = []
    if row.open_children:
        children = [child.task_id for child in draft.children(row.task_id) if child.outcome is None]
        listed = ", ".join(shown(child) for child in children[:LISTED])
        unmet.append(
            Unmet(
                kind="children",
                text=f"it has {counted(len(children), 'open child', 'open children')}: {listed}",
                task_ids=tuple(children),
            )
        )
    if row.finish_open:
        open_edges = [(e, s) for e, s in _states(draft, row, Point.FINISH) if s not in MET]
        listed = ", ".join(_described(draft, row, *found) for found in open_edges[:LISTED])
        ids = tuple(edge.effective_id for edge, _ in open_edges)
        unmet.append(Unmet(kind="finish_dependency", text=f"to finish it needs {listed}", task_ids=ids))
    return unmet


def _unmet_by_gates(draft: Draft, row: TaskRow) -> list[Unmet]:
    """The gates of the task that are neither passed nor waived."""
    meant, names = draft.meant(row), draft.meanings(row.task_type).names
    return [
        Unmet(
            kind="gate",
            text=f"its gate {shown(gate.gate)} ({gate.attribute}) is {gate.state}: {gate.message}",
        )
        for gate in judged(row, meant, gates_of(meant, names), draft.now)
        if gate.state not in LETS_PASS
    ]


def unmet_by_ancestors(draft: Draft, parent_id: str | None) -> list[Unmet]:
    """Why an open task cannot come to be inside `parent_id`: a completed task is given no open children."""
    ancestor = None if parent_id is None else draft.task(parent_id)
    while ancestor is not None and ancestor.outcome is not None:
        if ancestor.outcome == "succeeded":
            lifecycle = draft.lifecycle(ancestor.task_type)
            ways = (lifecycle.stages[name] for name in lifecycle.next_stages(ancestor.stage))
            so = "; reopen that first" if any(not way.ended for way in ways) else " for good"
            text = f"its ancestor {shown(ancestor.task_id)} is {ancestor.stage}{so}"
            return [Unmet(kind="completed_ancestor", text=text, task_ids=(ancestor.task_id,))]
        ancestor = None if ancestor.parent_id is None else draft.task(ancestor.parent_id)
    return []


def unmet_by_what_is_over(draft: Draft, row: TaskRow) -> list[Unmet]:
    """Why nothing new comes of a task: an ancestor that was withdrawn or archived holds back its inside."""
    over = (a for a in draft.ancestors(row) if a.outcome is not None and holds_inside(a, draft.stage(a)))
    return [_held_by(ancestor) for ancestor in islice(over, 1)]


def counted(count: int, one: str, many: str) -> str:
    """A count with what is counted."""
    return f"{count} {one if count == 1 else many}"


def refusal(
    task_id: str, action: str, unmet: Iterable[Unmet], *, field: str, hint: str | None = None
) -> PrerequisitesNotMetError:
    """The error of a guard."""
    return PrerequisitesNotMetError(
        field=field, task_id=task_id, action=action, unmet=tuple(unmet), hint=hint
    )


def _states(draft: Draft, row: TaskRow, point: Point) -> Iterable[tuple[EdgeRow, EdgeState]]:
    """The mandatory, applicable edges that hold back this point of the task, with their states."""
    for edge in draft.edges_of(row.task_id):
        if edge.mandatory and DEPENDENCY_TYPES[edge.type].holds is point:
            state = edge_state(edge, row.attributes, draft.known(edge.effective_id), draft.now)
            if state is not EdgeState.NOT_APPLICABLE:
                yield edge, state


def _described(draft: Draft, row: TaskRow, edge: EdgeRow, state: EdgeState) -> str:
    kind = "" if edge.type == "completion" else f"{edge.type} of "
    lag_passes = next_change(edge, row.attributes, draft.known(edge.effective_id), draft.now)
    more = "" if lag_passes is None else f" until {format_time(from_micros(lag_passes))}"
    if state is EdgeState.FAILED and edge.outcome != "success":
        more = f": it is {draft.known(edge.effective_id).stage}"  # or one would think that the other failed
    return f"{kind}{shown(edge.effective_id)} ({state.value}{more})"
