"""When an edge is satisfied, and what that means for waiting: pure functions of rows."""

from __future__ import annotations

from typing import Any

import pytest

from worklattice.model.dependency import EdgeState, Point
from worklattice.model.rows import EdgeRow, TaskRow
from worklattice.model.waiting import (
    NOTHING,
    Share,
    applies,
    arc_of,
    edge_state,
    join_met,
    next_change,
    share_of,
    waits,
)
from worklattice.testing.rows import edge_row, task_row

# --- the truth table ----------------------------------------------------------------------------------------

SITUATIONS: dict[str, dict[str, Any]] = {
    "draft": {"stage": "draft"},
    "active": {"stage": "active", "started_at": 5},
    "reopened": {"stage": "ready", "started_at": 5},
    "done": {"stage": "completed", "started_at": 5, "completed_at": 9, "outcome": "succeeded"},
    "failed": {"stage": "failed", "started_at": 5, "completed_at": 9, "outcome": "failed"},
    "unbegun": {"stage": "failed", "completed_at": 9, "outcome": "failed"},
    "dropped": {"stage": "cancelled", "completed_at": 9, "outcome": "withdrawn"},
    "kept": {"stage": "archived", "started_at": 5, "completed_at": 9, "outcome": "succeeded"},
    "shelved": {"stage": "archived", "completed_at": 9, "outcome": "ended"},
}

TRUTH = """
    type               outcome  draft active reopened done failed unbegun dropped kept shelved
    completion         success    p     p       p      S     F      F       F      S      F
    completion         failure    p     p       p      F     S      S       F      F      F
    completion         any        p     p       p      S     S      S       S      S      S
    finish_to_finish   success    p     p       p      S     F      F       F      S      F
    finish_to_finish   failure    p     p       p      F     S      S       F      F      F
    finish_to_finish   any        p     p       p      S     S      S       S      S      S
    data               success    p     p       p      S     F      F       F      S      F
    data               any        p     p       p      S     S      S       S      S      S
    start_to_start     success    p     S       S      S     S      F       F      S      F
    start_to_finish    success    p     S       S      S     S      F       F      S      F
    prerequisite       success    S     S       S      S     S      S       S      S      S
    information        success    -     -       -      -     -      -       -      -      -
    related            success    -     -       -      -     -      -       -      -      -
"""
"""S satisfied, p pending, F failed, - not applicable: of an edge on a task in this situation."""

STATES = {
    "S": EdgeState.SATISFIED,
    "p": EdgeState.PENDING,
    "F": EdgeState.FAILED,
    "-": EdgeState.NOT_APPLICABLE,
}
HEADER, *LINES = [line.split() for line in TRUTH.strip().splitlines()]
CASES = [
    (kind, outcome, situation, STATES[cell])
    for kind, outcome, *cells in LINES
    for situation, cell in zip(HEADER[2:], cells, strict=True)
]


@pytest.mark.parametrize(("kind", "outcome", "situation", "expected"), CASES)
def test_state_of_an_edge(kind: str, outcome: str, situation: str, expected: EdgeState) -> None:
    """The state of an edge follows from its type, the outcome it wants, and where the other task stands."""
    other = task_row("u", **SITUATIONS[situation])
    assert edge_state(edge_row("t", "u", type=kind, outcome=outcome), {}, other, 100) is expected


def test_table_is_whole() -> None:
    """Every situation and every type has its place, but for approvals, which have a test of their own."""
    assert HEADER[2:] == list(SITUATIONS)
    assert {kind for kind, *_ in LINES} | {"approval"} == set(_kinds())


def _kinds() -> list[str]:
    from worklattice.model.dependency import DEPENDENCY_TYPES  # noqa: PLC0415 - for one test

    return list(DEPENDENCY_TYPES)


