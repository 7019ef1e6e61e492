from typing import Any

import pytest

from worklattice.schema import FaultySchemaError, SchemaFault, compile_schema


def faults(schema: object, node_limit: int = 2_000) -> list[SchemaFault]:
    try:
        compile_schema(schema, node_limit=node_limit)
    except FaultySchemaError as error:
        return list(error.faults)
    return []


def nested(levels: int, keyword: str = "not") -> dict[str, Any]:
    schema: dict[str, Any] = {}
    for _ in range(levels):
        schema = {keyword: schema}
    return schema


def test_schema_of_every_keyword_is_read() -> None:
    """Every documented keyword is read, and annotations change nothing."""
    assert not faults(
        {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": "https://example.org/parameters",
            "$comment": "all of it",
            "title": "t",
            "description": "d",
            "examples": [],
            "deprecated": False,
            "readOnly": False,
            "writeOnly": False,
            "x-order": 3,
            "type": ["object", "null"],
            "$defs": {"a": {"enum": [1, "b", None]}, "b": True},
            "definitions": {"c": {"const": {"$ref": "not a reference"}}},
            "properties": {
                "text": {"minLength": 1, "maxLength": 9, "pattern": "^a", "format": "email"},
                "number": {"minimum": 0, "maximum": 9.5, "exclusiveMinimum": -1, "exclusiveMaximum": 10},
                "multiple": {"multipleOf": 0.5},
                "list": {
                    "prefixItems": [{"$ref": "#/$defs/a"}, {"$ref": "#/definitions/c"}],
                    "items": False,
                    "contains": {},
                    "minContains": 0,
                    "maxContains": 2,
                    "minItems": 0,
                    "maxItems": 3,
                    "uniqueItems": True,
                },
                "more": {"unevaluatedItems": False},
                "file": {"contentEncoding": "base64", "contentMediaType": "image/png", "contentSchema": {}},
                "a/b~c": {"$ref": "#"},
                "again": {"$ref": "#/properties/a~1b~0c"},
            },
            "patternProperties": {"^x-": {}},
            "additionalProperties": {"type": "string"},
            "unevaluatedProperties": False,
            "propertyNames": {"maxLength": 20},
            "required": ["text"],
            "dependentRequired": {"text": ["number"]},
            "dependentSchemas": {"text": {"minProperties": 1, "maxProperties": 9}},
            "allOf": [True],
            "anyOf": [{"not": False}],
            "oneOf": [{"if": {}, "then": {}, "else": {}}],
        }
    )


@pytest.mark.parametrize(
    ("schema", "path", "message"),
    [
        ("string", (), "must be a schema"),
        ({"properties": {"a": "string"}}, ("properties", "a"), "must be a schema"),
        ({"properties": []}, ("properties",), "must be an object with a schema for each name"),
        ({"allOf": []}, ("allOf",), "must be an array of one or more schemas"),
        ({"requierd": ["a"]}, ("requierd",), 'did you mean "required"?'),
        ({"type": "int"}, ("type",), 'did you mean "integer"?'),
        ({"type": []}, ("type",), "must name a type"),
        ({"type": [["string"]]}, ("type",), "must name types: string, number"),
        ({"format": "datetime"}, ("format",), 'did you mean "date-time"?'),
        ({"enum": "a"}, ("enum",), "must be an array of the allowed values"),
        ({"required": "a"}, ("required",), "must be an array of names"),
        ({"dependentRequired": {"a": "b"}}, ("dependentRequired",), "an array of names for each name"),
        ({"minimum": "1"}, ("minimum",), "must be a number"),
        ({"maximum": float("nan")}, ("maximum",), "must be a number"),
        ({"multipleOf": 0}, ("multipleOf",), "must be a number above 0"),
        ({"minLength": 1.5}, ("minLength",), "must be 0 or a positive integer"),
        ({"maxItems": True}, ("maxItems",), "must be 0 or a positive integer"),
        ({"uniqueItems": "yes"}, ("uniqueItems",), "must be true or false"),
        ({"title": 3}, ("title",), "must be text"),
        ({"examples": {}}, ("examples",), "must be an array"),
        ({"pattern": 3}, ("pattern",), "must be text: a regular expression"),
        ({"patternProperties": {"(": {}}}, ("patternProperties", "("), "this group is not closed"),
        ({"$schema": "http://json-schema.org/draft-07/schema#"}, ("$schema",), "the only dialect"),
        ({"items": {"$id": "x"}}, ("items", "$id"), "may stand only at the root"),
        ({"$anchor": "a"}, ("$anchor",), "refer with #/$defs/name"),
        ({"dependencies": {}}, ("dependencies",), "use dependentRequired or dependentSchemas"),
        ({"$ref": 3}, ("$ref",), "must be text"),
        ({"$ref": "#/$defs/x"}, ("$ref",), 'there is no subschema at "#/$defs/x"'),
        ({"$ref": "#/enum/0", "enum": [{}]}, ("$ref",), "there is no subschema"),
        ({"items": [{"type": "string"}]}, ("items",), "must be a schema"),
    ],
)
def test_fault_of_a_schema_is_found_where_it_stands(
    schema: object, path: tuple[str, ...], message: str
) -> None:
    """A faulty keyword is named by its path, with what would be right."""
    (fault,) = faults(schema)
    assert fault.path == path
    assert message in fault.message


