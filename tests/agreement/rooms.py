"""A workspace under test: an orchestrator, what it answered, and what it has recorded so far."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import attrs

import worklattice
from tests.agreement.oracle import Signals
from worklattice import Event, Orchestrator, WorklatticeError
from worklattice.model.answers import BatchCreated, TaskCreated
from worklattice.model.project import SIGNALS
from worklattice.testing import ManualClock, SequentialIds


class CountedIds:
    """Ids that count, and how many were taken."""

    def __init__(self) -> None:
        self.taken = 0
        self._ids = SequentialIds("made-")

    def __call__(self) -> str:
        self.taken += 1
        return self._ids()


@attrs.frozen
class Outcome:
    """What came of a command: an answer or a refusal."""

    answer: Any = None
    error: WorklatticeError | None = None

    @property
    def kind(self) -> str:
        """The name of the error, empty where there is none."""
        return "" if self.error is None else self.error.error_type

    def names(self) -> tuple[str, ...]:
        """The ids of the tasks that it created."""
        match self.answer:
            case TaskCreated(task_id=task_id):
                return (task_id,)
            case BatchCreated(task_ids=task_ids):
                return task_ids
            case _:
                return ()


def outcome_of(call: Callable[[], Any]) -> Outcome:
    """Call, and say what came of it."""
    try:
        return Outcome(answer=call())
    except WorklatticeError as error:
        return Outcome(error=error)


def bare(answer: Any) -> Any:
    """An answer without what differs from store to store or in a dry run: its events."""
    return attrs.evolve(answer, events=None) if attrs.has(type(answer)) else answer


class Room:
    """One workspace on one store."""

    def __init__(self, url: str, workspace: str, clock: ManualClock) -> None:
        self.ids = CountedIds()
        self.wl: Orchestrator = worklattice.open(url, workspace=workspace, clock=clock, ids=self.ids)
        self.events: list[Event] = []
        self.dump = self.wl.dump()
        self.told: list[Event] = []
        self.wl.subscribe(self.told.append)

    def run(self, command: Any) -> Outcome:
        """Carry out a command."""
        return outcome_of(lambda: self.wl.run(command))

    def read_on(self) -> tuple[bool, list[Event]]:
        """Whether the dump has changed, and the events recorded since the last reading."""
        before, self.dump = self.dump, self.wl.dump()
        new = list(self.wl.events(after=len(self.events)))
        positions = [event.position for event in new]
        assert positions == list(range(len(self.events) + 1, len(self.events) + len(new) + 1))
        assert self.told == new, "subscribers were told something else"
        self.told.clear()
        self.events += new
        return before != self.dump, new

    def close(self) -> None:
        """Close the store."""
        self.wl.close()


def signals_in(events: list[Event]) -> Signals:
    """The signals among events, counted as the oracle counts them."""
    return Counter(_signal(event) for event in events if event.event_type in SIGNALS)


def _signal(event: Event) -> tuple[str, ...]:
    data = event.data
    names = ("dependency_task_id", "dependency_type", "channel")
    return event.event_type, str(event.task_id), *(str(data[name]) for name in names if name in data)
