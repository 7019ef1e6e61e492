"""How much work one question to a schema may cost.

Not here: what the steps are (`worklattice.schema.judging`, `patterns`, `places`).
"""

from __future__ import annotations

from typing import Final

STEPS_LIMIT: Final = 20_000
"""Applications of keywords to values, and the like, at some microseconds each."""


class SpentError(Exception):
    """The budget is used up; never leaves `worklattice.schema`."""


class Budget:
    """The steps that are left."""

    def __init__(self, steps: int = STEPS_LIMIT) -> None:
        """Allow `steps`."""
        self._left = steps

    def spend(self, steps: int) -> None:
        """Take `steps`; raises `SpentError` where there are not so many."""
        self._left -= steps
        if self._left < 0:
            raise SpentError
