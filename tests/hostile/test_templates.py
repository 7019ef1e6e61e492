"""Hostile templates: each is refused whole, with the place and what to do."""

import pytest

from tests.hostile.refusing import Json, Workspace

ROOT = "arguments.task_structure.root_task"
NAMES: Json = {
    "type": "object",
    "properties": {
        "t": {"type": "string"},
        "d": {"type": "object"},
        "x": {},
        "w": {},
        "xs": {"type": "array"},
        "other": {},
    },
}


@pytest.fixture
def workspace() -> Workspace:
    return Workspace()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param(
            "{t.__class__}", "names in placeholders begin with a letter", id="40-class-of-a-parameter"
        ),
        pytest.param("{d[x]}", "indexes are no part of placeholders", id="41-index"),
        pytest.param("{x!r}", "conversions such as !r are no part of placeholders", id="42-conversion"),
        pytest.param("{x:>100000000}", "format specs are no part of placeholders", id="43-format-spec"),
        pytest.param("{x:{w}}", "a placeholder cannot stand inside another", id="44-nested"),
        pytest.param("a { b", "this brace is not closed", id="45-lone-brace"),
        pytest.param("a } b", "no placeholder is open here", id="45-lone-closing-brace"),
        pytest.param("{othr}", 'there is no parameter "othr"; did you mean "other"?', id="46-unknown-name"),
        pytest.param("{" * 99_999, "this brace is not closed", id="45-many-braces"),
        pytest.param("{" + "a." * 50_000 + "}", "a placeholder is a name", id="46-long-name"),
        pytest.param("{\x1b[2J}", "indexes are no part of placeholders", id="46-control-characters"),
    ],
)
@pytest.mark.parametrize("place", ["value", "key", "deep"])
def test_what_is_no_placeholder(workspace: Workspace, text: str, reason: str, place: str) -> None:
    """Nothing but names stands in braces, wherever the text stands."""
    attributes = {"value": {"a": text}, "key": {text: 1}, "deep": {"a": [{"b": text}]}}[place]
    answer = workspace.refuse({"task_type": "r", "attributes": attributes}, NAMES)
    assert answer["error_type"] == "TemplateValidationError"
    assert reason in answer["message"]
    assert answer["field"].startswith(f"{ROOT}.attributes")


def test_eight_nested_loops(workspace: Workspace) -> None:
    """Eight loops of ten in one another are counted, not run through (47)."""
    node: Json = {"task_type": "leaf"}
    for level in range(8):
        node = {"task_type": f"level_{level}", "for_each": "xs", "as": f"x{level}", "children": [node]}
    workspace.define({"task_type": "r", "children": [node]}, NAMES)
    answer = workspace.refused("create_from_template", template_id="t", parameters={"xs": list(range(10))})
    assert answer["error_type"] == "ExpansionLimitError"
    assert answer["details"] == {"template_id": "t", "limit": 1_000, "count": 211_111_111}


def test_eight_nested_loops_that_look_at_their_items(workspace: Workspace) -> None:
    """Where items decide what is inside, counting stops soon after the limit (47)."""
    node: Json = {"task_type": "leaf"}
    for level in range(8):
        loop = {"for_each": "xs", "as": f"x{level}", "when": f"x{level} >= 0"}
        node = {"task_type": f"level_{level}", **loop, "children": [node]}
    workspace.define({"task_type": "r", "children": [node]}, NAMES)
    answer = workspace.refused("create_from_template", template_id="t", parameters={"xs": list(range(10))})
    assert answer["error_type"] == "ExpansionLimitError"


def test_two_templates_that_include_each_other(workspace: Workspace) -> None:
    """The second of two templates that include each other is refused (48)."""
    workspace.define({"task_type": "b"}, template_id="b")
    workspace.define({"task_type": "a", "children": [{"include": "b"}]}, template_id="a")
    answer = workspace.refuse({"task_type": "b", "children": [{"include": "a"}]}, template_id="b")
    assert answer["error_type"] == "TemplateValidationError"
    assert answer["field"] == f"{ROOT}.children[0].include"
    assert '"b" includes "a" includes "b"' in answer["message"]


