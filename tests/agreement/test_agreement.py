"""Memory, SQLite and the naive oracle in lock-step."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from shutil import copyfile

from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

import worklattice
from tests.agreement.machine import AgreementMachine

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


def test_workspaces_of_a_file_do_not_disturb_one_another(tmp_path: Path) -> None:
    """Two workspaces of a file, written to by turns, each agree with an oracle that knows of one alone.

    Nor do later ones touch what earlier ones wrote.
    """
    url = f"sqlite:///{tmp_path}/shared.db"
    dumps: dict[str, str] = {}

    class InTheSharedFile(AgreementMachine):
        def __init__(self) -> None:
            super().__init__(url, workspaces=2, dumps=dumps)

    run_state_machine_as_test(InTheSharedFile, settings=_length(RUNS // 5))
    for workspace, dump in dumps.items():
        with worklattice.open(url, workspace=workspace) as wl:
            assert wl.dump() == dump
            assert wl.check() == []
