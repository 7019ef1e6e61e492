"""Arguments for every tool, made from the published schemas, and ways to spoil them."""

from typing import Any

from hypothesis import strategies as st

from worklattice import codec
from worklattice.tools.catalogue import Tool
from worklattice.types import ID_PATTERN

ODD: st.SearchStrategy[Any] = st.sampled_from(
    [
        *(None, True, False, 0, 1, 1.0, 1.5, -1, 64, 65, 1000, 1001, 2**53, 1e300, -0.0),
        *("", "a", "1", "true", "all", "blocked", "completion", "a b", "a/b", "a\n", "ß", "\x7f"),
        *("x" * 200, "x" * 201, "15 minutes", "PT2H", "5", "minutes"),
        *("2025-06-16T09:00:00Z", "2025-06-16T09:00", "2025-06-16", "2025-13-01T00:00Z"),
        *([], {}, [None], ["a"], [[]], {"a": 1}, {"task_id": "a"}, ["a"] * 9),
    ]
)
JSON = st.recursive(
    ODD, lambda inside: st.lists(inside, max_size=2) | st.dictionaries(st.text("ab", max_size=2), inside)
)


IDS = st.sampled_from(["a", "a", "b", "b", "c", "d"])
NAMES = st.sampled_from(
    ["a", "b", "draft", "ready", "active", "completed", "superseded", "archived", "user_story_breakdown_v1"]
)
"""Few enough to meet again."""


def fitting(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values that fit a schema of ours."""
    if "anyOf" in schema:
        return st.one_of([fitting(part) for part in schema["anyOf"]])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    kinds = schema.get("type", "any")
    if isinstance(kinds, list):
        return st.one_of([fitting(schema | {"type": kind}) for kind in kinds])
    if kinds == "object" and "properties" in schema:
        return objects(schema)
    if kinds == "array":
        least = schema.get("minItems", 0)
        return st.lists(fitting(schema["items"]), min_size=least, max_size=least + 2)
    if kinds == "string":
        texts = st.text("aB1_-.:", min_size=1, max_size=3)
        if "examples" in schema:
            return st.sampled_from(schema["examples"])
        return (IDS if schema.get("pattern") == ID_PATTERN else NAMES) | texts
    least, most = schema.get("minimum"), schema.get("maximum")
    return {
        "any": JSON,
        "null": st.none(),
        "boolean": st.booleans(),
        "object": st.dictionaries(st.text("ab.", max_size=2), JSON, max_size=2),
        "integer": st.integers(least, most) | st.integers(least or 0, (least or 0) + 2),
    }[kinds]


@st.composite
def objects(draw: st.DrawFn, schema: dict[str, Any]) -> dict[str, Any]:
    """Objects with all that they must have and little of what they may have."""
    properties, required = schema["properties"], schema.get("required", [])
    optional = [name for name in properties if name not in required]
    chosen = draw(st.lists(st.sampled_from(optional), max_size=3, unique=True)) if optional else []
    return {name: draw(fitting(properties[name])) for name in [*required, *chosen]}


def spoilt(value: Any, draw: st.DrawFn) -> Any:
    """The value with something odd put in, added or taken out, somewhere inside."""
    if isinstance(value, dict) and value and draw(st.integers(0, 3)):
        key = draw(st.sampled_from(sorted(value)))
        change = draw(st.sampled_from(["inside", "inside", "out", "more"]))
        if change == "out":
            return {name: item for name, item in value.items() if name != key}
        name = draw(st.sampled_from(["titel", "", "task_id", "tasks"])) if change == "more" else key
        return {**value, name: spoilt(value.get(name), draw)}
    if isinstance(value, list) and value and draw(st.integers(0, 3)):
        index = draw(st.integers(0, len(value) - 1))
        return [*value[:index], spoilt(value[index], draw), *value[index + 1 :]]
    return draw(ODD)


@st.composite
def arguments_for(draw: st.DrawFn, tool: Tool, *, spoilings: int = 3) -> Any:
    """Arguments for the tool, spoilt up to so many times."""
    arguments = draw(fitting(codec.input_schema(tool.command)))
    for _ in range(draw(st.integers(0, spoilings))):
        arguments = spoilt(arguments, draw)
    return arguments
