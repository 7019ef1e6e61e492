"""Changing tasks: merge patches, schemas, comments."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.model.asking import kinds, make, position, task
from worklattice import Orchestrator, TaskNotFoundError, TaskUpdates, ValidationError
from worklattice.model.decide.update import merge_patch

RFC_7396: list[tuple[Any, Any, Any]] = [
    ({"a": "b"}, {"a": "c"}, {"a": "c"}),
    ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
    ({"a": "b"}, {"a": None}, {}),
    ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
    ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
    ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
    ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
    ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
    ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
    ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
]
"""The examples of the standard whose patches are objects."""


@pytest.mark.parametrize(("target", "patch", "expected"), RFC_7396)
def test_merge_patch(target: Any, patch: Any, expected: Any) -> None:
    """A merge patch does what the standard's examples show, and leaves the target as it is."""
    before = repr(target)
    assert merge_patch(target, patch) == expected
    assert repr(target) == before


@pytest.mark.parametrize(("target", "patch", "expected"), RFC_7396)
def test_attributes_are_patched(wl: Orchestrator, target: Any, patch: Any, expected: Any) -> None:
    """Updating attributes is a merge patch; replay gives the same."""
    make(wl, "t", attributes=target)
    wl.update_task("t", attributes=patch)
    assert task(wl, "t").attributes == expected


def test_event_tells_what_was_and_what_is(wl: Orchestrator) -> None:
    """Only the attributes that the patch names are told, as set and unset, before and after."""
    make(wl, "t", attributes={"keep": 1, "change": {"x": 1, "y": 2}, "drop": True})
    wl.update_task("t", attributes={"change": {"x": None}, "drop": None, "new": "n"})
    (event,) = (e for e in wl.events() if e.event_type == "task.updated")
    assert event.data == {
        "attributes": {"set": {"change": {"y": 2}, "new": "n"}, "unset": ["drop"]},
        "previous_attributes": {"set": {"change": {"x": 1, "y": 2}, "drop": True}, "unset": ["new"]},
        "version": 2,
    }


@pytest.mark.parametrize(("old", "new"), [(1, True), (1, 1.0), ([0], [False]), ({"k": 1}, {"k": True})])
def test_values_that_only_python_takes_for_equal_are_changes(wl: Orchestrator, old: Any, new: Any) -> None:
    """True for 1 is a change."""
    make(wl, "t", attributes={"x": old})
    found = wl.update_task("t", attributes={"x": new}).task
    assert found.version == 2
    assert repr(found.attributes["x"]) == repr(new)


def test_attributes_are_a_copy(wl: Orchestrator) -> None:
    """Changing what was given, or what was answered, changes nothing in the workspace."""
    given: dict[str, Any] = {"list": [1]}
    make(wl, "t", attributes=given)
    given["list"].append(2)
    found: dict[str, Any] = task(wl, "t").attributes
    assert found == {"list": [1]}
    found["list"].append(3)
    assert task(wl, "t").attributes == {"list": [1]}


def test_all_changes_of_a_command_are_one_event_beside_the_move(wl: Orchestrator) -> None:
    """A move is told apart from the rest, with the same version."""
    make(wl, "p", "t")
    before = position(wl)
    wl.update_task("t", attributes={"x": 1}, parent_task_id="p", task_type="story", join=2)
    assert kinds(wl, before) == [("task.moved", "t"), ("task.updated", "t")]
    assert [event.data["version"] for event in wl.events(after=before)] == [2, 2]


SCHEMA: dict[str, Any] = {"properties": {"points": {"type": "integer"}}, "required": ["points"]}


def test_registered_schema_judges_attributes(wl: Orchestrator) -> None:
    """Creating and updating tasks of the type is refused where the result does not fit, with the path."""
    wl.register_task_type("story", attributes_schema=SCHEMA)
    with pytest.raises(ValidationError) as caught:
        wl.create_generic_task("story", attributes={"points": "three"})
    assert caught.value.field == "arguments.attributes.points"
    wl.create_generic_task("story", task_id="s", attributes={"points": 3})
    with pytest.raises(ValidationError) as caught:
        wl.update_task("s", attributes={"points": None})
    assert caught.value.field is not None
    assert caught.value.field.startswith("arguments.updates.attributes")
    wl.update_task("s", attributes={"title": "x"})


