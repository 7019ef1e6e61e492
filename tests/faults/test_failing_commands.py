"""Every command that writes, broken off before each of the statements that it sends."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import Any, TypeAlias

import attrs
import pytest

from tests.faults.commands import COMMANDS, opened, prepare
from tests.faults.failing import fail_at
from tests.faults.numbers import tell
from tests.faults.processes import child
from tests.faults.work import EXITED, exit_at
from tests.stores import url_of
from worklattice import Orchestrator, StoreError
from worklattice.model.commands import Execute, Redeliver, Write
from worklattice.orchestrator import retrying
from worklattice.orchestrator.writing import DECISIONS
from worklattice.testing import SequentialIds
from worklattice.types import LIMITS


def named(command: Write[Any]) -> str:
    return type(command).__name__


def position_in(wl: Orchestrator) -> int:
    """The position of the last event."""
    return max(event.position for event in wl.events())


State: TypeAlias = tuple[str, list[str]]


def state(wl: Orchestrator) -> State:
    """What a command may change: what the dump says, and which notifications are dead letters."""
    letters = wl.list_dead_letters().dead_letters
    return wl.dump(), [letter.notification.channel for letter in letters]


def after(command: Write[Any]) -> State:
    """The state of a workspace in which the command was carried out."""
    with opened("memory:") as wl:
        prepare(wl)
        before = state(wl)
        wl.run(command)
        assert state(wl) != before
        return state(wl)


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
            before = state(wl)
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
                assert state(wl) == before, (command, chosen)
            assert chosen > 4
            assert state(wl) == after(command)
            assert wl.check() == []
    tell(f"error at a statement, {store}", commands=len(COMMANDS), runs=tried)


def test_outrun_before_any_statement(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command is tried again until the database no longer gives up, at whichever statement; and done once.

    Each try goes one statement further than the one before.
    """
    monkeypatch.setattr(retrying, "LIMITS", attrs.evolve(LIMITS, write_tries=1_000))
    monkeypatch.setattr(retrying, "_LONGEST_PAUSE", 0)
    tried = 0
    with opened(url_of("postgresql", folder)) as wl_of_all:
        for command in COMMANDS:
            wl = wl_of_all.workspace(named(command))
            prepare(wl)
            before = position_in(wl)
            reached: list[int] = [0]

            def give_up(wl: Orchestrator = wl, reached: list[int] = reached) -> None:
                reached[-1] += 1
                if reached[-1] == len(reached):
                    reached.append(0)
                    wl._ids = SequentialIds()
                    raise StoreError(kind="busy", reason="outrun", outrun=True)

            with monkeypatch.context() as patch:
                fail_at(patch.setattr, 1, give_up, times=1_000_000)
                wl._ids = SequentialIds()
                answer = wl.run(command)
            tries = len(reached) - 1
            assert reached[-1] == tries > 4, "the last try went through, and all before it one further each"
            assert state(wl) == after(command)
            recorded = [event.command for event in wl.events(after=before)]
            assert recorded[:1] == ([] if isinstance(command, Redeliver) else [before + 1])
            assert wl.run(command) == answer
            assert state(wl) == after(command)
            assert wl.check() == []
            tried += tries
    tell("outrun at a statement, postgresql", commands=len(COMMANDS), runs=tried)


def test_an_exit_before_any_statement_that_writes(folder: Path) -> None:
    """The process ends at once: whoever opens the file next finds the state before, and can do it all."""
    tried = 0
    for number, command in enumerate(COMMANDS):
        url = f"sqlite:///{folder}/{number}.db"
        with opened(url) as wl:
            prepare(wl)
            before = state(wl)
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
                assert state(wl) == before, (command, chosen)
        assert chosen > 3
        with opened(url) as wl:
            assert state(wl) == after(command)
            assert wl.check() == []
    tell("exit at a statement that writes, sqlite", commands=len(COMMANDS), runs=tried)
