import pytest

from tests.unit.templates.making import PATH, Json, definition, found_among, problem_of, problems_of, template
from worklattice.errors import TemplateValidationError, ValidationError
from worklattice.templates.parse import parse_template
from worklattice.types import LIMITS

NAMES: dict[str, Json] = {
    "text": {"type": "string"},
    "list": {"type": "array", "items": {"type": "object", "properties": {"name": {"type": "string"}}}},
    "object": {"type": "object", "properties": {"field": {}}, "required": ["field"]},
    "open": {},
    "sure": {"type": "string", "default": "x"},
}


def node(**keys: Json) -> Json:
    return {"task_type": "r", **{name.removesuffix("_"): value for name, value in keys.items()}}


def child(**keys: Json) -> Json:
    return {
        "task_type": "r",
        "children": [{"task_type": "c", **{name.removesuffix("_"): value for name, value in keys.items()}}],
    }


@pytest.mark.parametrize(
    ("root", "path", "message"),
    [
        (node(titel="x"), ".titel", "is not known here; use task_type"),
        (node(dependncies=[]), ".dependncies", 'is not known here; did you mean "dependencies"?'),
        ({"attributes": {}}, ".task_type", "is required"),
        (node(task_type=""), ".task_type", "must be a text of 1 to 200 characters"),
        (node(task_type="{text}"), ".task_type", "may be missing"),
        (node(attributes=[]), ".attributes", "must be an object"),
        (node(attributes={"a": ["{nme}"]}), ".attributes.a[0]", 'there is no parameter "nme"'),
        (node(attributes={"a b": "{txet}"}), '.attributes["a b"]', 'did you mean "text"?'),
        (node(attributes={"{lst}": 1}), ".attributes.{lst}", 'did you mean "list"?'),
        (node(attributes={"{object}": 1}), ".attributes.{object}", "would make a key of what is no text"),
        (node(attributes={"a": "{text.size}"}), ".attributes.a", '"text" is a string and has no fields'),
        (node(attributes={"a": "{list.size}"}), ".attributes.a", '"list" is an array and has no fields'),
        (node(attributes={"a": "{object.feild}"}), ".attributes.a", 'did you mean "field"?'),
        (node(children={}), ".children", "must be an array of nodes"),
        (node(children=["x"]), ".children[0]", "must be a node"),
        (node(key=3), ".key", "must be a text of 1 to 200 characters"),
        (node(key="{text}"), ".key", "takes no placeholders"),
        (child(key="a/b"), ".children[0].key", "cannot be a key"),
        (node(when="text = 'x'"), ".when", "cannot stand at the root"),
        (node(for_each="list"), ".for_each", "cannot stand at the root"),
        (child(when="texd = 'x'"), ".children[0].when", 'did you mean "text"?'),
        (child(when="text ="), ".children[0].when", "the condition ends too early"),
        (child(when=True), ".children[0].when", "must be text: a condition"),
        (child(for_each="lst"), ".children[0].for_each", 'there is no parameter "lst"; did you mean "list"?'),
        (child(for_each="text"), ".children[0].for_each", '"text" is no array'),
        (child(for_each=["a"]), ".children[0].for_each", "must name a parameter that holds an array"),
        (child(for_each="a b"), ".children[0].for_each", "must name a parameter that holds an array"),
        (child(for_each="list", as_="1x"), ".children[0].as", "must be a name"),
        (child(for_each="list", sequential="yes"), ".children[0].sequential", "must be true or false"),
        (
            child(for_each="list", attributes={"a": "{item.nme}"}),
            ".children[0].attributes.a",
            'did you mean "name"?',
        ),
        (
            child(for_each="list", as_="one", attributes={"a": "{item}"}),
            ".children[0].attributes.a",
            'no parameter "item"',
        ),
        (child(as_="x"), ".children[0].as", "means something only beside for_each"),
        (child(sequential=True), ".children[0].sequential", "means something only beside for_each"),
        (child(with_={}), ".children[0].with", "means something only beside include"),
        (child(sequential_children=1), ".children[0].sequential_children", "must be true or false"),
        (child(lifecycle_stage=""), ".children[0].lifecycle_stage", "must be a text of 1 to 200"),
        (child(join="some"), ".children[0].join", "must be all, any, or an integer from 1"),
        (child(join=0), ".children[0].join", "must be all, any, or an integer from 1"),
        (child(join=True), ".children[0].join", "must be all, any, or an integer from 1"),
        (child(not_before="tomorrow"), ".children[0].not_before", "this is no time"),
        (child(not_before=3), ".children[0].not_before", "must be text"),
        (child(dependencies="c"), ".children[0].dependencies", "must be an array of keys"),
        (child(dependencies=[3]), ".children[0].dependencies[0]", "must be the key of a node"),
        (child(dependencies=[{}]), ".children[0].dependencies[0].key", "must be the key of a node"),
        (child(dependencies=["x"]), ".children[0].dependencies[0]", 'no node in reach has the key "x"'),
        (
            child(dependencies=[{"key": "r", "type": "related"}]),
            ".children[0].dependencies[0].type",
            "is not known here",
        ),
    ],
)
def test_fault_of_a_node_is_found_where_it_stands(root: Json, path: str, message: str) -> None:
    """A faulty node is named by the path of the key that is wrong, with what would be right."""
    found = problems_of(root, NAMES)
    assert found[0].field == PATH + path
    assert message in found[0].message


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("dependency_type", "complete", 'did you mean "completion"?'),
        ("outcome", "sucess", 'did you mean "success"?'),
        ("mandatory", "no", "must be true or false"),
        ("lag", "P1Y", "Y is no fixed span"),
        ("lag", 3, "must be text"),
        ("conditions", [], "must be an object"),
        ("artifact", "", "must be a text of 1 to 200 characters"),
        ("description", "{x}", 'there is no parameter "x"'),
    ],
)
def test_fault_of_a_dependency_is_found_where_it_stands(key: str, value: Json, message: str) -> None:
    """A dependency says what one of tasks may say, with a key in place of the id."""
    root = node(children=[{"task_type": "a"}, {"task_type": "b", "dependencies": [{"key": "a", key: value}]}])
    path, said = problem_of(root)
    assert path == f".children[1].dependencies[0].{key}"
    assert message in said


