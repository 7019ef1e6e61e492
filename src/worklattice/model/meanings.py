"""What the attributes of a task mean, where its type has names of its own, defaults, or is strict.

A type may call what conventions mean by another name (`attribute_names`: the meaning, and the type's own name
for it), say what holds where a task says nothing (`attribute_defaults`), and refuse what cannot be read
(`strict`). Everything that reads conventions reads attributes as they are meant.

Not here: which names mean something (`worklattice.model.conventions`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, Self, cast

from attrs import field, frozen

from worklattice.errors import Problem, did_you_mean, shown, written
from worklattice.model.conventions import CONVENTIONS, unreadable
from worklattice.model.rows import TypeRow
from worklattice.model.timing import without_zone
from worklattice.types import LIMITS, JsonObject


@frozen
class Meanings:
    """How a type reads the attributes of its tasks."""

    names: Mapping[str, str] = field(factory=dict)
    """By meaning, the attribute that has it, where that has another name."""
    defaults: JsonObject = field(factory=dict)
    """By meaning, what holds where a task says nothing."""
    strict: bool = False
    """Whether attributes that mean something and cannot be read are refused."""

    @classmethod
    def of(cls, registration: TypeRow) -> Self:
        """Those that a registration gives its tasks."""
        names = cast("dict[str, str]", registration.attribute_names or {})
        return cls(names, registration.attribute_defaults or {}, registration.strict)

    def meant(self, attributes: JsonObject) -> JsonObject:
        """What a task with these attributes says, and what holds where it says nothing, by meaning.

        Cost: the attributes, where the type has names or defaults.
        """
        said = self._said(attributes)
        return {**self.defaults, **said} if self.defaults else said

    def _said(self, attributes: JsonObject) -> JsonObject:
        """The attributes by the names of conventions; one whose meaning has another name here has none."""
        if not self.names:
            return attributes
        own = {name: value for name, value in attributes.items() if name not in self.names}
        renamed = {meaning: attributes[name] for meaning, name in self.names.items() if name in attributes}
        return {**own, **renamed}

    def warnings(self, attributes: JsonObject) -> Iterator[str]:
        """What of the attributes cannot be read, and what was assumed to read the rest, as sentences."""
        said = self._said(attributes)
        if _MEANT.isdisjoint(said):
            return
        for each in unreadable(said):
            yield each.warning(self.names)
        for name in without_zone(said):
            yield f"attributes.{self.names.get(name, name)} says no time zone, and is read as UTC."

    def problems(self, attributes: JsonObject, path: str) -> list[Problem]:
        """What a type refuses of attributes that are given at `path`; nothing where it is not strict."""
        if not self.strict:
            return []
        return [each.problem(path, self.names) for each in unreadable(self._said(attributes))]


_MEANT: Final = frozenset(CONVENTIONS)

OF_TASKS: Final = frozenset({"schedule"})
"""What is the same in every type: runs are copies of a task but for its schedule, whatever the type says."""

CONVENTIONAL: Final = Meanings()
"""The meanings of types that say nothing of them."""


def problems_of_names(names: JsonObject, path: str) -> Iterator[Problem]:
    """What is wrong with a type's names for meanings."""
    taken: dict[str, str] = {}
    for meaning, name in names.items():
        at = path + written((meaning,))
        if meaning not in CONVENTIONS:
            yield _no_meaning(meaning, at)
        elif meaning in OF_TASKS:
            yield Problem(field=at, message=f"{meaning} keeps its name in every type")
        elif not isinstance(name, str) or not 0 < len(name) <= LIMITS.id_characters:
            message = f"must be a name of 1 to {LIMITS.id_characters} characters, not {shown(name)}"
            yield Problem(field=at, message=message)
        elif name in CONVENTIONS and name != meaning:
            yield Problem(field=at, message=f"{shown(name)} means something of its own")
        elif name in taken:
            yield Problem(field=at, message=f"{shown(name)} is the name of {taken[name]} already")
        else:
            taken[name] = meaning


def problems_of_defaults(defaults: JsonObject, path: str) -> Iterator[Problem]:
    """What is wrong with what a type lets hold where tasks say nothing."""
    for meaning in defaults:
        at = path + written((meaning,))
        if meaning not in CONVENTIONS:
            yield _no_meaning(meaning, at)
        elif meaning in OF_TASKS:
            yield Problem(field=at, message=f"{meaning} is for a task itself to say")
    for each in unreadable(defaults):
        yield each.problem(path, {})


def warnings_of_defaults(defaults: JsonObject) -> Iterator[str]:
    """What was assumed to read what a type lets hold."""
    for name in without_zone(defaults):
        yield f"attribute_defaults.{name} says no time zone, and is read as UTC."


def _no_meaning(name: str, path: str) -> Problem:
    guess = did_you_mean(name, list(CONVENTIONS), otherwise="The table of conventions lists them.")
    return Problem(field=path, message=f"{shown(name)} is no name that means something. {guess}")
