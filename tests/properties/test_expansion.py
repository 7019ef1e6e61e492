"""Laws of templates: what is counted is what is made, nothing is looked at twice, and keys name tasks."""

from __future__ import annotations

from typing import Any, TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.templates.making import NOW, expanded, found_among, template
from worklattice.errors import ExpansionLimitError
from worklattice.graph import find_circle
from worklattice.lang.diagnostics import LanguageError
from worklattice.templates.counting import count_tasks
from worklattice.templates.expand import expand
from worklattice.templates.filling import Scope
from worklattice.templates.model import Template
from worklattice.templates.placeholders import Hole, scan
from worklattice.templates.turning import Layer, Turning

Json: TypeAlias = Any

KINDS = ["a", "b", "c", "d"]
PARAMETERS: dict[str, Json] = {"xs": {"type": "array"}, "rows": {"type": "array"}, "flag": {}, "n": {}}

INNER = template(
    {
        "task_type": "inner",
        "children": [{"task_type": "x", "for_each": "ys"}, {"task_type": "y", "dependencies": ["x"]}],
    },
    {"ys": {"type": "array"}},
    template_id="inner",
)
AMONG = found_among([INNER])

conditions = st.sampled_from(["flag = TRUE", "n > 1", "flag = TRUE AND n IS NOT NULL"])
loops = st.sampled_from(
    [
        {},
        {"for_each": "xs"},
        {"for_each": "xs", "as": "x", "sequential": True},
        {"for_each": "xs", "when": "item > 1"},
        {"for_each": "rows", "as": "row"},
    ]
)


def _around(inner: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    return st.builds(_node, loops, st.none() | conditions, st.lists(inner, max_size=3), st.booleans())


def _node(loop: Json, when: Json, children: list[Json], chained: Json) -> Json:
    condition = {"when": when} if when and "when" not in loop else {}
    return {**loop, **condition, "sequential_children": chained, "children": _all_named(children)}


def _all_named(children: list[Json]) -> list[Json]:
    return [_named(child, position) for position, child in enumerate(children)]


def _named(node: Json, position: int) -> Json:
    """The node as the child at a position, which needs the one before it now and then."""
    needs = {"dependencies": [KINDS[position - 1]]} if position and len(str(node)) % 2 else {}
    if not node.get("children") and position == 1:
        return {"include": "inner", "key": KINDS[position], "with": {"ys": "{xs}"}, **_loop_of(node), **needs}
    return {**node, "task_type": KINDS[position], **needs}


def _loop_of(node: Json) -> Json:
    return {key: value for key, value in node.items() if key in {"for_each", "as", "sequential", "when"}}


def _structure(children: list[Json]) -> Json:
    return {"task_type": "r", "children": _all_named(children)}


nodes = st.recursive(loops, _around, max_leaves=6)
structures = st.builds(_structure, st.lists(nodes, max_size=3))
givens = st.fixed_dictionaries(
    {"xs": st.lists(st.integers(0, 3), max_size=3), "rows": st.lists(st.just({"k": 1}), max_size=2)},
    optional={"flag": st.booleans(), "n": st.integers(0, 3)},
)


def made_of(root: Json) -> Template:
    return template(root, PARAMETERS, among=[INNER])


@given(structures, givens)
def test_what_is_counted_is_what_is_made(structure: Json, parameters: Json) -> None:
    """Counting before gives the number of tasks, and the limit is exactly there."""
    read = made_of(structure)
    turning = Turning(NOW, AMONG)
    root = Layer(read.root, Scope(parameters, "", turning.allowance), read)
    count = count_tasks(root, turning, 1_000_000)
    assert len(expand(read, parameters, now=NOW, include=AMONG, limit=count).tasks) == count
    with pytest.raises(ExpansionLimitError) as caught:
        expand(read, parameters, now=NOW, include=AMONG, limit=count - 1)
    assert caught.value.count == count


@given(structures, givens)
def test_expansion_is_a_function(root: Json, parameters: Json) -> None:
    """The same template and parameters give the same plan, and the parameters stay as they were."""
    before = {**parameters}
    first = expand(made_of(root), parameters, now=NOW, include=AMONG)
    assert expand(made_of(root), parameters, now=NOW, include=AMONG) == first
    assert parameters == before == first.parameters_applied


@given(structures, givens)
def test_plan_is_a_tree_without_circles(root: Json, parameters: Json) -> None:
    """Parents come first, keys of siblings differ, and no task waits for itself in the end."""
    plan = expand(made_of(root), parameters, now=NOW, include=AMONG)
    assert all(task.parent is not None and task.parent < i for i, task in enumerate(plan.tasks) if i)
    assert len({task.path for task in plan.tasks}) == len(plan.tasks)
    for task in plan.tasks[1:]:
        assert task.parent is not None
        assert task.path == f"{plan.tasks[task.parent].path}/{task.key}"
    after: dict[tuple[int, bool], list[tuple[int, bool]]] = {}
    for i, task in enumerate(plan.tasks):
        after.setdefault((i, False), []).append((i, True))
        if task.parent is not None:
            after[task.parent, False].append((i, False))
            after.setdefault((i, True), []).append((task.parent, True))
        for dependency in task.dependencies:
            after.setdefault((dependency.on, True), []).append((i, False))
    assert find_circle(list(after), lambda point: after.get(point, ())) is None


@given(structures, givens)
def test_dependencies_are_each_there_once(root: Json, parameters: Json) -> None:
    """No task needs the same one twice in the same way."""
    for task in expand(made_of(root), parameters, now=NOW, include=AMONG).tasks:
        links = [(dependency.on, dependency.dependency_type) for dependency in task.dependencies]
        assert len(set(links)) == len(links)


braces = st.text(alphabet="{}ab. ", max_size=12)


@given(braces, braces, braces)
def test_what_is_put_in_is_put_in_as_it_is(text: str, a: str, b: str) -> None:
    """A text with placeholders becomes the text between them and the values, whatever they look like."""
    try:
        parts = scan(text)
    except LanguageError:
        return
    values = {"a": a, "b": b}
    if any(isinstance(part, Hole) and part.path not in {(name,) for name in values} for part in parts):
        return
    wanted = "".join(values[part.path[0]] if isinstance(part, Hole) else part for part in parts)
    plan = expanded({"task_type": "r", "attributes": {"x": text}}, dict.fromkeys(values, True), values)
    assert plan.tasks[0].attributes == {"x": wanted}


@given(st.text(max_size=20))
def test_doubled_braces_spell_any_text(text: str) -> None:
    """Every text can be written in a template by doubling its braces."""
    doubled = text.replace("{", "{{").replace("}", "}}")
    assert "".join(str(part) for part in scan(doubled)) == text
