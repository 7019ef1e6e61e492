"""Memory, SQLite and the naive oracle in lock-step."""

from __future__ import annotations

from pathlib import Path

from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

import worklattice
from tests.agreement.machine import AgreementMachine

_SUITE = 200
LENGTH = (
    settings()
    if settings().max_examples > _SUITE
    else settings(max_examples=_SUITE // 2, stateful_step_count=50)
)


def test_stores_agree_with_the_oracle(tmp_path: Path) -> None:
    """Whatever is done, every store and the oracle agree after each step."""
    folder = tmp_path / "runs"
    folder.mkdir()

    def machine() -> AgreementMachine:
        return AgreementMachine(f"sqlite:///{folder}/{len(list(folder.glob('*.db')))}.db")

    run_state_machine_as_test(machine, settings=LENGTH)


def test_workspaces_of_a_file_do_not_disturb_one_another(tmp_path: Path) -> None:
    """Runs that share a file agree with the oracle as well, and leave alone what earlier ones wrote."""
    url = f"sqlite:///{tmp_path}/shared.db"
    dumps: dict[str, str] = {}
    run_state_machine_as_test(lambda: AgreementMachine(url, dumps), settings=LENGTH)
    for workspace, dump in dumps.items():
        with worklattice.open(url, workspace=workspace) as wl:
            assert wl.dump() == dump
            assert wl.check() == []
