"""Judging a value by a schema: jsonschema walks, the keywords below decide and say what is wrong.

A keyword is ours where jsonschema's own would repeat the value in a message, take more than linear time, or
match patterns by backtracking; those that only lead on to subschemas are jsonschema's. Each application of a
keyword is a step of a budget, so that every answer comes in a fraction of a second.

This is the only module that imports jsonschema; it is itself imported when something is first judged.

Not here: reading schemas (`worklattice.schema.definition`), whose result (`Node.ready`) is what is judged by;
keywords that look at the value alone (`worklattice.schema.assertions`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextvars import ContextVar
from itertools import islice
from typing import Any, Final, Protocol, TypeAlias

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import create

from worklattice.errors import shown
from worklattice.schema.assertions import ASSERTIONS, Assertion, Json, Said, many
from worklattice.schema.budget import Budget, SpentError
from worklattice.schema.equality import canonical
from worklattice.schema.faults import FAULTS_LIMIT, TOO_LARGE, SchemaFault, hint
from worklattice.schema.patterns import Pattern

_ITEMS_A_STEP: Final = 8
_REASONS: Final = 3
_HINTS: Final = 5

Ready: TypeAlias = Mapping[str, Any]
"""A schema as `Node.ready` has it."""

_NOTHING: Final[Ready] = {"not": {}}
"""The schema `false`, as it is read."""

_Errors: TypeAlias = Iterator[ValidationError]


class _Walker(Protocol):
    """What of jsonschema's validators the keywords use."""

    def is_type(self, instance: Json, type: str) -> bool:  # noqa: A002 - its name there
        """Whether the value is of the JSON type."""
        ...

    def descend(self, instance: Json, schema: Ready, path: str | int | None = None) -> _Errors:
        """What is wrong with a part of the value."""
        ...


_Keyword: TypeAlias = Callable[[_Walker, Said, Json, Ready], _Errors]


_budget: ContextVar[Budget] = ContextVar("_budget")


def _spend(steps: int) -> None:
    _budget.get().spend(steps)


def judge(ready: Ready, instance: Json, budget: Budget) -> list[SchemaFault]:
    """What is wrong with `instance`, in the order of the schema, at most `FAULTS_LIMIT` faults."""
    before = _budget.set(budget)
    try:
        errors = _Judge(ready).iter_errors(instance)
        return [_as_fault(error) for error in islice(errors, FAULTS_LIMIT)]
    except (SpentError, RecursionError):
        return [TOO_LARGE]
    finally:
        _budget.reset(before)


def _as_fault(error: ValidationError) -> SchemaFault:
    return SchemaFault(tuple(error.absolute_path), error.message)


