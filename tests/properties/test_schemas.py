"""Laws of schemas: they judge as jsonschema does, and patterns match as `re` does, as far as both can."""

import re
from typing import Any, TypeAlias

from hypothesis import assume, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from worklattice.schema import FaultySchemaError, Schema, compile_schema
from worklattice.schema.pattern_syntax import PatternError
from worklattice.schema.patterns import Pattern

Json: TypeAlias = Any

PIECES = [
    "a",
    "b",
    "(",
    "(?:",
    ")",
    "|",
    "*",
    "+",
    "?",
    "{2}",
    "{0,2}",
    "{1,}",
    "^",
    "$",
    ".",
    "[ab]",
    "[^a]",
    r"\d",
]

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.sampled_from([0.5, 1.0, 2.5])
    | st.sampled_from(["", "a", "ab", "b1"])
)
values: st.SearchStrategy[Any] = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "c"]), inner, max_size=3)
    ),
    max_leaves=6,
)
types = st.sampled_from(["string", "number", "integer", "boolean", "object", "array", "null"])
names = st.lists(st.sampled_from(["a", "b", "c"]), unique=True, max_size=2)
small = st.integers(0, 2)
leaves: st.SearchStrategy[Any] = (
    st.fixed_dictionaries(
        {},
        optional={
            "type": types | st.lists(types, min_size=1, max_size=3, unique=True),
            "enum": st.lists(values, min_size=1, max_size=3),
            "const": values,
            "minimum": small,
            "exclusiveMaximum": small,
            "multipleOf": st.sampled_from([1, 2, 0.5]),
            "minLength": small,
            "maxLength": small,
            "pattern": st.sampled_from(["a", "^b", "[0-9]$"]),
            "minItems": small,
            "maxItems": small,
            "uniqueItems": st.booleans(),
            "required": names,
            "maxProperties": small,
            "dependentRequired": st.dictionaries(st.sampled_from(["a", "b"]), names, max_size=1),
            "$ref": st.sampled_from(["#/$defs/x", "#/$defs/y"]),
        },
    )
    | st.booleans()
)


def _around(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    several = st.lists(inner, min_size=1, max_size=2)
    named = st.dictionaries(st.sampled_from(["a", "b"]), inner, max_size=2)
    return st.fixed_dictionaries(
        {},
        optional={
            "allOf": several,
            "anyOf": several,
            "oneOf": several,
            "not": inner,
            "if": inner,
            "then": inner,
            "else": inner,
            "properties": named,
            "patternProperties": st.dictionaries(st.sampled_from(["^a", "b|c"]), inner, max_size=1),
            "additionalProperties": inner,
            "unevaluatedProperties": inner,
            "propertyNames": inner,
            "dependentSchemas": named,
            "prefixItems": several,
            "items": inner,
            "unevaluatedItems": st.just(value=False),
            "contains": inner,
            "minContains": small,
            "maxContains": small,
        },
    )


schemas = st.recursive(leaves, _around, max_leaves=6)


def compiled(document: dict[str, Any]) -> Schema | None:
    try:
        return compile_schema(document, node_limit=10_000)
    except FaultySchemaError:
        return None


@given(schemas, leaves, leaves, values)
def test_judged_as_by_the_standard(schema: Json, x: Json, y: Json, value: Json) -> None:
    """A value fits a schema exactly if jsonschema says so."""
    document: dict[str, Any] = {"allOf": [schema], "$defs": {"x": x, "y": y}}
    ours = compiled(document)
    assume(ours is not None)
    assert ours is not None
    theirs = Draft202012Validator(document)
    assert (not ours.faults(value)) == theirs.is_valid(value), [fault.text for fault in ours.faults(value)]


@given(schemas, leaves, leaves)
def test_what_is_read_is_a_schema(schema: Json, x: Json, y: Json) -> None:
    """Whatever is found sound is valid by the standard's own description of schemas."""
    document: dict[str, Any] = {"allOf": [schema], "$defs": {"x": x, "y": y}}
    if compiled(document):
        Draft202012Validator.check_schema(document)


@given(
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=8).map("".join),
    st.lists(st.sampled_from("ab1"), max_size=6).map("".join),
)
def test_pattern_matches_as_re_does(pattern: str, text: str) -> None:
    """A pattern that is read matches what `re` finds with it, without backtracking."""
    try:
        ours = Pattern(pattern)
    except PatternError:
        assume(condition=False)
        return
    assert ours.matches(text, lambda _: None) == bool(re.search(pattern, text, re.ASCII))


@given(values, st.dictionaries(st.sampled_from(["a", "b", "d"]), values, max_size=3))
def test_completing_twice_changes_nothing(default: Json, value: dict[str, Any]) -> None:
    """Defaults are put in once: what was completed is complete."""
    schema = compile_schema(
        {"properties": {"a": {"default": default}, "b": {"properties": {"c": {"default": default}}}}},
        node_limit=99,
    )
    once = schema.with_defaults(value)
    assert schema.with_defaults(once) == once
    assert once.items() >= {key: item for key, item in value.items() if key != "b"}.items()
