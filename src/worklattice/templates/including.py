"""What the includes of a template need: that there is such a template, no circle, and fitting parameters.

A template that is included without a version is taken as it is now; the newest at expansion may differ, and
is judged again then.

Not here: expanding what is included (`worklattice.templates.expand`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from worklattice.errors import shown
from worklattice.graph import find_circle
from worklattice.schema import hint
from worklattice.templates.model import Include, Lookup, Template
from worklattice.types import LIMITS

_Version: TypeAlias = tuple[str, int]


def include_problems(template: Template, known: Lookup) -> Iterator[tuple[str, str]]:
    """The path and the message of everything that is wrong with the includes. Cost: each template once."""
    family = _Family(template, known)
    for path, include in template.includes():
        included = family.find(include)
        if included is None:
            version = f" of version {include.version}" if include.version is not None else ""
            says = f"there is no template {shown(include.template_id)}{version}; create that first"
            yield f"{path}.include", says
        elif included is not template:
            yield from _parameter_problems(path, include, included)
    own = (template.template_id, template.version)
    if circle := find_circle([own], family.included_by):
        names = " includes ".join(shown(name) for name, _ in (*circle, circle[0]))
        yield family.way_into(circle), f"templates would include one another in a circle: {names}"
    elif family.depth() > LIMITS.include_depth:
        first = next(path for path, _ in template.includes())
        yield f"{first}.include", f"templates include one another at most {LIMITS.include_depth} deep"


def _parameter_problems(path: str, include: Include, included: Template) -> Iterator[tuple[str, str]]:
    place, name = included.parameters.root, shown(included.template_id)
    given = [key for key, _ in include.parameters.entries if isinstance(key, str)]
    for key in given if not place.says_other_keys else ():
        if key not in place.names:
            yield f"{path}.with.{key}", f"template {name} has no such parameter{hint(key, place.names)}"
    if len(given) == len(include.parameters.entries):
        for key in sorted(place.needed - set(given)):
            yield f"{path}.with.{key}", f"is required by template {name}"


class _Family:
    """A template and those that it includes, and so on; each is looked up once."""

    def __init__(self, template: Template, known: Lookup) -> None:
        self._template = template
        self._known = known
        self._found: dict[tuple[str, int | None], Template | None] = {
            (template.template_id, None): template,
            (template.template_id, template.version): template,
        }

    def find(self, include: Include) -> Template | None:
        wanted = (include.template_id, include.version)
        if wanted not in self._found:
            found = self._found[wanted] = self._known(*wanted)
            if found is not None:
                self._found.setdefault((found.template_id, found.version), found)
        return self._found[wanted]

    def included_by(self, key: _Version) -> list[_Version]:
        template = self._found[key]
        found = [self.find(include) for _, include in template.includes()] if template else []
        return list(dict.fromkeys((each.template_id, each.version) for each in found if each))

    def way_into(self, circle: tuple[_Version, ...]) -> str:
        """The path of the include that leads into the circle, or the first."""
        paths = list(self._template.includes())
        into = [
            path
            for path, include in paths
            if (t := self.find(include)) and (t.template_id, t.version) in circle
        ]
        return f"{(into or [paths[0][0]])[0]}.include"

    def depth(self) -> int:
        """How many templates stand in one another, the outermost not counted; stops above the limit."""
        level = {(self._template.template_id, self._template.version)}
        for depth in range(LIMITS.include_depth + 1):
            level = {inner for key in level for inner in self.included_by(key)}
            if not level:
                return depth
        return LIMITS.include_depth + 1
