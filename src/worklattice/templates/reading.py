"""The pieces of a node, each read by a rule of its own; problems are collected, not raised.

Not here: the node as a whole and how nodes hang together (`worklattice.templates.parse`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from worklattice.errors import FilterSyntaxError, Problem, shown
from worklattice.lang.condition import Condition, Expression, Parameter
from worklattice.lang.diagnostics import LanguageError
from worklattice.lang.durations import parse_duration
from worklattice.lang.parsing import parse_condition
from worklattice.lang.times import parse_time
from worklattice.schema import hint, listed, written
from worklattice.templates.filling import Array, Filling, Fixed, Mixed, Object, Whole
from worklattice.templates.names import Names
from worklattice.templates.placeholders import Hole, scan
from worklattice.types import LIMITS

Json: TypeAlias = Any


class Problems:
    """Everything that is wrong with a definition, in the order in which it is found."""

    def __init__(self) -> None:
        self.found: list[Problem] = []

    def add(self, path: str, message: str) -> None:
        """Note a problem; beyond the limit it is only forgotten."""
        if not self.full:
            self.found.append(Problem(field=path, message=message))

    @property
    def full(self) -> bool:
        """Whether there are as many as are reported."""
        return len(self.found) >= LIMITS.problems

    def unknown_keys(self, value: Mapping[str, Json], known: Sequence[str], path: str) -> None:
        """Note each key that is not known, with the closest that is."""
        for key in value:
            if key not in known and not self.full:
                near = hint(key, known, otherwise=f"; use {listed(known)}")
                self.add(path + written((key,)), f"is not known here{near}")


class Reader:
    """Reads the values of a node's keys. Each method takes a value and its path."""

    def __init__(self, names: Names, problems: Problems) -> None:
        self.names = names
        self.problems = problems

    # texts with placeholders

    def filling(self, value: Json, path: str, level: int = 0) -> Filling:
        """Any JSON value. Recurses as deep as it, which was bounded before."""
        if isinstance(value, str):
            return self.text(value, path, level)
        if isinstance(value, dict):
            return self.mapping(value, path, level)
        if isinstance(value, list):
            items = enumerate(value)
            return Array(tuple(self.filling(item, f"{path}[{i}]", level + 1) for i, item in items))
        return Fixed(value)

    def mapping(self, value: Json, path: str, level: int = 0) -> Object:
        """An object whose keys and values may hold placeholders."""
        if not isinstance(value, dict):
            self.problems.add(path, "must be an object")
            return Object(())
        entries: list[tuple[str | Mixed, Filling]] = []
        for name, item in value.items():
            inside = path + written((name,))
            entries.append((self._key(name, inside), self.filling(item, inside, level + 1)))
        return Object(tuple(entries))

    def text(self, value: str, path: str, level: int = 0) -> Fixed | Whole | Mixed:
        """A text, with placeholders where it has any."""
        parts = self._parts(value, path)
        match parts:
            case []:
                return Fixed("")
            case [str(only)]:
                return Fixed(only)
            case [Hole(names, _)]:
                return Whole(names, level)
            case _:
                return Mixed(tuple(part if isinstance(part, str) else Whole(part.path) for part in parts))

    def _key(self, name: str, path: str) -> str | Mixed:
        parts = self._parts(name, path)
        for part in parts:
            if isinstance(part, Hole):
                types = self.names.place(part.path).types
                if types is not None and types <= {"array", "object"}:
                    self.problems.add(path, f"{shown(name)} would make a key of what is no text")
        if all(isinstance(part, str) for part in parts):
            return "".join(part for part in parts if isinstance(part, str))
        return Mixed(tuple(part if isinstance(part, str) else Whole(part.path) for part in parts))

    def _parts(self, text: str, path: str) -> list[str | Hole]:
        try:
            parts = scan(text)
        except LanguageError as error:
            self.problems.add(path, str(error))
            return []
        for index, part in enumerate(parts):
            if self.problems.full:
                return []
            if isinstance(part, Hole) and not self._known(part, text, path):
                parts[index] = ""
        return parts

    def _known(self, hole: Hole, text: str, path: str) -> bool:
        try:
            self.names.place(hole.path)
        except LanguageError as error:
            self.problems.add(path, str(LanguageError.at(text, hole.span, error.reason, error.hint)))
            return False
        return True

    # texts of a certain form

    def name(self, value: Json, path: str, *, needed: bool = False) -> Filling | None:
        """A name of 1 to 200 characters, with or without placeholders; `needed` if it cannot be left out."""
        if not isinstance(value, str) or not 0 < len(value) <= LIMITS.id_characters:
            self.problems.add(path, f"must be a text of 1 to {LIMITS.id_characters} characters")
            return None
        filling = self.text(value, path)
        for hole in filling.holes() if needed else ():
            if not self.names.is_given(hole):
                says = f"the parameter {shown('.'.join(hole))} may be missing, and then there is no such text"
                self.problems.add(path, f"{says}; make it required or give it a default")
        return filling

    def note(self, value: Json, path: str) -> Filling | None:
        """Any text."""
        if not isinstance(value, str):
            self.problems.add(path, "must be text")
            return None
        return self.text(value, path)

    def duration(self, value: Json, path: str) -> Filling | None:
        """A duration."""
        return self._formed(value, path, parse_duration)

    def time(self, value: Json, path: str) -> Filling | None:
        """A time in RFC 3339."""
        return self._formed(value, path, parse_time)

    def _formed(self, value: Json, path: str, parse: Callable[[str], object]) -> Filling | None:
        filling = self.note(value, path)
        if isinstance(filling, Fixed) and isinstance(filling.value, str):
            try:
                parse(filling.value)
            except LanguageError as error:
                self.problems.add(path, str(error))
        return filling

    def join(self, value: Json, path: str) -> Filling | None:
        """`all`, `any`, how many, or a placeholder."""
        filling = self.text(value, path) if isinstance(value, str) else Fixed(value)
        if isinstance(filling, Fixed) and not is_join(filling.value):
            self.problems.add(path, JOIN_RULE)
        return filling

    # what has no placeholders

    def flag(self, value: Json, path: str) -> bool:
        """True or false."""
        if not isinstance(value, bool):
            self.problems.add(path, "must be true or false")
        return value is True

    def choice(self, value: Json, path: str, known: Sequence[str]) -> str:
        """One of the known names."""
        if not isinstance(value, str) or value not in known:
            near = hint(value, known, otherwise=f"; use {listed(known)}")
            self.problems.add(path, f"{shown(value)} is not known here{near}")
            return known[0]
        return value

    def source(self, value: Json, path: str) -> tuple[str, ...] | None:
        """The array of a loop: the name of a parameter, with dots into objects, in braces or not."""
        text = value if isinstance(value, str) else ""
        try:
            parts = scan(text if text.startswith("{") else f"{{{text}}}")
        except LanguageError:
            parts = []
        match parts:
            case [Hole(names, _)]:
                return names if self._is_array(names, path) else None
            case _:
                self.problems.add(path, "must name a parameter that holds an array, such as environments")
                return None

    def _is_array(self, names: tuple[str, ...], path: str) -> bool:
        try:
            place = self.names.place(names)
        except LanguageError as error:
            self.problems.add(path, str(error))
            return False
        if place.types is not None and "array" not in place.types:
            self.problems.add(path, f"{shown('.'.join(names))} is no array")
            return False
        return True

    def condition(self, value: Json, path: str) -> tuple[Condition | None, frozenset[str]]:
        """A condition over the parameters, and the first names of those that it reads."""
        read: set[str] = set()

        def resolve(names: tuple[str, ...]) -> Expression:
            self.names.place(names)
            read.add(names[0])
            return Parameter(names)

        if not isinstance(value, str):
            self.problems.add(path, "must be text: a condition, such as complexity = 'complex'")
            return None, frozenset()
        try:
            return parse_condition(value, resolve, LIMITS), frozenset(read)
        except FilterSyntaxError as error:
            self.problems.add(path, str(error))
            return None, frozenset()


JOIN_RULE: Final = "must be all, any, or an integer from 1"


def is_join(value: object) -> bool:
    """Whether the value can be a `join`."""
    if isinstance(value, int):
        return value >= 1 and not isinstance(value, bool)
    return value in {"all", "any"} if isinstance(value, str) else False
