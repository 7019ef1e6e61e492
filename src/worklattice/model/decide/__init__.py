"""What follows from a command: one module for each family of commands.

A decision is `decide(command, draft) -> Conclude`: it reads the draft, records the events that follow from
the command, and raises an error of `worklattice.errors` where the command is refused (the draft is then
forgotten). It returns how the answer is concluded once the consequences are known. Decisions do no I/O, and
ask neither for the time nor for randomness: `now` and ids come from the draft.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias, TypeVar

from worklattice.model.answers import Written
from worklattice.model.signals import Aftermath

A = TypeVar("A", bound=Written)

Conclude: TypeAlias = Callable[[Aftermath], A]
"""Makes the answer from what the command brought about."""

__all__ = ["Conclude"]
