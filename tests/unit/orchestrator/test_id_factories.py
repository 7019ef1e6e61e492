"""Id factories of one's own, and what becomes of those that make no new ids."""

from __future__ import annotations

import pytest

import worklattice
from worklattice import ConflictError


def test_factory_that_repeats_itself_is_told_of() -> None:
    """The call ends with an error that names the id, and writes nothing; a given id goes on working."""
    with worklattice.open("memory:", ids=lambda: "same") as wl:
        assert wl.create_generic_task("t").task_id == "same"
        with pytest.raises(ConflictError, match='ids in a row that are taken, "same" last'):
            wl.create_generic_task("t")
        wl.create_generic_task("t", task_id="other")
        assert [task.task_id for task in wl.query_tasks().tasks] == ["same", "other"]
