"""Creating, reading, changing and deleting tasks, and saying what they need."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from worklattice.model import answers, commands, reads
from worklattice.model.commands import Keep, TaskUpdates
from worklattice.orchestrator import given
from worklattice.orchestrator.methods.running import Running
from worklattice.query import request
from worklattice.types import JsonObject


class TaskMethods(Running):
    """Methods of the Python API."""

    def create_generic_task(
        self,
        task_type: str,
        *,
        attributes: JsonObject | None = None,
        parent_task_id: str | None = None,
        task_id: str | None = None,
        dependencies: Sequence[given.DependencyGiven] = (),
        lifecycle_stage: str | None = None,
        join: str | int | None = None,
        not_before: datetime | None = None,
        template_id: str | None = None,
        template_version: int | None = None,
        parameters: JsonObject | None = None,
        validation_checks: bool = True,
        idempotency_key: str | None = None,
        dry_run: bool = False,
        actor: str | None = None,
        reason: str | None = None,
    ) -> answers.TaskCreated:
        """Create a task of any type, with free attributes; with `template_id`, expand a template under it.

        `dependencies` are values, JSON objects, or just the ids of tasks that must have succeeded before.

        Raises:
            ValidationError: an argument is not of the documented form.
            DuplicateTaskError: the `task_id` is taken.
            ParentTaskNotFoundError: there is no such parent.
            DependencyNotFoundError: there is no such task to depend on.
            CircularDependencyError: tasks would wait for one another.
            PrerequisitesNotMetError: a guard refuses the stage it would be born in.
        """
        return self.run(
            commands.CreateTask(
                task_type=task_type,
                attributes={} if attributes is None else attributes,
                parent_task_id=parent_task_id,
                task_id=task_id,
                dependencies=given.dependency_specs(dependencies) if dependencies else (),
                lifecycle_stage=lifecycle_stage,
                join=join,
                not_before=not_before,
                template_id=template_id,
                template_version=template_version,
                parameters=parameters,
                validation_checks=validation_checks,
                idempotency_key=idempotency_key,
                dry_run=dry_run,
                actor=actor,
                reason=reason,
            )
        )

    def batch_create(
        self,
        tasks: Iterable[given.TaskGiven],
        *,
        validation_checks: bool = True,
        idempotency_key: str | None = None,
        dry_run: bool = False,
        actor: str | None = None,
        reason: str | None = None,
    ) -> answers.BatchCreated:
        """Create up to 10,000 tasks, which may name one another by `task_id` in any order; all or none."""
        return self.run(
            commands.BatchCreate(
                tasks=given.new_tasks(tasks),
                validation_checks=validation_checks,
                idempotency_key=idempotency_key,
                dry_run=dry_run,
                actor=actor,
                reason=reason,
            )
        )

    def create_from_template(
        self,
        template_id: str,
        *,
        parameters: JsonObject | None = None,
        parent_task_id: str | None = None,
        task_id: str | None = None,
        template_version: int | None = None,
        idempotency_key: str | None = None,
        dry_run: bool = False,
        actor: str | None = None,
        reason: str | None = None,
    ) -> answers.TemplateExpanded:
        """Expand a template into a tree of tasks; all or none. `task_id` becomes the id of the root.

        Raises:
            TemplateNotFoundError: there is no such template, or version of it.
            TemplateParameterError: the parameters do not fit its schema; every problem is listed.
            ExpansionLimitError: it would make more than 1,000 tasks.
        """
        return self.run(
            commands.CreateFromTemplate(
                template_id=template_id,
                parameters={} if parameters is None else parameters,
                parent_task_id=parent_task_id,
                task_id=task_id,
                template_version=template_version,
                idempotency_key=idempotency_key,
                dry_run=dry_run,
                actor=actor,
                reason=reason,
            )
        )

    def get_task(
        self,
        task_id: str | None = None,
        *,
        task_ids: Sequence[str] | None = None,
        include_comments: bool = False,
    ) -> answers.TaskFound:
        """Read one task (`.task`), or several (`.tasks`, and `.missing` for the ids that do not exist)."""
        ids = None if task_ids is None else given.listed(task_ids, "task_ids")
        return self.run(reads.GetTask(task_id=task_id, task_ids=ids, include_comments=include_comments))

    def update_task(
        self,
        task_id: str,
        *,
        attributes: JsonObject | None = None,
        parent_task_id: str | Keep | None = Keep.KEEP,
        task_type: str | None = None,
        not_before: datetime | Keep | None = Keep.KEEP,
        join: str | int | None = None,
        expected_version: int | None = None,
        idempotency_key: str | None = None,
        dry_run: bool = False,
        actor: str | None = None,
        reason: str | None = None,
    ) -> answers.TaskUpdated:
        """Change a task. `attributes` is a merge patch (RFC 7396): None takes an attribute out.

        `parent_task_id=None` makes it a root, `not_before=None` lifts the time; left out, both stay.
        """
        updates = TaskUpdates(
            attributes=attributes,
            parent_task_id=parent_task_id,
            task_type=task_type,
            not_before=not_before,
            join=join,
        )
        return self.run(
            commands.UpdateTask(
                task_id=task_id,
                updates=updates,
                expected_version=expected_version,
                idempotency_key=idempotency_key,
                dry_run=dry_run,
                actor=actor,
                reason=reason,
            )
        )

    def bulk_update(
        self,
        updates: TaskUpdates | Mapping[str, Any],
        *,
        task_ids: Iterable[str] | None = None,
        filters: given.FiltersGiven | None = None,
        idempotency_key: str | None = None,
        dry_run: bool = False,
        actor: str | None = None,
        reason: str | None = None,
    ) -> answers.BulkUpdated:
        """Make the same change to the tasks named, or to all that fit the filters; all or none."""
        return self.run(
            request.BulkUpdate(
                updates=given.updates(updates),
                task_ids=None if task_ids is None else given.listed(task_ids, "task_ids"),
                filters=given.filters(filters),
                idempotency_key=idempotency_key,
                dry_run=dry_run,
                actor=actor,
                reason=reason,
            )
        )

    def delete_task(
        self,
        task_id: str,
        *,
        cascade: bool = False,
        detach: bool = False,
        expected_version: int | None = None,
        idempotency_key: str | None = None,
        dry_run: bool = False,
        actor: str | None = None,
        reason: str | None = None,
    ) -> answers.TaskDeleted:
        """Delete a task; with `cascade` what is inside it, with `detach` the dependencies others have on it.

        Raises:
            PrerequisitesNotMetError: it has children, or others need it, and that was not asked for.
        """
        return self.run(
            commands.DeleteTask(
                task_id=task_id,
                cascade=cascade,
                detach=detach,
                expected_version=expected_version,
                idempotency_key=idempotency_key,
                dry_run=dry_run,
                actor=actor,
                reason=reason,
            )
        )

    def manage_dependencies(
        self,
        task_id: str,
        dependencies: Sequence[given.DependencyGiven] = (),
        *,
        operation: commands.OperationName = "add",
        dependency_ids: Iterable[str] = (),
        dependency_type: commands.DependencyTypeName | None = None,
        expires_at: datetime | None = None,
        expected_version: int | None = None,
        idempotency_key: str | None = None,
        dry_run: bool = False,
        actor: str | None = None,
        reason: str | None = None,
    ) -> answers.DependenciesManaged:
        """Add, remove, update, replace, waive or unwaive dependencies of a task.

        Raises:
            CircularDependencyError: tasks would wait for one another; `.cycle` names them in order.
            DependencyNotFoundError: there is no such task to depend on, or no such dependency.
        """
        return self.run(
            commands.ManageDependencies(
                task_id=task_id,
                operation=operation,
                dependencies=given.dependency_specs(dependencies),
                dependency_ids=given.listed(dependency_ids, "dependency_ids"),
                dependency_type=dependency_type,
                expires_at=expires_at,
                expected_version=expected_version,
                idempotency_key=idempotency_key,
                dry_run=dry_run,
                actor=actor,
                reason=reason,
            )
        )