def test_all_faults_come_at_once() -> None:
    """Whoever wrote the schema hears everything that is wrong with it, not only the first."""
    found = faults({"type": "objekt", "properties": {"a": {"minimun": 1}, "b": {"$ref": "#/x"}}})
    assert [fault.path for fault in found] == [
        ("type",),
        ("properties", "a", "minimun"),
        ("properties", "b", "$ref"),
    ]


def test_reference_without_end_is_refused() -> None:
    """A circle of references that goes into no part of the value would never end."""
    (fault,) = faults(
        {"$ref": "#/$defs/a", "$defs": {"a": {"allOf": [{"$ref": "#/$defs/b"}]}, "b": {"$ref": "#/$defs/a"}}}
    )
    assert fault.path[-1] == "$ref"
    assert "without going into the value" in fault.message


def test_reference_into_the_value_may_come_back() -> None:
    """A tree of nodes is described by a schema that refers to itself."""
    tree = {"type": "object", "properties": {"children": {"type": "array", "items": {"$ref": "#"}}}}
    assert not faults(tree)


def test_doubling_references_are_refused() -> None:
    """References that double at each step would judge one value more often than there is time for."""
    doubling = {f"a{n}": {"allOf": [{"$ref": f"#/$defs/a{n + 1}"}] * 2} for n in range(40)}
    (fault,) = faults({"$ref": "#/$defs/a0", "$defs": {**doubling, "a40": {}}})
    assert "more than 2,000 subschemas" in fault.message


@pytest.mark.parametrize(("size", "is_refused"), [(8, False), (9, False), (10, True)])
def test_schema_has_a_largest_size(size: int, is_refused: bool) -> None:  # noqa: FBT001 - a table
    """Objects and arrays are counted, also those in enum and default; the limit itself is allowed."""
    schema: dict[str, Any] = {"enum": [[]] * (size - 2)}
    assert bool(faults(schema, node_limit=9)) is is_refused


@pytest.mark.parametrize(("levels", "message"), [(30, None), (40, "deeper than 32"), (64, "at most 64 deep")])
def test_schema_has_a_largest_depth(levels: int, message: str | None) -> None:
    """Deep nesting is refused, not met with an error of Python's."""
    found = faults(nested(levels))
    assert message is None if not found else message is not None and message in found[0].message


def test_patterns_are_bounded_together() -> None:
    """Many patterns that are each allowed may be too many."""
    found = faults({"properties": {f"p{n}": {"pattern": "a{1000}"} for n in range(100)}})
    assert [fault.message for fault in found] == ["the patterns of this schema are too large, taken together"]


def test_default_must_fit_its_own_place() -> None:
    """A default that would be refused if it were given is refused when it is defined."""
    (fault,) = faults({"properties": {"risk": {"enum": ["low", "high"], "default": "hihg"}}})
    assert fault == (
        ("properties", "risk", "default"),
        'does not fit its own schema: must be one of "low", "high"',
    )


def test_faults_read_as_lines() -> None:
    """The error as text has a line for each fault, with its path."""
    with pytest.raises(FaultySchemaError) as caught:
        compile_schema({"type": "objekt", "items": 3}, node_limit=9)
    assert str(caught.value).splitlines() == [
        'type must name types: string, number, integer, boolean, object, array, null; did you mean "object"?',
        "items must be a schema: an object, true or false",
    ]
