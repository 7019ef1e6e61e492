from typing import Any

from worklattice.schema import Schema, compile_schema


def schema(document: object) -> Schema:
    return compile_schema(document, node_limit=2_000)


def test_default_is_put_in_where_a_key_is_missing() -> None:
    """What was not given takes its default; what was given stays, null too."""
    document = {"properties": {"risk": {"default": "low"}, "window": {"default": {"a": 1}}, "name": {}}}
    value, faults = schema(document).completed({"risk": None})
    assert (value, faults) == ({"risk": None, "window": {"a": 1}}, [])


def test_default_is_a_copy() -> None:
    """Two values that took the same default share nothing."""
    found = schema({"properties": {"tags": {"default": []}}})
    one, other = found.with_defaults({}), found.with_defaults({})
    one["tags"].append("x")
    assert other == {"tags": []}


def test_given_value_is_not_changed() -> None:
    """Defaults are put into a new object, also deep inside."""
    given: dict[str, Any] = {"stages": [{"name": "beta"}]}
    document = {"properties": {"stages": {"items": {"properties": {"share": {"default": 10}}}}}}
    assert schema(document).with_defaults(given) == {"stages": [{"name": "beta", "share": 10}]}
    assert given == {"stages": [{"name": "beta"}]}


def test_default_inside_an_absent_object_is_not_made_up() -> None:
    """An object that was not given is not invented because something in it has a default."""
    document = {
        "properties": {
            "a": {"properties": {"b": {"default": 1}}},
            "c": {"default": {}, "properties": {"d": {"default": 1}}},
        }
    }
    assert schema(document).with_defaults({}) == {"c": {}}


def test_default_is_found_through_references() -> None:
    """`$ref` and `allOf` lead to defaults; alternatives do not, since they depend on the value."""
    document = {
        "$defs": {"a": {"properties": {"one": {"$ref": "#/$defs/b"}}}, "b": {"default": 1}},
        "allOf": [{"$ref": "#/$defs/a"}],
        "anyOf": [{"properties": {"two": {"default": 2}}}],
    }
    assert schema(document).with_defaults({}) == {"one": 1}


def test_default_satisfies_required() -> None:
    """A required key with a default need not be given."""
    document = {"properties": {"a": {"default": 1}}, "required": ["a", "b"]}
    value, faults = schema(document).completed({})
    assert value == {"a": 1}
    assert [fault.path for fault in faults] == [("b",)]


def test_default_in_prefix_items() -> None:
    """Items at fixed places take the defaults of their places."""
    document = {
        "prefixItems": [{"properties": {"a": {"default": 1}}}],
        "items": {"properties": {"b": {"default": 2}}},
    }
    assert schema(document).with_defaults([{}, {}]) == [{"a": 1}, {"b": 2}]


def test_default_in_too_large_a_value() -> None:
    """A value that would take too long to fill in is left as it is and judged too large."""
    document = {"items": {"properties": {"a": {"default": 1}}}}
    given: list[dict[str, int]] = [{}] * 50_000
    assert schema(document).with_defaults(given) is given
    _, (fault,) = schema(document).completed(given)
    assert "too large" in fault.message


def test_place_knows_its_keys() -> None:
    """The keys of a place are those of `properties`, in all subschemas that judge it."""
    place = schema(
        {
            "type": ["object", "null"],
            "properties": {"a": {}, "b": {"default": 1}, "c": {"type": "array", "items": {"type": "string"}}},
            "required": ["a", "b"],
            "anyOf": [{"type": "object", "properties": {"d": {}}, "required": ["d"]}],
        }
    ).root
    assert list(place.names) == ["a", "b", "c", "d"]
    assert place.given == {"a", "b"}
    assert place.needed == {"a"}
    assert place.types == frozenset({"object", "null"})
    assert place.field("c").items().types == frozenset({"string"})
    assert not place.says_other_keys


def test_place_that_speaks_of_other_keys() -> None:
    """A schema that says what other keys may be, says that there may be some."""
    assert schema({"additionalProperties": True}).root.says_other_keys
    assert schema({"additionalProperties": {"type": "null"}}).root.field("x").types == frozenset({"null"})


def test_items_of_different_places() -> None:
    """Where items differ by their index, nothing is sure of all of them."""
    place = schema({"prefixItems": [{"type": "string"}], "items": {"type": "object"}}).root.items()
    assert place.types is None
