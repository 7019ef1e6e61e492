"""Deciding commands that write: which function decides which command."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from worklattice.model import commands
from worklattice.model.commands import Write
from worklattice.model.decide.approvals_and_artifacts import add_artifact, record_approval
from worklattice.model.decide.calendars import define_calendar, delete_calendar
from worklattice.model.decide.claims import release_claim, renew_claim
from worklattice.model.decide.create import batch_create
from worklattice.model.decide.delete import delete_task
from worklattice.model.decide.dependencies import manage_dependencies
from worklattice.model.decide.lifecycle import manage_lifecycle
from worklattice.model.decide.metrics import record_metrics, waive_gate
from worklattice.model.decide.outbox import redeliver
from worklattice.model.decide.schedules import pause_schedule, resume_schedule
from worklattice.model.decide.task_types import register_task_type
from worklattice.model.decide.undo import undo
from worklattice.model.decide.update import add_comment, update_task
from worklattice.orchestrator.choosing import bulk_update, claim_task
from worklattice.orchestrator.ticking import tick
from worklattice.query.request import BulkUpdate, ClaimTask
from worklattice.templates.commands import (
    create_from_template,
    create_task,
    create_template,
    delete_template,
)

DECISIONS: Final[dict[type[Write[Any]], Callable[..., Any]]] = {
    commands.CreateTask: create_task,
    commands.BatchCreate: batch_create,
    commands.CreateFromTemplate: create_from_template,
    commands.ManageDependencies: manage_dependencies,
    commands.ManageLifecycle: manage_lifecycle,
    commands.UpdateTask: update_task,
    BulkUpdate: bulk_update,
    commands.DeleteTask: delete_task,
    ClaimTask: claim_task,
    commands.RenewClaim: renew_claim,
    commands.ReleaseClaim: release_claim,
    commands.AddComment: add_comment,
    commands.RecordApproval: record_approval,
    commands.AddArtifact: add_artifact,
    commands.RecordMetrics: record_metrics,
    commands.WaiveGate: waive_gate,
    commands.CreateTemplate: create_template,
    commands.DeleteTemplate: delete_template,
    commands.RegisterTaskType: register_task_type,
    commands.DefineCalendar: define_calendar,
    commands.DeleteCalendar: delete_calendar,
    commands.Redeliver: redeliver,
    commands.Tick: tick,
    commands.PauseSchedule: pause_schedule,
    commands.ResumeSchedule: resume_schedule,
    commands.Undo: undo,
}
"""Which function decides which command; `Execute` is the engine's own."""
