"""A program that ticks until nothing is due: `python ticking.py URL THREADS`.

Its threads share one orchestrator. The runs that it made it prints at the end, as JSON.
"""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor

import worklattice
from worklattice import Orchestrator


def tick(wl: Orchestrator) -> list[str]:
    """Tick, a few runs at a time, until nothing is due; the runs that were made here."""
    made: list[str] = []
    while wl.next_tick_at() is not None:
        made += wl.tick(limit=3).runs
    return made


def main(url: str, threads: int) -> None:
    with worklattice.open(url) as wl, ThreadPoolExecutor(threads) as pool:
        made = [run for runs in pool.map(tick, [wl] * threads) for run in runs]
    json.dump(made, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
