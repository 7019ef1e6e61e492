"""What is measured of the hits of a query: how many, how fast, how punctual.

Times are measured on tasks that succeeded, also where they were archived since:

- lead time: from `created_at` to `completed_at`
- cycle time: from `started_at` to `completed_at`
- wait time: from `created_at` to `started_at`

A task that was never started has no cycle and no wait time. Percentiles are by nearest rank: the smallest
measured value that at least so many percent do not exceed. Everything is in seconds.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from fractions import Fraction
from operator import attrgetter
from typing import Final

from attrs import field, frozen

from worklattice.model.estimates import Estimates, EstimateSum
from worklattice.model.rows import Micros, TaskRow
from worklattice.types import JsonObject

_SECOND: Final = 1_000_000
_DAY: Final = 86_400 * _SECOND
_SUCCEEDED: Final = "succeeded"


@frozen(kw_only=True)
class Summary:
    """How long something took, in seconds; None where nothing was measured."""

    count: int = 0
    mean: float | None = None
    p50: float | None = None
    p85: float | None = None
    p95: float | None = None


@frozen(kw_only=True)
class Metrics:
    """What was measured.

    `throughput_per_day` is how many succeeded, over the days of the query's date range, or else over the days
    from the first completion to the last, at least one; None where none did. `on_time_rate` is the share that
    was completed before `due_at`, of those that succeeded and had one. `sums` adds up every attribute that
    holds numbers; a sum too large for a number is left out. `estimates` adds up what has a unit, in an entry
    for each kind of unit, of `estimated_duration`, `estimated_effort`, `story_points` and `capacity`.
    """

    total: int
    by_status: dict[str, int]
    by_type: dict[str, int]
    throughput_per_day: float | None
    lead_time: Summary
    cycle_time: Summary
    wait_time: Summary
    on_time_rate: float | None
    sums: dict[str, int | float] = field(factory=dict)
    estimates: dict[str, tuple[EstimateSum, ...]] = field(factory=dict)


def measure(
    rows: Iterable[TaskRow],
    *,
    meant: Callable[[TaskRow], JsonObject] = attrgetter("attributes"),
    days: float | None = None,
) -> Metrics:
    """Measure the rows in one pass; their order does not matter.

    `meant` gives the attributes of a task as its type means them, where types may mean them otherwise than
    conventions; `days` is the length of the date range.
    """
    by_status, by_type = Counter[str](), Counter[str]()
    lead, cycle, wait = list[Micros](), list[Micros](), list[Micros]()
    sums, estimates = Sums(), Estimates()
    first, last = math.inf, -math.inf
    succeeded = due = punctual = 0
    for row in rows:
        by_status[row.status] += 1
        by_type[row.task_type] += 1
        sums.add(row.attributes)
        estimates.add(meant(row))
        completed, started = row.completed_at, row.started_at
        if row.outcome != _SUCCEEDED or completed is None:
            continue
        succeeded += 1
        first, last = min(first, completed), max(last, completed)
        lead.append(completed - row.created_at)
        if started is not None:
            cycle.append(completed - started)
            wait.append(started - row.created_at)
        if row.due_at is not None:
            due += 1
            punctual += completed < row.due_at
    return Metrics(
        total=by_status.total(),
        by_status=dict(sorted(by_status.items())),
        by_type=dict(sorted(by_type.items())),
        throughput_per_day=_rate(succeeded, max((last - first) / _DAY, 1) if days is None else days),
        lead_time=summarize(lead),
        cycle_time=summarize(cycle),
        wait_time=summarize(wait),
        on_time_rate=punctual / due if due else None,
        sums=sums.totals(),
        estimates=estimates.totals(),
    )


class Sums:
    """The numeric attributes of tasks, added up by name."""

    def __init__(self) -> None:
        self._numbers: defaultdict[str, list[int | float]] = defaultdict(list)

    def add(self, attributes: JsonObject) -> None:
        """Add a task's attributes; those that are no numbers do not count."""
        for name, value in attributes.items():
            if type(value) is int or type(value) is float:
                self._numbers[name].append(value)

    def totals(self) -> dict[str, int | float]:
        """The sums by name, without those that no finite number holds."""
        sums = ((name, _sum(self._numbers[name])) for name in sorted(self._numbers))
        return {name: total for name, total in sums if total is not None}


def summarize(spans: list[Micros]) -> Summary:
    """The summary of some spans, given in microseconds."""
    if not spans:
        return Summary()
    ordered = sorted(spans)
    return Summary(
        count=len(ordered),
        mean=sum(ordered) / len(ordered) / _SECOND,
        p50=_percentile(ordered, 50),
        p85=_percentile(ordered, 85),
        p95=_percentile(ordered, 95),
    )


def _percentile(ordered: list[Micros], percent: int) -> float:
    rank = -(-percent * len(ordered) // 100)
    return ordered[rank - 1] / _SECOND


def _rate(count: int, days: float) -> float | None:
    return count / days if count else None


def _sum(values: list[int | float]) -> int | float | None:
    """The sum, rounded once, so that the order of the rows does not show in it."""
    if all(isinstance(value, int) for value in values):
        return sum(values)
    try:
        return float(sum(map(Fraction, values)))
    except OverflowError:
        return None
