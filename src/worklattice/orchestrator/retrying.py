"""Trying a transaction again that a database could not put in order with others.

Not here: waiting for another writer to finish, which the stores do.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Final, TypeVar

from worklattice.errors import StoreError
from worklattice.types import LIMITS

T = TypeVar("T")

_FIRST_PAUSE: Final = 0.002
_LONGEST_PAUSE: Final = 0.25


def until_in_order(attempt: Callable[[], T]) -> T:
    """What the attempt comes to, tried again where it was outrun by other transactions.

    Pauses double, and are cut short by chance so that those who met do not meet again.
    """
    pause = _FIRST_PAUSE
    for _ in range(LIMITS.write_tries - 1):
        try:
            return attempt()
        except StoreError as error:
            if not error.outrun:
                raise
        time.sleep(random.uniform(0, pause))  # noqa: S311 - jitter is no secret
        pause = min(2 * pause, _LONGEST_PAUSE)
    return attempt()
