"""What the processes do that get killed, stopped or crowded: each is given its end of the line first.

Not here: how they are started (`processes`), and what must hold afterwards, which the tests say.
"""

from __future__ import annotations

import os
import threading
import time
from datetime import UTC, datetime, timedelta
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final, TypeAlias

import worklattice
from tests.faults.commands import COMMANDS, opened
from tests.faults.failing import fail_at
from worklattice import ClaimError, Notification, Orchestrator, StoreError

Line: TypeAlias = "Connection[Any, Any]"

EXITED: Final = 9
"""How processes end that vanish where they were told to."""

THREADS: Final = 4
"""How many threads each process of a crowd has."""


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


def counted(wl: Orchestrator) -> int:
    """How far the counter was counted on."""
    task = wl.get_task("counter").task
    assert task is not None
    number = task.attributes["number"]
    assert isinstance(number, int)
    return number


def whole_commits(wl: Orchestrator) -> int:
    """How many of the commits above are there, each of them whole, with everything that follows from them."""
    positions = [event.position for event in wl.events()]
    assert positions == list(range(1, len(positions) + 1))
    assert wl.check() == []
    if not positions:
        return 0
    number = counted(wl)
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
        is_begun = any(True for _ in wl.events())
        for number in count(counted(wl) + 1 if is_begun else 1):
            commit_number(wl, number)
            line.send(number)


class FileClock:
    """A clock that several processes share: a file that says how far it has been moved on."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __call__(self) -> datetime:
        return datetime(2025, 1, 1, tzinfo=UTC) + timedelta(seconds=float(self._path.read_text()))

    def advance(self, seconds: float) -> None:
        moved = float(self._path.read_text()) + seconds
        self._path.with_suffix(".new").write_text(f"{moved}")
        self._path.with_suffix(".new").replace(self._path)


def hold_a_claim(line: Line, url: str, clock: FileClock | None, worker: str, lease: str) -> None:
    """Claim a task and begin with it, say which and its token; when told to, finish it and say how that went.

    Says None where there is nothing to claim.
    """
    with worklattice.open(url, clock=clock) as wl:
        claimed = wl.claim_task(worker, filters={"task_type": "job"}, lease=lease)
        if claimed.claim is None or claimed.task is None:
            line.send(None)
            return
        task_id, token = claimed.task.task_id, claimed.claim.token
        wl.manage_lifecycle(task_id, "active", claim_token=token)
        line.send((task_id, token))
        line.recv()
        try:
            wl.manage_lifecycle(task_id, "completed", claim_token=token, result=worker)
        except ClaimError:
            line.send("refused")
        else:
            line.send("done")


def write_in_threads(line: Line, url: str, writes: int) -> None:
    """Add one to a counter so many times, four threads together; say the seconds that the slowest write took.

    What kept a write from happening is said too: "busy", once for each.
    """
    with worklattice.open(url) as wl:
        line.send("open")
        line.recv()
        times: list[float] = []
        refusals: list[str] = []

        def add(count: int) -> None:
            for _ in range(count):
                began = time.monotonic()
                try:
                    with wl.transaction():
                        wl.update_task("counter", attributes={"number": counted(wl) + 1})
                        wl.create_generic_task("step")
                except StoreError as error:
                    refusals.append(error.kind)
                times.append(time.monotonic() - began)

        threads = [
            threading.Thread(target=add, args=(writes // THREADS + (number < writes % THREADS),))
            for number in range(THREADS)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        line.send((max(times), refusals))


def exit_at(_line: Line, url: str, chosen: int, number: int) -> None:
    """Carry out one of the commands, and vanish before the chosen one that writes, if there are so many."""
    with opened(url) as wl:
        fail_at(setattr, chosen, lambda: os._exit(EXITED), only_writes=True)
        wl.run(COMMANDS[number])
        os._exit(0)


def deliver_all(line: Line, url: str, clock: FileClock | None) -> None:
    """Deliver until nothing is left, when told to; say what was handed out, and in the end None."""
    with worklattice.open(url, clock=clock) as wl:
        line.send("open")
        line.recv()
        while wl.deliver({"slack": lambda each: line.send((each.channel, each.attempt))}, limit=7).delivered:
            pass
        line.send(None)


def deliver_without_end(line: Line, url: str, clock: FileClock | None, lease: str) -> None:
    """Deliver, and never come back from the first handler; say what it was given."""
    with worklattice.open(url, clock=clock) as wl:

        def hang(notification: Notification) -> None:
            line.send((notification.channel, notification.attempt))
            line.recv()

        wl.deliver({"slack": hang}, lease=lease)