def test_schema_registered_later_leaves_tasks_as_they_are(wl: Orchestrator) -> None:
    """Existing tasks keep their attributes; the next change of them is judged."""
    wl.create_generic_task("story", task_id="s")
    wl.register_task_type("story", attributes_schema=SCHEMA)
    wl.manage_lifecycle("s", "active")
    with pytest.raises(ValidationError):
        wl.update_task("s", attributes={"title": "x"})
    wl.update_task("s", attributes={"points": 1, "title": "x"})


def test_new_type_judges_the_attributes(wl: Orchestrator) -> None:
    """A task becomes of another type only where its attributes fit that."""
    wl.register_task_type("story", attributes_schema=SCHEMA)
    make(wl, "t")
    with pytest.raises(ValidationError, match=r"attributes\.points is required") as caught:
        wl.update_task("t", task_type="story")
    assert caught.value.field == "arguments.updates.task_type"
    wl.update_task("t", task_type="story", attributes={"points": 5})


def test_faulty_schema_is_refused(wl: Orchestrator) -> None:
    """A schema that is none is found when it is registered."""
    with pytest.raises(ValidationError) as caught:
        wl.register_task_type("story", attributes_schema={"type": "nothing"})
    assert caught.value.field is not None
    assert caught.value.field.startswith("arguments.attributes_schema")


def test_bulk_update_is_all_or_nothing(wl: Orchestrator) -> None:
    """A task that is not there, or does not fit, undoes the change of the others."""
    make(wl, "a", "b")
    with pytest.raises(TaskNotFoundError) as caught:
        wl.bulk_update(TaskUpdates(attributes={"x": 1}), task_ids=["a", "nobody"])
    assert caught.value.field == "arguments.task_ids[1]"
    assert task(wl, "a").attributes == {}


def test_bulk_update_says_which_task_does_not_fit(wl: Orchestrator) -> None:
    """Of many tasks, the one that a schema refuses is named, with the type whose schema it is."""
    wl.register_task_type("story", attributes_schema=SCHEMA)
    make(wl, "a")
    wl.create_generic_task("story", task_id="s", attributes={"points": 1})
    with pytest.raises(ValidationError) as caught:
        wl.bulk_update(TaskUpdates(attributes={"points": None}), task_ids=["a", "s"])
    assert caught.value.suggestion == (
        'The attributes of task "s" have to fit what is registered of the type "story".'
    )


def test_bulk_update_by_filters(wl: Orchestrator) -> None:
    """The tasks that fit now are changed, oldest first; none is no fault."""
    make(wl, "a", "b", attributes={"team": "x"})
    make(wl, "c", attributes={"team": "y"})
    filters = {"attributes": {"team": "x"}}
    assert wl.bulk_update(TaskUpdates(attributes={"team": "z"}), filters=filters).task_ids == ("a", "b")
    assert wl.bulk_update(TaskUpdates(attributes={"team": "z"}), filters=filters).task_ids == ()
    with pytest.raises(ValidationError, match="either task_ids or filters"):
        wl.bulk_update(TaskUpdates())


def test_comments(wl: Orchestrator) -> None:
    """Comments stand in their order, with who and when; an empty one is refused."""
    make(wl, "t")
    wl.add_comment("t", "first", actor="ann")
    answer = wl.add_comment("t", "second")
    assert answer.task.version == 3
    comments = wl.get_task("t", include_comments=True).comments
    assert comments is not None
    assert [(comment.text, comment.author) for comment in comments] == [("first", "ann"), ("second", None)]
    assert comments[1] == answer.comment
    with pytest.raises(ValidationError, match="needs a text"):
        wl.add_comment("t", "  ")
