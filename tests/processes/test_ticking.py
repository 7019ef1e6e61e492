"""Several processes with several threads each that tick one store."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import worklattice
from tests.processes.test_mixed_load import start, told
from tests.stores import url_of
from worklattice.testing import ManualClock

PROCESSES, THREADS, OCCURRENCES = 3, 3, 60
LONG_AGO = datetime(2025, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("store", ["sqlite", "postgresql"])
def test_each_instant_has_one_run_whoever_ticks(store: str, tmp_path: Path) -> None:
    """All of them make runs of the same schedules, and no instant is left out or has two."""
    url = url_of(store, tmp_path, timeout=120)
    hourly: Any = {"every": "hour", "start": LONG_AGO.isoformat(), "count": OCCURRENCES, "missed": "catch_up"}
    with worklattice.open(url, clock=ManualClock(LONG_AGO)) as wl:
        for name in ("one", "other"):
            wl.create_generic_task("t", task_id=name, attributes={"schedule": hourly})
            wl.create_generic_task("t", task_id=f"{name}-step", parent_task_id=name)
        due = {
            f"{name}:{at:%Y%m%dT%H%M%SZ}"
            for name in ("one", "other")
            for at in wl.preview_schedule(name, count=OCCURRENCES).occurrences
        }
        assert len(due) == 2 * (OCCURRENCES - 1)  # the first is that of the creation
    programs = [start("ticking.py", url, THREADS) for _ in range(PROCESSES)]
    made = Counter(run for program in programs for run in told(program))
    assert made == Counter(due)
    with worklattice.open(url) as wl:
        assert wl.check(replay=True) == []
        runs = wl.query_tasks(filters={"run_of": ["one", "other"]}, limit=1_000).tasks
        assert {run.task_id for run in runs} == due
        assert len({(run.run_of, run.run_at) for run in runs}) == len(due)
        assert wl.tick().events == ()
