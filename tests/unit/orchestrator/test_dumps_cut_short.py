"""Dumps of which something was lost, or to which something came: their last line counts the others."""

from __future__ import annotations

import json

import pytest

import worklattice
from tests.unit.model.asking import make, need
from worklattice import Orchestrator, ValidationError


@pytest.fixture
def lines(wl: Orchestrator) -> list[str]:
    """A dump of seven lines: the header, three tasks, a dependency, a comment, the end."""
    make(wl, "a", "b", "c")
    need(wl, "c", "b")
    wl.add_comment("b", "text")
    return list(wl.dump_lines())


def refusal(lines: list[str]) -> ValidationError:
    """Of a restore into an empty workspace, which stays empty."""
    with worklattice.open("memory:") as other:
        with pytest.raises(ValidationError) as caught:
            other.restore(lines)
        assert other.workspaces() == []
    return caught.value


def test_last_line_counts_them_all(wl: Orchestrator, lines: list[str]) -> None:
    """Itself among them, as `dump_to` and `restore` do; a dump of nothing has two lines."""
    assert len(lines) == 7
    assert lines[-1] == '{"kind":"end","lines":7}'
    assert wl.workspace("empty").dump() == '{"format":1,"kind":"worklattice"}\n{"kind":"end","lines":2}\n'
    with worklattice.open("memory:") as other:
        assert other.restore(lines) == 7
        assert list(other.dump_lines()) == lines


@pytest.mark.parametrize("kept", range(1, 7))
def test_dump_that_was_cut_at_the_end_of_a_line(lines: list[str], kept: int) -> None:
    """Wherever that was: it is refused before anything is written, with the last line that is there."""
    refused = refusal(lines[:kept])
    assert refused.field == f"line {kept}"
    assert refused.message == "the dump ends early, after this line"
    assert refused.suggestion is not None
    assert "take the dump again" in refused.suggestion


def test_dump_that_was_cut_within_a_line(lines: list[str]) -> None:
    """What is left of the line is not looked at; of the last one too."""
    for number in (4, 7):
        refused = refusal([*lines[: number - 1], lines[number - 1][:-5]])
        assert (refused.field, refused.message) == (f"line {number}", "the dump ends early, after this line")


@pytest.mark.parametrize("lost", range(2, 7))
def test_dump_that_lost_a_line_in_the_middle(lines: list[str], lost: int) -> None:
    """Also one that nothing refers to. What follows from the loss is not told in its place."""
    refused = refusal([*lines[: lost - 1], *lines[lost:]])
    assert refused.field == "line 6.lines"
    assert refused.message == "the dump had 7 lines and has 6"
    assert refused.suggestion is not None
    assert "let lines be 6" in refused.suggestion


def test_line_that_was_added(lines: list[str]) -> None:
    """A sound line more than was written is told at the end; who adds it on purpose counts it."""
    task = json.dumps({**json.loads(lines[1]), "task_id": "d"})
    added = [*lines[:4], task, *lines[4:]]
    refused = refusal(added)
    assert (refused.field, refused.message) == ("line 8.lines", "the dump had 7 lines and has 8")
    with worklattice.open("memory:") as other:
        assert other.restore([*added[:-1], '{"kind":"end","lines":8}']) == 8
        assert other.get_task("d").task is not None


def test_two_dumps_behind_one_another(lines: list[str]) -> None:
    """A file holds one dump; nothing stands behind the end, not even another end that counts right."""
    refused = refusal([*lines, *lines])
    assert (refused.field, refused.message) == ("line 8", "begins a dump, and only the first line does")
    refused = refusal([*lines, '{"kind":"end","lines":8}'])
    assert refused.field == "line 8"
    assert refused.message.endswith("cannot stand behind one of the kind end")


def test_what_is_no_dump(lines: list[str]) -> None:
    """Is not taken for one that was cut."""
    assert refusal(lines[1:4]).message == "is not the first line of a dump"
    assert "is not JSON" in refusal(["task_id,task_type", "a,b"]).message


@pytest.mark.parametrize("said", ["7", None, 0, 7.5])
def test_end_that_does_not_count(lines: list[str], said: object) -> None:
    """It has a number of lines, and nothing else."""
    assert refusal([*lines[:-1], json.dumps({"kind": "end", "lines": said})]).field == "line 7.lines"
    assert refusal([*lines[:-1], '{"kind":"end","lines":7,"more":1}']).field == "line 7.more"
