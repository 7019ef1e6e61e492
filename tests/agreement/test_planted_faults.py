"""The test of the test: the machine's moves find each of many planted faults."""

from __future__ import annotations

import pytest

from tests.agreement.faults import FAULTS
from tests.agreement.machine import by_chance

SEEDS, RUNS, STEPS = range(1, 13), 200, 30
"""Most faults show with the first seed; the others take their turn with the rest."""


def test_without_a_fault_the_moves_find_nothing() -> None:
    """The same moves go through on the product as it is, so that what they find below is the fault."""
    for seed in SEEDS:
        by_chance(seed, runs=RUNS, steps=STEPS)


@pytest.mark.parametrize("name", FAULTS)
def test_planted_fault_is_found(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the fault planted, the product and the oracle come apart."""
    fault = FAULTS[name]
    monkeypatch.setattr(fault.target(), "__code__", fault.code())
    try:
        for seed in SEEDS:
            by_chance(seed, runs=RUNS, steps=STEPS)
    except Exception:  # noqa: BLE001 - a fault may show as anything
        return
    pytest.fail("nobody noticed")