def test_all_problems_come_at_once() -> None:
    """Whoever wrote the template hears everything that is wrong with it, of the schema too."""
    broken = definition(
        node(attributes={"a": "{x}"}, children=[{"task_type": "c", "when": "("}, {}]),
        {"text": {"type": "sting"}},
    )
    with pytest.raises(TemplateValidationError) as caught:
        parse_template(broken, found_among([]))
    assert [problem.field for problem in caught.value.problems] == [
        "arguments.parameters_schema.properties.text.type",
        f"{PATH}.attributes.a",
        f"{PATH}.children[0].when",
        f"{PATH}.children[1].task_type",
    ]


def test_faulty_schema_still_names_its_parameters() -> None:
    """A fault in the schema does not make strangers of its parameters."""
    broken = definition(node(attributes={"a": "{text}"}), {"text": {"type": "sting"}})
    with pytest.raises(TemplateValidationError) as caught:
        parse_template(broken, found_among([]))
    assert [problem.field for problem in caught.value.problems] == [
        "arguments.parameters_schema.properties.text.type"
    ]


def test_problem_shows_the_place_in_the_text() -> None:
    """A fault in a text is drawn with carets under it."""
    (problem,) = problems_of(node(attributes={"title": "Deploy {servce} now"}), {"service": {}})
    assert problem.message.splitlines() == [
        'there is no parameter "servce"; did you mean "service"?',
        "Deploy {servce} now",
        "       ^^^^^^^^",
    ]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"task_structure": {}}, "template_id"),
        ({"template_id": "../x", "task_structure": {}}, "template_id"),
        ({"template_id": "t", "task_structure": {}, "name": 3}, "name"),
        ({"template_id": "t", "task_structure": {}, "descripton": "x"}, "descripton"),
        ({"template_id": "t", "task_structure": {}, "category": "\0"}, "category"),
    ],
)
def test_fault_of_another_field_is_an_argument_error(body: Json, path: str) -> None:
    """What stands outside of structure and schema is an argument like any other."""
    with pytest.raises(ValidationError) as caught:
        parse_template(body, found_among([]))
    assert caught.value.field == f"arguments.{path}"