# --- conditions ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("conditions", "attributes", "expected"),
    [
        (None, {}, True),
        ({}, {}, True),
        ({"mode": "x"}, {"mode": "x", "more": 1}, True),
        ({"mode": "x"}, {"mode": "y"}, False),
        ({"mode": "x"}, {}, False),
        ({"mode": None}, {}, False),
        ({"mode": None}, {"mode": None}, True),
        ({"mode": 1}, {"mode": 1.0}, True),
        ({"mode": 1}, {"mode": True}, False),
        ({"mode": False}, {"mode": 0}, False),
        ({"a": 1, "b": 2}, {"a": 1, "b": 3}, False),
        ({"deep": {"k": [1, True]}}, {"deep": {"k": [1, True]}}, True),
        ({"deep": {"k": [1, True]}}, {"deep": {"k": [1, 1]}}, False),
        ({"deep": {"k": 1}}, {"deep": {"k": 1, "l": 2}}, False),
        ({"list": [1]}, {"list": [1, 2]}, False),
    ],
)
def test_conditions_match_json_values(conditions: Any, attributes: Any, expected: bool) -> None:  # noqa: FBT001
    """Every named attribute must have the very value: true is not 1, and 1 is 1.0."""
    assert applies(edge_row("t", "u", conditions=conditions), attributes) is expected


def test_edge_whose_conditions_do_not_match_is_not_applicable() -> None:
    """It is neither satisfied nor waived, and counts for nothing."""
    edge = edge_row("t", "u", conditions={"mode": "x"}, waived_at=1)
    state = edge_state(edge, {"mode": "y"}, task_row("u"), 100)
    assert state is EdgeState.NOT_APPLICABLE
    assert share_of(edge, state) == NOTHING


# --- lags and waivers ---------------------------------------------------------------------------------------

DONE = task_row("u", **SITUATIONS["done"])


@pytest.mark.parametrize(
    ("now", "expected"), [(10, EdgeState.PENDING), (13, EdgeState.PENDING), (14, EdgeState.SATISFIED)]
)
def test_lag_counts_from_the_point(now: int, expected: EdgeState) -> None:
    """An edge with a lag of 5 on a task completed at 9 is satisfied from 14 on, not before."""
    assert edge_state(edge_row("t", "u", lag=5), {}, DONE, now) is expected


def test_lag_of_a_start_counts_from_the_start() -> None:
    """Where a start is awaited, the lag runs from it."""
    edge = edge_row("t", "u", type="start_to_start", lag=5)
    assert edge_state(edge, {}, DONE, 9) is EdgeState.PENDING
    assert edge_state(edge, {}, DONE, 10) is EdgeState.SATISFIED


def test_failed_edge_knows_no_lag() -> None:
    """What has failed has failed at once."""
    failed = task_row("u", **SITUATIONS["failed"])
    assert edge_state(edge_row("t", "u", lag=5), {}, failed, 9) is EdgeState.FAILED


@pytest.mark.parametrize(
    ("now", "expected"), [(19, EdgeState.WAIVED), (20, EdgeState.PENDING), (21, EdgeState.PENDING)]
)
def test_waiver_holds_until_it_expires(now: int, expected: EdgeState) -> None:
    """At the very moment of its end a waiver is over."""
    edge = edge_row("t", "u", waived_at=1, waived_until=20)
    assert edge_state(edge, {}, task_row("u"), now) is expected


def test_waiver_without_end_holds_for_good() -> None:
    """Even what has failed stays waived."""
    failed = task_row("u", **SITUATIONS["failed"])
    assert edge_state(edge_row("t", "u", waived_at=1), {}, failed, 10**9) is EdgeState.WAIVED


@pytest.mark.parametrize(
    ("fields", "other", "now", "expected"),
    [
        ({}, "done", 10, None),
        ({"lag": 5}, "done", 10, 14),
        ({"lag": 5}, "done", 14, None),
        ({"lag": 5}, "active", 10, None),
        ({"lag": 5}, "failed", 10, None),
        ({"lag": 5, "type": "start_to_start"}, "active", 6, 10),
        ({"waived_at": 1, "waived_until": 20}, "draft", 10, 20),
        ({"waived_at": 1, "waived_until": 20}, "draft", 20, None),
        ({"waived_at": 1, "waived_until": 12, "lag": 5}, "done", 10, 12),
        ({"waived_at": 1, "waived_until": 12, "lag": 5}, "done", 12, 14),
        ({"waived_at": 1, "lag": 5}, "done", 10, None),
        ({"lag": 5, "conditions": {"mode": "x"}}, "done", 10, None),
        ({"lag": 5, "type": "information"}, "done", 10, None),
    ],
)
def test_next_change(fields: dict[str, Any], other: str, now: int, expected: int | None) -> None:
    """The next moment at which the state changes by itself is the end of a waiver or of a lag."""
    row = task_row("u", **SITUATIONS[other])
    assert next_change(edge_row("t", "u", **fields), {}, row, now) == expected


