"""A dump of any workspace, restored into any store, is that workspace again."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import worklattice
from tests.agreement.lockstep import LockStep
from tests.agreement.machine import MOVES, begin, make
from tests.agreement.values import SEEDS
from tests.stores import store_url, url_of
from worklattice.orchestrator import restoring
from worklattice.testing import ManualClock

_STEPS = 40
_numbers = count(1)


def lived(seed: int) -> LockStep:
    """A workspace in memory in which anything may have happened."""
    chance = Random(seed)  # noqa: S311 - tests are no secrets
    run = LockStep()
    begin(run, chance.choice(SEEDS))
    for _ in range(_STEPS):
        make(run, chance.randrange(len(MOVES)), chance.randbytes(64))
    return run


@pytest.fixture(scope="module", params=["memory", "sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A store of each kind, in which every example has a workspace of its own."""
    return url_of(request.param, Path(tmp_path_factory.mktemp("dumps")))


@settings(max_examples=15)
@given(seed=st.integers(0, 2**32), portion=st.sampled_from([1, 2, 3, 5_000]))
def test_dump_restored_into_any_store_is_the_same_workspace(url: str, seed: int, portion: int) -> None:
    """Equal dump, nothing off, the same tasks ready; its log replayed and its dump restored give it again.

    However few lines are written at a time.
    """
    run = lived(seed)
    expected = run.rooms[0].dump
    name = f"example-{next(_numbers)}"
    with pytest.MonkeyPatch.context() as patch, worklattice.open(url, workspace=name, clock=run.clock) as wl:
        patch.setattr(restoring, "PORTION", portion)
        assert wl.restore(run.rooms[0].wl.dump_lines()) == expected.count("\n")
        assert wl.dump() == expected
        assert wl.check() == []
        ready = [task.task_id for task in run.rooms[0].wl.get_ready_tasks(limit=1000).tasks]
        assert [task.task_id for task in wl.get_ready_tasks(limit=1000).tasks] == ready
        with worklattice.open("memory:", clock=run.clock) as copy, worklattice.open("memory:") as again:
            copy.restore(wl.dump_lines())
            assert copy.dump() == expected
            again.replay(wl.events())
            assert again.dump() == expected
            assert again.check() == []
    run.close()


def test_restored_workspaces_live_on_alike(tmp_path: Path) -> None:
    """What happens after a restore has the same consequences as in the workspace that was dumped."""
    chance = Random(3)  # noqa: S311 - tests are no secrets
    for seed in range(5):
        run = lived(seed)
        with worklattice.open(store_url(), clock=run.clock) as wl:
            wl.restore(run.rooms[0].wl.dump_lines())
            for number in range(20):
                task_id = chance.choice(sorted(run.oracle.world.tasks) or ["x"])
                stage = chance.choice(["ready", "active", "completed", "cancelled", "failed"])
                answers = [
                    each.dispatch(
                        {
                            "tool": "orchestrator_manage_lifecycle",
                            "arguments": {"task_id": task_id, "lifecycle_stage": stage},
                        }
                    )
                    for each in (wl, run.rooms[0].wl)
                ]
                told = [
                    (answer["status"], answer.get("error_type"), answer.get("unblocked"))
                    for answer in answers
                ]
                assert told[0] == told[1]
                run.clock.advance(f"{number} minutes")
            assert wl.dump() == run.rooms[0].wl.dump()
            assert wl.check() == []


def test_clock_that_went_back() -> None:
    """A restored workspace is as of the last thing that was said in it, where the clock is not that far."""
    early, late = ManualClock(), ManualClock()
    late.advance("3 days")
    with worklattice.open("memory:", clock=late) as wl, worklattice.open("memory:", clock=early) as copy:
        wl.create_generic_task("task", task_id="a")
        wl.create_generic_task("task", task_id="b", dependencies=["a"])
        for stage in ("active", "completed"):
            wl.manage_lifecycle("a", stage)
        copy.restore(wl.dump_lines())
        assert [task.task_id for task in copy.get_ready_tasks().tasks] == ["b"]
        assert {event.at for event in copy.events()} == {late.now}
