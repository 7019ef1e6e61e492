from typing import Any

import pytest

from worklattice.schema import compile_schema


def judged(schema: object, value: object) -> list[tuple[tuple[str | int, ...], str]]:
    return [(fault.path, fault.message) for fault in compile_schema(schema, node_limit=2_000).faults(value)]


def said(schema: object, value: object) -> str:
    ((_, message),) = judged(schema, value)
    return message


@pytest.mark.parametrize(
    ("schema", "value", "message"),
    [
        ({"type": "string"}, 3, "must be a string, not an integer"),
        ({"type": "integer"}, True, "must be an integer, not true or false"),
        ({"type": "integer"}, 1.5, "must be an integer, not a number"),
        ({"type": ["array", "null"]}, {}, "must be an array or null, not an object"),
        ({"enum": ["b2b", "b2c"]}, "b2d", 'must be one of "b2b", "b2c"'),
        ({"enum": [1]}, True, "must be 1"),
        ({"const": "x"}, None, 'must be "x"'),
        ({"minimum": 1}, 0, "must be at least 1"),
        ({"maximum": 1}, 1.5, "must be at most 1"),
        ({"exclusiveMinimum": 0}, 0, "must be above 0"),
        ({"exclusiveMaximum": 1}, 1, "must be below 1"),
        ({"multipleOf": 0.1}, 0.35, "must be a multiple of 0.1"),
        ({"minLength": 1}, "", "must have at least 1 character"),
        ({"maxLength": 2}, "abc", "must have at most 2 characters"),
        ({"pattern": "^a"}, "b", 'must match the pattern "^a"'),
        ({"format": "date"}, "2025-02-30", "must be a date, such as 2025-06-16"),
        ({"minItems": 1}, [], "must have at least 1 item"),
        ({"maxItems": 1}, [1, 2], "must have at most 1 item"),
        ({"minProperties": 1}, {}, "must have at least 1 key"),
        ({"maxProperties": 0}, {"a": 1}, "must have at most 0 keys"),
        ({"not": {"type": "null"}}, None, "is of a form that is not allowed here"),
        (False, 1, "is not allowed here"),
        (
            {"anyOf": [{"type": "null"}, {"minLength": 2}]},
            "a",
            "fits none of 2 forms: must be null, not a string; or must have at least 2 characters",
        ),
        ({"oneOf": [{"type": "null"}]}, 1, "must be null, not an integer"),
        ({"oneOf": [{}, {"type": "integer"}]}, 1, "must fit exactly one of 2 forms, and fits 2"),
        ({"contains": {"const": 1}}, [2], "must contain 1 item of the wanted form, and has 0"),
        (
            {"contains": {"const": 1}, "maxContains": 1},
            [1, 1],
            "must contain at most 1 item of the form, and has 2",
        ),
    ],
)
def test_value_does_not_fit(schema: object, value: object, message: str) -> None:
    """What is said tells what would fit, never what was given."""
    assert said(schema, value) == message


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "integer"}, 1.0),
        ({"enum": [1]}, 1.0),
        ({"const": {"a": [1, {"b": None}]}}, {"a": [1.0, {"b": None}]}),
        ({"multipleOf": 0.1}, 0.3),
        ({"multipleOf": 1e308}, 0),
        ({"minimum": 1}, "text"),
        ({"uniqueItems": True}, [1, True, "1", [1], {"a": 1}]),
        ({"format": "hostname"}, "whatever it is"),
        ({"if": {"type": "string"}, "then": {"minLength": 1}, "else": {"minimum": 1}}, 2),
        ({"prefixItems": [{"type": "string"}], "items": {"type": "integer"}}, ["a", 1, 2]),
        ({"contains": {"const": 1}, "minContains": 0}, []),
        ({"dependentSchemas": {"a": {"required": ["b"]}}}, {"c": 1}),
        ({"unevaluatedProperties": False, "allOf": [{"properties": {"a": {}}}]}, {"a": 1}),
        ({"unevaluatedProperties": False, "anyOf": [{"unevaluatedProperties": True}]}, {"a": 1}),
        (
            {
                "unevaluatedProperties": False,
                "$ref": "#/$defs/a",
                "$defs": {"a": {"patternProperties": {"^x": {}}}},
            },
            {"x1": 1},
        ),
        (
            {
                "unevaluatedProperties": False,
                "if": {"properties": {"a": {}}},
                "then": {"properties": {"b": {}}},
            },
            {"a": 1, "b": 2},
        ),
        ({"unevaluatedProperties": False, "dependentSchemas": {"a": {"properties": {"a": {}}}}}, {"a": 1}),
        ({"unevaluatedItems": False, "prefixItems": [{}], "contains": {"const": 2}}, [1, 2]),
        ({"unevaluatedItems": False, "allOf": [{"items": {}}]}, [1, 2]),
    ],
)
def test_value_fits(schema: object, value: object) -> None:
    """Numbers are compared as decimals mean them, and what a keyword is not about it lets pass."""
    assert not judged(schema, value)


