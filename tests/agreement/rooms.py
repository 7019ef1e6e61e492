"""A workspace under test: an orchestrator, what it answered, and what it has recorded so far."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import Any

import attrs

import worklattice
from tests.agreement.facts import Told
from tests.agreement.stepping import UNCHECKED
from tests.agreement.undoing import UNDOING
from worklattice import CircularDependencyError, Event, WorklatticeError
from worklattice.codec import canonical, unstructure
from worklattice.model.answers import BatchCreated, Executed, TaskCreated
from worklattice.model.commands import Write
from worklattice.model.project import SIGNALS
from worklattice.testing import ManualClock


class CountedIds:
    """Ids that count, and how many were taken."""

    def __init__(self) -> None:
        self.taken = 0

    def __call__(self) -> str:
        self.taken += 1
        return f"made-{self.taken}"

    @staticmethod
    def after(taken: int) -> Iterator[str]:
        """The ids that come after so many."""
        return (f"made-{number}" for number in count(taken + 1))


@attrs.frozen
class Outcome:
    """What came of a command: an answer or a refusal. `taken` ids were used up before it."""

    answer: Any = None
    error: WorklatticeError | None = None
    taken: int = 0

    @property
    def kind(self) -> str:
        """The name of the error, empty where there is none."""
        return "" if self.error is None else self.error.error_type

    def text(self) -> str:
        """The answer or the error as JSON, without events and their ids, which name the log.

        Ids of created tasks stand as their numbers.
        """
        if isinstance(self.error, CircularDependencyError):
            return f"{self.kind} {len(self.error.cycle)}"  # which begins with the least id, generated or not
        if self.error is not None:
            return _MADE.sub("#", f"{self.kind} {self.error}")
        if self.answer is None:
            return ""
        text = _EVENT_ID.sub('"event_id":"#"', canonical(unstructure(_without_events(self.answer))))
        for number, name in enumerate(_names(self.answer)):
            text = text.replace(f'"{name}"', f'"#{number}"').replace(f'\\"{name}\\"', f'\\"#{number}\\"')
        return text


def _without_events(answer: Any) -> Any:
    """The answer without the events in it, which name the log that they are in."""
    if isinstance(answer, Executed):
        answer = attrs.evolve(answer, results=tuple(map(_without_events, answer.results)))
    return attrs.evolve(answer, events=None)


_EVENT_ID = re.compile(r'"event_id":"[^"]*"')
_MADE = re.compile(r"(?:made|dry-run)-\d+")


def _names(answer: object) -> tuple[str, ...]:
    match answer:
        case TaskCreated(task_id=task_id):
            return (task_id,)
        case BatchCreated(task_ids=task_ids):
            return task_ids
        case _:
            return ()


class Room:
    """One workspace on one store."""

    def __init__(self, url: str, workspace: str, clock: ManualClock) -> None:
        self.ids = CountedIds()
        self.wl = worklattice.open(url, workspace=workspace, clock=clock, ids=self.ids)
        self.events: list[Event] = []
        self.dump = self.wl.dump()
        self._told: list[Event] = []
        self.wl.subscribe(self._told.append)

    def run(self, command: Write[Any]) -> Outcome:
        """Carry out a command."""
        return self._outcome(lambda: self.wl.run(command))

    def together(self, commands: Sequence[Write[Any]], *, fails: bool) -> tuple[list[Outcome], Outcome]:
        """Carry out commands in a transaction: what came of each, and of the whole."""
        each: list[Outcome] = []

        def carry_out() -> None:
            with self.wl.transaction():
                each.extend(map(self.run, commands))
                if fails:
                    raise _ChangedMindError

        try:
            return each, self._outcome(carry_out)
        except _ChangedMindError:
            return each, Outcome()

    def _outcome(self, call: Callable[[], Any]) -> Outcome:
        taken = self.ids.taken
        try:
            return Outcome(answer=call(), taken=taken)
        except WorklatticeError as error:
            return Outcome(error=error, taken=taken)

    def read_on(self) -> tuple[bool, list[Event]]:
        """Whether the dump has changed, and the events recorded since the last reading."""
        before, self.dump = self.dump, self.wl.dump()
        new = list(self.wl.events(after=len(self.events)))
        positions = [event.position for event in new]
        assert positions == list(range(len(self.events) + 1, len(self.events) + len(new) + 1))
        assert self._told == new, "subscribers were told something else"
        self._told.clear()
        self.events += new
        return before != self.dump, new

    def close(self) -> None:
        """Close the store."""
        self.wl.close()


class _ChangedMindError(Exception):
    """What a transaction is left with."""


def told_in(events: Sequence[Event]) -> Told:
    """The events, counted as the oracle counts them."""
    return Counter(map(_told, events))


def _told(event: Event) -> tuple[str, ...]:
    if event.undoes is not None and event.event_type not in SIGNALS:
        return UNDOING, str(event.task_id), str(event.actor), str(event.reason)
    names = ("dependency_task_id", "dependency_type", "channel", "to", "token")
    more = [str(event.data[name]) for name in names if name in event.data]
    if event.data.get("validation_checks") is False:
        more.append(UNCHECKED)
    return event.event_type, str(event.task_id), *more, str(event.actor), str(event.reason)