@pytest.mark.parametrize(
    ("structure", "path"),
    [
        (None, ""),
        ([], ""),
        ({}, ".root_task"),
        ({"root_task": []}, ".root_task"),
        ({"root_task": {"task_type": "r"}, "more": 1}, ".more"),
        ({"root_task": {"task_type": "r", "attributes": {"x": float("nan")}}}, ".root_task.attributes.x"),
    ],
)
def test_structure_that_is_none(structure: Json, path: str) -> None:
    """A structure is an object with a root task, of JSON values."""
    with pytest.raises(TemplateValidationError) as caught:
        parse_template({"template_id": "t", "task_structure": structure}, found_among([]))
    assert caught.value.field == f"arguments.task_structure{path}"


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("x", "must be a schema"),
        ({"type": "array"}, "must describe an object"),
        ({"a": float("inf")}, "finite"),
    ],
)
def test_schema_that_is_none(document: Json, message: str) -> None:
    """Parameters are described by a schema of an object."""
    with pytest.raises(TemplateValidationError, match=message) as caught:
        parse_template(
            {"template_id": "t", "parameters_schema": document, "task_structure": {"root_task": node()}},
            found_among([]),
        )
    assert caught.value.field is not None
    assert caught.value.field.startswith("arguments.parameters_schema")


def test_template_without_parameters() -> None:
    """A schema may be left out: then there are no parameters."""
    read = parse_template(
        {"template_id": "t", "name": "T", "task_structure": {"root_task": node()}}, found_among([]), version=3
    )
    assert (read.name, read.version, read.parameters_schema, read.description) == ("T", 3, {}, None)


def test_key_is_unique_among_siblings_only() -> None:
    """The same key in another place is another node; among siblings it is a fault."""
    twice = [
        {"task_type": "a", "children": [{"task_type": "x"}]},
        {"task_type": "b", "children": [{"task_type": "x"}]},
    ]
    template(node(children=twice))
    path, message = problem_of(node(children=[{"task_type": "x"}, {"task_type": "y", "key": "x"}]))
    assert (path, message) == (
        ".children[1].key",
        'two nodes here have the key "x"; give one of them another with key',
    )


def test_dependency_names_the_nearest_scope() -> None:
    """Siblings come first, then the parent and its siblings, and so on outwards."""
    inner = {
        "task_type": "b",
        "children": [{"task_type": "x"}, {"task_type": "y", "dependencies": ["x", "a"]}],
    }
    read = template(node(children=[{"task_type": "x"}, {"task_type": "a"}, inner]))
    dependencies = read.root.children[2].children[1].dependencies
    assert [dependency.target for dependency in dependencies] == [(0, 0), (1, 1)]


def test_inside_of_another_node_is_out_of_reach() -> None:
    """What stands inside another node cannot be named."""
    root = node(
        children=[
            {"task_type": "a", "children": [{"task_type": "x"}]},
            {"task_type": "b", "dependencies": ["x"]},
        ]
    )
    path, message = problem_of(root)
    assert path == ".children[1].dependencies[0]"
    assert message == 'no node in reach has the key "x"; siblings, ancestors and their siblings can be named'


def test_same_dependency_twice_is_refused() -> None:
    """A node is needed once for each type."""
    others = ["a", {"key": "a", "dependency_type": "related"}]
    template(node(children=[{"task_type": "a"}, {"task_type": "b", "dependencies": others}]))
    root = node(children=[{"task_type": "a"}, {"task_type": "b", "dependencies": ["a", {"key": "a"}]}])
    assert problem_of(root) == (".children[1].dependencies[1]", "is named before, with the same type")


