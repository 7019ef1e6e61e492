"""What does not fit in arguments: where, what, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple, TypeAlias

from attrs import frozen

from worklattice.errors import (
    Problem,
    ProblemsError,
    TemplateParameterError,
    TemplateValidationError,
    ValidationError,
    shown,
    written,
)

Path: TypeAlias = tuple[str | int, ...]
"""The keys and indexes that lead to a place in the arguments, outermost first."""

FAULTS_LIMIT: Final = 100
"""Faults of one call that are reported; the rest would help nobody."""

ENVELOPE: Final = 16
"""Levels of objects and arrays that commands put around the JSON values in them, at most."""


class Fault(NamedTuple):
    """One fault. The message does not name the place."""

    path: Path
    message: str
    hint: str | None = None

    def inside(self, step: str | int) -> Fault:
        """The same fault, seen from the object or array around."""
        return self._replace(path=(step, *self.path))


_JSON_TYPES: Final = (str, int, float, Mapping, list, tuple)
_JSON_OWN: Final = frozenset({str, int, float, bool, dict, list, tuple})


def described(value: object) -> str:
    """The value as a message shows it, with its type where it only looks like one of JSON's."""
    kind = type(value)
    looks_alike = isinstance(value, _JSON_TYPES) and kind not in _JSON_OWN
    return f"{shown(value)} of the type {kind.__name__}" if looks_alike else shown(value)


@frozen
class MisfitError(ValueError):
    """Something in the arguments is not of the published form; never leaves `worklattice.codec`."""

    faults: tuple[Fault, ...]

    @classmethod
    def of(cls, message: str, hint: str | None = None) -> MisfitError:
        """The error of one fault, right here."""
        return cls((Fault((), message, hint),))

    @classmethod
    def wanted(cls, what: str, value: object) -> MisfitError:
        """The error that something else was wanted than `value`."""
        return cls.of(f"must be {what}, not {described(value)}")

    def under(self, base: str) -> ProblemsError:
        """The error for the caller, who knows what was being read as `base`."""
        kind = error_of(str(fault.path[0]) if fault.path else "" for fault in self.faults)
        problems = [Problem(field=base + written(fault.path), message=fault.message) for fault in self.faults]
        hints = (fault.hint for fault in self.faults if fault.hint)
        return kind.all(problems, hint=next(hints, None))


_OWN_ERRORS: Final[dict[str, type[ProblemsError]]] = {
    "task_structure": TemplateValidationError,
    "parameters_schema": TemplateValidationError,
    "parameters": TemplateParameterError,
}
"""The arguments whose faults have an error of their own."""


def error_of(arguments: Iterable[str]) -> type[ProblemsError]:
    """The error for faults that are in these arguments of a call."""
    kinds = {_OWN_ERRORS.get(name, ValidationError) for name in arguments}
    return kinds.pop() if len(kinds) == 1 else ValidationError
