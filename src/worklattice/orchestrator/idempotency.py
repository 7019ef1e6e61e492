"""Idempotency keys: the same key with the same payload gives the first answer again."""

from __future__ import annotations

from typing import Any, TypeVar, cast

from worklattice import codec
from worklattice.errors import ConflictError, shown
from worklattice.model.commands import Write
from worklattice.model.rows import KeyRow, Micros
from worklattice.orchestrator.writing import ANSWERS

A = TypeVar("A")


def key_row(command: Write[A], answer: object, now: Micros) -> KeyRow:
    """The use of the command's key, with its answer."""
    assert command.idempotency_key is not None
    return KeyRow(command.idempotency_key, codec.digest(command), codec.unstructure(answer), now)


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
    answer = codec.structure_answer(ANSWERS[cast("type[Write[Any]]", type(command))], earlier.answer)
    return cast("A", answer)
