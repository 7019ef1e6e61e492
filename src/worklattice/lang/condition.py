"""Conditions as values: the tree that `custom_filter`, `filters` and a template's `when` are read into.

A condition is three-valued, as in SQL: true, false or unknown (None). Names stand in the tree as references
that whoever parses it has resolved: to columns and attributes of a task (`worklattice.query`), or to
parameters (`worklattice.templates`).

Not here: the grammar (`condition.lark`, `worklattice.lang.parsing`) and the meaning
(`worklattice.lang.evaluation`).
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Protocol, TypeAlias

from attrs import frozen

from worklattice.lang.values import Value


class Comparator(Enum):
    """How two values are compared; values of different types compare as unknown."""

    EQ = "="
    NE = "!="
    LT = "<"
    LE = "<="
    GT = ">"
    GE = ">="


@frozen
class Literal:
    """A value: text, number, boolean, time, None, or (from structured filters) any JSON value."""

    value: Value


@frozen
class Column:
    """A column of a task, by its name."""

    name: str


@frozen
class Attribute:
    """A value inside the attributes of a task: the keys to follow, outermost first."""

    path: tuple[str, ...]


@frozen
class Parameter:
    """A value inside the parameters of a template: the keys to follow, outermost first."""

    path: tuple[str, ...]


@frozen
class Now:
    """The time of the call; `day_only` for its midnight in UTC (`CURDATE()`)."""

    day_only: bool = False


@frozen
class Shift:
    """A time moved by `amount` units: `DATE_ADD`, `DATE_SUB`, `x ± INTERVAL n unit`."""

    base: Expression
    amount: int
    """Negative to move back."""
    unit: str
    """microsecond, second, minute, hour, day, week, month, quarter or year."""


Expression: TypeAlias = Literal | Column | Attribute | Parameter | Now | Shift


@frozen
class Compare:
    """`left op right`."""

    op: Comparator
    left: Expression
    right: Expression


@frozen
class In:
    """`expression IN (members)`."""

    expression: Expression
    members: tuple[Expression, ...]


@frozen
class Between:
    """`expression BETWEEN low AND high`, both ends included."""

    expression: Expression
    low: Expression
    high: Expression


@frozen
class Like:
    """`expression LIKE pattern`, case-sensitive: `%` any characters, `_` one, after `escape` literally."""

    expression: Expression
    pattern: str
    escape: str = "\\"


@frozen
class Contains:
    """The text stands somewhere in the expression, letter case ignored (the `contains` filter)."""

    expression: Expression
    text: str


@frozen
class Has:
    """The expression is an array that has the value as a member (the `has` filter)."""

    expression: Expression
    member: Value


@frozen
class TextSearch:
    """Every word stands somewhere in the task's id, type or the texts of its attributes, case ignored."""

    words: tuple[str, ...]


@frozen
class IsNull:
    """`expression IS NULL`; never unknown."""

    expression: Expression


@frozen
class Truth:
    """An expression used as a condition: true where it is true or a number other than 0, else false.

    Unknown where the expression is null.
    """

    expression: Expression


@frozen
class Not:
    """`NOT item`."""

    item: Condition


@frozen
class And:
    """Every item holds; with no items, true."""

    items: tuple[Condition, ...]


@frozen
class Or:
    """Some item holds; with no items, false."""

    items: tuple[Condition, ...]


Condition: TypeAlias = (
    Compare | In | Between | Like | Contains | Has | TextSearch | IsNull | Truth | Not | And | Or
)

Resolver: TypeAlias = Callable[[tuple[str, ...]], Expression]
"""What a dotted name stands for; raises `LanguageError` for a name that stands for nothing."""


class ConditionLimits(Protocol):
    """How large a condition may be that is read from text; `worklattice.types.LIMITS` says it."""

    @property
    def filter_characters(self) -> int:
        """Characters of the text."""
        ...

    @property
    def filter_depth(self) -> int:
        """Parentheses, NOTs, functions and intervals within one another."""
        ...

    @property
    def filter_terms(self) -> int:
        """Conditions, and members of lists, in all."""
        ...
