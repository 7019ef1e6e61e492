"""Which ids to offer where one does not exist: those that begin like it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

_SHORTEST: Final = 3
"""Characters that ids must have in common at least."""


def similar_ids(
    task_id: str, limit: int, beginning_with: Callable[[str, int], Sequence[str]]
) -> Sequence[str]:
    """Up to `limit` ids, those with the longest beginning in common first.

    `beginning_with` gives, in order, up to so many of the ids that begin with a text. It is asked at most
    three times: for three quarters, one half and the first characters of the id.
    """
    length = len(task_id)
    found: dict[str, None] = {}
    for part in sorted({length * 3 // 4, length // 2, _SHORTEST}, reverse=True):
        if part >= min(_SHORTEST, length) and len(found) < limit:
            found |= dict.fromkeys(beginning_with(task_id[:part], limit))
    return list(found)[:limit]
