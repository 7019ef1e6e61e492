"""The Python API: one method for each tool, under the tool's name without its prefix.

Arguments are keywords with the names that the tools use, answers are frozen values with the fields that the
wire shows. Every write takes `idempotency_key` (the same key with the same arguments gives the first answer
again), `dry_run` (answer, with the events, and write nothing), `actor` and `reason` (both land in the
events); those that name one task take `expected_version` (refuse unless it is the task's). A refusal is an
exception of `worklattice.errors` that has written nothing.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, TypeVar

from worklattice.model import answers, commands, reads
from worklattice.model.commands import Command, Keep, TaskUpdates
from worklattice.orchestrator import given
from worklattice.query import request
from worklattice.query.answers import ReadyTasks, TasksFound
from worklattice.types import LIMITS, JsonObject, JsonValue

A = TypeVar("A")


class Commands:
    """What can be asked of an orchestrator."""

    @abstractmethod
    def run(self, command: Command[A]) -> A:
        """Carry out a command; its answer."""

    # --- tasks ----------------------------------------------------------------------------------------------

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

    def claim_task(
        self,
        worker: str,
        *,
        task_id: str | None = None,
        filters: given.FiltersGiven | None = None,
        sort: given.SortGiven | Iterable[given.SortGiven] | None = None,
        count: int = 1,
        lease: str = "5 minutes",
        leaves_only: bool = True,
        expected_version: int | None = None,
        idempotency_key: str | None = None,
        dry_run: bool = False,
        actor: str | None = None,
        reason: str | None = None,
    ) -> answers.TasksClaimed:
        """Claim a task for a worker: the one named, or the best ready one that fits the filters.

        Nobody else is given the task until the claim ends: with the task, by release, or when its lease has
        run out. What could be claimed is in `claims`, which is empty where nothing fits.

        Raises:
            ClaimError: somebody has the task that is named, or a resource that it needs.
            PrerequisitesNotMetError: the task that is named is not ready.
            TaskNotFoundError: there is no such task.
        """
        return self.run(
            request.ClaimTask(
                worker=worker,
                task_id=task_id,
                filters=given.filters(filters),
                sort=given.sort_specs(sort),
                count=count,
                lease=lease,
                leaves_only=leaves_only,
                expected_version=expected_version,
                idempotency_key=idempotency_key,
                dry_run=dry_run,
                actor=actor,
                reason=reason,
            )
        )

    def renew_claim(
        self,
        task_id: str,
        token: int,
        *,
        lease: str | None = None,
        expected_version: int | None = None,
        idempotency_key: str | None = None,
        dry_run: bool = False,
        actor: str | None = None,
        reason: str | None = None,
    ) -> answers.ClaimRenewed:
        """Let the lease of a claim begin anew: as long as before, or as long as `lease`.

        Raises:
            ClaimError: the token is not that of a live claim on the task.
        """
        return self.run(
            commands.RenewClaim(
                task_id=task_id,
                token=token,
                lease=lease,
                expected_version=expected_version,
                idempotency_key=idempotency_key,
                dry_run=dry_run,
                actor=actor,
                reason=reason,
            )
        )

    def release_claim(
        self,
        task_id: str,
        token: int,
        *,
        expected_version: int | None = None,
        idempotency_key: str | None = None,
        dry_run: bool = False,
        actor: str | None = None,
        reason: str | None = None,
    ) -> answers.ClaimReleased:
        """Give a claimed task back, undone; if it was started, it is ready again.

        Raises:
            ClaimError: the token is not that of a live claim on the task.
        """
        return self.run(
            commands.ReleaseClaim(
                task_id=task_id,
                token=token,
                expected_version=expected_version,
                idempotency_key=idempotency_key,
                dry_run=dry_run,
                actor=actor,
                reason=reason,
            )
        )

    def record_approval(
        self,
        task_id: str,
        decision: commands.DecisionName,
        *,
        comment: str | None = None,
        expected_version: int | None = None,
        idempotency_key: str | None = None,
        dry_run: bool = False,
        actor: str | None = None,
        reason: str | None = None,
    ) -> answers.ApprovalRecorded:
        """Approve or reject a task; the latest decision on its present attempt counts."""
        return self.run(
            commands.RecordApproval(
                task_id=task_id,
                decision=decision,
                comment=comment,
                expected_version=expected_version,
                idempotency_key=idempotency_key,
                dry_run=dry_run,
                actor=actor,
                reason=reason,
            )
        )

    def add_artifact(
        self,
        task_id: str,
        name: str,
        *,
        uri: str | None = None,
        content: JsonValue = None,
        media_type: str | None = None,
        expected_version: int | None = None,
        idempotency_key: str | None = None,
        dry_run: bool = False,
        actor: str | None = None,
        reason: str | None = None,
    ) -> answers.ArtifactAdded:
        """Say that a task has delivered something: by its `uri`, or as `content`."""
        return self.run(
            commands.AddArtifact(
                task_id=task_id,
                name=name,
                uri=uri,
                content=content,
                media_type=media_type,
                expected_version=expected_version,
                idempotency_key=idempotency_key,
                dry_run=dry_run,
                actor=actor,
                reason=reason,
            )
        )

    def add_comment(
        self,
        task_id: str,
        text: str,
        *,
        expected_version: int | None = None,
        idempotency_key: str | None = None,
        dry_run: bool = False,
        actor: str | None = None,
        reason: str | None = None,
    ) -> answers.CommentAdded:
        """Add a comment to a task; `actor` is its author."""
        return self.run(
            commands.AddComment(
                task_id=task_id,
                text=text,
                expected_version=expected_version,
                idempotency_key=idempotency_key,
                dry_run=dry_run,
                actor=actor,
                reason=reason,
            )
        )

    # --- lifecycle and dependencies -----------------------------------------------------------------------

    def manage_lifecycle(
        self,
        task_id: str,
        lifecycle_stage: str,
        *,
        validation_checks: bool = True,
        notes: str | None = None,
        notify_channels: Iterable[str] = (),
        superseded_by: str | None = None,
        cascade: bool = False,
        claim_token: int | None = None,
        result: JsonValue = None,
        error: JsonValue = None,
        expected_version: int | None = None,
        idempotency_key: str | None = None,
        dry_run: bool = False,
        actor: str | None = None,
        reason: str | None = None,
    ) -> answers.StageChanged:
        """Move a task to another stage; `.unblocked` lists the tasks that stopped waiting.

        Raises:
            InvalidTransitionError: the lifecycle does not lead there; the error lists where it leads.
            PrerequisitesNotMetError: a guard refuses; the error lists what is missing.
        """
        return self.run(
            commands.ManageLifecycle(
                task_id=task_id,
                lifecycle_stage=lifecycle_stage,
                validation_checks=validation_checks,
                notes=notes,
                notify_channels=given.listed(notify_channels, "notify_channels"),
                superseded_by=superseded_by,
                cascade=cascade,
                claim_token=claim_token,
                result=result,
                error=error,
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

    def get_dependencies(
        self,
        task_id: str,
        *,
        include_transitive: bool = False,
        direction: Literal["dependencies", "dependants", "both"] = "dependencies",
    ) -> answers.DependenciesFound:
        """Read what a task needs, what needs it, or both, each with its state."""
        return self.run(
            reads.GetDependencies(task_id=task_id, include_transitive=include_transitive, direction=direction)
        )

    # --- finding ------------------------------------------------------------------------------------------

    def query_tasks(
        self,
        *,
        filters: given.FiltersGiven | None = None,
        custom_filter: str | None = None,
        date_range: request.DateRange | Mapping[str, Any] | None = None,
        sort: given.SortGiven | Iterable[given.SortGiven] | None = None,
        limit: int | None = None,
        offset: int = 0,
        cursor: str | None = None,
        include_hierarchy: bool = False,
        include_dependencies: bool = False,
        include_metrics: bool = False,
    ) -> TasksFound:
        """Find tasks by structured filters, a condition as in a WHERE clause, or both.

        The tool's `fields` chooses what of each task its JSON shows; here every task is whole.

        Raises:
            FilterSyntaxError: the condition does not parse; the error points at the place.
        """
        return self.run(
            request.QueryTasks(
                filters=given.filters(filters),
                custom_filter=custom_filter,
                date_range=given.date_range(date_range),
                sort=given.sort_specs(sort),
                limit=limit,
                offset=offset,
                cursor=cursor,
                include_hierarchy=include_hierarchy,
                include_dependencies=include_dependencies,
                include_metrics=include_metrics,
            )
        )

    def get_ready_tasks(
        self,
        *,
        filters: given.FiltersGiven | None = None,
        sort: given.SortGiven | Iterable[given.SortGiven] | None = None,
        limit: int | None = None,
        leaves_only: bool = False,
    ) -> ReadyTasks:
        """Find tasks that can be started now, by priority, then age."""
        return self.run(
            request.GetReadyTasks(
                filters=given.filters(filters),
                sort=given.sort_specs(sort),
                limit=limit,
                leaves_only=leaves_only,
            )
        )

    def get_task_hierarchy(
        self,
        root_task_id: str,
        *,
        max_depth: int = LIMITS.hierarchy_levels,
        include_completed: bool = True,
        include_statistics: bool = True,
    ) -> answers.Hierarchy:
        """Read a task with all that is inside it, nested, with statistics."""
        return self.run(
            reads.GetTaskHierarchy(
                root_task_id=root_task_id,
                max_depth=max_depth,
                include_completed=include_completed,
                include_statistics=include_statistics,
            )
        )

    def explain_task(self, task_id: str) -> answers.Explanation:
        """Whether the task can start, finish and be claimed now, with the reasons and as a text.

        Raises:
            TaskNotFoundError: there is no such task.
        """
        return self.run(reads.ExplainTask(task_id=task_id))

    def get_history(
        self,
        task_id: str | None = None,
        *,
        after: int = 0,
        limit: int = 100,
        as_of: int | datetime | None = None,
    ) -> answers.History:
        """Read a page of the events of a task, or of the workspace; `events` iterates over all of them.

        `as_of`, a position or a time, leaves later events out and shows the task as it was then (`.task`);
        the workspace as it was is `wl.as_of`.
        """
        return self.run(reads.GetHistory(task_id=task_id, after=after, limit=limit, as_of=as_of))

    # --- templates and types --------------------------------------------------------------------------------

    def create_template(
        self,
        template_id: str,
        task_structure: JsonObject,
        *,
        name: str | None = None,
        description: str | None = None,
        category: str | None = None,
        parameters_schema: JsonObject | None = None,
        idempotency_key: str | None = None,
        dry_run: bool = False,
        actor: str | None = None,
        reason: str | None = None,
    ) -> answers.TemplateDefined:
        """Define a template, or the next version of one.

        Raises:
            TemplateValidationError: the structure or the schema is faulty; every problem is listed.
        """
        return self.run(
            commands.CreateTemplate(
                template_id=template_id,
                task_structure=task_structure,
                name=name,
                description=description,
                category=category,
                parameters_schema=parameters_schema,
                idempotency_key=idempotency_key,
                dry_run=dry_run,
                actor=actor,
                reason=reason,
            )
        )

    def get_template(self, template_id: str, *, version: int | None = None) -> answers.TemplateFound:
        """Read a template."""
        return self.run(reads.GetTemplate(template_id=template_id, version=version))

    def list_templates(self, *, category: str | None = None) -> answers.TemplatesListed:
        """List the newest version of every template, the shipped ones too."""
        return self.run(reads.ListTemplates(category=category))

    def delete_template(
        self,
        template_id: str,
        *,
        idempotency_key: str | None = None,
        dry_run: bool = False,
        actor: str | None = None,
        reason: str | None = None,
    ) -> answers.TemplateDeleted:
        """Delete a template; tasks made from it stay."""
        return self.run(
            commands.DeleteTemplate(
                template_id=template_id,
                idempotency_key=idempotency_key,
                dry_run=dry_run,
                actor=actor,
                reason=reason,
            )
        )

    def register_task_type(
        self,
        task_type: str,
        *,
        lifecycle: JsonObject | None = None,
        attributes_schema: JsonObject | None = None,
        idempotency_key: str | None = None,
        dry_run: bool = False,
        actor: str | None = None,
        reason: str | None = None,
    ) -> answers.TaskTypeRegistered:
        """Give a task type a lifecycle of its own, a JSON Schema for its attributes, or both."""
        return self.run(
            commands.RegisterTaskType(
                task_type=task_type,
                lifecycle=lifecycle,
                attributes_schema=attributes_schema,
                idempotency_key=idempotency_key,
                dry_run=dry_run,
                actor=actor,
                reason=reason,
            )
        )

    def undo(
        self,
        position: int | None = None,
        *,
        idempotency_key: str | None = None,
        dry_run: bool = False,
        actor: str | None = None,
        reason: str | None = None,
    ) -> answers.Undone:
        """Undo the command that an event belongs to, by its position; or the last command that stands.

        Raises:
            ConflictError: later changes stand on it, it was undone already, or there is nothing to undo.
            PrerequisitesNotMetError: tasks would be left in stages that their lifecycle no longer has.
            CircularDependencyError: tasks would wait for one another by now.
        """
        return self.run(
            commands.Undo(
                position=position,
                idempotency_key=idempotency_key,
                dry_run=dry_run,
                actor=actor,
                reason=reason,
            )
        )

    def execute(
        self,
        commands_: Sequence[Command[Any]],
        *,
        idempotency_key: str | None = None,
        dry_run: bool = False,
        actor: str | None = None,
        reason: str | None = None,
    ) -> answers.Executed:
        """Carry out several commands as one transaction; `transaction` does so for calls of methods."""
        return self.run(
            commands.Execute(
                commands=given.listed(commands_, "commands"),
                idempotency_key=idempotency_key,
                dry_run=dry_run,
                actor=actor,
                reason=reason,
            )
        )
