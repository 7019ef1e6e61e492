"""What stands on a command: the later changes for which it can't be undone.

A later event stands on a command where it is about the same task, or where it relies on what the command did:
a dependant has started, an ancestor has completed. Signals never do, nor that time passed, a series moved on
or a claim ran out; that a task was given back then, does. A command that was undone since, and the one that
undid it, cancel each other and stand on nothing.

Cost: the later events of the tasks concerned, found by task.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import groupby, takewhile
from operator import attrgetter
from typing import Final, NoReturn, cast

from worklattice.errors import ConflictError, shown
from worklattice.model.alarms import ALARM_EVENTS
from worklattice.model.decide.guards import unmet_by_ancestors
from worklattice.model.draft import Draft
from worklattice.model.log import PAGE, events_behind
from worklattice.model.project import MAKES_A_TASK, SIGNALS
from worklattice.model.rows import EventRow, TaskRow
from worklattice.model.waiting import join_met

BY_TIME: Final = frozenset({"time.passed", "claim.expired", *(kind for kind, _ in ALARM_EVENTS.values())})
"""The kinds of events that nobody asked for."""

BY_TICKS: Final = frozenset({"series.advanced", "run.failed"})
"""The kinds of events by which a series moves on: nothing stands on them, and they stand on nothing."""

COMMENTS: Final = frozenset({"comment.added", "comment.removed"})
"""Comments stand on nothing but the task itself, and nothing else stands on them."""

WHOLE: Final = MAKES_A_TASK | {"task.deleted"}
"""The kinds of events by which a task comes or goes, with all that hangs on it."""

ARRIVING: Final = WHOLE | {"task.moved"}
"""The kinds of events by which a task comes to where it is."""

_ENTERING: Final = {
    "task.stage_changed": "to",
    "task.created": "lifecycle_stage",
    "task.restored": "stage",
    "task.imported": "stage",
}
"""By which events a task comes to a stage, and where they name it."""

_NEVER_STAND: Final = SIGNALS | BY_TIME | BY_TICKS

_FIRST_PAGE: Final = 10
"""Events at the end of the log that are read together; more and more further back, up to `PAGE`."""


def events_of_command(draft: Draft, command: int) -> list[EventRow]:
    """All of its events, which stand side by side in the log."""
    return list(takewhile(lambda event: event.command == command, events_behind(draft, command - 1)))


def commands_backwards(draft: Draft) -> Iterator[list[EventRow]]:
    """The commands of the log, the last one first, each with all of its events."""
    end, size = draft.position, _FIRST_PAGE
    beginning: list[EventRow] = []  # of the page that was read last: events of a command that began before it
    while end > 0:
        after = max(end - size, 0)
        page = [event for event in draft.events(after, end - after) if event.position <= end]
        commands = [list(events) for _, events in groupby(page + beginning, attrgetter("command"))]
        beginning = commands.pop(0) if commands and commands[0][0].command <= after else []
        yield from reversed(commands)
        end, size = after, min(size * 2, PAGE)


def is_undone(draft: Draft, command: int) -> bool:
    """Whether the command was undone, and that was not undone itself. Cost: a look-up for each undoing."""
    undone, by = False, draft.undone_by(command)
    while by is not None:
        undone, by = not undone, draft.undone_by(by)
    return undone


def is_past_undoing(events: Sequence[EventRow]) -> bool:
    """Whether the events of a command are of a kind that is never taken back: time, and claims."""
    return events[0].event_type in BY_TIME or any(e.event_type.startswith("claim.") for e in events)


def is_by_tick(events: Sequence[EventRow]) -> bool:
    """Whether the events of a command are those of a tick, which made runs of schedules."""
    return any(event.event_type in BY_TICKS for event in events)


class Undoing:
    """One command that is to be undone, and what is asked of the log about it."""

    def __init__(self, draft: Draft, events: Sequence[EventRow]) -> None:
        self.draft = draft
        self.events = events
        self.command = events[0].command
        self.said = [event for event in events if event.event_type not in SIGNALS]
        """Those that carry state."""
        self._last = events[-1].position
        self._before = draft.position

    # --- refusals ---------------------------------------------------------------------------------------

    def refusal(self, why: str, event: EventRow | None = None) -> ConflictError:
        """That the command can't be undone, and why; `event` is what stands on it, where one does.

        What the passing of time does in the refused call itself has a position that comes to nothing.
        """
        facts: dict[str, object] = {"command": self.command}
        hint = "Change what is there now by a command of its own."
        if event is not None:
            facts |= {"event_type": event.event_type, "task_id": event.task_id}
            if event.position <= self.draft.position_before:
                facts["position"] = event.position
            if not is_past_undoing(events_of_command(self.draft, event.command)):
                hint = f"Undo that first, with position {event.position}; or change what is there now."
        return ConflictError(
            field="arguments.position",
            reason=f"The command at {self.command} cannot be undone: {why}.",
            hint=hint,
            facts=facts,
        )

    def refuse(self, task_id: str, why: str, kinds: Collection[str], *, other: str | None = None) -> NoReturn:
        """Refuse because of what an event has made of a task since: the last one of these kinds.

        Of events about dependencies, `other` is the task that they are on. Where there is no such event, it
        was so before the command.
        """
        event = None
        for later in self.later(task_id):
            if later.event_type in kinds and later.data.get("dependency_task_id") == other:
                event = later
        at = "" if event is None else f" ({event.event_type} at {event.position})"
        raise self.refusal(why + at, event)

    def refuse_if_changed(self, task_id: str, kinds: Collection[str]) -> None:
        """Refuse where an event of one of the kinds has changed the task since."""
        for event in self.later(task_id):
            if event.event_type in kinds:
                raise self._refusal_for(event)

    def _refusal_for(self, event: EventRow) -> ConflictError:
        """That the event stands on the command."""
        about = "" if event.task_id is None else f" of {shown(event.task_id)}"
        why = f"{event.event_type}{about} at {event.position} stands on it"
        if events_of_command(self.draft, event.command)[0].event_type in BY_TIME:
            why = f"the claim on {shown(event.task_id)} has run out since, which gave the task back"
        return self.refusal(why, event)

    # --- the log ----------------------------------------------------------------------------------------

    def later(self, task_id: str) -> Iterator[EventRow]:
        """The events that have changed the task since, without those that cancelled each other."""
        for event in events_behind(self.draft, self._last, task_id):
            if event.position > self._before:
                return
            if event.event_type in _NEVER_STAND:
                continue
            if not self._is_cancelled(event):
                yield event

    def _is_cancelled(self, event: EventRow) -> bool:
        """Whether the event's command and an undo of it are both later; what was done before is no matter."""
        undoes_later = event.undoes is not None and event.undoes > self.command
        return undoes_later or is_undone(self.draft, event.command)

    # --- what must be there before anything is taken back -----------------------------------------------

    def refuse_where_changed_since(self) -> None:
        """Refuse where a later event is about the same thing."""
        kinds_of: dict[str, set[str]] = {}
        for event in self.said:
            if event.task_id is not None and event.event_type not in BY_TICKS:
                kinds_of.setdefault(event.task_id, set()).add(event.event_type)
        for task_id, kinds in kinds_of.items():
            for event in self.later(task_id):
                if _touches(kinds, event.event_type):
                    raise self._refusal_for(event)

    def need(self, task_id: str) -> None:
        """Refuse where the task is gone."""
        if self.draft.task(task_id) is None:
            self.refuse(task_id, f"{shown(task_id)} is gone", {"task.deleted"})

    def need_stage(self, task_type: str, name: str, outcome: str | None) -> None:
        """Refuse a stage that the type's lifecycle has no longer, or in which no task has this outcome."""
        stage = self.draft.lifecycle(task_type).stages.get(name)
        if stage is None or not stage.fits(outcome):
            raise self.refusal(f"the lifecycle of {shown(task_type)} has no such stage {shown(name)} by now")

    # --- what must hold when all is taken back ----------------------------------------------------------

    def refuse_where_relied_on(self) -> None:
        """Refuse where other tasks went on since as they could not have without the command."""
        for task_id, before in list(self.draft.touched.items()):
            after = self.draft.changed_tasks[task_id]
            if after is None:
                continue
            if after.superseded_by is not None:
                self.need(after.superseded_by)
            if before is not None:
                self._refuse_if_went_on(before, after)
            is_new = before is None or before.outcome is not None or before.parent_id != after.parent_id
            if after.outcome is None and is_new:
                self._refuse_if_ancestors_went_on(after)

    def _refuse_if_went_on(self, before: TaskRow, after: TaskRow) -> None:
        """A task that was let go by the command has started since, or finished."""
        if _is_held_up(after) and not _is_held_up(before):
            if after.claimed_by is not None and cast("int", after.token) > self.command:
                why = f"worker {shown(after.claimed_by)} has claimed {shown(after.task_id)} since"
                self.refuse(after.task_id, why, {"claim.acquired"})
            self._refuse_if_entered(after, started=True)
        if after.finish_open and not before.finish_open:
            self._refuse_if_entered(after, started=False)

    def _refuse_if_entered(self, row: TaskRow, *, started: bool) -> None:
        stages = self.draft.lifecycle(row.task_type).stages
        for event in self.later(row.task_id):
            stage = stages.get(cast("str", event.data.get(_ENTERING.get(event.event_type, ""))))
            if stage is None or event.data.get("validation_checks") is False:
                continue
            if stage.succeeded or (started and stage.started):
                raise self._refusal_for(event)

    def _refuse_if_ancestors_went_on(self, row: TaskRow) -> None:
        """An open task comes to be inside of a task that has completed since, all open ones being gone."""
        if not unmet_by_ancestors(self.draft, row.parent_id):
            return
        for ancestor in self.draft.ancestors(row):
            if ancestor.outcome is None:
                return
            self.refuse_if_changed(ancestor.task_id, {*_ENTERING, "task.moved"})


def _touches(kinds: Collection[str], later: str) -> bool:
    """Whether a later event of the kind is about the same as a command's events of these kinds."""
    if later in WHOLE or not WHOLE.isdisjoint(kinds):
        return True
    return later not in COMMENTS and not COMMENTS.issuperset(kinds)


def _is_held_up(row: TaskRow) -> bool:
    """Whether its start edges, or its ancestors, would not let it start."""
    return row.holders > 0 or not join_met(row)
