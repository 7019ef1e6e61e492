"""Stores and oracle in lock-step, one command or transaction a step.

After every step the dumps of all stores are equal and the one that the oracle expects, nothing that is
derived is off, statuses, readiness and the states of dependencies are the oracle's, and the log has grown by
the right events. A refused step leaves everything as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from typing import Any

import attrs

import worklattice
from tests.agreement.around import Around
from tests.agreement.connecting import Refused
from tests.agreement.facts import waits_for
from tests.agreement.gauging import gates_in, judged
from tests.agreement.given import is_malformed
from tests.agreement.oracle import Oracle
from tests.agreement.rooms import CountedIds, Outcome, Room, told_in
from tests.agreement.undoing import last_of
from tests.agreement.values import ACTORS, HALF, REASONS, SELDOM
from tests.agreement.world import World
from worklattice import (
    CircularDependencyError,
    Event,
    PrerequisitesNotMetError,
    Task,
    TaskFilters,
    WorklatticeError,
)
from worklattice.model.answers import TaskNode
from worklattice.model.commands import Execute, Undo, Write
from worklattice.model.decide.standing import BY_TIME
from worklattice.model.dependency import Dependency
from worklattice.model.project import SIGNALS
from worklattice.query.request import StatusName
from worklattice.testing import ManualClock

_REPLAYS_EVERY = 11
_NAMED = 6
"""Of the commands that may be undone, how many of the last are drawn from."""
_numbers = count(1)


class LockStep:
    """A fresh workspace in memory, one in a database where one is given, and the oracle."""

    def __init__(self, database: str | None = None, note: Callable[[str], None] = lambda _: None) -> None:
        self.clock = ManualClock()
        self.oracle = Oracle()
        self.keyed: list[Write[Any]] = []
        """Commands that were given idempotency keys."""
        self._note = note
        self._steps = 0
        self._expected = self.oracle.world.dump()
        urls = ["memory:"] if database is None else ["memory:", database]
        self.workspace = f"run-{next(_numbers)}"
        self.rooms = [Room(url, self.workspace, self.clock) for url in urls]

    def close(self) -> None:
        """Look at everything, replay the whole log once more, restore the dump, and close the stores."""
        self.compare_facts(self.rooms)
        self.replayed()
        self.restored()
        for room in self.rooms:
            assert room.wl.check() == []
            room.close()

    def now(self) -> datetime:
        """The time of the next call."""
        return self.oracle.now(self.clock.now)

    # --- steps ------------------------------------------------------------------------------------------

    def step(self, command: Write[Any]) -> Outcome:
        """One command on every store and on the oracle."""
        self._note(f"{self.clock.now:%d %H:%M} {command}")
        outcomes = [room.run(command) for room in self.rooms]
        outcome = self.agreed(outcomes)
        self.expect(outcome, lambda: self.oracle.run(command, self.clock.now, _ids(outcome)))
        self.compare(changed=outcome.error is None)
        return outcome

    def rehearsed(self, command: Write[Any]) -> None:
        """A dry run, which must leave everything as it was and foretell the real run, which follows."""
        self._note(f"{self.clock.now:%d %H:%M} dry run of the next command")
        taken = [room.ids.taken for room in self.rooms]
        dry = self.agreed([room.run(attrs.evolve(command, dry_run=True)) for room in self.rooms])
        assert taken == [room.ids.taken for room in self.rooms], "a dry run took ids"
        self.compare(changed=False)
        assert dry.text() == self.step(command).text()

    def together(self, commands: Sequence[Write[Any]], *, fails: bool) -> None:
        """Several commands in a transaction, which ends well or with an exception."""
        self._note(f"{self.clock.now:%d %H:%M} together, {fails=}: {commands}")
        results = [room.together(commands, fails=fails) for room in self.rooms]
        transaction = self.oracle.begin(self.clock.now)
        for index, command in enumerate(commands):
            outcome = self.agreed([each[index] for each, _ in results])
            self.expect(outcome, partial(transaction.run, command, _ids(outcome)))
        whole = self.agreed([whole for _, whole in results])
        if not fails:
            self.expect(whole, transaction.commit)
        self.compare(changed=not fails and whole.error is None)

    def executed(self, commands: Sequence[Write[Any]]) -> None:
        """Several commands as one, all or none."""
        command = Execute(commands=tuple(commands))
        self._note(f"{self.clock.now:%d %H:%M} {command}")
        outcome = self.agreed([room.run(command) for room in self.rooms])
        self.expect(outcome, lambda: self._all_or_none(command, _ids(outcome)))
        self.compare(changed=outcome.error is None)

    def _all_or_none(self, command: Execute, ids: Iterator[str]) -> dict[str, Any]:
        if is_malformed(command):
            raise Refused("ValidationError")
        transaction = self.oracle.begin(self.clock.now)
        transaction.as_one()
        answers = [transaction.run(inner, ids) for inner in command.commands if isinstance(inner, Write)]
        transaction.commit()
        return {"unblocked": frozenset().union(*(answer["unblocked"] for answer in answers))}

    def time_passes(self, minutes: int) -> None:
        """The clock goes on, or back; what is due shows without anyone writing."""
        self._note(f"{minutes} minutes pass")
        self.clock.advance(timedelta(minutes=minutes))
        self.compare_facts(self.rooms)

    def ask(self, status: StatusName) -> None:
        """Tasks by their status and their lateness, ready leaves, and calendars are found by every store."""
        facts = self.oracle.facts(self.clock.now)
        tasks = self.oracle.world.tasks
        wanted = [task_id for task_id in tasks if facts.status[task_id] == status]
        by_age = sorted(wanted, key=lambda task_id: (tasks[task_id]["created_at"], task_id))
        late, dues = facts.overdue(), facts.dues()
        missed = {task_id for task_id, (_, breached) in dues.items() if breached is not None}
        leaves = [task_id for task_id in facts.ready_in_order() if not self.oracle.world.children(task_id)]
        for room in self.rooms:
            found = room.wl.query_tasks(filters=TaskFilters(status=(status,)))
            assert [task.task_id for task in found.tasks] == by_age
            assert found.total_results == len(by_age)
            assert [task.task_id for task in room.wl.get_ready_tasks(leaves_only=True).tasks] == leaves
            for whether in (True, False):
                found = room.wl.query_tasks(filters=TaskFilters(overdue=whether))
                assert {task.task_id for task in found.tasks} == (late if whether else tasks.keys() - late)
                found = room.wl.query_tasks(filters=TaskFilters(breached=whether))
                assert {task.task_id for task in found.tasks} == (
                    missed if whether else tasks.keys() - missed
                )
            calendars = {each.name: each.calendar for each in room.wl.list_calendars().calendars}
            assert calendars == self.oracle.world.calendars

    def ask_about(self, task_id: str) -> None:
        """What is inside a task, who needs it, what was said about it and what happened to it."""
        if task_id not in self.oracle.world.tasks:
            return
        world, states = self.oracle.world, self.oracle.facts(self.clock.now).states
        comments = [(c["text"], c["author"], c["at"]) for c in world.comments if c["task_id"] == task_id]
        links = {key: world.effective(key[1]) for key in world.edges}
        dependants = {
            key: (states[key], other)
            for key, other in links.items()
            if other == task_id or (key[0] == task_id and key[2] == "related")
        }
        task, now = world.tasks[task_id], self.now()
        gates = [(gate, judged(task, gate, now)) for gate in gates_in(world.meant(task))]
        for room in self.rooms:
            found = room.wl.get_task(task_id, include_comments=True).comments or ()
            assert [(comment.text, comment.author, comment.at) for comment in found] == comments
            needed_by = room.wl.get_dependencies(task_id, direction="dependants").dependencies
            assert _states(needed_by) == dependants
            root = room.wl.get_task_hierarchy(task_id).root_task
            assert list(_inside(root)) == [task_id, *world.inside(task_id)]
            judgement = room.wl.evaluate_gates(task_id).gates
            assert [(gate.gate, gate.state) for gate in judgement] == gates
            history = room.wl.get_history(task_id, limit=1000).events
            assert list(history) == [event for event in room.events if event.task_id == task_id]

    # --- comparing --------------------------------------------------------------------------------------

    def agreed(self, outcomes: Sequence[Outcome]) -> Outcome:
        """What every store answered alike."""
        first, *others = outcomes
        for other in others:
            assert first.text() == other.text()
        return first

    def expect_refusal(self, outcome: Outcome, refused: Refused) -> None:
        """It was refused for a reason that the oracle has too."""
        assert outcome.kind in refused.kinds, f"{outcome.error or outcome.answer}, not {refused.kinds}"
        assert outcome.error is not None
        self.check_error(outcome.error, refused)

    def expect(self, outcome: Outcome, run: Callable[[], dict[str, Any] | None]) -> None:
        """The oracle has the same come of it."""
        try:
            expected = run() or {}
        except Refused as refused:
            self.expect_refusal(outcome, refused)
            return
        assert outcome.error is None, f"refused: {outcome.error!r}"
        for name, value in expected.items():
            told = getattr(outcome.answer, name)
            assert (frozenset(told) if name == "unblocked" else told) == value

    def check_error(self, error: WorklatticeError, refused: Refused) -> None:
        """The error says what the oracle found, and its circle is one."""
        match error:
            case PrerequisitesNotMetError(unmet=unmet):
                assert {reason.kind for reason in unmet} == refused.unmet
            case CircularDependencyError(cycle=cycle):
                assert len(set(cycle)) == len(cycle)
                assert refused.world is None or _is_circle(refused.world, cycle)
            case _:
                pass

    def compare(self, *, changed: bool) -> None:
        """Everything that is there now, after a step that changed something or must not have.

        Where nothing changed, neither the dump nor the log, what follows from it is left to the next step
        that changes something, or to `close`.
        """
        self._steps += 1
        if changed:
            self._expected = self.oracle.world.dump()
        for room in self.rooms:
            has_changed, events = room.read_on()
            assert room.dump == self._expected
            self._placed(events)
            if changed:
                assert told_in(events) == self.oracle.told
                assert all(event.at == self.now() for event in events)
                assert not has_changed or events, "the state changed without an event"
                assert room.wl.check() == []
            else:
                assert not events, "a refused step left events"
        if changed:
            self.compare_facts(self.rooms[self._steps % len(self.rooms) :][:1])
        if self._steps % _REPLAYS_EVERY == 0:
            self.replayed()

    def _placed(self, events: Sequence[Event]) -> None:
        """Note the positions of the commands that were recorded, so that they can be named."""
        commands = {event.command: event.event_type for event in reversed(events)}
        given = [command for command in sorted(commands) if commands[command] not in BY_TIME]
        new = [each for each in self.oracle.history if each.position is None and not each.by_time]
        assert len(new) in {0, len(given)}, "another number of commands was recorded"
        for each, position in zip(new, given, strict=False):
            each.position = position

    def undo(self, around: Around) -> None:
        """The last command is undone, or an earlier one, or one is done again."""
        history = self.oracle.history
        last = last_of(history)
        named = [each.position for each in history if each.is_simple and each.position is not None]
        if not named or last is None or not last.is_simple:
            return
        position = None if around.chance(HALF) else around.draw(named[::-1][:_NAMED])
        command = Undo(position=position, actor=around.draw(ACTORS), reason=around.draw(REASONS))
        if around.chance(SELDOM):
            self.rehearsed(command)
        else:
            self.step(command)

    def compare_facts(self, rooms: Sequence[Room]) -> None:
        """What follows is what the oracle has, at the time of the clock."""
        facts = self.oracle.facts(self.clock.now)
        states = {key: (state, self.oracle.world.effective(key[1])) for key, state in facts.states.items()}
        for room in rooms:
            found = room.wl.query_tasks(include_dependencies=True, limit=1000).tasks
            assert {task.task_id: task.status for task in found} == facts.status
            assert _states(edge for task in found for edge in task.dependencies or ()) == states
            assert {task.task_id: _claim(task) for task in found} == facts.claims()
            levels = {task.task_id: task.hierarchy_level for task in found}
            assert levels == {t: len(list(self.oracle.world.ancestors(t))) for t in levels}
            ready = [task.task_id for task in room.wl.get_ready_tasks(limit=1000).tasks]
            assert ready == facts.ready_in_order()
            assert {task.task_id: (task.due_at, task.breached_at) for task in found} == facts.dues()

    def replayed(self) -> None:
        """The log gives the same state, and does so without its signals, from which nothing follows."""
        room = self.rooms[0]
        with worklattice.open("memory:", clock=self.clock) as empty:
            empty.replay(event for event in room.events if self._steps % 2 or event.event_type not in SIGNALS)
            assert empty.dump() == room.dump
            assert empty.check() == []

    def restored(self) -> None:
        """The dump restored gives the same dump, the same facts, and a log that gives them again.

        Restored at the time of the workspace: a dump does not say when the last event was.
        """
        room, clock = self.rooms[-1], ManualClock(self.now())
        with worklattice.open("memory:", clock=clock) as copy, worklattice.open("memory:") as again:
            copy.restore(room.wl.dump_lines())
            assert copy.dump() == room.dump
            assert copy.check() == []
            ready = [task.task_id for task in room.wl.get_ready_tasks(limit=1000).tasks]
            assert [task.task_id for task in copy.get_ready_tasks(limit=1000).tasks] == ready
            again.replay(copy.events())
            assert again.dump() == room.dump
            assert again.check() == []


def _ids(outcome: Outcome) -> Iterator[str]:
    return CountedIds.after(outcome.taken)


def _states(edges: Iterable[Dependency]) -> dict[tuple[str, str, str], tuple[str, str]]:
    """Of each dependency its state, and the task that it waits for."""
    return {
        (edge.task_id, edge.dependency_task_id, edge.dependency_type): (edge.state, edge.effective_task_id)
        for edge in edges
    }


def _claim(task: Task) -> tuple[int, str, datetime] | None:
    return None if task.claim is None else (task.claim.token, task.claim.worker, task.claim.expires_at)


def _inside(node: TaskNode) -> Iterator[str]:
    yield node.task_id
    for child in node.children:
        yield from _inside(child)


def _is_circle(world: World, cycle: Sequence[str]) -> bool:
    return all(waits_for(world, task, cycle[(i + 1) % len(cycle)]) for i, task in enumerate(cycle))