def _counted(keyword: _Keyword) -> _Keyword:
    """The keyword, as a step of the budget, and more for a large array or object."""

    def counted(walker: _Walker, said: Said, value: Json, schema: Ready) -> _Errors:
        _spend(1 + (len(value) // _ITEMS_A_STEP if isinstance(value, list | dict) else 0))
        return keyword(walker, said, value, schema)

    return counted


def _asserted(assertion: Assertion) -> _Keyword:
    def judged(_walker: _Walker, said: Said, value: Json, _schema: Ready) -> _Errors:
        if assertion.concerns(value) and not assertion.holds(said, value, _spend):
            yield ValidationError(assertion.says(said))

    return judged


_TYPE_NAMES: Final = {
    "string": "a string",
    "number": "a number",
    "integer": "an integer",
    "boolean": "true or false",
    "object": "an object",
    "array": "an array",
    "null": "null",
}


def _type(walker: _Walker, names: Said, value: Json, _schema: Ready) -> _Errors:
    if not any(walker.is_type(value, name) for name in names):
        wanted = " or ".join(_TYPE_NAMES[name] for name in names)
        fitting = (_TYPE_NAMES[name] for name in _GIVEN if walker.is_type(value, name))
        given = next(fitting, "a value that JSON does not have")
        yield ValidationError(f"must be {wanted}, not {given}")


_GIVEN: Final = ("boolean", "null", "integer", "number", "string", "array", "object")


def _required(_walker: _Walker, names: Said, value: Json, _schema: Ready) -> _Errors:
    for name in names if isinstance(value, dict) else ():
        if name not in value:
            yield ValidationError("is required", path=[name])


def _dependent_required(_walker: _Walker, needs: Said, value: Json, _schema: Ready) -> _Errors:
    for name, needed in needs.items() if isinstance(value, dict) else ():
        for other in needed if name in value else ():
            if other not in value:
                yield ValidationError(f"is required where {shown(name)} is given", path=[other])


def _unique_items(_walker: _Walker, _unique: Said, value: Json, _schema: Ready) -> _Errors:
    if not isinstance(value, list):
        return
    first: dict[object, int] = {}
    for index, item in enumerate(value):
        earlier = first.setdefault(canonical(item, _spend), index)
        if earlier != index:
            yield ValidationError(f"is the same as item {earlier}", path=[index])


# --- keywords that lead on to subschemas --------------------------------------------------------------------


def _fits(walker: _Walker, value: Json, ready: Ready) -> bool:
    return _first_fault(walker, value, ready) is None


def _first_fault(walker: _Walker, value: Json, ready: Ready) -> ValidationError | None:
    _spend(1)
    return next(walker.descend(value, ready), None)


def _ref(walker: _Walker, target: Said, value: Json, _schema: Ready) -> _Errors:
    return walker.descend(value, target)


def _any_of(walker: _Walker, parts: Said, value: Json, _schema: Ready) -> _Errors:
    reasons: list[str] = []
    for part in parts:
        fault = _first_fault(walker, value, part)
        if fault is None:
            return
        reasons.append(_as_fault(fault).text)
    yield ValidationError(_fits_none(reasons))


def _one_fits(walker: _Walker, parts: Said, value: Json, schema: Ready) -> _Errors:
    fitting = sum(_fits(walker, value, part) for part in parts)
    if fitting == 0:
        yield from _any_of(walker, parts, value, schema)
    elif fitting > 1:
        yield ValidationError(f"must fit exactly one of {len(parts)} forms, and fits {fitting}")


def _fits_none(reasons: list[str]) -> str:
    listed = "; or ".join(dict.fromkeys(reasons[:_REASONS]))
    return listed if len(reasons) == 1 else f"fits none of {len(reasons)} forms: {listed}"


def _not(walker: _Walker, part: Said, value: Json, _schema: Ready) -> _Errors:
    if not part:
        yield ValidationError("is not allowed here")
    elif _fits(walker, value, part):
        yield ValidationError("is of a form that is not allowed here")


def _contains(walker: _Walker, part: Said, value: Json, schema: Ready) -> _Errors:
    if not isinstance(value, list):
        return
    least, most = schema.get("minContains", 1), schema.get("maxContains")
    fitting = sum(_fits(walker, item, part) for item in value)
    if fitting < least:
        yield ValidationError(f"must contain {many(least, 'item')} of the wanted form, and has {fitting}")
    elif most is not None and fitting > most:
        yield ValidationError(f"must contain at most {many(most, 'item')} of the form, and has {fitting}")


def _property_names(walker: _Walker, part: Said, value: Json, _schema: Ready) -> _Errors:
    for name in value if isinstance(value, dict) else ():
        if fault := _first_fault(walker, name, part):
            yield ValidationError(f"has a name that does not fit: {fault.message}", path=[name])


def _pattern_properties(walker: _Walker, rules: Said, value: Json, _schema: Ready) -> _Errors:
    for pattern, part in rules if isinstance(value, dict) else ():
        for name in _matching(pattern, value):
            yield from walker.descend(value[name], part, path=name)


def _additional(walker: _Walker, part: Said, value: Json, schema: Ready) -> _Errors:
    if isinstance(value, dict):
        known = _own_names(value, schema)
        yield from _others(walker, part, value, (name for name in value if name not in known), schema)


def _unevaluated_properties(walker: _Walker, part: Said, value: Json, schema: Ready) -> _Errors:
    if isinstance(value, dict):
        seen = _seen(walker, value, schema, "unevaluatedProperties", _names_seen)
        yield from _others(walker, part, value, (name for name in value if name not in seen), schema)


def _unevaluated_items(walker: _Walker, part: Said, value: Json, schema: Ready) -> _Errors:
    if isinstance(value, list):
        seen = _seen(walker, value, schema, "unevaluatedItems", _items_seen)
        for index, item in enumerate(value):
            if index not in seen:
                yield from walker.descend(item, part, path=index)


def _others(
    walker: _Walker, part: Ready, value: dict[str, Any], names: Iterable[str], schema: Ready
) -> Iterator[ValidationError]:
    known = schema.get("properties", ())
    for count, name in enumerate(names):
        if part == _NOTHING:
            near = hint(name, known) if count < _HINTS else ""
            yield ValidationError(f"is not known here{near}", path=[name])
        else:
            yield from walker.descend(value[name], part, path=name)


def _matching(pattern: Pattern, names: Iterable[str]) -> Iterator[str]:
    for name in names:
        _spend(1)
        if pattern.matches(name, _spend):
            yield name


def _own_names(value: Mapping[str, Any], schema: Ready) -> set[str]:
    """The keys that `properties` and `patternProperties` of this schema speak of."""
    names = set(schema.get("properties", ()))
    for pattern, _ in schema.get("patternProperties", ()):
        names.update(_matching(pattern, value))
    return names


# --- what the subschemas of one value have looked at, for the unevaluated keywords --------------------

_Seen: TypeAlias = Callable[[_Walker, Json, Ready], "set[Any]"]


def _seen(walker: _Walker, value: Json, schema: Ready, rest: str, here: _Seen) -> set[Any]:
    """The keys or indexes that this schema, and those of its subschemas that fit, have looked at.

    `rest` is the keyword that asks; in a subschema it has looked at everything.
    """
    _spend(1)
    seen = here(walker, value, schema)
    for part in _applying(walker, value, schema):
        if rest in part:
            return set(value) if isinstance(value, dict) else set(range(len(value)))
        seen |= _seen(walker, value, part, rest, here)
    return seen


def _applying(walker: _Walker, value: Json, schema: Ready) -> Iterator[Ready]:
    if "$ref" in schema:
        yield schema["$ref"]
    yield from schema.get("allOf", ())
    for part in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
        if _fits(walker, value, part):
            yield part
    if "if" in schema:
        fits = _fits(walker, value, schema["if"])
        yield from (schema["if"],) if fits else ()
        yield schema.get("then" if fits else "else", {})
    for name, part in schema.get("dependentSchemas", {}).items():
        if name in value:
            yield part


def _names_seen(_walker: _Walker, value: Json, schema: Ready) -> set[Any]:
    return set(value) if "additionalProperties" in schema else _own_names(value, schema)


def _items_seen(walker: _Walker, value: Json, schema: Ready) -> set[Any]:
    if "items" in schema:
        return set(range(len(value)))
    seen = set(range(len(schema.get("prefixItems", ()))))
    if "contains" in schema:
        seen.update(i for i, item in enumerate(value) if _fits(walker, item, schema["contains"]))
    return seen


_OWN: Final[dict[str, _Keyword]] = {
    "$ref": _ref,
    "type": _type,
    "required": _required,
    "dependentRequired": _dependent_required,
    "uniqueItems": _unique_items,
    "anyOf": _any_of,
    "oneOf": _one_fits,
    "not": _not,
    "contains": _contains,
    "propertyNames": _property_names,
    "patternProperties": _pattern_properties,
    "additionalProperties": _additional,
    "unevaluatedProperties": _unevaluated_properties,
    "unevaluatedItems": _unevaluated_items,
    **{name: _asserted(assertion) for name, assertion in ASSERTIONS.items()},
}

_FROM_JSONSCHEMA: Final[dict[str, _Keyword]] = {
    name: Draft202012Validator.VALIDATORS[name]
    for name in ("properties", "prefixItems", "items", "allOf", "if", "dependentSchemas")
}

_Judge: Final = create(
    meta_schema={},
    validators={name: _counted(keyword) for name, keyword in {**_FROM_JSONSCHEMA, **_OWN}.items()},
    type_checker=Draft202012Validator.TYPE_CHECKER,
    id_of=lambda _: "",
)
