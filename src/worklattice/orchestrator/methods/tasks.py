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
    """What makes tasks, changes what is said of them and of what they need, and takes them away.

    Not here: moving them through their lifecycle (`WorkMethods`).
    """

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
        `join` says how many of them it needs to start: `"all"`, `"any"`, or a number from 1. `not_before` is
        an aware `datetime`.

        Raises:
            ValidationError: the attributes do not fit the registered schema of the type, or the type has no
                such stage.
            DuplicateTaskError: the `task_id` is taken.
            ParentTaskNotFoundError: there is no such parent.
            DependencyNotFoundError: there is no such task to depend on.
            CircularDependencyError: tasks would wait for one another.
            PrerequisitesNotMetError: a guard refuses the stage it would be born in, or the parent, or what
                that is inside of, is completed.
            TemplateNotFoundError: there is no such template, or version of it.
            TemplateParameterError: the parameters do not fit its schema; every problem is listed.
            ExpansionLimitError: it would make more than 1,000 tasks.
            LimitExceededError: it would make too much of something else: dependencies, characters.
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
        """Create up to 10,000 tasks, which may name one another by `task_id` in any order; all or none.

        Each is a value or a JSON object, with the arguments of `create_generic_task` that say what it is. The
        answer has them in the order in which they were given.

        Raises:
            ValidationError: attributes do not fit the registered schema of their type, a type has no such
                stage, or tasks are inside one another in a circle.
            DuplicateTaskError: a `task_id` is taken, or given twice.
            ParentTaskNotFoundError: there is no such parent.
            DependencyNotFoundError: there is no such task to depend on.
            CircularDependencyError: tasks would wait for one another.
            PrerequisitesNotMetError: a guard refuses the stage that one would be born in, or a parent, or
                what that is inside of, is completed.
        """
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

        `parameters` is a JSON object as the template's `parameters_schema` wants it. The answer lists the
        tasks, parents first. Cost: linear in what it makes.

        Raises:
            TemplateNotFoundError: there is no such template, or version of it.
            TemplateParameterError: the parameters do not fit its schema; every problem is listed.
            ExpansionLimitError: it would make more than 1,000 tasks.
            LimitExceededError: it would make too much of something else: dependencies, characters.
            ParentTaskNotFoundError: there is no such parent.
            DuplicateTaskError: the `task_id` is taken.
            ValidationError: attributes that it makes do not fit the registered schema of their type, or a
                type has no such stage.
            CircularDependencyError: tasks would wait for one another.
            PrerequisitesNotMetError: a guard refuses the stage that a task would be born in, or the parent,
                or what that is inside of, is completed.
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
        """Read one task (`.task`), or several (`.tasks`, and `.missing` for the ids that do not exist).

        `task_ids` are at most 1,000; the answer has them in their order, each once.

        Raises:
            TaskNotFoundError: there is no task `task_id`.
            ValidationError: neither `task_id` nor `task_ids` is given, or both are.
        """
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

        `parent_task_id=None` makes it a root, `not_before=None` lifts the time; left out, both stay. `join`
        is `"all"`, `"any"`, or a number from 1.

        Raises:
            TaskNotFoundError: there is no such task.
            ValidationError: the attributes would not fit the registered schema of the type.
            ParentTaskNotFoundError: there is no such parent.
            CircularDependencyError: it would be inside itself, or tasks would wait for one another.
            PrerequisitesNotMetError: it is open and the parent, or what that is inside of, is completed; or
                the new type's lifecycle does not know its stage in the same meaning.
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
        """Make the same change to the tasks named, or to all that fit the filters; all or none.

        At most 10,000 tasks. `filters` is a value or its JSON object.

        Raises:
            ValidationError: neither `task_ids` nor `filters` is given, or both are; or the attributes of one
                would not fit the registered schema of its type.
            LimitExceededError: more than 10,000 tasks fit the filters.
            TaskNotFoundError: there is no task of one of the ids.
            ParentTaskNotFoundError: there is no such parent.
            CircularDependencyError: one would be inside itself, or tasks would wait for one another.
            PrerequisitesNotMetError: one cannot be in that parent, or of that type: see `update_task`.
        """
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

        Its history stays.

        Raises:
            TaskNotFoundError: there is no such task.
            PrerequisitesNotMetError: it has children, or others need it, and that was not asked for; or it
                takes the place of superseded tasks that stay.
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

        `dependencies` are values, JSON objects, or just the ids of tasks that must have succeeded before; to
        remove, waive and unwaive, `dependency_ids` will do, with `dependency_type` for those of one type
        only. `expires_at`, an aware `datetime`, ends waivers. The answer has all dependencies of the task.

        Raises:
            TaskNotFoundError: there is no such task.
            CircularDependencyError: tasks would wait for one another; `.cycle` names them in order.
            DependencyNotFoundError: there is no such task to depend on, or no such dependency.
            ValidationError: what is given does not go with the operation, or with the type of a dependency;
                or a waiver would have ended already.
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
