"""The test of the test: the machine's moves find each of many planted faults."""

from __future__ import annotations

from functools import cache
from typing import Final

import pytest

from tests.agreement.faults import FAULTS
from tests.agreement.finding import look_first, search
from tests.agreement.machine import by_chance

_TRIED: Final = 50
"""So many runs are tried where the one that is written down no longer finds the fault."""


@pytest.mark.parametrize("name", FAULTS)
def test_planted_fault_is_found(name: str) -> None:
    """With the fault planted, product and oracle come apart, in a run in which they agree without it."""
    first = look_first().get(name, 0)
    number = search(FAULTS[name], (first, *range(_TRIED)))
    assert number is not None, "nobody noticed: search further with `python -m tests.agreement.finding`"
    _agree(number)


@cache
def _agree(number: int) -> None:
    by_chance(number)