@pytest.mark.parametrize(
    ("children", "path", "reason"),
    [
        pytest.param(
            [{"task_type": "a"}, {"task_type": "a"}],
            "children[1].key",
            'have the key "a"',
            id="49-duplicate-key",
        ),
        pytest.param(
            [{"task_type": "a", "dependencies": ["nope"]}],
            "children[0].dependencies[0]",
            'no node in reach has the key "nope"',
            id="50-dependency-on-no-node",
        ),
        pytest.param(
            [{"task_type": "a", "dependencies": ["b"]}, {"task_type": "b", "dependencies": ["a"]}],
            "children",
            "would wait for one another",
            id="51-circle",
        ),
        pytest.param(
            [{"task_type": "a", "dependencies": ["a"]}],
            "children[0].dependencies[0]",
            "would wait for itself",
            id="51-itself",
        ),
        pytest.param(
            [{"task_type": "a", "dependencies": ["r"]}],
            "children[0].dependencies[0]",
            "would wait for one another",
            id="51-own-parent",
        ),
    ],
)
def test_structure_that_cannot_be(workspace: Workspace, children: Json, path: str, reason: str) -> None:
    """What could never become tasks is refused when it is defined."""
    answer = workspace.refuse({"task_type": "r", "children": children})
    assert answer["error_type"] == "TemplateValidationError"
    assert answer["field"].startswith(f"{ROOT}.{path}")
    assert reason in answer["message"]


@pytest.mark.parametrize("template_id", ["../x", "", "a\n", "a/b", "x" * 201, "\u202e", "%"])
def test_id_that_is_none(workspace: Workspace, template_id: str) -> None:
    """A template's id is letters, digits and a few signs (52)."""
    answer = workspace.refuse({"task_type": "r"}, template_id=template_id)
    assert answer["error_type"] == "ValidationError"
    assert answer["field"] == "arguments.template_id"


def test_ids_do_not_collide_after_expansion(workspace: Workspace) -> None:
    """Tasks of one template have ids of their own, and a root id that is taken is refused (53)."""
    workspace.define({"task_type": "r", "children": [{"task_type": "c", "for_each": "xs"}]}, NAMES)
    made = workspace.accepted(
        "create_from_template", template_id="t", parameters={"xs": ["a", "a"]}, task_id="x"
    )
    assert len({task["task_id"] for task in made["tasks_created"]}) == 3
    answer = workspace.refused("create_from_template", template_id="t", parameters={}, task_id="x")
    assert answer["error_type"] == "DuplicateTaskError"


def test_keys_that_collide_after_expansion(workspace: Workspace) -> None:
    """Two keys of one object that come to be the same are refused (53)."""
    workspace.define({"task_type": "r", "attributes": {"{t}": 1, "{x}": 2}}, NAMES)
    answer = workspace.refused("create_from_template", template_id="t", parameters={"t": "same", "x": "same"})
    assert answer["error_type"] == "TemplateParameterError"
    assert answer["field"] == "arguments.parameters.t"


@pytest.mark.parametrize("value", ["{other}", "{{", "}", "{t.__class__}", "{x!r}"])
def test_value_with_braces(workspace: Workspace, value: str) -> None:
    """A parameter's value is put in as it is, once (54)."""
    workspace.define({"task_type": "r", "attributes": {"whole": "{t}", "part": "<{t}>", "{t}": 1}}, NAMES)
    made = workspace.accepted(
        "create_from_template", template_id="t", parameters={"t": value, "other": "secret"}
    )
    assert made["tasks_created"][0]["attributes"] == {"whole": value, "part": f"<{value}>", value: 1}


@pytest.mark.parametrize(
    "root",
    [
        pytest.param({"task_type": "r", "children": [{"task_type": "c"}] * 100_000}, id="many-nodes"),
        pytest.param({"task_type": "r", "attributes": {"a": "{nope}" * 50_000}}, id="many-placeholders"),
        pytest.param({"task_type": "r", **{f"k{n}": 1 for n in range(5_000)}}, id="many-unknown-keys"),
        pytest.param(
            {
                "task_type": "r",
                "children": [{"task_type": "c", "dependencies": [f"d{n}" for n in range(50_000)]}],
            },
            id="many-unknown-dependencies",
        ),
        pytest.param(
            {
                "task_type": "r",
                "children": [{"task_type": f"c{n}", "dependencies": ["d"]} for n in range(1_500)],
            },
            id="many-nodes-with-unknown-dependencies",
        ),
        pytest.param({"task_type": "r", "attributes": {"x" * 100_000: "{nope}"}}, id="long-key"),
    ],
)
def test_large_and_faulty(workspace: Workspace, root: Json) -> None:
    """A large template with many faults is refused with the first of them, in a short answer."""
    answer = workspace.refuse(root)
    assert answer["error_type"] == "TemplateValidationError"
    assert len(answer["details"]["problems"]) <= 100
    assert len(str(answer)) < 200_000


@pytest.mark.parametrize("text", ["{x}", "{x} and {x}"])
def test_expansion_that_would_fill_the_memory(workspace: Workspace, text: str) -> None:
    """A small template and a long text cannot be multiplied without end."""
    node = {"task_type": "c", "for_each": "xs", "attributes": {"a": text}}
    workspace.define({"task_type": "r", "children": [node]}, NAMES)
    given = {"xs": [0] * 900, "x": "x" * 400_000}
    answer = workspace.call("create_from_template", template_id="t", parameters=given)
    assert answer["error_type"] == "LimitExceededError"
