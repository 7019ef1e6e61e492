"""A workspace in memory, at a time that the test decides."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import worklattice
from worklattice import Orchestrator
from worklattice.testing import ManualClock, SequentialIds


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def wl(clock: ManualClock) -> Iterator[Orchestrator]:
    """An empty workspace, which must be sound when the test ends."""
    with worklattice.open("memory:", clock=clock, ids=SequentialIds()) as opened:
        yield opened
        assert opened.check() == []
