"""Approvals and artifacts: what others may wait for beside the end of a task."""

from __future__ import annotations

from worklattice.errors import ValidationError
from worklattice.model.answers import ApprovalRecorded, ArtifactAdded
from worklattice.model.commands import AddArtifact, RecordApproval
from worklattice.model.decide import Conclude
from worklattice.model.decide.common import show, subject, written
from worklattice.model.draft import Draft
from worklattice.model.project import record
from worklattice.model.task import Artifact
from worklattice.types import JsonObject, copied


def record_approval(command: RecordApproval, draft: Draft) -> Conclude[ApprovalRecorded]:
    """Record a decision on a task, which takes the place of the one before."""
    row = subject(command, draft)
    data: JsonObject = {"decision": command.decision, "version": draft.bump(row)}
    if command.comment is not None:
        data["comment"] = command.comment
    record(draft, "approval.recorded", row.task_id, data)
    return lambda after: ApprovalRecorded(
        task_id=row.task_id, decision=command.decision, task=show(draft, row.task_id), **written(after)
    )


def add_artifact(command: AddArtifact, draft: Draft) -> Conclude[ArtifactAdded]:
    """Record what a task has delivered."""
    row = subject(command, draft)
    if (command.uri is None) == (command.content is None):
        raise ValidationError.of(
            "arguments.uri", "an artifact has a uri or a content, and not both", hint="Give one of them."
        )
    data: JsonObject = {"name": command.name, "version": draft.bump(row)}
    if command.uri is not None:
        data["uri"] = command.uri
    if command.content is not None:
        data["content"] = copied(command.content)
    if command.media_type is not None:
        data["media_type"] = command.media_type
    record(draft, "artifact.added", row.task_id, data)
    kept = draft.known(row.task_id).artifacts
    assert kept is not None
    return lambda after: ArtifactAdded(
        task_id=row.task_id,
        artifact=Artifact.of(command.name, kept[command.name]),
        task=show(draft, row.task_id),
        **written(after),
    )
