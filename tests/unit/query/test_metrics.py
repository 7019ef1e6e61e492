from itertools import cycle
from typing import Any

import pytest

from worklattice.model.estimates import EstimateSum
from worklattice.model.rows import TaskRow
from worklattice.query.metrics import Metrics, Summary, measure, summarize
from worklattice.testing.rows import task_row

SECOND = 1_000_000
DAY = 86_400 * SECOND


def done(task_id: str, created: int, started: int | None, completed: int, **fields: Any) -> TaskRow:
    succeeded: dict[str, Any] = {"status": "completed", "outcome": "succeeded"}
    return task_row(
        task_id,
        seq=1,
        created_at=created * SECOND,
        started_at=None if started is None else started * SECOND,
        completed_at=completed * SECOND,
        **succeeded | fields,
    )


def test_nothing_to_measure() -> None:
    """Of no tasks, counts are zero and everything else is null."""
    assert measure([]) == Metrics(
        total=0,
        by_status={},
        by_type={},
        throughput_per_day=None,
        lead_time=Summary(),
        cycle_time=Summary(),
        wait_time=Summary(),
        on_time_rate=None,
        sums={},
        estimates={},
    )


def test_times_of_what_succeeded() -> None:
    """Lead runs from creation, cycle from the start, both to completion; wait is between them."""
    measured = measure([done("a", 0, 10, 40), done("b", 0, None, 20)])
    assert measured.lead_time == Summary(count=2, mean=30.0, p50=20.0, p85=40.0, p95=40.0)
    assert measured.cycle_time == Summary(count=1, mean=30.0, p50=30.0, p85=30.0, p95=30.0)
    assert measured.wait_time == Summary(count=1, mean=10.0, p50=10.0, p85=10.0, p95=10.0)


def test_only_success_is_measured() -> None:
    """What failed, was withdrawn or goes on has no times; what was archived after success has."""
    rows = [
        done("failed", 0, 1, 2, status="failed", outcome="failed"),
        done("cancelled", 0, 1, 2, status="cancelled", outcome="withdrawn"),
        task_row("open"),
        done("archived", 0, 1, 5, status="archived"),
    ]
    measured = measure(rows)
    assert measured.lead_time == Summary(count=1, mean=5.0, p50=5.0, p85=5.0, p95=5.0)
    assert measured.total == 4
    assert measured.by_status == {"archived": 1, "cancelled": 1, "failed": 1, "pending": 1}


@pytest.mark.parametrize(
    ("count", "p50", "p85", "p95"), [(1, 1, 1, 1), (2, 1, 2, 2), (20, 10, 17, 19), (100, 50, 85, 95)]
)
def test_percentiles_are_measured_values(count: int, p50: float, p85: float, p95: float) -> None:
    """A percentile is the smallest value that so many percent do not exceed."""
    summary = summarize([n * SECOND for n in range(count, 0, -1)])
    assert (summary.p50, summary.p85, summary.p95) == (p50, p85, p95)


def test_throughput() -> None:
    """Success is counted per day of the range asked for, or of the span in which it came, at least a day."""
    rows = [done(str(n), 0, 0, n * 86_400) for n in range(4)]
    assert measure(rows).throughput_per_day == pytest.approx(4 / 3)
    assert measure(rows, days=31).throughput_per_day == pytest.approx(4 / 31)
    assert measure(rows[:1]).throughput_per_day == 1
    assert measure([task_row("open")], days=31).throughput_per_day is None


def test_on_time() -> None:
    """Only what had a due time counts; completed at it is late, as it is overdue and breached then."""
    rows = [
        done("early", 0, 0, 5, due_at=6 * SECOND),
        done("exact", 0, 0, 6, due_at=6 * SECOND),
        done("late", 0, 0, 7, due_at=6 * SECOND),
        done("whenever", 0, 0, 7),
        task_row("open", due_at=6 * SECOND),
    ]
    assert measure(rows).on_time_rate == pytest.approx(1 / 3)
    assert measure(rows[3:]).on_time_rate is None


def test_sums_of_numeric_attributes() -> None:
    """Numbers are added up, whole ones exactly; what is no number is left out."""
    rows = [
        task_row("a", attributes={"story_points": 5, "hours": 0.1, "title": "x", "urgent": True}),
        task_row("b", attributes={"story_points": 3, "hours": 0.2, "huge": 1e308}),
        task_row("c", attributes={"story_points": "8", "hours": 0.3, "huge": 1e308}),
    ]
    sums = measure(rows).sums
    assert sums == {"hours": pytest.approx(0.6), "story_points": 8}
    assert isinstance(sums["story_points"], int)


def test_sums_of_estimates() -> None:
    """What has a unit is added up beside the numbers, where the attribute says how much a task takes."""
    rows = [
        task_row("a", attributes={"estimated_duration": "2_hours", "story_points": 5, "length": "2 hours"}),
        task_row("b", attributes={"estimated_duration": 3, "story_points": "8 points"}),
    ]
    measured = measure(rows)
    assert measured.sums == {"estimated_duration": 3, "story_points": 5}
    assert measured.estimates == {
        "estimated_duration": (EstimateSum(count=1, low=7200, high=7200, unit="seconds"),),
        "story_points": (EstimateSum(count=1, low=8, high=8, unit="points"),),
    }


def test_order_of_rows_does_not_show() -> None:
    """Measuring the same tasks in another order gives the same, to the last bit."""
    rows = [
        done(str(n), 0, n, 2 * n, attributes={"x": 0.1 * 7 ** (n % 23), "estimated_effort": f"{n}.1 {unit}"})
        for n, unit in zip(range(200), cycle(["h", "ms", "point", "points", "kB", "MB"]))
    ]
    measured = measure(rows)
    assert (
        measure(rows[::-1]) == measure(rows[70:] + rows[:70]) == measure(rows[::2] + rows[1::2]) == measured
    )
