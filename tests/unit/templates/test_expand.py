from datetime import UTC, datetime

import pytest

from tests.unit.templates.making import Json, expanded, needs, paths, refused, task_at
from worklattice.errors import ExpansionLimitError, LimitExceededError, TemplateParameterError
from worklattice.types import LIMITS

LIST = {"list": {"type": "array"}}


def tree(*children: Json, **keys: Json) -> Json:
    return {"task_type": "r", **keys, "children": list(children)}


def loop(kind: str, **keys: Json) -> Json:
    return {"task_type": kind, "for_each": "list", **keys}


def test_tasks_come_parents_first_in_order() -> None:
    """Each task comes after its parent, and siblings come in the order of the template."""
    plan = expanded(tree({"task_type": "a", "children": [{"task_type": "x"}]}, {"task_type": "b"}))
    assert [(task.path, task.parent) for task in plan.tasks] == [
        ("r", None),
        ("r/a", 0),
        ("r/a/x", 1),
        ("r/b", 0),
    ]


def test_loop_repeats_the_node_and_what_is_inside() -> None:
    """Each item makes an instance; its key has the number of the turn."""
    inner = {"task_type": "x", "attributes": {"of": "{env}"}}
    plan = expanded(
        tree(loop("e", **{"as": "env", "attributes": {"name": "{env}"}, "children": [inner]})),
        LIST,
        {"list": ["dev", "prod"]},
    )
    assert paths(plan) == ["e[0]", "e[0]/x", "e[1]", "e[1]/x"]
    assert task_at(plan, "e[1]/x").attributes == {"of": "prod"}


@pytest.mark.parametrize("given", [{}, {"list": []}])
def test_loop_over_nothing(given: Json) -> None:
    """An empty array, or none, makes no instance."""
    assert paths(expanded(tree(loop("e"), {"task_type": "b", "dependencies": ["e"]}), LIST, given)) == ["b"]


def test_loop_over_no_array_is_refused() -> None:
    """Where the schema leaves open what it is, the value itself is asked."""
    found = refused(TemplateParameterError, tree(loop("e")), {"list": {}}, {"list": {"a": 1}})
    assert found == [(".list", "must be an array: the template repeats a task for each item")]


def test_loop_inside_a_loop_reads_the_outer_item() -> None:
    """A loop may run over an array that stands in the item of the loop around it."""
    inner = {
        "task_type": "s",
        "for_each": "item.steps",
        "as": "step",
        "attributes": {"t": "{item.name}: {step}"},
    }
    given = {"list": [{"name": "a", "steps": [1, 2]}, {"name": "b", "steps": []}]}
    plan = expanded(tree(loop("e", children=[inner])), LIST, given)
    assert paths(plan) == ["e[0]", "e[0]/s[0]", "e[0]/s[1]", "e[1]"]
    assert task_at(plan, "e[0]/s[1]").attributes == {"t": "a: 2"}


def test_inner_loop_hides_the_name_of_the_outer() -> None:
    """Where loops use the same name, the nearest is meant; loops come before parameters."""
    inner = {"task_type": "s", "for_each": "item", "attributes": {"x": "{item}"}}
    plan = expanded(
        tree(loop("e", children=[inner])), {**LIST, "item": {}}, {"list": [[1], [2]], "item": "p"}
    )
    assert [task_at(plan, f"e[{n}]/s[0]").attributes["x"] for n in (0, 1)] == [1, 2]


def test_sequential_loop_is_a_chain() -> None:
    """Each instance of a sequential loop needs the one before it."""
    plan = expanded(tree(loop("e", sequential=True)), LIST, {"list": [1, 2, 3]})
    assert needs(plan) == {"e[1]": ["e[0]"], "e[2]": ["e[1]"]}


def test_dependency_on_a_loop_is_on_all_instances() -> None:
    """What needs a loop needs all that it became."""
    plan = expanded(tree(loop("e"), {"task_type": "after", "dependencies": ["e"]}), LIST, {"list": [1, 2]})
    assert needs(plan) == {"after": ["e[0]", "e[1]"]}


