"""What claims do to a world: who gets which task, until when, and who may touch it meanwhile."""

from __future__ import annotations

from datetime import timedelta

from tests.agreement.connecting import Connecting, Refused, refuse_unmet
from tests.agreement.given import LAGS, needs_in
from tests.agreement.scheduled import scheduled_around
from tests.agreement.timing import give_back, is_closed
from tests.agreement.world import Said
from worklattice.model.commands import ReleaseClaim, RenewClaim
from worklattice.query.request import ClaimTask


class Claiming(Connecting):
    """Commands about claims."""

    def claim(self, command: ClaimTask) -> None:
        lease = LAGS[command.lease]
        if not lease:
            raise Refused("ValidationError")
        facts = self.facts()
        if command.task_id is None:
            for task_id in facts.ready_in_order():
                is_wanted = command.filters is None or self.world.tasks[task_id]["task_type"] in (
                    command.filters.task_type or ()
                )
                is_left_out = command.leaves_only and self.world.children(task_id)
                if is_wanted and not is_left_out and self._has_room(task_id):
                    self._acquire(task_id, command.worker, lease)
                    if len(self.touched) == command.count:
                        break
            return
        task = self.world.tasks.get(command.task_id)
        if task is None:
            raise Refused("TaskNotFoundError")
        if command.expected_version not in {None, task["version"]}:
            raise Refused("ConflictError")
        if task["claimed_by"] is not None:
            raise Refused("ClaimError")
        if not facts.ready[command.task_id]:
            refuse_unmet(self._not_ready(command.task_id))
        if not self._has_room(command.task_id):
            raise Refused("ClaimError")
        self._acquire(command.task_id, command.worker, lease)

    def _not_ready(self, task_id: str) -> list[str]:
        """Why a task that nobody has claimed is not ready."""
        facts, task = self.facts(), self.world.tasks[task_id]
        reasons = [] if "startable" in self.world.stage(task_id).roles else ["stage"]
        reasons += ["schedule"] * bool(scheduled_around(self.world, task_id))
        reasons += ["dependency"] * (not facts.joins[task_id]) + ["ancestor"] * bool(facts.holders(task_id))
        is_early = task["not_before"] is not None and task["not_before"] > self.now
        reasons += ["window"] * is_closed(self.world, task_id, self.now)
        return reasons + ["not_before"] * is_early

    def _has_room(self, task_id: str) -> bool:
        return self.world.has_room(needs_in(self.world.meant(self.world.tasks[task_id])))

    def _acquire(self, task_id: str, worker: str, lease: timedelta) -> None:
        task = self.world.tasks[task_id]
        token = self.position + len(self.touched) + 1
        task |= {"token": token, "claimed_by": worker, "lease": lease, "claimed_until": self.now + lease}
        task["holds"] = needs_in(self.world.meant(task)) or None
        self.touch("claim.acquired", task_id, str(token))

    def check_token(self, task: Said, token: int | None) -> None:
        """Refuse whoever does not show the token of the live claim, or shows one where there is none."""
        live = None if task["claimed_by"] is None else task["token"]
        if token != live:
            raise Refused("ClaimError")

    def renew(self, command: RenewClaim) -> None:
        task = self.subject(command)
        self.check_token(task, command.token)
        lease = task["lease"] if command.lease is None else LAGS[command.lease]
        if not lease:
            raise Refused("ValidationError")
        task |= {"lease": lease, "claimed_until": self.now + lease}
        self.touch("claim.renewed", command.task_id, str(command.token))

    def release(self, command: ReleaseClaim) -> None:
        self.check_token(self.subject(command), command.token)
        stage = give_back(self.world, command.task_id, self.now)
        self.touch("claim.released", command.task_id, str(command.token))
        if stage is not None:
            self.touch("task.stage_changed", command.task_id, stage)
