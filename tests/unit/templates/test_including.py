import pytest

from tests.unit.templates.making import (
    NOW,
    PATH,
    Json,
    expanded,
    found_among,
    needs,
    paths,
    problem_of,
    problems_of,
    task_at,
    template,
)
from worklattice.errors import (
    LimitExceededError,
    TemplateNotFoundError,
    TemplateParameterError,
    TemplateValidationError,
)
from worklattice.templates.expand import expand
from worklattice.templates.model import Template
from worklattice.types import LIMITS

STEPS = template(
    {
        "task_type": "deployment",
        "lifecycle_stage": "ready",
        "attributes": {"title": "Deploy {target}", "from": "steps"},
        "children": [
            {"task_type": "check"},
            {"task_type": "run", "dependencies": ["check"], "attributes": {"where": "{target}"}},
        ],
    },
    {"properties": {"target": {"type": "string"}, "retries": {"default": 3}}, "required": ["target"]},
    template_id="steps",
)


def including(**keys: Json) -> Json:
    return {
        "task_type": "r",
        "children": [{"include": "steps", **{k.removesuffix("_"): v for k, v in keys.items()}}],
    }


def test_included_template_stands_in_place_of_the_node() -> None:
    """The included root becomes the node's task, with everything that is inside it."""
    plan = expanded(including(with_={"target": "prod"}), among=[STEPS])
    assert paths(plan) == ["steps", "steps/check", "steps/run"]
    root = task_at(plan, "steps")
    assert (root.task_type, root.template_id, root.template_version) == ("deployment", "steps", 1)
    assert root.attributes == {"title": "Deploy prod", "from": "steps"}
    assert root.lifecycle_stage == "ready"
    assert needs(plan) == {"steps/run": ["steps/check"]}
    assert plan.tasks[0].template_id == "t"


def test_node_adds_to_what_it_includes() -> None:
    """Attributes, children and a stage of the node itself go over those of the included root."""
    root = including(
        with_={"target": "prod"},
        key="rollout",
        attributes={"from": "t", "more": 1},
        lifecycle_stage="draft",
        join="any",
        children=[{"task_type": "after"}],
        sequential_children=True,
    )
    plan = expanded(root, among=[STEPS])
    made = task_at(plan, "rollout")
    assert made.attributes == {"title": "Deploy prod", "from": "t", "more": 1}
    assert (made.lifecycle_stage, made.join) == ("draft", "any")
    assert paths(plan) == ["rollout", "rollout/check", "rollout/run", "rollout/after"]


def test_parameters_of_an_include_are_filled_in() -> None:
    """What is given with an include sees the names of the node, keeps its type, and goes where absent."""
    steps = template(
        {"task_type": "d", "attributes": {"n": "{n}", "m": "{m}"}},
        {"n": {"type": "integer"}, "m": {"default": "dft"}},
        template_id="steps",
    )
    root = including(for_each="list", with_={"n": "{item.n}", "m": "{item.m}"})
    plan = expanded(root, {"list": {}}, {"list": [{"n": 1}, {"n": 2, "m": "given"}]}, among=[steps])
    assert [task.attributes for task in plan.tasks[1:]] == [{"n": 1, "m": "dft"}, {"n": 2, "m": "given"}]


def test_included_template_does_not_see_outside() -> None:
    """The names of the including template end at the include."""
    steps = template({"task_type": "d", "attributes": {"x": "{x}"}}, {"x": {}}, template_id="steps")
    plan = expanded(including(), {"x": {}}, {"x": "outside"}, among=[steps])
    assert plan.tasks[1].attributes == {}


def test_parameters_of_an_include_are_judged() -> None:
    """What does not fit the included template is refused, with the place in the including one."""
    with pytest.raises(TemplateParameterError) as caught:
        expanded(including(with_={"target": "{x}"}), {"x": {}}, {"x": 3}, among=[STEPS])
    assert caught.value.field == "t.root_task.children[0].with.target"
    assert caught.value.problems[0].message == "must be a string, not an integer"


def test_newest_version_is_included_unless_one_is_said() -> None:
    """An include without a version takes the newest at expansion, one with a version keeps it."""
    newer = template({"task_type": "newer"}, template_id="steps", version=2)
    among = [STEPS, newer]
    assert expanded(including(), among=among).tasks[1].task_type == "newer"
    pinned = including(include_version=1, with_={"target": "x"})
    assert expanded(pinned, among=among).tasks[1].template_version == 1


def test_dependency_on_an_include_is_on_its_root() -> None:
    """Others need the task that stands for the include; its key is the template's id where none is given."""
    root = including(with_={"target": "x"})
    root["children"].append({"task_type": "after", "dependencies": ["steps"]})
    assert needs(expanded(root, among=[STEPS]))["after"] == ["steps"]


def test_inside_of_an_include_names_its_own_root() -> None:
    """Dependencies in an included template end at its root, whatever stands around the include."""
    link = {"key": "d", "dependency_type": "related"}
    steps = template(
        {"task_type": "d", "children": [{"task_type": "x", "dependencies": [link]}]}, template_id="steps"
    )
    root = {"task_type": "r", "children": [{"task_type": "first"}, {"include": "steps"}]}
    assert needs(expanded(root, among=[steps])) == {"steps/x": ["steps"]}


