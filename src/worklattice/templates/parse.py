"""From a definition to a `Template`: everything that can be known to be wrong is said when it is created.

`task_structure` is `{"root_task": node}`; `NODE_KEYS` lists what a node may say. The children of one node
are a scope: their keys differ, so that a pattern may repeat itself in another place. A dependency names a
node of the nearest scope that has the key: the node's siblings, then its parent and the parent's siblings,
and so on outwards; what is inside another node cannot be named.

Not here: how single values are read (`worklattice.templates.reading`), circles
(`worklattice.templates.circles`), and what includes of other templates need
(`worklattice.templates.including`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeAlias

from worklattice.errors import TemplateValidationError, ValidationError, shown
from worklattice.lang.condition import Condition
from worklattice.model.dependency import BLOCKS, DEPENDENCY_TYPES, OUTCOME_WANTED
from worklattice.schema import FaultySchemaError, Place, Schema, compile_schema, hint, written
from worklattice.templates.circles import circle_among
from worklattice.templates.filling import NOTHING, Filling, size_of
from worklattice.templates.including import include_problems
from worklattice.templates.model import Include, Lookup, Loop, Node, NodeDependency, Target, Template
from worklattice.templates.names import Names
from worklattice.templates.placeholders import is_name
from worklattice.templates.reading import Problems, Reader
from worklattice.types import LIMITS, JsonObject, is_id, json_fault

Json: TypeAlias = Any

FIELDS: Final = ("template_id", "name", "description", "category", "parameters_schema", "task_structure")
"""What a definition may hold."""

NODE_KEYS: Final = (
    *("task_type", "attributes", "children", "key", "dependencies", "for_each", "as", "sequential"),
    *("sequential_children", "when", "include", "with", "include_version"),
    *("lifecycle_stage", "join", "not_before"),
)
"""What a node may hold."""

ITEM: Final = "item"
"""What an item of a loop is called where `as` is left out."""

_NEEDS: Final = {"as": "for_each", "sequential": "for_each", "with": "include", "include_version": "include"}
_NOT_AT_ROOT: Final = ("for_each", "when")
_DEPENDENCY_TYPES: Final = (*DEPENDENCY_TYPES, BLOCKS)

_Scope: TypeAlias = dict[str, int]
"""The keys of the children of one node, and which child has each."""


def parse_template(
    definition: JsonObject, known: Lookup | None, *, version: int = 1, at: str = "arguments"
) -> Template:
    """The template that `definition` describes; `known` finds the templates that it includes.

    Without `known`, what it includes is not looked at: it was when the template was defined, and is again
    when it is expanded.

    Raises `TemplateValidationError` with every problem of `task_structure` and `parameters_schema`, each with
    its path under `at`, and `ValidationError` for what is wrong with the other fields. Cost: linear.
    """
    _check_fields(definition, at)
    problems = Problems()
    document = definition.get("parameters_schema")
    schema = _schema({} if document is None else document, f"{at}.parameters_schema", problems)
    root = _root(definition.get("task_structure"), f"{at}.task_structure", schema, problems)
    template = Template(
        template_id=str(definition["template_id"]),
        version=version,
        name=_text(definition, "name"),
        description=_text(definition, "description"),
        category=_text(definition, "category"),
        parameters_schema=document if isinstance(document, dict) else {},
        parameters=schema,
        root=root,
    )
    for path, message in (*circle_among(root), *(include_problems(template, known) if known else ())):
        problems.add(f"{at}.task_structure.{path}", message)
    if problems.found:
        raise TemplateValidationError.all(problems.found)
    return template


def _text(definition: JsonObject, name: str) -> str | None:
    value = definition.get(name)
    return value if isinstance(value, str) else None


def _check_fields(definition: JsonObject, at: str) -> None:
    problems = Problems()
    problems.unknown_keys(definition, FIELDS, at)
    template_id = definition.get("template_id")
    if not isinstance(template_id, str) or not is_id(template_id):
        rule = f"must be 1 to {LIMITS.id_characters} letters, digits or _ - . :"
        problems.add(f"{at}.template_id", f"{rule}, not {shown(template_id)}")
    for name in ("name", "description", "category"):
        value = definition.get(name)
        if value is not None and not isinstance(value, str):
            problems.add(f"{at}.{name}", "must be text")
        elif fault := json_fault(value):
            problems.add(f"{at}.{name}", fault[1])
    if problems.found:
        raise ValidationError.all(problems.found)


def _schema(document: Json, path: str, problems: Problems) -> Schema:
    """The schema; where it is faulty, one that only names the same parameters."""
    if fault := json_fault(document):
        problems.add(path + written(fault[0]), fault[1])
        return compile_schema({}, node_limit=LIMITS.schema_nodes)
    try:
        schema = compile_schema(document, node_limit=LIMITS.schema_nodes)
    except FaultySchemaError as error:
        for found in error.faults:
            problems.add(path + written(found.path), found.message)
        named = document.get("properties") if isinstance(document, dict) else None
        names = dict.fromkeys(named, True) if isinstance(named, dict) else {}
        return compile_schema({"properties": names}, node_limit=LIMITS.schema_nodes)
    if schema.root.types is not None and "object" not in schema.root.types:
        problems.add(path, "must describe an object: the parameters by their names")
    return schema


def _root(structure: Json, path: str, schema: Schema, problems: Problems) -> Node:
    nothing = Node(path="root_task", key="")
    if not isinstance(structure, dict):
        problems.add(path, 'must be an object: {"root_task": …}')
        return nothing
    problems.unknown_keys(structure, ("root_task",), path)
    root = structure.get("root_task")
    if too_many := _too_many_nodes(root, path):
        problems.add(*too_many)
        return nothing
    if fault := json_fault(structure):
        problems.add(path + written(fault[0]), fault[1])
        return nothing
    if not isinstance(root, dict):
        problems.add(f"{path}.root_task", "is required: the node that all others stand in")
        return nothing
    for name in _NOT_AT_ROOT:
        if name in root:
            problems.add(f"{path}.root_task.{name}", "cannot stand at the root, which is always there, once")
    key = _key(root)
    scope = {} if key is None else {key: 0}
    return _NodeReader(problems, path).read(root, "root_task", (scope,), Names(schema.root))


def _too_many_nodes(root: Json, path: str) -> tuple[str, str] | None:
    count, waiting = 0, [root]
    while waiting and count <= LIMITS.template_nodes:
        node = waiting.pop()
        count += 1
        children = node.get("children") if isinstance(node, dict) else None
        waiting.extend(children if isinstance(children, list) else ())
    is_larger = count > LIMITS.template_nodes
    return (path, f"must have at most {LIMITS.template_nodes:,} nodes") if is_larger else None


def _key(node: Json) -> str | None:
    """What dependencies call the node."""
    named = (node.get(name) for name in ("key", "task_type", "include")) if isinstance(node, dict) else ()
    return next((key for key in named if isinstance(key, str)), None)


class _NodeReader:
    """Reads nodes; recurses as deep as the structure, which was bounded before."""

    def __init__(self, problems: Problems, base: str) -> None:
        self.problems = problems
        self.base = base

    def read(self, raw: Json, path: str, scopes: tuple[_Scope, ...], names: Names) -> Node:
        """The node at `path`, whose own scope is the first of `scopes`."""
        at = f"{self.base}.{path}"
        if not isinstance(raw, dict):
            self.problems.add(at, "must be a node: an object with a task_type")
            return Node(path=path, key="")
        self.problems.unknown_keys(raw, NODE_KEYS, at)
        for name, needed in _NEEDS.items():
            if name in raw and needed not in raw:
                self.problems.add(f"{at}.{name}", f"means something only beside {needed}")
        loop, inside = self._loop(raw, at, names)
        reader = Reader(inside, self.problems)
        when, read_by_when = self._when(raw, at, reader)
        task_type, include = self._kind(raw, at, reader)
        attributes = reader.mapping(raw["attributes"], f"{at}.attributes") if "attributes" in raw else NOTHING
        frame = {
            name: read(reader, raw[name], f"{at}.{name}")
            for name, read in _FRAME_FIELDS.items()
            if name in raw
        }
        children = self._children(raw, path, scopes, inside)
        return Node(
            path=path,
            key=self._own_key(raw, at),
            task_type=task_type,
            include=include,
            attributes=attributes,
            size=size_of(attributes),
            when=when,
            loop=loop,
            dependencies=self._dependencies(raw, at, scopes, reader),
            sequential_children=reader.flag(
                raw.get("sequential_children", False), f"{at}.sequential_children"
            ),
            children=children,
            counted_by=read_by_when.union(
                loop.source[:1] if loop else (),
                (hole[0] for hole in include.parameters.holes()) if include else (),
                *(child.counted_by for child in children),
            ),
            **frame,
        )

    def _own_key(self, raw: JsonObject, at: str) -> str:
        key = raw.get("key", "")
        if "key" in raw and (not isinstance(key, str) or not 0 < len(key) <= LIMITS.id_characters):
            self.problems.add(f"{at}.key", f"must be a text of 1 to {LIMITS.id_characters} characters")
        elif isinstance(key, str) and ("{" in key or "}" in key):
            self.problems.add(f"{at}.key", "takes no placeholders: dependencies name the node by it")
        own = _key(raw) or ""
        if "[" in own or "/" in own:
            self.problems.add(f"{at}.key", f"{shown(own)} cannot be a key, which has no [ and no /; give one")
        return own

    def _loop(self, raw: JsonObject, at: str, names: Names) -> tuple[Loop | None, Names]:
        if "for_each" not in raw:
            return None, names
        reader = Reader(names, self.problems)
        variable = raw.get("as", ITEM)
        if not isinstance(variable, str) or not is_name(variable) or len(variable) > LIMITS.id_characters:
            self.problems.add(f"{at}.as", "must be a name: a letter, then letters, digits, _ or -")
            variable = ITEM
        sequential = reader.flag(raw.get("sequential", False), f"{at}.sequential")
        source = reader.source(raw["for_each"], f"{at}.for_each")
        if source is None:
            return None, names.inside(variable, Place.of(()))
        loop = Loop(source=source, variable=variable, sequential=sequential)
        return loop, names.inside(variable, names.place(source).items())

    def _when(self, raw: JsonObject, at: str, reader: Reader) -> tuple[Condition | None, frozenset[str]]:
        return reader.condition(raw["when"], f"{at}.when") if "when" in raw else (None, frozenset())

    def _kind(self, raw: JsonObject, at: str, reader: Reader) -> tuple[Filling | None, Include | None]:
        if "include" not in raw:
            if "task_type" not in raw:
                self.problems.add(f"{at}.task_type", "is required")
                return None, None
            return reader.name(raw["task_type"], f"{at}.task_type", needed=True), None
        if "task_type" in raw:
            self.problems.add(f"{at}.task_type", "is that of the included template's root; leave it out")
        template_id, version = raw["include"], raw.get("include_version")
        if not isinstance(template_id, str) or not is_id(template_id):
            self.problems.add(f"{at}.include", "must be the id of a template")
            return None, None
        if version is not None and (not isinstance(version, int) or isinstance(version, bool) or version < 1):
            self.problems.add(f"{at}.include_version", "must be an integer from 1")
            version = None
        parameters = reader.mapping(raw.get("with", {}), f"{at}.with")
        number = version if isinstance(version, int) else None
        return None, Include(template_id=template_id, version=number, parameters=parameters)

    def _children(
        self, raw: JsonObject, path: str, scopes: tuple[_Scope, ...], names: Names
    ) -> tuple[Node, ...]:
        children = raw.get("children", [])
        if not isinstance(children, list):
            self.problems.add(f"{self.base}.{path}.children", "must be an array of nodes")
            return ()
        scope: _Scope = {}
        for index, child in enumerate(children):
            key = _key(child)
            if key is not None and scope.setdefault(key, index) != index:
                says = f"two nodes here have the key {shown(key)}; give one of them another with key"
                self.problems.add(f"{self.base}.{path}.children[{index}].key", says)
        inner = (scope, *scopes)
        return tuple(
            self.read(child, f"{path}.children[{index}]", inner, names)
            for index, child in enumerate(children)
        )

    def _dependencies(
        self, raw: JsonObject, at: str, scopes: tuple[_Scope, ...], reader: Reader
    ) -> tuple[NodeDependency, ...]:
        given = raw.get("dependencies", [])
        if not isinstance(given, list):
            self.problems.add(f"{at}.dependencies", "must be an array of keys, or of objects with a key")
            return ()
        found: dict[tuple[Target, str], NodeDependency] = {}
        for index, item in enumerate(given):
            path = f"{at}.dependencies[{index}]"
            dependency = self._dependency(item, path, scopes, reader)
            if dependency is None:
                continue
            if found.setdefault((dependency.target, dependency.type), dependency) is not dependency:
                self.problems.add(path, "is named before, with the same type")
        return tuple(found.values())

    def _dependency(
        self, item: Json, path: str, scopes: tuple[_Scope, ...], reader: Reader
    ) -> NodeDependency | None:
        own = path.removeprefix(f"{self.base}.")
        if not isinstance(item, dict):
            target = self._target(item, path, scopes)
            return NodeDependency(path=own, target=target) if target else None
        self.problems.unknown_keys(item, DEPENDENCY_KEYS, path)
        target = self._target(item.get("key"), f"{path}.key", scopes)
        fields = {
            name: read(reader, value, f"{path}.{name}")
            for name, read in _DEPENDENCY_FIELDS.items()
            if (value := item.get(name)) is not None
        }
        kind = fields.pop("dependency_type", "completion")
        return NodeDependency(path=own, target=target, type=kind, **fields) if target else None

    def _target(self, key: Json, path: str, scopes: tuple[_Scope, ...]) -> Target | None:
        if not isinstance(key, str):
            self.problems.add(path, "must be the key of a node, or an object with a key")
            return None
        for outwards, scope in enumerate(scopes):
            if key in scope:
                return Target(outwards, scope[key])
        if self.problems.full:
            return None
        reach = (known for scope in scopes for known in scope)
        near = hint(key, reach, otherwise="; siblings, ancestors and their siblings can be named")
        self.problems.add(path, f"no node in reach has the key {shown(key)}{near}")
        return None


def _type(reader: Reader, value: Json, path: str) -> str:
    return reader.choice(value, path, _DEPENDENCY_TYPES)


def _outcome(reader: Reader, value: Json, path: str) -> str:
    return reader.choice(value, path, OUTCOME_WANTED)


_FRAME_FIELDS: Final[dict[str, Callable[[Reader, Json, str], Filling | None]]] = {
    "lifecycle_stage": Reader.name,
    "join": Reader.join,
    "not_before": Reader.time,
}
"""What a node may say as in creating a task, beside its type and attributes."""

_DEPENDENCY_FIELDS: Final[dict[str, Callable[[Reader, Json, str], Any]]] = {
    "dependency_type": _type,
    "description": Reader.note,
    "mandatory": Reader.flag,
    "outcome": _outcome,
    "conditions": Reader.mapping,
    "lag": Reader.duration,
    "artifact": Reader.name,
}
DEPENDENCY_KEYS: Final = ("key", *_DEPENDENCY_FIELDS)
"""What a dependency of a node may say; all but `key` as in a dependency of a task."""
