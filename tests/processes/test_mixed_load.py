"""Several processes with several threads each, on one store."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import worklattice
from tests.stores import url_of

HERE = Path(__file__).parent
PROCESSES, THREADS, ROUNDS = 3, 3, 4
PATIENCE = 300


def start(program: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, HERE / program, *map(str, arguments)], stdout=subprocess.PIPE, text=True
    )


def told(program: subprocess.Popen[str]) -> Any:
    printed, _ = program.communicate(timeout=PATIENCE)
    assert program.returncode == 0
    return json.loads(printed)


@pytest.mark.parametrize("store", ["sqlite", "postgresql"])
def test_everything_that_was_acknowledged_is_there_once(store: str, tmp_path: Path) -> None:
    """Mixed commands of many writers: none is lost or torn, and readers of the log see each event once."""
    url = url_of(store, tmp_path, timeout=120)
    with worklattice.open(url) as wl:
        wl.create_generic_task("t", task_id="root")
        wl.create_generic_task("t", task_id="counter", attributes={"n": 0})
        tails = [start("tailing.py", url, way) for way in ("events", "follow")]
        workers = [start("working.py", url, f"w{number}-", THREADS, ROUNDS) for number in range(PROCESSES)]
        done = [part for worker in workers for part in told(worker)]
        wl.create_generic_task("t", task_id="end")
        events = list(wl.events())
        positions = list(range(1, len(events) + 1))
        assert [event.position for event in events] == positions
        for tail in tails:
            assert told(tail) == positions

        made = {task_id for part in done for task_id in part["made"]}
        deleted = {task_id for part in done for task_id in part["deleted"]}
        assert len(made) == PROCESSES * THREADS * ROUNDS * 4
        found = {hit.task_id for hit in wl.query_tasks(limit=1_000).tasks}
        assert found == (made - deleted) | {"root", "counter", "end"}
        births = Counter(event.task_id for event in events if event.event_type == "task.created")
        assert births == Counter(made | {"root", "counter", "end"})

        counter = wl.get_task("counter", include_comments=True)
        assert counter.task is not None
        assert counter.task.attributes["n"] == sum(part["increments"] for part in done)
        assert len(counter.comments or ()) == sum(part["comments"] for part in done)
        assert wl.check() == []
        with worklattice.open("memory:") as again:
            again.replay(events)
            assert again.dump() == wl.dump()
