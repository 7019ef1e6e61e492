"""Filters taken apart, so that a store can answer one part by an index and judge the rest row by row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from worklattice.lang.condition import And, Condition


def conjuncts(where: Condition | None) -> Iterator[Condition]:
    """The conditions that must all be true for `where` to be true; none where it is absent."""
    if isinstance(where, And):
        for item in where.items:
            yield from conjuncts(item)
    elif where is not None:
        yield where


def conjunction(conditions: Sequence[Condition]) -> Condition | None:
    """The condition that all of them are true; None where there are none."""
    if not conditions:
        return None
    return conditions[0] if len(conditions) == 1 else And(tuple(conditions))
