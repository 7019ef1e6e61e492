"""Idempotency keys: the same key with the same payload gives the first answer again, while it is kept.

A key is kept for `LIMITS.idempotency_key_days` after its use, by the workspace's own time. What is older
counts as unused, whether it is there still or not.
"""

from __future__ import annotations

from typing import Any, Final, TypeVar, cast

import attrs

from worklattice import codec
from worklattice.errors import ConflictError, shown
from worklattice.model.answers import Executed
from worklattice.model.commands import Command, Execute, Write, answer_type
from worklattice.model.draft import Draft
from worklattice.model.rows import KeyRow, Micros
from worklattice.query.answers import TasksFound
from worklattice.query.request import QueryTasks
from worklattice.types import LIMITS, JsonObject, copied

A = TypeVar("A")

KEPT: Final[Micros] = LIMITS.idempotency_key_days * 86_400_000_000
FORGOTTEN_AT_ONCE: Final = 20
"""How many old keys one write lets go, which adds one: they never pile up, and no write pays for all."""


def earlier_use(command: Write[Any], draft: Draft) -> KeyRow | None:
    """The use of the command's key, where it has one that was used and not so long ago as to be forgotten."""
    row = None if command.idempotency_key is None else draft.key(command.idempotency_key)
    return row if row is not None and row.at >= draft.now - KEPT else None


def remember(command: Write[A], answer: object, draft: Draft) -> None:
    """Keep the use of the command's key with its answer, and let go of some that are too old."""
    for key in draft.keys_used_before(draft.now - KEPT, FORGOTTEN_AT_ONCE):
        draft.drop_key(key)
    draft.add_key(key_row(command, answer, draft.now))


def key_row(command: Write[A], answer: object, now: Micros) -> KeyRow:
    """The use of the command's key, with its answer."""
    assert command.idempotency_key is not None
    document = copied(codec.unstructure(_whole(answer)))
    return KeyRow(command.idempotency_key, codec.digest(command), document, now)


def answer_again(command: Write[A], earlier: KeyRow) -> A:
    """The answer that was given for this key before.

    Raises:
        ConflictError: the key was used for something else.
    """
    if codec.digest(command) != earlier.digest:
        raise ConflictError(
            field="arguments.idempotency_key",
            reason=f"The idempotency key {shown(earlier.key)} was used with other arguments.",
            hint="Use a new key for a new request.",
            facts={"idempotency_key": earlier.key},
        )
    return cast("A", _read(command, copied(earlier.answer)))


def _whole(answer: Any) -> Any:  # noqa: ANN401 - an answer of any kind
    """The answer with everything that a query was asked to leave out when it is shown."""
    if isinstance(answer, Executed):
        return attrs.evolve(answer, results=tuple(map(_whole, answer.results)))
    return attrs.evolve(answer, fields=None) if isinstance(answer, TasksFound) else answer


def _read(command: Command[Any], document: JsonObject) -> Any:  # noqa: ANN401 - what the command answers
    answer = codec.structure_answer(answer_type(type(command)), document)
    if isinstance(command, Execute):
        return attrs.evolve(answer, results=tuple(map(_read, command.commands, answer.results)))
    return attrs.evolve(answer, fields=command.fields) if isinstance(command, QueryTasks) else answer
