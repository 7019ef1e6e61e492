"""Memory, SQLite and the naive oracle in lock-step."""

from __future__ import annotations

from pathlib import Path

from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from tests.agreement.machine import AgreementMachine

_SUITE = 200
LENGTH = (
    settings() if settings().max_examples > _SUITE else settings(max_examples=100, stateful_step_count=50)
)


def test_from_an_empty_workspace(tmp_path: Path) -> None:
    """Whatever is done to an empty workspace, every store and the oracle agree after each step."""
    run_state_machine_as_test(lambda: AgreementMachine(f"sqlite:///{tmp_path}/work.db"), settings=LENGTH)
