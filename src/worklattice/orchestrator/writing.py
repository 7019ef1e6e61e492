"""Deciding commands that write: which function decides which command, and what its answer is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from worklattice.model import answers, commands
from worklattice.model.commands import Write
from worklattice.model.decide.create import batch_create
from worklattice.model.decide.delete import delete_task
from worklattice.model.decide.dependencies import manage_dependencies
from worklattice.model.decide.lifecycle import manage_lifecycle
from worklattice.model.decide.task_types import register_task_type
from worklattice.model.decide.update import add_comment, update_task
from worklattice.orchestrator.querying import bulk_update
from worklattice.query.request import BulkUpdate
from worklattice.templates.commands import (
    create_from_template,
    create_task,
    create_template,
    delete_template,
)

_TABLE: Final[tuple[tuple[type[Write[Any]], Callable[..., Any] | None, type[answers.Written]], ...]] = (
    (commands.CreateTask, create_task, answers.TaskCreated),
    (commands.BatchCreate, batch_create, answers.BatchCreated),
    (commands.CreateFromTemplate, create_from_template, answers.TemplateExpanded),
    (commands.ManageDependencies, manage_dependencies, answers.DependenciesManaged),
    (commands.ManageLifecycle, manage_lifecycle, answers.StageChanged),
    (commands.UpdateTask, update_task, answers.TaskUpdated),
    (BulkUpdate, bulk_update, answers.BulkUpdated),
    (commands.DeleteTask, delete_task, answers.TaskDeleted),
    (commands.AddComment, add_comment, answers.CommentAdded),
    (commands.CreateTemplate, create_template, answers.TemplateDefined),
    (commands.DeleteTemplate, delete_template, answers.TemplateDeleted),
    (commands.RegisterTaskType, register_task_type, answers.TaskTypeRegistered),
    (commands.Execute, None, answers.Executed),
)

DECISIONS: Final[dict[type[Write[Any]], Callable[..., Any]]] = {
    command: decide for command, decide, _ in _TABLE if decide is not None
}
"""Which function decides which command; `Execute` is the engine's own."""

ANSWERS: Final[dict[type[Write[Any]], type[answers.Written]]] = {
    command: answer for command, _, answer in _TABLE
}
"""What each command that writes answers."""
