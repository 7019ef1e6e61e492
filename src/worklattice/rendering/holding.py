"""What a dependency still holds back, as pictures say it."""

from __future__ import annotations

from typing import Final

from worklattice.model.dependency import DEPENDENCY_TYPES, Dependency, Point

_OPEN: Final = frozenset({"pending", "failed"})


def held_point(dependency: Dependency) -> Point | None:
    """The point of the dependant, its start or its finish, that this dependency waits to let through.

    None where it is satisfied or waived, does not apply, is not mandatory, or is of a type that never holds.
    """
    kind = DEPENDENCY_TYPES.get(dependency.dependency_type)
    if kind is None or not dependency.mandatory or dependency.state not in _OPEN:
        return None
    return kind.holds