def test_dependency_inside_a_loop_is_on_the_same_turn() -> None:
    """Instances of different turns do not need one another."""
    inside = [{"task_type": "x"}, {"task_type": "y", "dependencies": ["x", "before"]}]
    plan = expanded(tree({"task_type": "before"}, loop("e", children=inside)), LIST, {"list": [1, 2]})
    assert needs(plan) == {"e[0]/y": ["e[0]/x", "before"], "e[1]/y": ["e[1]/x", "before"]}


def test_dependency_may_name_a_later_sibling() -> None:
    """The order of the children is not the order of work."""
    assert needs(expanded(tree({"task_type": "a", "dependencies": ["b"]}, {"task_type": "b"}))) == {
        "a": ["b"]
    }


@pytest.mark.parametrize(("size", "there"), [(3, True), (2, False), (None, False), ("3", False)])
def test_when_decides_whether_a_node_is_there(size: Json, there: bool) -> None:  # noqa: FBT001 - a table
    """A node vanishes with what is inside it where its condition is false or unknown."""
    given = {} if size is None else {"size": size}
    node = {"task_type": "a", "when": "size > 2", "children": [{"task_type": "x"}]}
    assert paths(expanded(tree(node), {"size": {}}, given)) == (["a", "a/x"] if there else [])


def test_when_sees_the_item_of_its_own_loop() -> None:
    """A condition on a loop leaves out turns; the others keep their numbers."""
    node = loop("e", when="item.on = TRUE", sequential=True)
    plan = expanded(tree(node), LIST, {"list": [{"on": True}, {"on": False}, {"on": True}]})
    assert needs(plan) == {"e[2]": ["e[0]"]}


def test_when_knows_the_time() -> None:
    """`NOW()` is the time of the call."""
    soon = {"task_type": "a", "when": "due < DATE_ADD(NOW(), INTERVAL 1 DAY)"}
    assert paths(expanded(tree(soon), {"due": {}}, {"due": "2025-06-17T08:00:00Z"})) == ["a"]
    assert paths(expanded(tree(soon), {"due": {}}, {"due": "2025-06-17T10:00:00Z"})) == []


def test_edge_to_a_node_that_vanished_goes_with_it() -> None:
    """What needs a node that is not there does not wait for it."""
    gone = {"task_type": "a", "when": "1 = 2"}
    assert needs(expanded(tree(gone, {"task_type": "b", "dependencies": ["a"]}))) == {}


def test_children_in_order_are_a_chain() -> None:
    """Each child needs the one before it, over those that vanished."""
    children = [
        {"task_type": "a"},
        {"task_type": "b", "when": "1 = 2"},
        {"task_type": "c"},
        {"task_type": "d"},
    ]
    assert needs(expanded(tree(*children, sequential_children=True))) == {"c": ["a"], "d": ["c"]}


@pytest.mark.parametrize(
    ("sequential", "wanted"),
    [
        (False, {"e[0]": ["a"], "e[1]": ["a"], "z": ["e[0]", "e[1]"]}),
        (True, {"e[0]": ["a"], "e[1]": ["e[0]"], "z": ["e[1]"]}),
    ],
)
def test_loop_in_a_chain(sequential: bool, wanted: dict[str, list[str]]) -> None:  # noqa: FBT001 - a table
    """In a chain a loop stands as a whole: side by side between its neighbours, or as a chain of its own."""
    root = tree(
        {"task_type": "a"}, loop("e", sequential=sequential), {"task_type": "z"}, sequential_children=True
    )
    assert needs(expanded(root, LIST, {"list": [1, 2]})) == wanted


def test_chain_closes_over_an_empty_loop() -> None:
    """A loop without items in a chain is as if it were not there."""
    root = tree({"task_type": "a"}, loop("e"), {"task_type": "z"}, sequential_children=True)
    assert needs(expanded(root, LIST, {})) == {"z": ["a"]}


