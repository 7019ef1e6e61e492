"""Keys of commands that were undone since, undos in blocks, and blocks that look at the log."""

from __future__ import annotations

import pytest

from tests.unit.model.asking import make, position, task
from worklattice import Orchestrator, ValidationError
from worklattice.model.commands import Execute, Undo


def test_key_of_a_command_that_was_undone(wl: Orchestrator) -> None:
    """It gives the first answer and does nothing; the command is done again by undoing the undo."""
    make(wl, "a")
    first = wl.update_task("a", attributes={"x": 1}, idempotency_key="k")
    wl.undo()
    undone = position(wl)
    assert wl.update_task("a", attributes={"x": 1}, idempotency_key="k") == first
    assert position(wl) == undone
    assert task(wl, "a").attributes == {}
    wl.undo(undone)
    assert task(wl, "a").attributes == {"x": 1}


def test_undo_within_a_block(wl: Orchestrator) -> None:
    """It takes back what the block did."""
    make(wl, "a")
    with wl.transaction():
        wl.update_task("a", attributes={"x": 1})
        assert wl.undo().task_ids == ("a",)
    assert task(wl, "a").attributes == {}


@pytest.mark.parametrize("inner", [Undo(), Execute(commands=(Undo(),))])
def test_execute_takes_neither_undo_nor_execute(wl: Orchestrator, inner: Undo | Execute) -> None:
    """And says how they are done."""
    with pytest.raises(ValidationError, match="execute does not take an") as caught:
        wl.execute([inner])
    assert caught.value.suggestion == "Make it a call of its own."


def test_log_and_past_within_a_block(wl: Orchestrator) -> None:
    """They are those that are committed; the history that is asked of a tool has what the block did."""
    make(wl, "a")
    last = position(wl)
    with wl.transaction():
        make(wl, "b")
        assert position(wl) == last
        with wl.as_of(last) as past:
            assert past.get_task(task_ids=["b"]).missing == ("b",)
        with pytest.raises(ValidationError, match="there is no event at"):
            wl.as_of(last + 1)
        assert wl.get_history(after=last).events[0].task_id == "b"
        then = wl.get_history("b", as_of=last + 1).task
        assert then is not None
        assert not hasattr(then, "claim")
