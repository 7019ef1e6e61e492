"""Ratios: what we take and what the limit takes, in turns and in one run.

Times drift with the machine and its neighbours; the ratio of two times taken in turns hardly does. Each round
measures both, A B A B; what counts is the median of each.
"""

from __future__ import annotations

import gc
import json
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

ROUNDS = 7


class Ratio(NamedTuple):
    """One line of a table: microseconds for one operation."""

    what: str
    size: int
    ours: float
    limit: float

    @property
    def ratio(self) -> float:
        """How many times the limit we take."""
        return self.ours / self.limit


def compared(
    what: str,
    size: int,
    ours: Callable[[], object],
    limit: Callable[[], object],
    *,
    times: int = 1,
    of: int = 1,
    rounds: int = ROUNDS,
) -> Ratio:
    """Call each of the two `times` times a round; one call does `of` operations."""
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for act, seconds in zip((ours, limit), taken, strict=True):
            gc.collect()
            began = time.perf_counter()
            for _ in range(times):
                act()
            seconds.append((time.perf_counter() - began) / times / of)
    mine, theirs = (statistics.median(seconds) * 1e6 for seconds in taken)
    return Ratio(what, size, mine, theirs)


def table(ratios: Iterable[Ratio]) -> str:
    """The ratios as text."""
    lines = [f"{'':52} {'tasks':>9} {'ours µs':>10} {'limit µs':>10} {'ratio':>6}"]
    lines += [f"{r.what:52} {r.size:>9,} {r.ours:>10.1f} {r.limit:>10.1f} {r.ratio:>6.2f}" for r in ratios]
    return "\n".join(lines)


def save(ratios: Sequence[Ratio], file: Path) -> None:
    """Keep the ratios as JSON, so that two commits can be compared."""
    file.write_text(json.dumps([{**r._asdict(), "ratio": r.ratio} for r in ratios], indent=1) + "\n")
