"""Resources: named things of which there are so many units, held by the claims of the tasks that need them.

What a task needs stands in its attribute `resources`: a list, or one alone, of names, which it then needs for
itself, and of objects `{"name": "gpu", "units": 1, "capacity": 4}`, of which it needs some units of so many.
Where tasks have it differently how many units there are, the least counts: so whoever needs something for
itself meets nobody there, and is met by nobody.

A value that cannot be read is an attribute like any other and holds nothing; whoever writes it is warned.

Not here: claims themselves (`worklattice.model.claims`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple, TypeAlias, cast

from worklattice.errors import shown
from worklattice.lang.condition import And, Column, Condition, IsNull, Like, Not, Or
from worklattice.model.rows import HoldRow, TaskRow
from worklattice.model.unreadable import Unreadable
from worklattice.types import LIMITS, JsonObject, JsonValue

ATTRIBUTE: Final = "resources"
"""The attribute that says what a task needs."""

_KEYS: Final = frozenset({"name", "units", "capacity"})
_MOST: Final = (1 << 31) - 1
"""Units: more than anybody counts, and so few that sums of them fit everywhere."""


class Need(NamedTuple):
    """How much a task needs of a resource."""

    units: int
    capacity: int
    """How many units there are."""


_NEEDS: Final = Column("needs")
_SIGNS: Final = re.compile(r"[\\%_]")
"""What means something in the pattern of a LIKE."""

EXCLUSIVE: Final = Need(1, 1)

Needs: TypeAlias = dict[str, Need]
"""By the resource's name."""


def needs_of(attributes: JsonObject) -> Needs:
    """What a task with these attributes needs; nothing where that cannot be read."""
    return _read(attributes)[0] if ATTRIBUTE in attributes else {}


def faults_in_resources(attributes: JsonObject) -> Iterator[Unreadable]:
    """Why `resources` among the attributes cannot be read, where it is there and cannot."""
    fault = _read(attributes)[1] if ATTRIBUTE in attributes else None
    if fault is not None:
        yield Unreadable(ATTRIBUTE, "is kept and holds nothing", fault)


def _read(attributes: JsonObject) -> tuple[Needs, str | None]:
    """The needs, or what is wrong with one of them."""
    value = attributes[ATTRIBUTE]
    needs: Needs = {}
    for item in value if isinstance(value, list) else [value]:
        name, need = _named(item)
        if name is None or need is None:
            return {}, f"{shown(item)} is neither a name nor an object of name, units and capacity"
        if need.units > need.capacity:
            return {}, f"{shown(name)} has fewer units than are needed"
        if name in needs:
            return {}, f"{shown(name)} is named twice"
        needs[name] = need
    return needs, None


def _named(item: JsonValue) -> tuple[str | None, Need | None]:
    if isinstance(item, str):
        return (item if _is_name(item) else None), EXCLUSIVE
    if not isinstance(item, dict) or not _KEYS.issuperset(item):
        return None, None
    name, units, capacity = item.get("name"), _count(item.get("units", 1)), _count(item.get("capacity", 1))
    if not isinstance(name, str) or not _is_name(name) or units is None or capacity is None:
        return None, None
    return name, Need(units, capacity)


def _is_name(text: str) -> bool:
    return 0 < len(text) <= LIMITS.id_characters and text.isprintable()


def _count(value: JsonValue) -> int | None:
    """The whole number from 1 that the value is, if it is one; 1.0 is 1."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 1 <= value <= _MOST:
        return None
    return int(value) if value == int(value) else None


# --- needs as conditions ask for them ---------------------------------------------------------------------


def needs_in_words(attributes: JsonObject) -> str | None:
    """The needs as one text, a line for each; None where there are none.

    No name has a line break in it, so a line stands in the text exactly where the task needs just that.
    """
    needs = needs_of(attributes)
    if not needs:
        return None
    return "\n" + "".join(f"{_line(name, need)}\n" for name, need in needs.items())


def _line(name: str, need: Need) -> str:
    return f"{name} {need.units}/{need.capacity}"


def needs_none_of(needs: Iterable[tuple[str, Need]]) -> Condition:
    """That a task needs nothing of all this in just these units, of which there are just so many."""
    patterns = (f"%\n{_literally(_line(name, need))}\n%" for name, need in needs)
    lacks = And(tuple(Not(Like(_NEEDS, pattern)) for pattern in patterns))
    return Or((IsNull(_NEEDS), lacks))


def _literally(text: str) -> str:
    return _SIGNS.sub(r"\\\g<0>", text)


# --- what is held -----------------------------------------------------------------------------------------


def as_said(needs: Needs) -> JsonObject:
    """The needs as an event, and the row of a claimed task, have them."""
    return {name: {"units": need.units, "capacity": need.capacity} for name, need in needs.items()}


def holds_of(row: TaskRow) -> Iterator[HoldRow]:
    """What the claim of a task holds."""
    if row.holds is None:
        return
    for name, said in cast("dict[str, dict[str, Any]]", row.holds).items():
        yield HoldRow(name, row.task_id, said["units"], said["capacity"])


def has_room(need: Need, holds: Sequence[HoldRow]) -> bool:
    """Whether there are units enough beside those that are held."""
    capacity = min([need.capacity, *(hold.capacity for hold in holds)])
    return need.units + units_of(holds) <= capacity


def units_of(holds: Iterable[HoldRow]) -> int:
    """How many units are held."""
    return sum(hold.units for hold in holds)
