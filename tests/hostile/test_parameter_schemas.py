"""Hostile schemas and parameters: bounded, answered, and never followed out of the document."""

import pytest

from tests.hostile.refusing import Json, Workspace, forbid_reaching_out

SCHEMA = "arguments.parameters_schema"
SHUFFLED = f"{3**250_000:b}".translate({48: "a", 49: "b"})


@pytest.fixture
def workspace(monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A workspace in which everything has been used once, and nothing may be fetched any more."""
    workspace = Workspace()
    workspace.define(
        {"task_type": "r", "children": [{"task_type": "c", "when": "a = 1"}]},
        {"properties": {"a": {}}},
        "warm",
    )
    workspace.accepted("create_from_template", template_id="warm", parameters={"a": 1})
    forbid_reaching_out(monkeypatch)
    return workspace


def doubling(levels: int) -> Json:
    parts = {f"a{n}": {"allOf": [{"$ref": f"#/$defs/a{n + 1}"}] * 2} for n in range(levels)}
    return {"$ref": "#/$defs/a0", "$defs": {**parts, f"a{levels}": {}}}


@pytest.mark.parametrize(
    ("schema", "path", "reason"),
    [
        pytest.param({"$ref": "http://127.0.0.1:9/x"}, ".$ref", "nothing is fetched", id="55-http"),
        pytest.param(
            {"properties": {"a": {"$ref": "https://example.org/x"}}},
            ".properties.a.$ref",
            "nothing is fetched",
            id="55-https",
        ),
        pytest.param({"$ref": "file:///etc/passwd"}, ".$ref", "nothing is fetched", id="56-file"),
        pytest.param(
            {"$id": "http://127.0.0.1:9/", "$ref": "x.json"},
            ".$ref",
            "nothing is fetched",
            id="57-relative-to-id",
        ),
        pytest.param(
            {"$defs": {"a": {"$id": "http://127.0.0.1:9/"}}},
            ".$defs.a.$id",
            "only at the root",
            id="57-inner-id",
        ),
        pytest.param({"$dynamicRef": "#x"}, ".$dynamicRef", "is not supported", id="58-dynamic-ref"),
        pytest.param({"$dynamicAnchor": "x"}, ".$dynamicAnchor", "is not supported", id="58-dynamic-anchor"),
        pytest.param({"$ref": "#"}, ".$ref", "without going into the value", id="59-loop"),
        pytest.param(
            {"anyOf": [{"not": {"$ref": "#"}}]}, "", "without going into the value", id="59-loop-inside"
        ),
        pytest.param(doubling(31), ".$defs", "more than 2,000 subschemas", id="60-doubling"),
        pytest.param(
            {"properties": {"a": {"pattern": "^(a+)+$"}}},
            ".properties.a.pattern",
            "already go on repeating",
            id="61-runaway",
        ),
        pytest.param(
            {"properties": {"a": {"pattern": "("}}},
            ".properties.a.pattern",
            "this group is not closed",
            id="62-faulty",
        ),
        pytest.param(
            {"patternProperties": {"(": {}}},
            ".patternProperties",
            "this group is not closed",
            id="62-faulty-name",
        ),
        pytest.param({"allOf": [{}] * 2_000}, "", "at most 2,000 objects and arrays", id="63-many-parts"),
        pytest.param({"multipleOf": -1}, ".multipleOf", "must be a number above 0", id="65-negative"),
        pytest.param({"requierd": ["a"]}, ".requierd", 'did you mean "required"?', id="66-mistyped"),
        pytest.param(
            {"properties": {"a": {"format": "date-time", "default": "2025-13-01"}}},
            ".properties.a.default",
            "must be a date-time",
            id="67-default",
        ),
        pytest.param(
            {"properties": {f"p{n}": {"pattern": "a{1000}"} for n in range(900)}},
            ".properties",
            "too large, taken together",
            id="61-many-patterns",
        ),
        pytest.param({f"k{n}": 1 for n in range(9_000)}, ".k0", "is no keyword", id="66-many-mistyped"),
    ],
)
def test_schema_that_is_refused(workspace: Workspace, schema: Json, path: str, reason: str) -> None:
    """What reaches out, never ends or means nothing is refused when it is defined, where it stands."""
    answer = workspace.refuse({"task_type": "r"}, schema)
    assert answer["error_type"] == "TemplateValidationError"
    assert answer["field"].startswith(SCHEMA + path)
    assert reason in answer["message"]


def test_divisor_beyond_all_numbers(workspace: Workspace) -> None:
    """A divisor of 401 digits is refused like any number that does not fit (65)."""
    answer = workspace.refuse({"task_type": "r"}, {"properties": {"a": {"multipleOf": 10**400}}})
    assert answer["field"].startswith("arguments.parameters_schema")


@pytest.mark.parametrize(
    ("schema", "value", "message"),
    [
        pytest.param({"format": "date-time"}, "2025-02-30T00:00:00Z", "must be a date-time", id="67-bad-day"),
        pytest.param({"format": "date-time"}, "2025-06-16T09:00:00", "must be a date-time", id="67-no-zone"),
        pytest.param({"multipleOf": 1e308}, 5e-324, "must be a multiple of 1e+308", id="65-far-apart"),
        pytest.param({"multipleOf": 5e-324, "type": "string"}, 1.7e308, "must be a string", id="65-tiny"),
        pytest.param(
            {"uniqueItems": True},
            [*({"id": n, "b": [{"c": n}]} for n in range(3_000)), {"b": [{"c": 7}], "id": 7.0}],
            "is the same as item 7",
            id="64-unique-objects",
        ),
        pytest.param(
            {"pattern": "^[^@]+@[^@]+$"}, "@" * 500_000, "must match the pattern", id="61-long-text"
        ),
        pytest.param({"pattern": "a(a|b){400}c"}, SHUFFLED, "is too large", id="61-hard-pattern"),
        pytest.param(
            {"items": {"allOf": [{"minimum": 0}] * 900}}, [1] * 9_000, "is too large", id="63-many-items"
        ),
        pytest.param(
            {"properties": {"known": {}}, "additionalProperties": False},
            {f"k{n}": 1 for n in range(9_000)},
            "is not known here",
            id="68-many-extra",
        ),
    ],
)
def test_value_that_is_refused(workspace: Workspace, schema: Json, value: Json, message: str) -> None:
    """A value that does not fit, or that would take too long to judge, is refused by its path."""
    workspace.define({"task_type": "r"}, {"properties": {"a": schema}})
    answer = workspace.refused("create_from_template", template_id="t", parameters={"a": value})
    assert answer["error_type"] == "TemplateParameterError"
    assert message in answer["message"]
    assert answer["field"].startswith("arguments.parameters")


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        pytest.param(
            {"uniqueItems": True}, [{"id": n, "b": [{"c": n}]} for n in range(3_000)], id="64-unique-objects"
        ),
        pytest.param({"allOf": [{"minLength": 1}] * 1_900}, "x", id="63-many-parts"),
        pytest.param(doubling(8)["$defs"]["a8"], "x", id="60-few"),
        pytest.param({"pattern": "^[a-z0-9]+(-[a-z0-9]+)*$"}, "x" * 100_000, id="61-harmless"),
        pytest.param({"multipleOf": 0.01}, 1e300, id="65-floats"),
    ],
)
def test_value_that_is_accepted(workspace: Workspace, schema: Json, value: Json) -> None:
    """What is only large is judged."""
    workspace.define({"task_type": "r"}, {"properties": {"a": schema}})
    assert workspace.accepted("create_from_template", template_id="t", parameters={"a": value})


def test_missing_and_extra_parameter(workspace: Workspace) -> None:
    """What is missing and what is too much are both named (68)."""
    workspace.define(
        {"task_type": "r"}, {"properties": {"environments": {"type": "array"}}, "required": ["environments"]}
    )
    answer = workspace.refused("create_from_template", template_id="t", parameters={"enviroments": []})
    assert answer["details"]["problems"] == [
        {
            "field": "arguments.parameters.enviroments",
            "message": 'is no parameter of this template; did you mean "environments"?',
        },
        {"field": "arguments.parameters.environments", "message": "is required"},
    ]


def test_mistyped_secret_is_not_echoed(workspace: Workspace) -> None:
    """A secret that has the wrong type, or stands under the wrong name, is not in the answer (69)."""
    schema = {
        "properties": {
            "token": {"type": "object"},
            "port": {"type": "integer", "enum": [80]},
            "key": {"pattern": "^k"},
        },
        "additionalProperties": False,
    }
    workspace.define({"task_type": "r"}, schema)
    given = {"token": "hunter2", "port": "hunter2", "key": "hunter2", "tokn": "hunter2"}
    answer = workspace.refused("create_from_template", template_id="t", parameters=given)
    assert len(answer["details"]["problems"]) >= 4
    assert "hunter2" not in str(answer)
