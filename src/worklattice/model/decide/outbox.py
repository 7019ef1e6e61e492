"""Putting dead letters on their way again.

What is on its way is no part of what was said: no event tells of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from worklattice.errors import Problem, ValidationError, shown
from worklattice.model.answers import Redelivered
from worklattice.model.commands import Redeliver
from worklattice.model.decide import Conclude
from worklattice.model.decide.common import written
from worklattice.model.draft import Draft
from worklattice.model.outbox import BEGINNING, again, letter_id, read_letter_id
from worklattice.model.rows import DeliveryRow
from worklattice.types import LIMITS

_IDS = "arguments.dead_letter_ids"


def redeliver(command: Redeliver, draft: Draft) -> Conclude[Redelivered]:
    """Let dead letters be tried again, as often as if they were new."""
    rows = _named(command, draft)
    for row in rows:
        draft.put_delivery(again(row, draft.now))
    more = bool(draft.dead_letters(command.consumer, BEGINNING, 1))
    return lambda after: Redelivered(
        consumer=command.consumer,
        dead_letter_ids=tuple(map(letter_id, rows)),
        more=more,
        **written(after),
    )


def _named(command: Redeliver, draft: Draft) -> Sequence[DeliveryRow]:
    if command.dead_letter_ids is None:
        return draft.dead_letters(command.consumer, BEGINNING, LIMITS.page_size)
    found = {name: _dead(draft, command.consumer, name) for name in command.dead_letter_ids}
    if None in found.values():
        hint = "List what there is with list_dead_letters."
        raise ValidationError.all(list(_problems(command, found)), hint=hint)
    return [row for row in found.values() if row is not None]


def _problems(command: Redeliver, found: dict[str, DeliveryRow | None]) -> Iterator[Problem]:
    for index, name in enumerate(command.dead_letter_ids or ()):
        if found[name] is None:
            message = f"{shown(name)} is no dead letter of the consumer {shown(command.consumer)}"
            yield Problem(field=f"{_IDS}[{index}]", message=message)


def _dead(draft: Draft, consumer: str, name: str) -> DeliveryRow | None:
    """The dead letter of this name, if there is one."""
    key = read_letter_id(name)
    row = None if key is None else draft.delivery((consumer, *key))
    return None if row is None or row.dead_at is None or letter_id(row) != name else row
