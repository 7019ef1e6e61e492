"""The machine: moves in lock-step, chosen by Hypothesis, or by chance for the tests of the machine itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Any, Final, TypeAlias

import attrs
from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from tests.agreement import drawing
from tests.agreement.around import Around
from tests.agreement.lockstep import LockStep
from tests.agreement.values import HALF, SEEDS, SOMETIMES, STATUSES
from worklattice.model.commands import Write

_CROWDED = 12
_LENGTH = 64
"""Choices of one move at most."""
_STEPS = 30
"""Moves of a run by chance."""

Move: TypeAlias = Callable[[LockStep, Around], object]


def _create(run: LockStep, around: Around) -> None:
    run.step((drawing.created if len(around.there) < _CROWDED else drawing.delete)(around))


def _batch(run: LockStep, around: Around) -> None:
    run.step((drawing.batch if len(around.there) < _CROWDED else drawing.update)(around))


def _keyed(run: LockStep, around: Around) -> None:
    """A command with an idempotency key: a new one, an earlier one again, or another with its key."""
    command = drawing.anything(around)
    key = around.draw(("k1", "k2", "k3"))
    if run.keyed and around.chance(HALF):
        earlier = around.draw(run.keyed)
        command, key = around.draw((earlier, command)), earlier.idempotency_key or key
    command = attrs.evolve(command, idempotency_key=key)
    run.keyed.append(command)
    run.step(command)


def _time_passes(run: LockStep, around: Around) -> None:
    run.time_passes(around.draw((0, 30, 30, 60, 60, 90, -60)))


def _tick(run: LockStep, around: Around) -> None:
    """Somebody ticks, mostly some time after what was done before."""
    _time_passes(run, around)
    run.step(drawing.tick(around))


def _in_time(run: LockStep, around: Around) -> None:
    """Something is done about a task with times, mostly some time after what was done before."""
    _time_passes(run, around)
    run.step(drawing.timing(around))


MOVES: Final[Sequence[Move]] = (
    _create,
    _batch,
    lambda run, around: run.step(drawing.dependencies(around)),
    lambda run, around: run.step(drawing.dependencies(around)),
    lambda run, around: run.step(drawing.lifecycle(around)),
    lambda run, around: run.step(drawing.lifecycle(around)),
    lambda run, around: run.step(drawing.lifecycle(around)),
    lambda run, around: run.step(drawing.update(around)),
    lambda run, around: run.step(drawing.claim(around)),
    lambda run, around: run.step(drawing.claim(around)),
    lambda run, around: run.step(drawing.renewal(around)),
    lambda run, around: run.step(drawing.approval(around)),
    lambda run, around: run.step(drawing.metrics(around)),
    lambda run, around: run.step(drawing.metrics(around)),
    lambda run, around: run.step(drawing.waiver_of_gate(around)),
    _tick,
    _tick,
    lambda run, around: run.step(drawing.schedule(around)),
    lambda run, around: run.step(drawing.timing(around)),
    _in_time,
    lambda run, around: run.step(drawing.anything(around)),
    lambda run, around: run.step(drawing.spoilt(around)),
    lambda run, around: run.rehearsed(drawing.anything(around)),
    _keyed,
    lambda run, around: run.together(drawing.several(around), fails=around.chance(SOMETIMES)),
    lambda run, around: run.executed(drawing.several(around)),
    lambda run, around: run.undo(around),
    lambda run, around: run.undo(around),
    _time_passes,
    _time_passes,
    lambda run, around: run.ask(around.draw(STATUSES)),
    lambda run, around: run.ask_about(around.task_id()),
)
"""What may happen next; what happens more often stands here more than once."""


def make(run: LockStep, number: int, choices: bytes) -> None:
    """Make a move; where nothing is there, one that creates something."""
    move = MOVES[number] if run.oracle.world.tasks else MOVES[number % 2]
    move(run, Around(choices, run.oracle.world, run.now()))


def begin(run: LockStep, seed: Sequence[Write[Any]]) -> None:
    """Fill the workspace."""
    for command in seed:
        run.step(command)


class AgreementMachine(RuleBasedStateMachine):
    """Memory, a database and the oracle, in one workspace or in several of the same database by turns.

    What each workspace ends with is put down in `dumps`.
    """

    def __init__(self, database: str, *, workspaces: int = 1, dumps: dict[str, str] | None = None) -> None:
        super().__init__()
        self._runs = [LockStep(database, note) for _ in range(workspaces)]
        self._dumps = {} if dumps is None else dumps

    def teardown(self) -> None:
        for run in self._runs:
            run.close()
            self._dumps[run.workspace] = run.rooms[-1].dump

    @initialize(seed=st.sampled_from(SEEDS))
    def seed(self, seed: Sequence[Write[Any]]) -> None:
        for run in self._runs:
            begin(run, seed)

    @rule(number=st.integers(0, len(MOVES) - 1), choices=st.binary(min_size=_LENGTH, max_size=_LENGTH))
    def move(self, number: int, choices: bytes) -> None:
        make(self._runs[0], number, choices)
        self._runs.append(self._runs.pop(0))


def by_chance(number: int) -> None:
    """A run on memory alone, its moves chosen by chance: quicker, and the same for the same number."""
    chance = Random(number)  # noqa: S311 - tests are no secrets
    run = LockStep()
    begin(run, chance.choice(SEEDS))
    for _ in range(_STEPS):
        make(run, chance.randrange(len(MOVES)), chance.randbytes(_LENGTH))
    run.close()