def test_dependency_of_its_own_is_kept_in_a_chain() -> None:
    """Where a chained task says itself how it needs the one before it, that holds."""
    own = {"key": "a", "lag": "1 day", "description": "after {list}"}
    plan = expanded(
        tree({"task_type": "a"}, {"task_type": "b", "dependencies": [own]}, sequential_children=True),
        LIST,
        {"list": []},
    )
    (dependency,) = task_at(plan, "b").dependencies
    assert (dependency.on, dependency.lag, dependency.description) == (1, "1 day", "after []")


def test_dependency_says_all_that_one_of_tasks_may_say() -> None:
    """Type, outcome, lag and the rest are filled in; what holds an absent parameter goes."""
    said = {
        "key": "a",
        "dependency_type": "data",
        "mandatory": False,
        "outcome": "any",
        "description": "{absent}",
        "lag": "{lag}",
        "artifact": "{name}.csv",
        "conditions": {"risk": "{risk}", "{absent}": 1},
    }
    given = {"lag": "PT2H", "name": "report", "risk": 3}
    plan = expanded(
        tree({"task_type": "a"}, {"task_type": "b", "dependencies": [said]}),
        dict.fromkeys([*given, "absent"], True),
        given,
    )
    assert plan.dependency_count == 1
    assert task_at(plan, "b").dependencies[0]._asdict() == {
        "on": 1,
        "dependency_type": "data",
        "mandatory": False,
        "outcome": "any",
        "description": None,
        "lag": "PT2H",
        "artifact": "report.csv",
        "conditions": {"risk": 3},
    }


def test_stage_join_and_time_are_filled_in() -> None:
    """What a task may be created with may come from parameters."""
    node = {
        "task_type": "{kind}_task",
        "key": "a",
        "lifecycle_stage": "{stage}",
        "join": "{join}",
        "not_before": "{day}T08:00:00Z",
    }
    schema = {"properties": {"kind": {}, "stage": {}, "join": {}, "day": {}}, "required": ["kind"]}
    task = task_at(
        expanded(tree(node), schema, {"kind": "x", "stage": "ready", "join": 2, "day": "2025-07-01"}), "a"
    )
    assert (task.task_type, task.lifecycle_stage, task.join) == ("x_task", "ready", 2)
    assert task.not_before == datetime(2025, 7, 1, 8, tzinfo=UTC)
    bare = task_at(expanded(tree(node), schema, {"kind": "x"}), "a")
    assert (bare.lifecycle_stage, bare.join, bare.not_before) == (None, None, None)


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("task_type", "", "must make a text of 1 to 200 characters"),
        ("task_type", "x" * 201, "must make a text of 1 to 200 characters"),
        ("task_type", None, "must be text: the template makes a task_type of it"),
        ("lifecycle_stage", 3, "must be text where the template uses it"),
        ("join", "some", "must be all, any, or an integer from 1"),
        ("join", 1.5, "must be all, any, or an integer from 1"),
        ("not_before", "tomorrow", "must be a time, such as 2025-06-16T09:00:00Z"),
    ],
)
def test_parameter_that_does_not_fit_its_place_is_refused(key: str, value: Json, message: str) -> None:
    """Where a parameter becomes part of a task's frame, it has to be of that form."""
    node = {"task_type": "x", "key": "a", key: "{p}"}
    schema = {"properties": {"p": {}}, "required": ["p"]}
    assert refused(TemplateParameterError, tree(node), schema, {"p": value}) == [(".p", message)]


def test_lag_that_is_no_duration_is_refused() -> None:
    """The lag of a dependency is a duration, also where it is a parameter."""
    root = tree({"task_type": "a"}, {"task_type": "b", "dependencies": [{"key": "a", "lag": "{p}"}]})
    found = refused(TemplateParameterError, root, {"p": {}}, {"p": "soon"})
    assert found == [(".p", "must be a duration, such as 15 minutes or PT2H")]