@pytest.mark.parametrize(
    ("children", "path"),
    [
        ([{"task_type": "a", "dependencies": ["a"]}], ".children[0].dependencies[0]"),
        ([{"task_type": "a", "dependencies": ["r"]}], ".children[0].dependencies[0]"),
        (
            [{"task_type": "a", "children": [{"task_type": "b", "dependencies": ["a"]}]}],
            ".children[0].children[0].dependencies[0]",
        ),
        (
            [
                {"task_type": "a", "dependencies": ["b"]},
                {"task_type": "b", "dependencies": [{"key": "a", "dependency_type": "approval"}]},
            ],
            ".children[0].dependencies[0]",
        ),
        (
            [
                {"task_type": "a", "dependencies": ["b"]},
                {"task_type": "b", "dependencies": [{"key": "a", "dependency_type": "blocks"}, {"key": "a"}]},
            ],
            ".children[1].dependencies[1]",
        ),
        (
            [
                {"task_type": "a", "children": [{"task_type": "x", "dependencies": ["b"]}]},
                {"task_type": "b", "dependencies": ["a"]},
            ],
            ".children[0].children[0].dependencies[0]",
        ),
    ],
)
def test_circle_is_refused(children: Json, path: str) -> None:
    """Nodes that would wait for one another are refused, parents and children together."""
    found = problems_of(node(children=children))
    assert len(found) == 1
    assert found[0].field == PATH + path or found[0].field.startswith(PATH)
    assert "would wait for" in found[0].message


def test_circle_with_a_chain_is_refused() -> None:
    """An order of children counts as dependencies."""
    root = node(
        sequential_children=True, children=[{"task_type": "a", "dependencies": ["b"]}, {"task_type": "b"}]
    )
    path, message = problem_of(root)
    assert path == ".children[0].dependencies[0]"
    assert "would wait for one another" in message


@pytest.mark.parametrize("kind", ["information", "related", "prerequisite"])
def test_link_that_never_blocks_closes_no_circle(kind: str) -> None:
    """Links and non-mandatory dependencies may point anywhere."""
    back = {"key": "b", "dependency_type": kind}
    template(
        node(children=[{"task_type": "a", "dependencies": [back]}, {"task_type": "b", "dependencies": ["a"]}])
    )
    soft = {"key": "b", "mandatory": False}
    template(
        node(children=[{"task_type": "a", "dependencies": [soft]}, {"task_type": "b", "dependencies": ["a"]}])
    )


def test_blocks_is_the_other_way_round() -> None:
    """A node that blocks another is needed by it, so that needing it as well closes a circle."""
    blocks = {"key": "b", "dependency_type": "blocks"}
    template(
        node(
            children=[{"task_type": "a", "dependencies": [blocks]}, {"task_type": "b", "dependencies": ["a"]}]
        )
    )
    path, message = problem_of(
        node(children=[{"task_type": "a", "dependencies": [blocks, "b"]}, {"task_type": "b"}])
    )
    assert path.startswith(".children[0].dependencies[")
    assert "would wait for one another" in message


def test_finish_to_finish_may_go_up() -> None:
    """Two tasks that only finish together have no circle with an order of their starts."""
    a = {"task_type": "a", "dependencies": [{"key": "b", "dependency_type": "start_to_start"}]}
    b = {"task_type": "b", "dependencies": [{"key": "a", "dependency_type": "finish_to_finish"}]}
    template(node(children=[a, b]))


def test_many_nodes_are_refused() -> None:
    """A template has a largest number of nodes; the limit itself is allowed."""
    children = [{"task_type": f"c{n}"} for n in range(LIMITS.template_nodes - 1)]
    template(node(children=children))
    (problem,) = problems_of(node(children=[*children, {"task_type": "one_more"}]))
    assert problem.message == f"must have at most {LIMITS.template_nodes:,} nodes"


def test_problems_are_cut() -> None:
    """A thousand faults are reported by the first hundred."""
    assert len(problems_of(node(attributes={f"a{n}": "{x}" for n in range(1_000)}))) == 100


def test_for_each_takes_a_placeholder_too() -> None:
    """The array of a loop is named with or without braces, with dots into objects."""
    schema = {"list": {"type": "array"}, "o": {"type": "object", "properties": {"list": {}}}}
    for written in ("list", "{list}", "o.list", "{o.list}"):
        loop = template(child(for_each=written), schema).root.children[0].loop
        assert loop is not None
        assert loop.source == tuple(written.strip("{}").split("."))
