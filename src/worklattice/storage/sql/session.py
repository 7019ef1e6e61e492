"""What the SQL stores ask of a driver and of a database: statements run, and the few words that differ.

SQL here is written with `?` for parameters, double-quoted names, and what SQLite (3.38 and newer) and
PostgreSQL have in common: no triggers, no sequences, no generated keys, text keys led by the workspace.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple, Protocol, TypeAlias

from worklattice.model.rows import Micros

Record: TypeAlias = tuple[Any, ...]
"""A row as the driver gives it."""

Parameters: TypeAlias = Sequence[Any]


class Sql(NamedTuple):
    """A piece of SQL and the parameters of its question marks, in their order."""

    text: str
    parameters: tuple[Any, ...] = ()


class Inserted(Protocol):
    """What is said of a table to load rows into it: `worklattice.storage.sql.rows.Table` has it."""

    name: str
    columns: str


class Statement(NamedTuple):
    """A statement that writes, to be run once for each of the parameters."""

    sql: str
    parameters: Sequence[Parameters]
    loads: Inserted | None = None
    """The table, where nothing but rows are inserted into one, for which there may be a quicker way."""
    at_once: Callable[[Sequence[Parameters]], Sql] | None = None
    """Makes the statement that does the work for all of the parameters at once."""
    may_miss: bool = False
    """Whether a record may be missing: what is to go may be gone already. Otherwise that is refused."""


class Session(Protocol):
    """One connection inside one transaction. Errors of the driver leave it as `StoreError`."""

    @property
    def now(self) -> Micros | None:
        """The time by the database's clock when the transaction got its turn; None where it has no clock."""
        ...

    def one(self, sql: str, parameters: Parameters) -> Record | None:
        """The first record, or None where there is none."""
        ...

    def all(self, sql: str, parameters: Parameters) -> list[Record]:
        """Every record."""
        ...

    def stream(self, sql: str, parameters: Parameters) -> Iterator[Record]:
        """The records one by one, as the database finds them."""
        ...

    def run(self, statements: Sequence[Statement]) -> Sequence[int]:
        """Run the statements in their order; how many records each of them changed in all."""
        ...

    def commit(self) -> None:
        """Make what was written durable, and end the transaction."""
        ...


AttributePath: TypeAlias = tuple[str, ...]
"""The keys to follow into a task's attributes, outermost first."""


class Dialect(Protocol):
    """How one database says what the others say differently.

    What stands at the end of an attribute's path has one type. The expressions below are null where it has
    another one, where it is missing, and where it is JSON's null.
    """

    def is_one_of(self, expression: str, texts: Iterable[str]) -> Sql:
        """That the expression is one of the texts, however many they are."""
        ...

    def can_follow(self, path: AttributePath) -> bool:
        """Whether the path can be followed in SQL; else the other methods are not asked."""
        ...

    def number(self, value: float) -> object:
        """The number as a parameter that is compared with `number_at`."""
        ...

    def text_at(self, path: AttributePath) -> Sql:
        """The text there."""
        ...

    def number_at(self, path: AttributePath) -> Sql:
        """The number there, to its last bit."""
        ...

    def boolean_at(self, path: AttributePath) -> Sql:
        """The boolean there."""
        ...

    def nothing_at(self, path: AttributePath) -> Sql:
        """That the value there is missing or null; never null itself."""
        ...

    def text_in_array_at(self, path: AttributePath, text: str) -> Sql:
        """That the array there has the text as a member; null where there is no array."""
        ...

    def order_at(self, path: AttributePath) -> tuple[Sql, Sql, Sql]:
        """What orders the values there: the place of the type, the number, and the text.

        Places are those of `worklattice.query.order.TYPE_PLACES`; true and false are the numbers 1 and 0.
        """
        ...

    def is_like(self, expression: Sql, pattern: str, escape: str) -> Sql | None:
        """That the text is like the pattern, where the database can tell as exactly as `lang` does."""
        ...

    def may_contain(self, column: str, word: str) -> Sql:
        """True wherever the text or JSON of the column has the casefolded word in it, letter case ignored.

        May be true elsewhere, too: the word is in a key, or the text goes beyond ASCII.
        """
        ...
