"""Which run by chance finds which planted fault.

The numbers in `tests/data/found_by.json` say where the suite looks first. `python -m tests.agreement.finding`
writes them anew, on all cores: each number that still fits stays, any other is searched for among `RUNS`.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable
from concurrent.futures import ProcessPoolExecutor
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


def search(fault: Fault, numbers: Iterable[int]) -> int | None:
    """The first of the runs that finds the fault, or None where none does."""
    return next((number for number in numbers if finds(number, fault)), None)


def _search_by_name(name: str, first: int) -> int | None:
    return search(FAULTS[name], (first, *range(RUNS)))


def _write_down() -> None:
    known = look_first()
    with ProcessPoolExecutor() as pool:
        searches = {name: pool.submit(_search_by_name, name, known.get(name, 0)) for name in FAULTS}
        found = {name: searched.result() for name, searched in searches.items()}
    _FILE.write_text(json.dumps({n: run for n, run in found.items() if run is not None}, indent=2) + "\n")
    print("\n".join(f"nobody noticed: {n}" for n, run in found.items() if run is None))  # noqa: T201 - a program


if __name__ == "__main__":
    _write_down()
