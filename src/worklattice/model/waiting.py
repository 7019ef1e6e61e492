"""When an edge is satisfied, when a task waits, and which tasks must come before which.

Everything here is a pure function of rows and of `now`. An edge stores no state: its state follows from the
row of the task it awaits. A task's row stores how many of its edges count and how many of them are met, so
that "does it wait?" reads one row; `worklattice.model.consequences` keeps those counts.

The *event graph* has two points for each task, its start S and its finish F. An arc says that its tail
comes before its head:

    S(t) → F(t)      S(parent) → S(child)      F(child) → F(parent)
    completion, approval, data: F(other) → S(t)         start_to_start:  S(other) → S(t)
    finish_to_finish:           F(other) → F(t)         start_to_finish: S(other) → F(t)

Every mandatory edge has its arc, whatever its state; the graph must have no circle.
"""

from __future__ import annotations

from typing import Final, NamedTuple, TypeAlias, cast

from worklattice.lang.times import parse_time
from worklattice.model.dependency import DEPENDENCY_TYPES, MET, EdgeState, Point
from worklattice.model.rows import JOIN_ALL, EdgeRow, Micros, TaskRow
from worklattice.types import JsonObject, JsonValue, to_micros

APPROVED: Final = "approved"
REJECTED: Final = "rejected"


def applies(edge: EdgeRow, attributes: JsonObject) -> bool:
    """Whether the edge's conditions match the dependant's attributes; without conditions, always."""
    if not edge.conditions:
        return True
    missing = object()
    return all(same(attributes.get(name, missing), wanted) for name, wanted in edge.conditions.items())


def same(value: object, wanted: object) -> bool:
    """Equality of JSON values: true is not 1, 1 is 1.0."""
    if isinstance(value, bool) or isinstance(wanted, bool):
        return value is wanted
    if isinstance(value, dict) and isinstance(wanted, dict):
        return value.keys() == wanted.keys() and all(same(value[key], wanted[key]) for key in value)
    if isinstance(value, list) and isinstance(wanted, list):
        return len(value) == len(wanted) and all(map(same, value, wanted))
    return value == wanted


def edge_state(edge: EdgeRow, attributes: JsonObject, other: TaskRow, now: Micros) -> EdgeState:
    """The state of `edge` at `now`, given its dependant's attributes and the task it awaits."""
    awaits = DEPENDENCY_TYPES[edge.type].awaits
    if awaits is None:
        return EdgeState.SATISFIED if edge.type == "prerequisite" else EdgeState.NOT_APPLICABLE
    if not applies(edge, attributes):
        return EdgeState.NOT_APPLICABLE
    if edge.waived_at is not None and (edge.waived_until is None or now < edge.waived_until):
        return EdgeState.WAIVED
    reached, missed = _point(edge, awaits, other)
    if missed:
        return EdgeState.FAILED
    return EdgeState.PENDING if reached is None or reached + edge.lag > now else EdgeState.SATISFIED


def _point(edge: EdgeRow, awaits: Point, other: TaskRow) -> tuple[Micros | None, bool]:
    """When the other task reached the point that the edge awaits, and whether it has missed it for good."""
    ended = other.outcome is not None
    if awaits is Point.START:
        return other.started_at, ended and other.started_at is None
    if edge.type == "data" and edge.artifact is not None:
        delivered = (other.artifacts or {}).get(edge.artifact)
        if delivered is not None:
            return said_at(delivered), False
        return None, ended and other.outcome != "succeeded"
    wanted = edge.outcome
    fits = (
        wanted == "any"
        or (wanted == "success" and other.outcome == "succeeded")
        or (wanted == "failure" and other.outcome == "failed")
    )
    if not ended or not fits:
        return None, ended
    assert other.completed_at is not None
    if edge.type != "approval":
        return other.completed_at, False
    if other.approval is None:
        return None, False
    if other.approval["decision"] != APPROVED:
        return None, True
    return max(other.completed_at, said_at(other.approval)), False


def said_at(said: JsonValue) -> Micros:
    """When a decision on a task was recorded, or an artifact of it added."""
    return to_micros(parse_time(cast("dict[str, str]", said)["at"]))


def next_change(edge: EdgeRow, attributes: JsonObject, other: TaskRow, now: Micros) -> Micros | None:
    """When the state of `edge` changes by itself after `now`: a waiver expires, or a lag passes."""
    awaits = DEPENDENCY_TYPES[edge.type].awaits
    if awaits is None or not applies(edge, attributes):
        return None
    if edge.waived_at is not None and edge.waived_until is not None and now < edge.waived_until:
        return edge.waived_until
    if edge.lag == 0 or (edge.waived_at is not None and edge.waived_until is None):
        return None
    reached, _ = _point(edge, awaits, other)
    return None if reached is None or reached + edge.lag <= now else reached + edge.lag


class Share(NamedTuple):
    """What one edge adds to the counts of its dependant."""

    start_edges: int
    start_met: int
    finish_open: int


NOTHING: Final = Share(0, 0, 0)
_START_OPEN: Final = Share(1, 0, 0)
_START_MET: Final = Share(1, 1, 0)
_FINISH_OPEN: Final = Share(0, 0, 1)


def share_of(edge: EdgeRow, state: EdgeState) -> Share:
    """What `edge` in `state` adds to the counts of its dependant: nothing unless mandatory and applicable."""
    holds = DEPENDENCY_TYPES[edge.type].holds
    if holds is None or not edge.mandatory or state is EdgeState.NOT_APPLICABLE:
        return NOTHING
    if holds is Point.START:
        return _START_MET if state in MET else _START_OPEN
    return NOTHING if state in MET else _FINISH_OPEN


def needed_of(row: TaskRow) -> int:
    """How many of its start edges the task's `join` needs."""
    edges = row.start_edges
    return edges if row.join == JOIN_ALL else min(row.join, edges)


def join_met(row: TaskRow) -> bool:
    """Whether enough of its start edges are met."""
    return row.start_met >= needed_of(row)


def waits(row: TaskRow) -> bool:
    """Whether the task waits: it is open, and its own join or an ancestor holds it back."""
    return row.outcome is None and (row.holders > 0 or not join_met(row))


EventPoint: TypeAlias = tuple[str, Point]
"""A point of the event graph: a task's id and which of its two points."""

Arc: TypeAlias = tuple[EventPoint, EventPoint]
"""An arc of the event graph: the tail comes before the head."""


def arc_of(edge: EdgeRow) -> Arc | None:
    """The arc that an edge puts into the event graph; None for an edge that orders nothing."""
    kind = DEPENDENCY_TYPES[edge.type]
    if kind.holds is None or kind.awaits is None or not edge.mandatory:
        return None
    return (edge.effective_id, kind.awaits), (edge.task_id, kind.holds)
