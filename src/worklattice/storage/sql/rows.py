"""Between rows and records: which table keeps which row, and how.

JSON stands in the tables as text, written compactly and with every character as it is. A JSON null and the
absence of a value are the same, as they are in the rows.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any, Final, Generic, NamedTuple, TypeVar

from worklattice.model.rows import (
    CalendarRow,
    CommentRow,
    ConsumerRow,
    DeliveryRow,
    EdgeRow,
    EventRow,
    HoldRow,
    KeyRow,
    TaskRow,
    TemplateRow,
    TypeRow,
)
from worklattice.storage import refusals
from worklattice.storage.sql.session import Parameters, Record, Sql

_encode: Final = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode
_read_json: Final = json.JSONDecoder().raw_decode

RowT = TypeVar("RowT", bound=NamedTuple)


def _write_json(value: object) -> str:
    text = _encode(value)
    return _TEXT_OR_LARGE.sub(_written_out, text) if "e+" in text else text


_TEXT_OR_LARGE: Final = re.compile(r'"(?:[^"\\]|\\.)*"|-?[0-9.]+e\+[0-9]+')


def _written_out(token: re.Match[str]) -> str:
    """A large float digit by digit: where a database keeps decimals, its shortest form is another number."""
    text = token[0]
    return text if text.startswith('"') else f"{int(float(text))}.0"


class Table(Generic[RowT]):
    """One table: the statements on it, and its rows as records and as parameters.

    `select` gives the row's fields in their order; what writes a row takes the workspace and then these.
    """

    def __init__(
        self,
        name: str,
        row: type[RowT],
        *,
        key: tuple[str, ...],
        json_fields: tuple[str, ...] = (),
        booleans: tuple[str, ...] = (),
    ) -> None:
        self.name = name
        self._row = row
        self.fields: tuple[str, ...] = row._fields
        self._json = tuple(map(self.fields.index, json_fields))
        self._booleans = tuple(map(self.fields.index, booleans))
        self._key = tuple(map(self.fields.index, key))
        self._rest = tuple((i, i in self._json) for i in range(len(self.fields)) if i not in self._key)
        self._is_key = " AND ".join(f'"{field}" = ?' for field in ("workspace", *key))
        self.columns = ", ".join(f'"{field}"' for field in self.fields)
        self.select = f"SELECT {self.columns} FROM {name} WHERE workspace = ?"  # noqa: S608 - our own names
        self.select_one = f"SELECT {self.columns} FROM {name} WHERE {self._is_key}"  # noqa: S608 - likewise
        self.delete = f"DELETE FROM {name} WHERE {self._is_key}"  # noqa: S608 - likewise
        self.insert = self._insert(1)
        self.put = f"{self.insert} ON CONFLICT ({_comma(('workspace', *key))}) DO UPDATE SET " + ", ".join(
            f'"{field}" = excluded."{field}"' for field in self.fields if field not in key
        )

    @lru_cache(maxsize=512)  # noqa: B019 - tables are few and live as long as the program
    def _insert(self, count: int) -> str:
        """The statement that inserts so many rows."""
        places = f"({', '.join('?' * (len(self.fields) + 1))})"
        return (
            f"INSERT INTO {self.name} (workspace, {self.columns}) "  # noqa: S608 - our own names
            f"VALUES {', '.join([places] * count)}"
        )

    def insert_at_once(self, parameters: Sequence[Parameters]) -> Sql:
        """One statement for many parameters of `insert`."""
        return Sql(self._insert(len(parameters)), tuple(chain.from_iterable(parameters)))

    # --- reading ----------------------------------------------------------------------------------------

    def row(self, record: Record) -> RowT:
        """The row that a record holds."""
        values: list[Any] = list(record)
        for place in self._json:
            text = values[place]
            if text is not None:
                try:
                    values[place] = _read_json(text)[0]
                except ValueError as error:
                    raise refusals.unreadable(self._named(record), self.fields[place], error) from error
        for place in self._booleans:
            values[place] = values[place] != 0
        return tuple.__new__(self._row, values)

    def rows(self, records: Iterable[Record]) -> list[RowT]:
        """The rows that records hold."""
        return [self.row(record) for record in records]

    def _named(self, record: Record) -> str:
        return f"{self.name} ({', '.join(str(record[place]) for place in self._key)})"

    # --- writing ----------------------------------------------------------------------------------------

    def parameters(self, workspace: str, row: RowT) -> list[Any]:
        """What `insert` and `put` take."""
        values: list[Any] = [workspace, *row]
        for place in self._json:
            value = row[place]
            if value is not None:
                values[place + 1] = _write_json(value)
        return values

    def key_of(self, workspace: str, row: RowT) -> list[Any]:
        """What `delete`, and at the end of its parameters `update`, take."""
        return [workspace, *[row[place] for place in self._key]]

    def changed(self, old: RowT, new: RowT) -> tuple[int, ...]:
        """Which fields to write to turn one row into the other.

        JSON values that are equal may still differ (1 and true), so only the same object counts as the same.
        """
        return tuple(
            [
                place
                for place, is_json in self._rest
                if old[place] is not new[place] and (is_json or old[place] != new[place])
            ]
        )

    @lru_cache(maxsize=512)  # noqa: B019 - tables are few and live as long as the program
    def update(self, places: tuple[int, ...]) -> str:
        """The statement that writes these fields; indexes on others are left alone."""
        assignments = ", ".join(f'"{self.fields[place]}" = ?' for place in places)
        return f"UPDATE {self.name} SET {assignments} WHERE {self._is_key}"  # noqa: S608 - our own names

    @lru_cache(maxsize=512)  # noqa: B019 - likewise
    def _update_many(self, places: tuple[int, ...], count: int) -> str:
        """The statement that writes these fields of so many rows of one workspace.

        The new values are a table beside this one, which lends its columns their types by a row that is none.
        The keys are listed besides: a planner that knows nothing of the table yet would read all of it.
        """
        keys = ["workspace", *[self.fields[place] for place in self._key]]
        columns = _comma([*[self.fields[place] for place in places], *keys])
        row = f" UNION ALL SELECT {', '.join('?' * (len(places) + len(keys)))}"
        assignments = ", ".join(f'"{self.fields[place]}" = new."{self.fields[place]}"' for place in places)
        is_key = " AND ".join(f'{self.name}."{key}" = new."{key}"' for key in keys[1:])
        return (
            f"WITH new AS (SELECT {columns} FROM {self.name} WHERE workspace = ? AND FALSE{row * count}) "  # noqa: S608 - our own names
            f"UPDATE {self.name} SET {assignments} FROM new WHERE {self.name}.workspace = ? AND {is_key} "
            f'AND {self.name}."{keys[1]}" IN ({", ".join("?" * count)})'
        )

    def update_at_once(self, places: tuple[int, ...], parameters: Sequence[Parameters]) -> Sql:
        """One statement for many parameters of `update`, all of one workspace."""
        key = len(places) + 1
        workspace, keys = parameters[0][key - 1], [each[key] for each in parameters]
        values = chain.from_iterable(parameters)
        return Sql(self._update_many(places, len(parameters)), (workspace, *values, workspace, *keys))

    def update_parameters(self, places: tuple[int, ...], workspace: str, row: RowT) -> list[Any]:
        """What `update` takes."""
        values: list[Any] = [
            _write_json(value) if place in self._json and (value := row[place]) is not None else row[place]
            for place in places
        ]
        return values + self.key_of(workspace, row)


def _comma(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


TASKS: Final = Table(
    "tasks",
    TaskRow,
    key=("task_id",),
    json_fields=(
        "attributes",
        "result",
        "error",
        "approval",
        "artifacts",
        "metrics",
        "gate_waivers",
        "series",
        "holds",
        "clock",
        "alarms",
    ),
    booleans=("ready", "timed", "closed"),
)
EDGES: Final = Table(
    "edges",
    EdgeRow,
    key=("task_id", "dependency_id", "type"),
    json_fields=("conditions",),
    booleans=("mandatory",),
)
HOLDS: Final = Table("holds", HoldRow, key=("resource", "task_id"))
EVENTS: Final = Table("events", EventRow, key=("position",), json_fields=("data",))
COMMENTS: Final = Table("comments", CommentRow, key=("task_id", "seq"))
TEMPLATES: Final = Table(
    "templates", TemplateRow, key=("template_id", "version"), json_fields=("body",), booleans=("deleted",)
)
TYPES: Final = Table(
    "task_types",
    TypeRow,
    key=("task_type",),
    json_fields=("lifecycle", "attributes_schema", "attribute_names", "attribute_defaults"),
    booleans=("strict",),
)
CALENDARS: Final = Table("calendars", CalendarRow, key=("name",), json_fields=("body",))
KEYS: Final = Table("idempotency_keys", KeyRow, key=("key",), json_fields=("answer",))
CONSUMERS: Final = Table("consumers", ConsumerRow, key=("consumer",))
DELIVERIES: Final = Table("deliveries", DeliveryRow, key=("consumer", "position", "place"))
