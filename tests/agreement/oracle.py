"""The naive oracle: what must come of commands, one or several in a transaction.

It keeps what was said (`world`), lets a command change a copy (`deciding`), looks at the whole copy for
circles (`facts`), and works signals out by comparing everything that follows before and after.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any, TypeAlias

import attrs

from tests.agreement.connecting import Refused
from tests.agreement.facts import Facts, Told, has_circle
from tests.agreement.given import is_malformed
from tests.agreement.timing import has_turned, settled
from tests.agreement.undoing import Done, Undoing, done, given_back
from tests.agreement.world import World
from worklattice.model.commands import Tick, Undo, Write

Keys: TypeAlias = dict[str, tuple[Write[Any], Any]]
"""What idempotency keys were used for, and what was answered."""


class Oracle:
    """One workspace, as the contract has it."""

    def __init__(self) -> None:
        self.world = World()
        self.told: Told = Counter()
        """The events of the last transaction."""
        self.history: list[Done] = []
        """The commands that changed something, in order."""
        self._keys: Keys = {}

    def now(self, clock: datetime) -> datetime:
        """The time of a call: the clock's, or that of the last event where the clock went back."""
        last = self.world.last_event_at
        return clock if last is None else max(clock, last)

    def facts(self, clock: datetime) -> Facts:
        """What follows at the clock's time."""
        now = self.now(clock)
        return Facts(settled(self.world, now).world, now)

    def run(self, command: Write[Any], clock: datetime, ids: Iterator[str]) -> dict[str, Any]:
        """One command in a transaction of its own; what its answer must say. Raises `Refused`."""
        with_one = self.begin(clock)
        expected = with_one.run(command, ids)
        with_one.commit()
        return expected

    def begin(self, clock: datetime) -> Transaction:
        """Several commands in one transaction."""
        return Transaction(self, self.now(clock), dict(self._keys), self._take)

    def _take(self, world: World, keys: Keys, told: Told, history: Sequence[Done]) -> None:
        self.world, self._keys, self.told, self.history = world, keys, told, [*history]


class Transaction:
    """Commands that happen together or not at all. Nothing is kept unless `commit` is called."""

    def __init__(
        self,
        oracle: Oracle,
        now: datetime,
        keys: Keys,
        take: Callable[[World, Keys, Told, Sequence[Done]], None],
    ) -> None:
        self._oracle = oracle
        self._now = now
        self._keys = keys
        self._keys_before = len(keys)
        self._take = take
        self._parts: list[Undoing] | None = None
        self.world = oracle.world.copy()
        self.history = [*oracle.history]
        self.changed = False
        last = oracle.world.last_event_at
        before = Facts(oracle.world, now if last is None else last)
        self.world, alarms, expired = settled(oracle.world, now)
        self._settled = self.world
        self._facts = Facts(self.world, now)
        self.told = signals_between(before, self._facts)
        time_has_passed = before.states != self._facts.states or any(
            last is not None and has_turned(oracle.world, task_id, last, now)
            for task_id in oracle.world.tasks
        )
        if time_has_passed:
            self.told["time.passed", "None"] += 1
        for name, task_id in alarms:
            self.told[f"clock.{name}", task_id] += 1
        for task_id, stage in expired:
            self.told["claim.expired", task_id, str(self.world.tasks[task_id]["token"])] += 1
            if stage is not None:
                self.world.tasks[task_id]["version"] += 1
                self.told["task.stage_changed", task_id, stage] += 1
        if handed := [task_id for task_id, stage in expired if stage is not None]:
            self.history.append(given_back(self.world, handed))
        self._was_due = time_has_passed or bool(alarms or expired)
        self._keeps_what_was_due = False
        self.told = _said_by(self.told, None, None)

    def run(self, command: Write[Any], ids: Iterator[str]) -> dict[str, Any]:
        """One command; what its answer must say. Raises `Refused`, which leaves no trace."""
        if is_malformed(command):
            raise Refused("ValidationError")
        key = command.idempotency_key
        if key is not None and key in self._keys:
            earlier, expected = self._keys[key]
            if _payload(earlier) != _payload(command):
                raise Refused("ConflictError")
            return dict(expected)
        position = self.world.events + self.told.total()
        decision = Undoing(self.world.copy(), self._now, ids, position)
        if isinstance(command, Undo):
            decision.undo(self.history, command.position)
        else:
            decision.decide(command)
        facts = Facts(decision.world, self._now)
        told = decision.told + signals_between(self._facts, facts)
        told = _said_by(told, command.actor, getattr(command, "notes", None) or command.reason)
        expected = {**decision.expected, "unblocked": _unblocked(self._facts, facts)}
        if not command.dry_run:
            self._note(decision)
            self.world, self._facts, self.told = decision.world, facts, self.told + told
            self.changed = self.changed or decision.changed
            self._keeps_what_was_due |= isinstance(command, Tick)
            if key is not None:
                self._keys[key] = command, expected
        return expected

    def _note(self, decision: Undoing) -> None:
        """Put the command down, or make it a part of the one that is under way."""
        if self._parts is not None:
            self._parts.append(decision)
        elif (one := done(self.world, [decision])) is not None:
            self.history.append(one)

    def as_one(self) -> None:
        """Whatever comes now is one command."""
        self._parts = []

    def commit(self) -> None:
        """Keep what was done, unless it closes a circle; what time has brought alone only after a tick."""
        if has_circle(self.world):
            raise Refused("CircularDependencyError", world=self.world)
        if self._parts and (one := done(self._settled, self._parts)) is not None:
            self.history.append(one)
        used_a_key = len(self._keys) > self._keys_before
        if self.changed or (self._was_due and (used_a_key or self._keeps_what_was_due)):
            self.world.last_event_at = self._now
            self.world.events += self.told.total()
            self._take(self.world, self._keys, self.told, self.history)
        elif used_a_key:
            self._take(self.world, self._keys, Counter(), self.history)
        else:
            self._oracle.told = Counter()


def signals_between(before: Facts, after: Facts) -> Told:
    """What changed by itself between two moments: states of edges that were there, waiting, readiness."""
    signals: Told = Counter()
    for key, state in after.states.items():
        if state in {"satisfied", "failed"} and before.states.get(key, state) != state:
            task_id, other, kind = key
            signals[f"dependency.{state}", task_id, other, kind] += 1
    for task_id, waits in after.waits.items():
        if waits and not before.waits.get(task_id, False):
            signals["task.blocked", task_id] += 1
        elif after.ready[task_id] and not before.ready.get(task_id, False):
            signals["task.ready", task_id] += 1
    return signals


def _said_by(told: Told, actor: str | None, reason: str | None) -> Told:
    """The events with who asked for them, and why."""
    return Counter({(*event, str(actor), str(reason)): times for event, times in told.items()})


def _unblocked(before: Facts, after: Facts) -> frozenset[str]:
    """Tasks that are open still and stopped waiting."""
    return frozenset(
        task_id
        for task_id, waits in after.waits.items()
        if not waits and before.waits.get(task_id) and after.world.tasks[task_id]["outcome"] is None
    )


def _payload(command: Write[Any]) -> Write[Any]:
    return attrs.evolve(command, idempotency_key=None, dry_run=False)
