"""What the processes do that get killed, stopped or crowded: each is given its end of the line first.

Not here: how they are started (`processes`), and what must hold afterwards, which the tests say.
"""

from __future__ import annotations

from itertools import count
from multiprocessing.connection import Connection
from typing import Any, TypeAlias

import worklattice
from worklattice import Orchestrator

Line: TypeAlias = "Connection[Any, Any]"


def commit_number(wl: Orchestrator, number: int) -> None:
    """One commit of several rows that only make sense together: see `whole_commits`."""
    with wl.transaction():
        if number == 1:
            wl.create_generic_task("counter", task_id="counter", attributes={"number": 1})
        else:
            wl.update_task("counter", attributes={"number": number})
        needs = [f"n{number - 1}"] if number > 1 else []
        wl.create_generic_task("step", task_id=f"n{number}", parent_task_id="counter", dependencies=needs)
        if number > 1:
            wl.manage_lifecycle(f"n{number - 1}", "active")
            wl.manage_lifecycle(f"n{number - 1}", "completed")


def whole_commits(wl: Orchestrator) -> int:
    """How many of the commits above are there, each of them whole, with everything that follows from them."""
    positions = [event.position for event in wl.events()]
    assert positions == list(range(1, len(positions) + 1))
    assert wl.check() == []
    if not positions:
        return 0
    number = wl.get_task("counter").task.attributes["number"]
    assert isinstance(number, int)
    inside = [line for line in wl.dump_lines() if '"parent_id":"counter"' in line]
    assert len(inside) == number
    assert all('"stage":"completed"' in line for line in inside[:-1])
    with worklattice.open("memory:") as replayed:
        replayed.replay(wl.events())
        assert replayed.dump() == wl.dump()
    return number


def write_without_end(line: Line, url: str) -> None:
    """Commit, and say the number of each commit that was acknowledged, until somebody puts an end to it.

    Before, zero is said twice: at the beginning, and when the store is open.
    """
    line.send(0)
    with worklattice.open(url) as wl:
        line.send(0)
        done = wl.query_tasks(filters={"task_id": "counter"}).tasks
        for number in count(int(str(done[0].attributes["number"])) + 1 if done else 1):
            commit_number(wl, number)
            line.send(number)
