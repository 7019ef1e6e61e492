"""A writer that repeats each command, with its idempotency key, until it is acknowledged."""

from __future__ import annotations

import time
from threading import Event
from typing import Final

import pytest

from worklattice import Orchestrator, StoreError
from worklattice.model.commands import CreateTask

_TRIES: Final = 1_000


class Persistent:
    """Creates tasks one after the other, and remembers what was said to it."""

    def __init__(self, wl: Orchestrator, name: str = "n") -> None:
        self._wl = wl
        self._name = name
        self._has_failed = False
        self.acknowledged = 0
        self.refused = 0
        """How many calls were refused: `unavailable`, or `busy` behind one that waited for what was not."""
        self.unknown = 0
        """How many of them left open whether they came to pass."""

    def write(self) -> None:
        """Have one more task created."""
        task_id = f"{self._name}{self.acknowledged}"
        command = CreateTask(task_type="t", task_id=task_id, idempotency_key=task_id)
        for _ in range(_TRIES):
            try:
                created = self._wl.run(command)
            except StoreError as error:
                if error.kind not in {"unavailable", "busy"}:
                    raise
                self.refused += 1
                self.unknown += not error.outcome_known
            else:
                assert created.task_id == task_id
                self.acknowledged += 1
                return
        pytest.fail("it never went through")

    def wait_for_more(self, more: int = 1) -> None:
        """Wait until another thread, which writes, has had so many more acknowledged."""
        enough = self.acknowledged + more
        while self.acknowledged < enough:
            assert not self._has_failed, "see the other thread's error"
            time.sleep(0.001)

    def write_until(self, enough: Event) -> None:
        """Go on until it is enough."""
        try:
            while not enough.is_set():
                self.write()
        except BaseException:
            self._has_failed = True
            raise

    def lost_nothing(self) -> None:
        """Whatever was acknowledged is there, in its order, and once; and nothing else of this writer's."""
        created = [event.task_id for event in self._wl.events(kinds=["task.created"])]
        own = [task_id for task_id in created if task_id and task_id.startswith(self._name)]
        assert own == [f"{self._name}{number}" for number in range(self.acknowledged)]
        assert self.acknowledged > 0
        assert self._wl.check() == []

    def counts(self) -> dict[str, int]:
        """What there is to tell."""
        return {
            "acknowledged": self.acknowledged,
            "refused": self.refused,
            "outcome_unknown": self.unknown,
            "lost": 0,
        }
