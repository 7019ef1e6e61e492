"""The test of the test: the machine's moves find each of many planted faults."""

from __future__ import annotations

import pytest

from tests.agreement.faults import FAULTS
from tests.agreement.finding import look_first, search
from tests.agreement.machine import by_chance


@pytest.mark.parametrize("name", FAULTS)
def test_planted_fault_is_found(name: str) -> None:
    """With the fault planted, product and oracle come apart, in a run in which they agree without it."""
    number = search(FAULTS[name], look_first().get(name))
    assert number is not None, "nobody noticed"
    by_chance(number)
