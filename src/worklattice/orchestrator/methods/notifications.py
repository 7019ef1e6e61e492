"""Notifications that were given up.

Not here: delivering (`worklattice.orchestrator.delivering`), which is no command.
"""

from __future__ import annotations

from collections.abc import Iterable

from worklattice.model import answers, commands, reads
from worklattice.model.commands import DEFAULT_CONSUMER
from worklattice.orchestrator import given
from worklattice.orchestrator.methods.running import Running


class NotificationMethods(Running):
    """Looking at dead letters, and putting them on their way again."""

    def list_dead_letters(
        self, *, consumer: str = DEFAULT_CONSUMER, after: str | None = None, limit: int = 100
    ) -> answers.DeadLettersListed:
        """List notifications that `deliver` has given up, with what went wrong, in the order of their events.

        `limit` is at most 1,000; `.next_after` of the page before is the `after` of the next one.

        Raises:
            ValidationError: `after` is no id of a dead letter.
        """
        return self.run(reads.ListDeadLetters(consumer=consumer, after=after, limit=limit))

    def redeliver(
        self,
        dead_letter_ids: Iterable[str] | None = None,
        *,
        consumer: str = DEFAULT_CONSUMER,
        idempotency_key: str | None = None,
        dry_run: bool = False,
        actor: str | None = None,
        reason: str | None = None,
    ) -> answers.Redelivered:
        """Put dead letters on their way again: those that are named, or the first 1,000 of the consumer.

        The next `deliver` tries them, as often as if they were new. `.more` says whether others are left. No
        event tells of it.

        Raises:
            ValidationError: one of the ids is that of no dead letter of the consumer.
        """
        named = None if dead_letter_ids is None else given.listed(dead_letter_ids, "dead_letter_ids")
        return self.run(
            commands.Redeliver(
                consumer=consumer,
                dead_letter_ids=named,
                idempotency_key=idempotency_key,
                dry_run=dry_run,
                actor=actor,
                reason=reason,
            )
        )
