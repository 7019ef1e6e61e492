"""Which run by chance finds which planted fault.

The numbers in `tests/data/found_by.json` say where to look first, no more: a number that no longer fits costs
time, for then the runs are gone through from the start. `python -m tests.agreement.finding` writes them anew.
"""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.agreement.faults import FAULTS, Fault
from tests.agreement.machine import by_chance

RUNS: Final = 5_000
"""So many runs are tried before a fault counts as one that nobody notices."""
_FILE = Path(__file__).parents[1] / "data" / "found_by.json"


def look_first() -> dict[str, int]:
    """For each fault the run that found it, when that was last written down."""
    found: dict[str, int] = json.loads(_FILE.read_text())
    return found


def finds(number: int, fault: Fault) -> bool:
    """Whether the product with the fault planted and the oracle come apart in this run."""
    with _planted(fault):
        try:
            by_chance(number)
        except Exception:  # noqa: BLE001 - a fault may show as anything
            return True
    return False


@contextmanager
def _planted(fault: Fault) -> Generator[None]:
    target = fault.target()
    right, wrong = target.__code__, fault.code()
    target.__code__ = wrong
    try:
        yield
    finally:
        target.__code__ = right


def search(fault: Fault, first: int | None) -> int | None:
    """The number of a run that finds the fault, or None where none does."""
    numbers = range(RUNS) if first is None else (first, *range(RUNS))
    return next((number for number in numbers if finds(number, fault)), None)


def _write_down() -> None:
    found = {}
    for name, fault in FAULTS.items():
        found[name] = search(fault, None)
        print(f"{found[name]}: {name}", flush=True)  # noqa: T201 - a program
    _FILE.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    _write_down()
