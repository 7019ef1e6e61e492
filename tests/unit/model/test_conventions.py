"""What attributes say by convention."""

from __future__ import annotations

from typing import Any

import pytest

from worklattice.model.conventions import rank_of


@pytest.mark.parametrize(
    ("priority", "expected"),
    [
        ("critical", 0),
        ("High", 1),
        ("medium", 2),
        ("low", 3),
        (7, 7),
        (-0.5, -0.5),
        ("urgent", float("inf")),
        (True, float("inf")),
        (None, float("inf")),
        ([1], float("inf")),
    ],
)
def test_rank(priority: Any, expected: float) -> None:
    """Names rank from critical to low, a number is its own rank, anything else ranks last."""
    assert rank_of({"priority": priority}) == expected
    assert rank_of({}) == float("inf")
