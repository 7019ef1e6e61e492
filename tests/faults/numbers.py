"""How often each fault is tried: the one table of the numbers, for the suite and for a run by hand.

`WORKLATTICE_FAULTS=long`, which `nox -s faults` sets, asks for the larger ones. What came of it is printed,
one line for each fault; `pytest -rP` shows it.
"""

from __future__ import annotations

import os
from typing import Final

from attrs import frozen


@frozen(kw_only=True)
class Numbers:
    """How often, fault by fault."""

    killed_writers: int
    """SIGKILLs, shared out among the settings of `synchronous`."""
    lost_workers: int
    """Workers that die or sleep with a claim, for each store."""
    torn_logs: int
    writes_in_a_crowd: int
    """How many each process of a crowd makes."""
    grace: float
    """Seconds beyond its time limit in which a call must be back. By hand, the one second promised; in
    the suite, whose cores others may be using, enough to tell a slow machine from a hang."""
    cut_connections: int
    lost_answers: int
    restarts: int
    wrong_clocks: int
    """Examples of the property, for each store."""


IN_THE_SUITE: Final = Numbers(
    killed_writers=50,
    lost_workers=20,
    torn_logs=100,
    writes_in_a_crowd=50,
    grace=20.0,
    cut_connections=50,
    lost_answers=50,
    restarts=3,
    wrong_clocks=25,
)
BY_HAND: Final = Numbers(
    killed_writers=1_000,
    lost_workers=100,
    torn_logs=5_000,
    writes_in_a_crowd=200,
    grace=1.0,
    cut_connections=1_500,
    lost_answers=1_500,
    restarts=100,
    wrong_clocks=500,
)

NUMBERS: Final = BY_HAND if os.environ.get("WORKLATTICE_FAULTS") == "long" else IN_THE_SUITE


def tell(fault: str, **counts: float) -> None:
    """Print what a fault came to, for the table in the docs: what was counted, not what a test asserts."""
    told = ", ".join(f"{name.replace('_', ' ')} {count:,}" for name, count in counts.items())
    print(f"{fault}: {told}")  # noqa: T201 - said to whoever runs it by hand
