"""What an attribute means by its name, where its value cannot be read: a value that says so.

Whoever reads attributes yields these; the answer of a write warns of them, and a strict type refuses them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from worklattice.errors import Problem


class Unreadable(NamedTuple):
    """A value, or a part of one, that cannot be read."""

    meaning: str
    """The name of the attribute that it is, as conventions have it."""
    effect: str
    """What becomes of it: "is kept and guards nothing"."""
    reason: str
    place: str = ""
    """Where in the value it stands: "[0]", ".error_rate"; the whole of it where empty."""

    def warning(self, names: Mapping[str, str]) -> str:
        """The sentence for whoever wrote it, by the names that the type has for meanings."""
        end = "" if self.reason.endswith((".", "?")) else "."
        return f"{self._path('attributes', names)} {self.effect}: {self.reason}{end}"

    def problem(self, path: str, names: Mapping[str, str]) -> Problem:
        """The same as a reason to refuse attributes that were given at `path`."""
        return Problem(field=self._path(path, names), message=self.reason)

    def _path(self, path: str, names: Mapping[str, str]) -> str:
        return f"{path}.{names.get(self.meaning, self.meaning)}{self.place}"


def reason_of(problem: Problem, path: str) -> str:
    """A problem of the value that stands at `path` as a reason, with its place where that is inside of it."""
    place = problem.field.removeprefix(path).removeprefix(".")
    message = problem.message.partition("\n")[0]  # without the picture of where a text is wrong
    return f"{place}: {message}" if place else message