def test_include_inside_an_include() -> None:
    """Templates include templates that include templates; the root of all is one task."""
    middle = template(
        {
            "include": "steps",
            "with": {"target": "{where}"},
            "attributes": {"middle": True},
            "children": [{"task_type": "m"}],
        },
        {"where": {}},
        template_id="middle",
        among=[STEPS],
    )
    root = {
        "include": "middle",
        "with": {"where": "x"},
        "attributes": {"outer": True},
        "children": [{"task_type": "o"}],
    }
    plan = expanded(root, among=[STEPS, middle])
    assert [task.key for task in plan.tasks] == ["middle", "check", "run", "m", "o"]
    assert plan.tasks[0].attributes == {"title": "Deploy x", "from": "steps", "middle": True, "outer": True}
    assert plan.tasks[0].template_id == "steps"


@pytest.mark.parametrize(
    ("keys", "path", "message"),
    [
        ({"include": "nope"}, ".include", 'there is no template "nope"; create that first'),
        ({"include_version": 7}, ".include", 'there is no template "steps" of version 7; create that first'),
        ({"include": "../x"}, ".include", "must be the id of a template"),
        ({"include_version": 0}, ".include_version", "must be an integer from 1"),
        (
            {"with_": {"target": "x", "retires": 1}},
            ".with.retires",
            'has no such parameter; did you mean "retries"?',
        ),
        ({"with_": {}}, ".with.target", 'is required by template "steps"'),
        ({"with_": []}, ".with", "must be an object"),
        (
            {"task_type": "x", "with_": {"target": "x"}},
            ".task_type",
            "is that of the included template's root",
        ),
    ],
)
def test_faulty_include_is_refused(keys: Json, path: str, message: str) -> None:
    """What an include needs is looked up when the template is created."""
    found = problems_of(including(**keys), among=[STEPS])
    assert found[0].field == f"{PATH}.children[0]{path}"
    assert message in found[0].message


def test_key_of_an_include_may_be_any_parameter() -> None:
    """Where keys of `with` come from parameters, it is judged at expansion."""
    root = including(with_={"{name}": "x"})
    assert (
        expanded(root, {"name": {}}, {"name": "target"}, among=[STEPS]).tasks[1].attributes["title"]
        == "Deploy x"
    )


def test_template_that_includes_itself_is_refused() -> None:
    """A template is not in itself; an older version of it may be."""
    path, message = problem_of({"task_type": "r", "children": [{"include": "t"}]})
    assert path == ".children[0].include"
    assert message == 'templates would include one another in a circle: "t" includes "t"'
    older = template({"task_type": "old"})
    read = template(
        {"task_type": "r", "children": [{"include": "t", "include_version": 1}]}, version=2, among=[older]
    )
    assert [t.task_type for t in expand(read, {}, now=NOW, include=found_among([older])).tasks] == [
        "r",
        "old",
    ]


def test_templates_that_would_include_one_another_are_refused() -> None:
    """A circle over several templates is found when the last of them is created."""
    b1 = template({"task_type": "b"}, template_id="b")
    a = template({"task_type": "a", "children": [{"include": "b"}]}, template_id="a", among=[b1])
    with pytest.raises(TemplateValidationError) as caught:
        template(
            {"task_type": "b", "children": [{"include": "a"}]}, template_id="b", version=2, among=[a, b1]
        )
    assert caught.value.problems[0].message.endswith('"b" includes "a" includes "b"')


def chain(name: str, length: int) -> list[Template]:
    """Templates of which each includes the one before it."""
    made: list[Template] = [template({"task_type": "end"}, template_id=f"{name}0")]
    for n in range(1, length + 1):
        made.append(template({"include": f"{name}{n - 1}"}, template_id=f"{name}{n}", among=made))
    return made


def test_includes_have_a_largest_depth() -> None:
    """Templates include one another as deep as the limit, and no deeper."""
    made = chain("t", LIMITS.include_depth)
    assert len(expanded({"include": f"t{LIMITS.include_depth - 1}"}, among=made).tasks) == 1
    path, message = problem_of({"include": f"t{LIMITS.include_depth}"}, among=made)
    assert (path, message) == (".include", "templates include one another at most 8 deep")


def test_includes_that_became_too_deep_are_refused_at_expansion() -> None:
    """Where templates were defined anew, a chain may have grown; it is bounded when it is expanded."""
    made = [*chain("t", 6), *chain("u", 6)]
    read = template({"include": "t6"}, among=made)
    grown = template({"include": "u6"}, template_id="t0", version=2, among=made)
    with pytest.raises(LimitExceededError, match="includes in includes"):
        expand(read, {}, now=NOW, include=found_among([*made, grown]))


def test_included_template_that_is_gone() -> None:
    """An included template that was deleted is missed by its name."""
    read = template(including(with_={"target": "x"}), among=[STEPS])
    with pytest.raises(TemplateNotFoundError) as caught:
        expand(read, {}, now=NOW, include=found_among([]))
    assert caught.value.name == "steps"
