"""Working on tasks: claims, the lifecycle, and what a task delivers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from worklattice.model import answers, commands
from worklattice.orchestrator import given
from worklattice.orchestrator.methods.running import Running
from worklattice.query import request
from worklattice.types import JsonObject, JsonValue


class WorkMethods(Running):
    """What those who work do with tasks: claim them, move them along, say what came of them."""

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
        run out. What could be claimed is in `claims`, which is empty where nothing fits: at most `count`
        tasks, best first. `lease` is a duration as text, such as `2 hours` or `PT2H`. The token of a claim is
        an `int`, larger than those of all earlier ones.

        Raises:
            ClaimError: somebody has the task that is named, or a resource that it needs.
            PrerequisitesNotMetError: the task that is named is not ready.
            TaskNotFoundError: there is no such task.
            ValidationError: `filters`, `sort` or `count` beside a `task_id`, `expected_version` without one,
                or a lease that is nothing or runs beyond the year 9999.
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

        `lease` is a duration as text, such as `2 hours` or `PT2H`.

        Raises:
            TaskNotFoundError: there is no such task.
            ClaimError: the token is not that of a live claim on the task.
            ValidationError: the lease is nothing, or runs beyond the year 9999.
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
            TaskNotFoundError: there is no such task.
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
        """Approve or reject a task; the latest decision on its present attempt counts.

        Raises:
            TaskNotFoundError: there is no such task.
        """
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
        """Say that a task has delivered something: by its `uri`, or as `content`, which is any JSON value.

        An artifact of the same name takes the place of the one before.

        Raises:
            TaskNotFoundError: there is no such task.
            ValidationError: neither `uri` nor `content` is given, or both are.
        """
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

    def record_metrics(
        self,
        task_id: str,
        metrics: JsonObject,
        *,
        source: str | None = None,
        observed_at: datetime | None = None,
        expected_version: int | None = None,
        idempotency_key: str | None = None,
        dry_run: bool = False,
        actor: str | None = None,
        reason: str | None = None,
    ) -> answers.MetricsRecorded:
        """Record what was observed of a task; its gates are judged by it, and triggers that it meets fire.

        `metrics` maps names to numbers, to texts with a unit such as `"250ms"`, `"0.2%"` or `"4.5/5"`, and
        named checks to `"passed"` or `"failed"`. A number alone takes the unit of what it is compared with.
        What was observed earlier (`observed_at`, aware) than what is known of a metric does not replace it.

        A trigger that fires takes the task to a failed stage, or does as its `rollback_policy` says.

        Raises:
            TaskNotFoundError: there is no such task.
            ValidationError: a name or a value can be none of a metric, or `observed_at` lies ahead.
        """
        return self.run(
            commands.RecordMetrics(
                task_id=task_id,
                metrics=metrics,
                source=source,
                observed_at=observed_at,
                expected_version=expected_version,
                idempotency_key=idempotency_key,
                dry_run=dry_run,
                actor=actor,
                reason=reason,
            )
        )

    def waive_gate(
        self,
        task_id: str,
        gate: str,
        *,
        expires_at: datetime | None = None,
        withdraw: bool = False,
        expected_version: int | None = None,
        idempotency_key: str | None = None,
        dry_run: bool = False,
        actor: str | None = None,
        reason: str | None = None,
    ) -> answers.GateWaived:
        """Let a task complete although this gate of it is not passed; needs a `reason`.

        `gate` is written as `evaluate_gates` shows it. The waiver ends at `expires_at` (aware), with a
        reopening of the task, and with `withdraw=True`.

        Raises:
            TaskNotFoundError: there is no such task.
            ValidationError: the task has no such gate, or none that is waived; the reason is missing;
                `expires_at` has passed.
        """
        return self.run(
            commands.WaiveGate(
                task_id=task_id,
                gate=gate,
                expires_at=expires_at,
                withdraw=withdraw,
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
        """Add a comment to a task; `actor` is its author.

        Raises:
            TaskNotFoundError: there is no such task.
            ValidationError: there is nothing in the text but white space.
        """
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

        `result` and `error` are any JSON values, of a started or ended task. With `cascade`, what is inside
        it goes along as far as lifecycles and guards allow; `.cascaded` lists that.

        Raises:
            TaskNotFoundError: there is no such task, or none of the id `superseded_by`.
            InvalidTransitionError: the lifecycle does not lead there; the error lists where it leads.
            PrerequisitesNotMetError: a guard refuses; the error lists what is missing.
            ClaimError: somebody has claimed the task and `claim_token` is left out, or it is not the token of
                a live claim on the task.
            ValidationError: `superseded_by`, `result` or `error` with a stage that does not take it, or no
                `superseded_by` with one that needs it.
            CircularDependencyError: the task would be superseded by itself in the end, or tasks would wait
                for one another.
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
