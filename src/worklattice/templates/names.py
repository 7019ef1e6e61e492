"""Which names the texts and conditions of a template may use, as far as its schema says.

Parameters are those that `properties` of the schema speak of. Inside a loop its variable stands for an item;
the nearest loop that has the name wins, and loops win over parameters.

Not here: their values (`worklattice.templates.filling`).
"""

from __future__ import annotations

from typing import Final

from attrs import field, frozen

from worklattice.errors import shown
from worklattice.lang.diagnostics import LanguageError
from worklattice.schema import Place, hint, listed

_ARTICLES: Final = {"object": "an object", "array": "an array", "integer": "an integer"}


@frozen
class Names:
    """The names that can be seen at a node."""

    parameters: Place
    variables: tuple[tuple[str, Place], ...] = field(default=())
    """Loop variables, innermost first, and what an item may be."""

    def inside(self, variable: str, items: Place) -> Names:
        """The names inside a loop."""
        return Names(self.parameters, ((variable, items), *self.variables))

    def place(self, path: tuple[str, ...]) -> Place:
        """What the schema says of the value that `path` leads to. Raises `LanguageError` if there is none."""
        place = self._first(path[0])
        for depth, name in enumerate(path[1:], 1):
            place = _field(place, path[:depth], name)
        return place

    def is_given(self, path: tuple[str, ...]) -> bool:
        """Whether the value is there whatever parameters are given. `path` must be one that `place` knows."""
        variable = any(name == path[0] for name, _ in self.variables)
        if not variable and path[0] not in self.parameters.given:
            return False
        return all(name in self.place(path[:depth]).given for depth, name in enumerate(path[1:], 1))

    def _first(self, name: str) -> Place:
        for variable, items in self.variables:
            if variable == name:
                return items
        if name in self.parameters.names:
            return self.parameters.field(name)
        known = (*(variable for variable, _ in self.variables), *self.parameters.names)
        there_are = f"; there are {listed(known)}" if known else ", and no other"
        raise LanguageError(f"there is no parameter {shown(name)}{hint(name, known, otherwise=there_are)}")


def _field(place: Place, path: tuple[str, ...], name: str) -> Place:
    spelled = shown(".".join(path))
    if place.types is not None and "object" not in place.types:
        types = " or ".join(_ARTICLES.get(kind, f"a {kind}") for kind in sorted(place.types))
        raise LanguageError(f"{spelled} is {types} and has no fields")
    if place.names and name not in place.names and not place.says_other_keys:
        there_are = f"; it has {listed(place.names)}"
        near = hint(name, place.names, otherwise=there_are)
        raise LanguageError(f"{spelled} has no field {shown(name)}{near}")
    return place.field(name)
