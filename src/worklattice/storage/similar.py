"""Which ids to offer where one does not exist: those that begin like it, or as it may have been meant."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

_SHORTEST: Final = 3
"""Characters that ids must have in common at least."""
_BEGINNING: Final = 4
"""So many first characters may have been mistyped; in what follows, the right beginning finds the id."""


def similar_ids(
    task_id: str, limit: int, beginning_with: Callable[[Sequence[str], int], Sequence[str]]
) -> Sequence[str]:
    """Up to `limit` ids, those with the longest beginning in common first.

    `beginning_with` gives up to so many of the ids that begin with one of some texts, in order for each. It
    is asked at most four times: for three quarters, one half and the first characters of the id, and for
    what it would begin with if its first characters were mistyped.
    """
    length = len(task_id)
    found: dict[str, None] = {}
    for part in sorted({length * 3 // 4, length // 2, _SHORTEST}, reverse=True):
        if part >= min(_SHORTEST, length) and len(found) < limit:
            found |= dict.fromkeys(beginning_with([task_id[:part]], limit))
    if len(found) < limit and length > _SHORTEST:
        part = max(_SHORTEST, length // 2)
        found |= dict.fromkeys(beginning_with(sorted({meant[:part] for meant in _meant(task_id)}), limit))
    return list(found)[:limit]


def _meant(task_id: str) -> Iterator[str]:
    """What someone may have meant who wrote this: letters swapped or doubled, another case, another dash."""
    for at in range(min(_BEGINNING, len(task_id) - 1)):
        yield task_id[:at] + task_id[at + 1] + task_id[at] + task_id[at + 2 :]
        yield task_id[:at] + task_id[at + 1 :]
    yield task_id.lower()
    yield task_id.upper()
    yield task_id.replace("_", "-")
    yield task_id.replace("-", "_")