# --- counting -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "state", "expected"),
    [
        ("completion", EdgeState.PENDING, Share(1, 0, 0)),
        ("completion", EdgeState.FAILED, Share(1, 0, 0)),
        ("completion", EdgeState.SATISFIED, Share(1, 1, 0)),
        ("completion", EdgeState.WAIVED, Share(1, 1, 0)),
        ("start_to_start", EdgeState.PENDING, Share(1, 0, 0)),
        ("finish_to_finish", EdgeState.PENDING, Share(0, 0, 1)),
        ("start_to_finish", EdgeState.FAILED, Share(0, 0, 1)),
        ("start_to_finish", EdgeState.WAIVED, NOTHING),
        ("prerequisite", EdgeState.SATISFIED, NOTHING),
        ("information", EdgeState.NOT_APPLICABLE, NOTHING),
    ],
)
def test_share_of_an_edge(kind: str, state: EdgeState, expected: Share) -> None:
    """A start edge counts towards the join, a finish edge only while it is open, a link never."""
    assert share_of(edge_row("t", "u", type=kind), state) == expected


@pytest.mark.parametrize("state", EdgeState)
def test_optional_edge_counts_for_nothing(state: EdgeState) -> None:
    """An edge that is not mandatory neither holds back nor helps to meet a join."""
    assert share_of(edge_row("t", "u", mandatory=False), state) == NOTHING


def _counting(join: int, edges: int, met: int, **more: Any) -> TaskRow:
    return task_row("t", join=join, start_edges=edges, start_met=met, **more)


@pytest.mark.parametrize(
    ("join", "edges", "met", "expected"),
    [
        (0, 0, 0, True),
        (0, 2, 1, False),
        (0, 2, 2, True),
        (1, 0, 0, True),
        (1, 2, 0, False),
        (1, 2, 1, True),
        (2, 3, 1, False),
        (2, 3, 2, True),
        (5, 2, 1, False),
        (5, 2, 2, True),
    ],
)
def test_join(join: int, edges: int, met: int, expected: bool) -> None:  # noqa: FBT001 - a cell of the table
    """A join of k needs k of n, all of them where k is 0 or more than n; without edges it is met."""
    assert join_met(_counting(join, edges, met)) is expected


def test_task_waits_by_itself_or_with_its_ancestors() -> None:
    """An open task waits while its join is not met or an ancestor holds it; an ended one never does."""
    assert waits(_counting(0, 1, 0))
    assert waits(_counting(0, 1, 1, holders=1))
    assert not waits(_counting(0, 1, 1))
    assert not waits(_counting(0, 1, 0, holders=1, outcome="failed"))


@pytest.mark.parametrize(
    ("edge", "expected"),
    [
        (edge_row("t", "u"), (("u", Point.FINISH), ("t", Point.START))),
        (edge_row("t", "u", effective_id="v"), (("v", Point.FINISH), ("t", Point.START))),
        (edge_row("t", "u", type="start_to_start"), (("u", Point.START), ("t", Point.START))),
        (edge_row("t", "u", type="finish_to_finish"), (("u", Point.FINISH), ("t", Point.FINISH))),
        (edge_row("t", "u", type="start_to_finish"), (("u", Point.START), ("t", Point.FINISH))),
        (edge_row("t", "u", waived_at=1), (("u", Point.FINISH), ("t", Point.START))),
        (edge_row("t", "u", mandatory=False), None),
        (edge_row("t", "u", type="prerequisite"), None),
        (edge_row("t", "u", type="related"), None),
    ],
)
def test_arc_of_an_edge(edge: EdgeRow, expected: object) -> None:
    """Every mandatory edge orders two points, whatever its state; links order nothing."""
    assert arc_of(edge) == expected
