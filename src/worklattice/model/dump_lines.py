"""The lines of a dump: which fields each kind has, and one line as it is read back.

Not here: fields as JSON (`worklattice.model.wire`), JSON text, and whether a value is of the form that its
field wants (`worklattice.codec`).
"""

from __future__ import annotations

from typing import Final, NamedTuple, cast

from worklattice.errors import ValidationError
from worklattice.model import wire
from worklattice.model.rows import CalendarRow, TemplateRow, TypeRow
from worklattice.model.wire import COMMENT_SAID, EDGE_SAID, TASK_SAID
from worklattice.types import JsonObject

FORMAT: Final = 1
"""The version of the dump's format that is written and read."""

HEADER: Final = "worklattice"
"""The kind of the first line, which names the format."""
END: Final = "end"
"""The kind of the last line, which says how many lines there are, itself among them."""

SAID: Final[dict[str, tuple[str, ...]]] = {
    "task_type": TypeRow._fields,
    "calendar": CalendarRow._fields,
    "template": TemplateRow._fields,
    "task": TASK_SAID,
    "dependency": EDGE_SAID,
    "comment": COMMENT_SAID,
}
"""Of each kind of row the fields that are said, `seq` among them, which is never written."""


def said(kind: str, row: NamedTuple) -> JsonObject:
    """The fields of a row that were said, as JSON; those without a value are left out."""
    return wire.said(row, (name for name in SAID[kind] if name != "seq"))


class DumpLine(NamedTuple):
    """A line of a dump, whose fields are of the forms that they must have."""

    number: int
    """From 1, the header's."""
    kind: str
    told: JsonObject
    """Its fields but for `kind`; those that are null count as left out."""
    size: int
    """Characters, or bytes, that it has."""

    def text(self, field: str) -> str | None:
        """What a field says that holds a text; None where it is left out."""
        return cast("str | None", self.told.get(field))

    def but(self, *fields: str) -> JsonObject:
        """What the line says, some fields left out."""
        return {name: value for name, value in self.told.items() if name not in fields}

    def refusal(self, message: str, field: str = "", *, hint: str | None = None) -> ValidationError:
        """The error that the line, or a field of it, is wrong."""
        return ValidationError.of(f"{place(self.number)}.{field}".rstrip("."), message, hint=hint)


def place(number: int) -> str:
    """How errors name a line."""
    return f"line {number}"
