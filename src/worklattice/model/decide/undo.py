"""Undoing a command: a command of its own, whose events take back those of the other one.

Nothing is deleted from the log. The events of the command are taken back in reverse order, each by the
function for its kind (`worklattice.model.decide.inverses`); everything else follows as always.

Not here: what keeps a command from being undone (`worklattice.model.decide.standing`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import nullcontext

from worklattice.errors import ConflictError, ValidationError, shown
from worklattice.model.answers import Undone
from worklattice.model.commands import Undo
from worklattice.model.consequences import carrying_later
from worklattice.model.decide import Conclude
from worklattice.model.decide.common import written
from worklattice.model.decide.inverses import INVERSES, POSITION
from worklattice.model.decide.standing import (
    BY_TIME,
    Undoing,
    commands_backwards,
    events_of_command,
    is_by_tick,
    is_past_undoing,
    is_undone,
)
from worklattice.model.draft import Draft
from worklattice.model.notifications import notifications_in
from worklattice.model.rows import EventRow
from worklattice.model.task import moment_of


def undo(command: Undo, draft: Draft) -> Conclude[Undone]:
    """Take back the command at a position, or the last one that stands."""
    undoing = Undoing(draft, _wanted(command, draft))
    _refuse_what_never_can(undoing)
    undoing.refuse_where_changed_since()
    draft.undoes = undoing.command
    same_tree = all(event.event_type == "task.stage_changed" for event in undoing.said)
    with carrying_later(draft) if same_tree else nullcontext():
        for event in reversed(undoing.said):
            INVERSES[event.event_type](undoing, event)
    undoing.refuse_where_relied_on()
    first = undoing.events[0]
    return lambda after: Undone(
        position=undoing.command,
        undone_events=tuple(event.event_type for event in undoing.said),
        task_ids=tuple(dict.fromkeys(event.task_id for event in undoing.said if event.task_id is not None)),
        at=moment_of(first.at),
        actor=first.actor,
        events_emitted=tuple(event.event_type for event in after.events),
        **written(after, *_notification_warnings(undoing.events)),
    )


def _wanted(command: Undo, draft: Draft) -> list[EventRow]:
    """The events of the command that is meant."""
    position = command.position
    if position is None:
        return _last(draft)
    last = draft.position_before
    found = draft.events(position - 1, 1)
    if position > last or not found or found[0].position != position:
        raise ValidationError.of(
            POSITION,
            f"there is no event at {position:,}",
            hint=f"The last one is at {last:,}; get_history shows them.",
        )
    return events_of_command(draft, found[0].command)


def _last(draft: Draft) -> list[EventRow]:
    """The events of the last command that somebody gave, was not undone, and is neither an undo nor a claim.

    Runs that a tick has made are not somebody's either; they are undone where their position is given.

    Undos come after what they undo, so those that count are known before it is met. Cost: one walk over the
    log from its end to that command.
    """
    undone: set[int] = set()
    for events in commands_backwards(draft):
        command, undoes = events[0].command, events[0].undoes
        if command in undone:
            continue
        if undoes is not None:
            undone.add(undoes)
        elif not is_past_undoing(events) and not is_by_tick(events):
            return events
    raise ConflictError(
        field=POSITION, reason="There is nothing to undo.", hint="Name a command by a position to redo it."
    )


def _refuse_what_never_can(undoing: Undoing) -> None:
    """Refuse what nobody did, what was undone already, and what has no inverse."""
    first = undoing.events[0]
    if first.event_type in BY_TIME:
        raise undoing.refusal("it is the time that passed")
    if is_undone(undoing.draft, undoing.command):
        by = undoing.draft.undone_by(undoing.command)
        raise undoing.refusal(f"it was undone at {by}")
    for event in undoing.said:
        if event.event_type not in INVERSES:
            raise undoing.refusal(f"{event.event_type} cannot be taken back")


def _notification_warnings(events: Sequence[EventRow]) -> Iterator[str]:
    """The warning that somebody may have been told, who will not hear of the undoing."""
    channels = [channel for event in events for channel, _ in notifications_in(event)]
    if channels:
        listed = ", ".join(map(shown, dict.fromkeys(channels)))
        yield f"Notifications were requested for {listed}; whoever got one is not told of the undoing."
