"""What is wrong with a schema, or with a value that it judges: where, and what.

Not here: what finds the faults (`worklattice.schema.definition`, `worklattice.schema.judging`).
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Final, NamedTuple, TypeAlias

from attrs import frozen

from worklattice.errors import Problem, closest, shown, written

Path: TypeAlias = tuple[str | int, ...]
"""The keys and indexes that lead to a place in a JSON value, outermost first."""

FAULTS_LIMIT: Final = 100
"""Faults of one document that are reported; the rest would help nobody."""

_OFFERED: Final = 60
_OFFERED_LENGTH: Final = 32
_LISTED: Final = 20


class SchemaFault(NamedTuple):
    """One fault. The message never repeats the value: it may be a secret that stands in the wrong place."""

    path: Path
    message: str

    @property
    def text(self) -> str:
        """Where and what, in one line."""
        return f"{written(self.path)} {self.message}".lstrip(" .")

    def under(self, base: str) -> Problem:
        """The fault as a problem of what stands at `base`.

        >>> SchemaFault(("environments", 2, "name"), "must be text").under("arguments.parameters").field
        'arguments.parameters.environments[2].name'
        """
        return Problem(field=base + written(self.path), message=self.message)


TOO_LARGE: Final = SchemaFault((), "is too large, or too deeply nested, to be judged by its schema")


@frozen
class FaultySchemaError(ValueError):
    """The schema itself is faulty; whoever knows where it came from says so in an error of theirs."""

    faults: tuple[SchemaFault, ...]

    def __str__(self) -> str:
        """Every fault, a line each."""
        return "\n".join(fault.text for fault in self.faults)


def hint(name: object, known: Iterable[str], *, otherwise: str = "") -> str:
    """A clause that offers the known name most like this one, else `otherwise`.

    Long names, and what comes behind the first sixty, are left out: likeness costs the product of lengths.
    """
    if not isinstance(name, str) or len(name) > _OFFERED_LENGTH:
        return otherwise
    likely = [other for other in islice(known, _OFFERED) if len(other) <= _OFFERED_LENGTH]
    near = closest(name, likely, count=1)
    return f"; did you mean {shown(near[0])}?" if near else otherwise


def listed(known: Iterable[str]) -> str:
    """The known names, the first twenty of them."""
    names = list(islice(known, _LISTED + 1))
    return ", ".join(names[:_LISTED]) + (" …" if len(names) > _LISTED else "")
