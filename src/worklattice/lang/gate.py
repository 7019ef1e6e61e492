"""Gates as values: conditions on the metrics of a task, such as `error_rate < 0.1% and change(sales) > 5%`.

A gate compares metrics, or how much they changed, with quantities, and joins such comparisons with `and`,
`or` and `not`. `str` of a gate is its canonical text, which reads back as the same gate.

Not here: the grammar (`gate.lark`, `worklattice.lang.gate_parsing`) and whether a gate is passed
(`worklattice.lang.judging`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import UnionType
from typing import Final, Protocol, TypeAlias

from attrs import field, frozen
from attrs.validators import min_len

from worklattice.lang.condition import Comparator
from worklattice.lang.diagnostics import LanguageError
from worklattice.lang.quantities import Quantity, Range


class GateError(LanguageError):
    """The text is no gate, or no target."""


@frozen
class Metric:
    """The last value of a metric."""

    name: str = field(validator=min_len(1))

    def __str__(self) -> str:
        """As it is written in a gate."""
        return written_name(self.name)


@frozen
class Change:
    """By which share a metric has changed against its baseline: 20% for 120 where it was 100."""

    name: str = field(validator=min_len(1))

    def __str__(self) -> str:
        """As it is written in a gate."""
        return f"change({written_name(self.name)})"


Operand: TypeAlias = Metric | Change


@frozen
class Compare:
    """`operand op threshold`."""

    operand: Operand
    op: Comparator
    threshold: Quantity

    def __str__(self) -> str:
        """The canonical text."""
        return written(self)


@frozen
class Between:
    """`operand between low and high`, both ends included."""

    operand: Operand
    range: Range

    def __str__(self) -> str:
        """The canonical text."""
        return written(self)


@frozen
class Not:
    """`not item`."""

    item: Gate

    def __str__(self) -> str:
        """The canonical text."""
        return written(self)


@frozen
class And:
    """Every item is passed."""

    items: tuple[Gate, ...] = field(validator=min_len(2))

    def __str__(self) -> str:
        """The canonical text."""
        return written(self)


@frozen
class Or:
    """Some item is passed."""

    items: tuple[Gate, ...] = field(validator=min_len(2))

    def __str__(self) -> str:
        """The canonical text."""
        return written(self)


Comparison: TypeAlias = Compare | Between
Gate: TypeAlias = Compare | Between | Not | And | Or


class GateLimits(Protocol):
    """How large a gate may be that is read from text."""

    @property
    def gate_characters(self) -> int:
        """Characters of the text."""
        ...

    @property
    def gate_depth(self) -> int:
        """Parentheses and nots within one another."""
        ...

    @property
    def gate_terms(self) -> int:
        """Comparisons in all."""
        ...


_PLAIN: Final = re.compile(r"(?!P(?:[0-9.]+[A-Z]|T[0-9.]))[^\W\d]\w*(?:[.-]\w+)*")
_KEYWORDS: Final = frozenset({"and", "or", "not", "between"})


def metrics_of(gate: Gate) -> tuple[str, ...]:
    """The names of the metrics that the gate speaks of, each once, in the order in which they first stand."""
    return tuple(dict.fromkeys(comparison.operand.name for comparison in comparisons_of(gate)))


def comparisons_of(gate: Gate) -> Iterator[Comparison]:
    """The comparisons that the gate is made of, from left to right."""
    for part in parts_of(gate):
        if isinstance(part, Compare | Between):
            yield part


def parts_of(gate: Gate) -> Iterator[Gate]:
    """The gate and all in it: items before what they stand in, from left to right, without recursion."""
    waiting, parents_first = [gate], list[Gate]()
    while waiting:
        part = waiting.pop()
        parents_first.append(part)
        match part:
            case Not(item):
                waiting.append(item)
            case And(items) | Or(items):
                waiting.extend(items)
            case _:
                pass
    return reversed(parents_first)


def written(gate: Gate) -> str:
    """The canonical text of the gate: in parentheses only what would otherwise be read as something else."""
    texts: list[str] = []
    for part in parts_of(gate):
        match part:
            case Compare(operand, op, threshold):
                texts.append(f"{operand} {op.value} {threshold}")
            case Between(operand, ends):
                texts.append(f"{operand} between {ends.low} and {ends.high}")
            case Not(item):
                texts.append(f"not {_within(item, texts.pop(), And | Or)}")
            case And(items):
                _join(texts, items, " and ", And | Or)
            case Or(items):
                _join(texts, items, " or ", Or)
    return texts.pop()


def written_name(name: str) -> str:
    """The name of a metric as it stands in a gate, in backquotes where it needs them."""
    if _PLAIN.fullmatch(name) and name.lower() not in _KEYWORDS:
        return name
    return "`" + name.replace("`", "``") + "`"


def _join(texts: list[str], items: tuple[Gate, ...], word: str, looser: type | UnionType) -> None:
    """Join the last texts, which are those of the items, into one."""
    own = texts[-len(items) :]
    texts[-len(items) :] = [word.join(map(_within, items, own, [looser] * len(items)))]


def _within(item: Gate, text: str, looser: type | UnionType) -> str:
    """The text of an item where what binds looser needs parentheses."""
    return f"({text})" if isinstance(item, looser) else text
