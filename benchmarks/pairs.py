"""Measuring pairs: the library and its limit in turn, A B A B, in one run; medians and their ratio."""

from __future__ import annotations

import gc
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter

Work = Callable[[int], object]
"""Does the operation with the given number, which is never given twice."""


@dataclass(frozen=True)
class Pair:
    """One line of the table: an operation, and the least that the same work could cost."""

    name: str
    ours: Work
    limit: Work
    count: int
    """Operations in one round."""
    target: float | None = None
    """The ratio to reach; None where there is none."""
    per: int = 1
    """Tasks that one operation is about."""


@dataclass(frozen=True)
class Measured:
    """A line, measured: microseconds for each task that it is about."""

    name: str
    ours: float
    limit: float
    ratio: float
    target: float | None


def measure(pair: Pair, *, rounds: int = 5) -> Measured:
    """Rounds of both in turn, after one round of each that does not count."""
    ours: list[float] = []
    limit: list[float] = []
    for number in range(rounds + 1):
        first = number * pair.count
        ours.append(_round(pair.ours, first, pair.count))
        limit.append(_round(pair.limit, first, pair.count))
    scale = 1e6 / pair.count / pair.per
    ratio = median(a / b for a, b in zip(ours[1:], limit[1:], strict=True))
    return Measured(pair.name, median(ours[1:]) * scale, median(limit[1:]) * scale, ratio, pair.target)


def _round(work: Work, first: int, count: int) -> float:
    gc.collect()
    began = perf_counter()
    for number in range(first, first + count):
        work(number)
    return perf_counter() - began


def table(lines: list[Measured]) -> str:
    """The lines as a Markdown table."""
    rows = [
        "| work | this library, µs | the limit, µs | ratio | to reach |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for line in lines:
        target = "" if line.target is None else f"{line.target:g}"
        rows.append(f"| {line.name} | {line.ours:.1f} | {line.limit:.1f} | {line.ratio:.1f} | {target} |")
    return "\n".join(rows)
