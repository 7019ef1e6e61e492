"""The Python API: one method for each tool, under the tool's name without its prefix.

Arguments are keywords with the names that the tools use, answers are frozen values with the fields that the
wire shows. Every write takes `idempotency_key` (the same key with the same arguments gives the first answer
again), `dry_run` (answer, with the events, and write nothing), `actor` and `reason` (both land in the
events); those that name one task take `expected_version` (refuse unless it is the task's). A refusal is an
exception of `worklattice.errors` that has written nothing.

What every method may raise stands here and is not said again: `ValidationError` where an argument is not of
the documented form, `StoreError` where the store fails or is busy, and of writes `ConflictError` where the
task has not the `expected_version`, where the key was used with other arguments, or where it is the past that
would be written to.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from worklattice.model import answers, commands
from worklattice.model.commands import Command
from worklattice.orchestrator import given
from worklattice.orchestrator.methods.definitions import DefinitionMethods
from worklattice.orchestrator.methods.finding import FindingMethods
from worklattice.orchestrator.methods.notifications import NotificationMethods
from worklattice.orchestrator.methods.schedules import ScheduleMethods
from worklattice.orchestrator.methods.tasks import TaskMethods
from worklattice.orchestrator.methods.work import WorkMethods


class Commands(
    TaskMethods, WorkMethods, DefinitionMethods, NotificationMethods, ScheduleMethods, FindingMethods
):
    """All of the Python API: the methods of each family, and those that are about commands themselves."""

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

        To undo an undo is to redo. Cost: the command's events, and the later events of the tasks that it was
        about; without a position, also a look-up for each later command, which is passed over.

        Raises:
            ValidationError: there is no event at the position.
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
        """Carry out several commands as one transaction; `transaction` does so for calls of methods.

        At most 10,000, each of which sees what those before it did; `actor` and `reason` hold for those that
        give none.

        Raises:
            ValidationError: an `Execute` or `Undo` is among them.
            CircularDependencyError: tasks would wait for one another when all are carried out.
            LimitExceededError: their answers are too large together; `transaction` knows no such limit.
            WorklatticeError: one of them is refused, and all with it; `field` begins with its place, as in
                `arguments.commands[3]`.
        """
        return self.run(
            commands.Execute(
                commands=given.listed(commands_, "commands"),
                idempotency_key=idempotency_key,
                dry_run=dry_run,
                actor=actor,
                reason=reason,
            )
        )
