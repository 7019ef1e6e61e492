"""Names that types spell out, and tables say: both are the same."""

from __future__ import annotations

from typing import get_args

from worklattice.model.commands import DependencyTypeName, OutcomeName
from worklattice.model.dependency import BLOCKS, DEPENDENCY_TYPES, OUTCOME_WANTED
from worklattice.model.lifecycle import STATUSES
from worklattice.query.request import StatusName


def test_names_in_types_are_those_of_the_tables() -> None:
    """What type checkers and published schemas allow is what the engine knows, in the same order."""
    assert get_args(DependencyTypeName) == (*DEPENDENCY_TYPES, BLOCKS)
    assert get_args(OutcomeName) == OUTCOME_WANTED
    assert set(get_args(StatusName)) == set(STATUSES)
