"""Every command that writes, broken off before each of the statements that it sends."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.faults.commands import COMMANDS, opened, prepare
from tests.faults.failing import fail_at
from tests.faults.numbers import tell
from tests.faults.processes import child
from tests.faults.work import EXITED, exit_at
from tests.stores import url_of
from worklattice.model.commands import Execute, Write
from worklattice.orchestrator.writing import DECISIONS
from worklattice.testing import SequentialIds


def named(command: Write[Any]) -> str:
    return type(command).__name__


def after(command: Write[Any]) -> str:
    """The dump of a workspace in which the command was carried out."""
    with opened("memory:") as wl:
        prepare(wl)
        before = wl.dump()
        wl.run(command)
        assert wl.dump() != before
        return wl.dump()


def test_every_kind_of_command_is_tried() -> None:
    """Those that write, all of them."""
    assert {type(command) for command in COMMANDS} == {*DECISIONS, Execute}


@pytest.mark.parametrize("store", ["sqlite", "postgresql"])
def test_an_error_before_any_statement(store: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The state is the one before; once nothing fails any more, it is the one after."""
    tried = 0
    with opened(url_of(store, folder)) as wl_of_all:
        for command in COMMANDS:
            wl = wl_of_all.workspace(named(command))
            prepare(wl)
            before = wl.dump()
            chosen = 0
            for chosen in count(1):
                with monkeypatch.context() as patch:
                    fail_at(patch.setattr, chosen, lambda: 1 / 0)
                    patch.setattr(wl, "_ids", SequentialIds())
                    try:
                        wl.run(command)
                        break
                    except ZeroDivisionError:
                        tried += 1
                assert wl.dump() == before, (command, chosen)
            assert chosen > 4
            assert wl.dump() == after(command)
            assert wl.check() == []
    tell(f"error at a statement, {store}", commands=len(COMMANDS), runs=tried, half_done=0)


def test_an_exit_before_any_statement_that_writes(folder: Path) -> None:
    """The process ends at once: whoever opens the file next finds the state before, and can do it all."""
    tried = 0
    for number, command in enumerate(COMMANDS):
        url = f"sqlite:///{folder}/{number}.db"
        with opened(url) as wl:
            prepare(wl)
            before = wl.dump()
        chosen = 0
        for chosen in count(1):
            with child(exit_at, url, chosen, number) as process:
                process.process.join()
                exit_code = process.process.exitcode
            if exit_code == 0:
                break
            assert exit_code == EXITED
            tried += 1
            with opened(url) as wl:
                assert wl.dump() == before, (command, chosen)
        assert chosen > 3
        with opened(url) as wl:
            assert wl.dump() == after(command)
            assert wl.check() == []
    tell("exit at a statement that writes, sqlite", commands=len(COMMANDS), runs=tried, half_done=0)