def test_parameters_are_judged_and_completed() -> None:
    """All that is wrong with the parameters is said at once; what is right is given back with defaults."""
    schema = {
        "properties": {"name": {"type": "string"}, "risk": {"enum": ["low", "high"], "default": "low"}},
        "required": ["name"],
    }
    assert expanded(tree(), schema, {"name": "x"}).parameters_applied == {"name": "x", "risk": "low"}
    assert refused(TemplateParameterError, tree(), schema, {"risk": "hihg", "nmae": "x"}) == [
        (".nmae", 'is no parameter of this template; did you mean "name"?'),
        (".risk", 'must be one of "low", "high"'),
        (".name", "is required"),
    ]


def test_parameter_nobody_knows_is_refused_unless_it_is_allowed() -> None:
    """Further parameters are refused, where the schema does not say something about them."""
    assert refused(TemplateParameterError, tree(), None, {"x": 1}) == [
        (".x", "is no parameter of this template, which takes none")
    ]
    further = {"properties": {"a": {}}, "additionalProperties": True}
    assert expanded(tree(), further, {"x": 1}).parameters_applied == {"x": 1}


def test_parameters_that_are_no_json_are_refused() -> None:
    """What JSON has not is refused before anything is looked at."""
    ((path, _),) = refused(TemplateParameterError, tree(), LIST, {"list": [float("nan")]})
    assert path == ".list[0]"


@pytest.mark.parametrize(("items", "fits"), [(8, True), (9, True), (10, False)])
def test_expansion_has_a_limit(items: int, fits: bool) -> None:  # noqa: FBT001 - a table
    """As many tasks as the limit says are made, and not one more."""
    if fits:
        assert len(expanded(tree(loop("e")), LIST, {"list": [0] * items}, limit=10).tasks) == items + 1
        return
    with pytest.raises(ExpansionLimitError) as caught:
        expanded(tree(loop("e")), LIST, {"list": [0] * items}, limit=10)
    assert (caught.value.limit, caught.value.count) == (10, 11)


def test_loops_that_depend_on_their_items_are_counted_one_by_one() -> None:
    """Where an item decides what is inside, each is looked at."""
    inner = {"task_type": "s", "for_each": "item", "as": "n", "when": "n > 1"}
    plan = expanded(tree(loop("e", children=[inner])), LIST, {"list": [[1, 2], [2, 3], []]}, limit=7)
    assert len(plan.tasks) == 7
    with pytest.raises(ExpansionLimitError) as caught:
        expanded(tree(loop("e", children=[inner])), LIST, {"list": [[1, 2], [2, 3], [4]]}, limit=7)
    assert caught.value.count == 8


@pytest.mark.parametrize(
    ("turns", "fits"), [(LIMITS.expansion_turns - 1, True), (LIMITS.expansion_turns, False)]
)
def test_turns_of_loops_have_a_limit(turns: int, fits: bool) -> None:  # noqa: FBT001 - a table
    """Turns that `when` leaves out take time too."""
    root = tree(loop("e", when="item = 1"))
    if fits:
        assert len(expanded(root, LIST, {"list": [0] * turns}).tasks) == 1
        return
    with pytest.raises(LimitExceededError) as caught:
        expanded(root, LIST, {"list": [0] * turns})
    assert caught.value.limit == LIMITS.expansion_turns


def test_dependencies_have_a_limit() -> None:
    """A loop that needs a loop has as many dependencies as both multiplied; they are counted before."""
    root = tree(loop("a"), loop("b", dependencies=["a"]))
    assert expanded(root, LIST, {"list": [0] * 100}).dependency_count == 10_000
    with pytest.raises(LimitExceededError) as caught:
        expanded(root, LIST, {"list": [0] * 101})
    assert caught.value.limit == LIMITS.dependencies_per_call


def test_deep_template_is_expanded() -> None:
    """A chain of nodes as deep as JSON allows is expanded without an error of Python's."""
    node: Json = {"task_type": "leaf"}
    for _ in range(29):
        node = {"task_type": "n", "children": [node]}
    assert len(expanded(node).tasks) == 30
