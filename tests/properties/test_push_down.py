"""Filters that a database judges: in one population, it finds what the reference evaluation finds.

The contract of stores tries fewer filters on many small populations; here it is many filters on a larger one.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import attrs
import pytest
from hypothesis import Phase, given, settings

from tests.stores import url_of
from worklattice.lang.condition import And, Condition, Not, Or
from worklattice.model.rows import TaskRow
from worklattice.opening import open_store
from worklattice.query.ast import Query
from worklattice.query.evaluate import matching, run
from worklattice.storage.api import Store
from worklattice.testing.rows import fill
from worklattice.testing.strategies import conditions, queries, tasks

_POPULATIONS, _EXAMPLES = 8, 500
"""Each example asks five filters."""


@cache
def population() -> list[TaskRow]:
    """Several of those that are made up, in one: the ids of all but the first tell them apart."""
    rows: list[TaskRow] = []

    def named(task_id: str | None, number: int) -> str | None:
        return task_id if task_id is None or number == 0 else f"{task_id}-{number}"

    @settings(max_examples=_POPULATIONS, phases=[Phase.generate], derandomize=True, database=None)
    @given(made_up=tasks())
    def gather(made_up: list[TaskRow]) -> None:
        number = len(rows)
        rows.extend(
            row.but(
                task_id=named(row.task_id, number),
                parent_id=named(row.parent_id, number),
                root_id=named(row.root_id, number),
                seq=number + row.seq,
            )
            for row in made_up
        )

    gather()
    assert len(rows) > 2 * _POPULATIONS
    return rows


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    folder: Path = tmp_path_factory.mktemp("push-down")
    opened = open_store(url_of(request.param, folder))
    fill(opened, tasks=population())
    yield opened
    opened.close()


def test_a_database_finds_what_the_reference_finds(store: Store) -> None:
    """Any filter, its contrary, and it with another, in any order and page: the same tasks, and as many."""
    rows = population()
    with store.read("w") as view:

        @settings(max_examples=max(_EXAMPLES, settings().max_examples))
        @given(query=queries(rows), where=conditions, other=conditions)
        def agrees(query: Query, where: Condition, other: Condition) -> None:
            assert list(view.select(query)) == run(query, rows)
            assert list(view.select(attrs.evolve(query, where=Not(where)))) == run(
                attrs.evolve(query, where=Not(where)), rows
            )
            for each in (where, And((where, other)), Or((where, Not(other)))):
                assert view.count(each) == len(list(matching(each, rows)))

        agrees()