@pytest.mark.parametrize(
    ("schema", "value", "path", "message"),
    [
        ({"required": ["a"]}, {}, ("a",), "is required"),
        ({"dependentRequired": {"a": ["b"]}}, {"a": 1}, ("b",), 'is required where "a" is given'),
        (
            {"properties": {"name": {}}, "additionalProperties": False},
            {"nmae": 1},
            ("nmae",),
            'is not known here; did you mean "name"?',
        ),
        ({"additionalProperties": {"type": "string"}}, {"a": 1}, ("a",), "must be a string, not an integer"),
        (
            {"patternProperties": {"^x": {"type": "string"}}},
            {"x": 1, "y": 1},
            ("x",),
            "must be a string, not an integer",
        ),
        (
            {"propertyNames": {"maxLength": 1}},
            {"ab": 1},
            ("ab",),
            "has a name that does not fit: must have at most 1 character",
        ),
        ({"uniqueItems": True}, [1, 2, 1.0], (2,), "is the same as item 0"),
        ({"prefixItems": [{}], "items": False}, [1, 2], (1,), "is not allowed here"),
        (
            {"unevaluatedProperties": False, "anyOf": [{"required": ["b"], "properties": {"b": {}}}, {}]},
            {"a": 1},
            ("a",),
            "is not known here",
        ),
        (
            {"unevaluatedItems": {"type": "string"}, "prefixItems": [{}]},
            [1, 2],
            (1,),
            "must be a string, not an integer",
        ),
        (
            {"items": {"properties": {"a": {"items": {"type": "null"}}}}},
            [{"a": [None, 1]}],
            (0, "a", 1),
            "must be null, not an integer",
        ),
    ],
)
def test_fault_is_found_where_it_stands(
    schema: object, value: object, path: tuple[str | int, ...], message: str
) -> None:
    """A fault is named by the path of the part that is wrong or missing."""
    assert judged(schema, value) == [(path, message)]


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("date-time", "2025-06-16T09:00:00.5+02:00", "2025-06-16 09:00:00Z"),
        ("date-time", "2025-06-16t09:00:00z", "2025-13-01T00:00:00Z"),
        ("date-time", "0001-01-01T00:00:00Z", "2025-06-16T09:00:00"),
        ("date", "2024-02-29", "2025-02-29"),
        ("date", "2025-06-16", "20250616"),
        ("time", "23:59:59Z", "24:00:00Z"),
        ("duration", "P1DT2H", "P"),
        ("duration", "P3W", "PT"),
        ("email", "ada.lovelace@example.org", "ada@"),
        ("ipv4", "192.0.2.1", "192.0.2.256"),
        ("ipv6", "2001:db8::1", "fe80::1%eth0"),
        ("uuid", "0190163d-8694-739b-aea5-966c26f8ad91", "0190163d8694739baea5966c26f8ad91"),
        ("uri", "https://example.org/a?b#c", "no scheme"),
    ],
)
def test_format_is_checked(name: str, right: str, wrong: str) -> None:
    """The formats that are checked accept what their standards say, and nothing longer than makes sense."""
    assert not judged({"format": name}, right)
    assert judged({"format": name}, wrong)
    assert judged({"format": name}, right + " " * 3_000)


def test_value_is_never_repeated() -> None:
    """A secret that stands in the wrong place is not in what is said about it."""
    schema = {
        "properties": {"a": {"type": "integer", "enum": [1], "anyOf": [{"type": "null"}, {"const": 2}]}},
        "additionalProperties": False,
    }
    assert "hunter2" not in str(judged(schema, {"a": "hunter2", "b": "hunter2"}))


def test_faults_of_many_items_are_cut() -> None:
    """A thousand wrong items are reported by the first hundred."""
    assert len(judged({"items": {"type": "string"}}, [1] * 1_000)) == 100


def test_value_that_is_too_large_is_refused() -> None:
    """What would take too long to judge is refused with one fault that says so."""
    schema = {"items": {"allOf": [{"minimum": 0}] * 30}}
    assert judged(schema, [1] * 10_000) == [
        ((), "is too large, or too deeply nested, to be judged by its schema")
    ]


def test_items_without_keywords_count_too() -> None:
    """A schema that asks nothing of items does not make going through them free."""
    (fault,) = judged({"items": {}}, [0] * 200_000)
    assert "too large" in fault[1]


def test_deep_value_is_judged_or_refused() -> None:
    """However deep a schema refers to itself, there is an answer and no error of Python's."""
    schema = {
        "$ref": "#/$defs/a",
        "$defs": {"a": {"properties": {"x": {"allOf": [{"allOf": [{"$ref": "#/$defs/a"}]}]}}}},
    }
    value: dict[str, Any] = {}
    for _ in range(2_000):
        value = {"x": value}
    assert "too deeply nested" in said(schema, value)
