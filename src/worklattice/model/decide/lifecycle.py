"""Moving tasks through their lifecycle, one or a whole subtree."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from worklattice.errors import (
    CircularDependencyError,
    InvalidTransitionError,
    Unmet,
    ValidationError,
    shown,
)
from worklattice.model.answers import StageChanged
from worklattice.model.channels import read_channels
from worklattice.model.commands import ManageLifecycle
from worklattice.model.consequences import carrying_later
from worklattice.model.decide import Conclude
from worklattice.model.decide.claims import check_token
from worklattice.model.decide.common import find, show, subject, written
from worklattice.model.decide.guards import refusal, unmet_of_stage
from worklattice.model.draft import Draft
from worklattice.model.lifecycle import SUPERSEDED, Stage
from worklattice.model.notifications import REQUESTED, Notification, title_of
from worklattice.model.project import record
from worklattice.model.rows import TaskRow
from worklattice.model.task import moment_of
from worklattice.types import JsonObject, copied

_STAGE = "arguments.lifecycle_stage"


def manage_lifecycle(command: ManageLifecycle, draft: Draft) -> Conclude[StageChanged]:
    """Move a task to another stage, with `cascade` all that is inside it too."""
    row = subject(command, draft)
    check_token(row, command.claim_token, "arguments.claim_token")
    stage = _target(draft, row, command.lifecycle_stage)
    _check_replacement(command, draft, row, stage)
    data = _data(command, stage)
    cascaded: list[str] = []
    if command.cascade and stage.ended:
        cascaded = _cascade(command, draft, draft.subtree_upwards(row.task_id))
    unmet = unmet_of_stage(draft, draft.known(row.task_id), stage)
    if unmet and command.validation_checks:
        hint = "Do what is missing first, or skip the guards with validation_checks false."
        raise refusal(row.task_id, f"become {stage.name}", unmet, field=_STAGE, hint=hint)
    enter(draft, row.task_id, stage, data)
    if command.superseded_by is not None:
        _supersede(draft, row.task_id, command.superseded_by)
    if command.cascade and not stage.ended:
        cascaded = _cascade(command, draft, draft.subtree(row.task_id))
    notifications = _notify(command, draft, row, stage)
    return lambda after: StageChanged(
        task_id=row.task_id,
        previous_stage=row.stage,
        current_stage=stage.name,
        prerequisites_met=not unmet,
        events_emitted=tuple(event.event_type for event in after.events),
        notifications=notifications,
        cascaded=tuple(cascaded),
        task=show(draft, row.task_id),
        timestamp=moment_of(draft.now),
        **written(after, *_skipped(row, unmet)),
    )


def _target(draft: Draft, row: TaskRow, name: str) -> Stage:
    """The stage asked for, where the lifecycle leads there."""
    lifecycle = draft.lifecycle(row.task_type)
    if not lifecycle.allows(row.stage, name):
        raise InvalidTransitionError(
            field=_STAGE,
            task_id=row.task_id,
            from_stage=row.stage,
            to_stage=name,
            legal=lifecycle.next_stages(row.stage),
            known=tuple(lifecycle.stages),
        )
    return lifecycle.stages[name]


def _data(command: ManageLifecycle, stage: Stage) -> JsonObject:
    """What the event says beside the stages, refused where it does not fit the stage."""
    data: JsonObject = {}
    if not command.validation_checks:
        data["validation_checks"] = False
    for name in ("result", "error"):
        value = getattr(command, name)
        if value is None:
            continue
        if not (stage.started or stage.ended):
            raise ValidationError.of(f"arguments.{name}", f"only a started or ended task carries a {name}")
        data[name] = copied(value)
    return data


def _check_replacement(command: ManageLifecycle, draft: Draft, row: TaskRow, stage: Stage) -> None:
    """Refuse `superseded_by` with another stage, and supersession without it or in a circle."""
    path, replacement = "arguments.superseded_by", command.superseded_by
    if stage.status != SUPERSEDED:
        if replacement is not None:
            raise ValidationError.of(path, f"only superseded takes superseded_by, not {stage.name}")
        return
    if replacement is None:
        raise ValidationError.of(path, "superseded needs superseded_by: the task that takes its place")
    chain = [row.task_id]
    following: str | None = replacement
    while following is not None:
        if following == row.task_id:
            raise CircularDependencyError(
                field=path, cycle=tuple(chain), steps=("is superseded by",) * len(chain)
            )
        chain.append(following)
        following = find(draft, following, path).superseded_by


def _cascade(command: ManageLifecycle, draft: Draft, inside: Sequence[TaskRow]) -> list[str]:
    """Take along the tasks whose lifecycle leads to the stage and whose guards let them; their ids."""
    checked: JsonObject = {} if command.validation_checks else {"validation_checks": False}
    taken: list[str] = []
    with carrying_later(draft):
        for before in inside:
            lifecycle = draft.lifecycle(before.task_type)
            if not lifecycle.allows(before.stage, command.lifecycle_stage):
                continue
            stage = lifecycle.stages[command.lifecycle_stage]
            unmet = command.validation_checks and unmet_of_stage(draft, draft.known(before.task_id), stage)
            if stage.status == SUPERSEDED or unmet:
                continue
            enter(draft, before.task_id, stage, checked)
            taken.append(before.task_id)
    return taken


def enter(draft: Draft, task_id: str, stage: Stage, said: JsonObject) -> None:
    """Record that the task comes to the stage, and what is `said` of it; guards are not asked."""
    row = draft.known(task_id)
    data: JsonObject = {"from": row.stage, "to": stage.name, "version": draft.bump(row)}
    record(draft, "task.stage_changed", task_id, data | said)


def _supersede(draft: Draft, task_id: str, replacement: str) -> None:
    version = draft.bump(draft.known(task_id))
    record(draft, "task.superseded", task_id, {"superseded_by": replacement, "version": version})


def _notify(command: ManageLifecycle, draft: Draft, row: TaskRow, stage: Stage) -> tuple[Notification, ...]:
    channels = read_channels([*command.notify_channels])
    if isinstance(channels, str):
        raise ValidationError.of("arguments.notify_channels", channels)
    text = f"{title_of(row.task_id, row.attributes)}: {row.stage} → {stage.name}"
    if command.notes:
        text += f". {command.notes}"
    requested = [
        (channel, draft.append(REQUESTED, row.task_id, {"channel": channel, "text": text}))
        for channel in channels
    ]
    return tuple(Notification.of(channel, text, event, draft.stream) for channel, event in requested)


def _skipped(row: TaskRow, unmet: Sequence[Unmet]) -> Iterator[str]:
    """The warning that guards were skipped, where they were."""
    if unmet:
        reasons = "; ".join(reason.text for reason in unmet)
        yield f"Guards were skipped for {shown(row.task_id)}: {reasons}."
