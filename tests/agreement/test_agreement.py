"""Memory, SQLite, PostgreSQL and the naive oracle in lock-step."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from shutil import copyfile

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

import worklattice
from tests.agreement.machine import AgreementMachine
from tests.stores import store_url

RUNS, STEPS = 200, 50


def _length(runs: int) -> settings:
    """So many runs, or as many and as long as a profile asks for that asks for more than the suite does."""
    asked = settings()
    return asked if asked.max_examples > RUNS else settings(max_examples=runs, stateful_step_count=STEPS)


def test_stores_agree_with_the_oracle(tmp_path: Path) -> None:
    """Whatever is done, every store and the oracle agree after each step."""
    numbers, empty = count(), tmp_path / "empty.db"
    worklattice.open(f"sqlite:///{empty}").close()

    class WithItsOwnFile(AgreementMachine):
        def __init__(self) -> None:
            own = copyfile(empty, tmp_path / f"{next(numbers)}.db")
            super().__init__(f"sqlite:///{own}")

    run_state_machine_as_test(WithItsOwnFile, settings=_length(RUNS))


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_workspaces_of_a_database_do_not_disturb_one_another(kind: str, tmp_path: Path) -> None:
    """Two workspaces of a database, written to by turns, each agree with an oracle that knows of one alone.

    Nor do later ones touch what earlier ones wrote.
    """
    url = f"sqlite:///{tmp_path}/shared.db" if kind == "sqlite" else store_url(connections=2)
    dumps: dict[str, str] = {}

    class InTheSharedDatabase(AgreementMachine):
        def __init__(self) -> None:
            super().__init__(url, workspaces=2, dumps=dumps)

    run_state_machine_as_test(InTheSharedDatabase, settings=_length(RUNS // 8))
    for workspace, dump in dumps.items():
        with worklattice.open(url, workspace=workspace) as wl:
            assert wl.dump() == dump
            assert wl.check() == []
