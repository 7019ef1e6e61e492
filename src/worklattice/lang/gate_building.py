"""What the rules of the grammar build: from the tree of a text to a `Gate`.

On the way quantities are read, and nesting and size are held to their limits; each fault is shown where it
stands.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

from lark import Token

from worklattice.lang import quantity_parsing
from worklattice.lang.condition import Comparator
from worklattice.lang.diagnostics import LanguageError, Span
from worklattice.lang.gate import And, Between, Change, Compare, Gate, GateLimits, Metric, Not, Operand, Or
from worklattice.lang.names import unquoted
from worklattice.lang.quantities import Quantity
from worklattice.lang.trees import Node, ParseTree, around, node_of, reduce_tree, span_of, token_of
from worklattice.lang.units import PERCENT

_COMPARATORS: Final = {
    **{comparator.value: comparator for comparator in Comparator},
    "==": Comparator.EQ,
    "<>": Comparator.NE,
    "≠": Comparator.NE,
    "≤": Comparator.LE,
    "≥": Comparator.GE,
    "at least": Comparator.GE,
    "at most": Comparator.LE,
}


_Node: TypeAlias = Node[Gate | Operand]
_Part: TypeAlias = _Node | Token | None
"""A child of a rule; None where an optional part is absent."""


def build_gate(tree: ParseTree, text: str, limits: GateLimits, target_of: Operand | None = None) -> Gate:
    """The gate that the tree of a text means; of a target, for this operand. Raises `LanguageError`."""
    builder = _Builder(text, limits, target_of)
    node: _Node = reduce_tree(tree, lambda rule, parts: _RULES[rule](builder, *parts))
    return _gate(node)


class _Builder:
    """One method for each rule of the grammar, given the rule's parts."""

    def __init__(self, text: str, limits: GateLimits, target_of: Operand | None) -> None:
        self._text = text
        self._limits = limits
        self._target_of = target_of
        self._terms = 0

    def start(self, item: _Part) -> _Node:
        return node_of(item)

    def disjunction(self, *parts: _Part) -> _Node:
        nodes = [node_of(part) for part in parts]
        return around(nodes, Or(tuple(map(_gate, nodes))))

    def conjunction(self, *parts: _Part) -> _Node:
        nodes = [node_of(part) for part in parts]
        return around(nodes, And(tuple(map(_gate, nodes))))

    def negation(self, word: _Part, item: _Part) -> _Node:
        node = node_of(item)
        span = Span(span_of(token_of(word)).start, node.span.end)
        return self._deeper(Node(Not(_gate(node)), span, node.depth))

    def group(self, item: _Part) -> _Node:
        return self._deeper(node_of(item))

    def comparison(self, operand: _Part, comparator: _Part, quantity: _Part) -> _Node:
        of, token = node_of(operand), token_of(quantity)
        threshold = self._quantity(token)
        self._hold_to_shares(of.value, threshold, span_of(token))
        return self._term(of, token, Compare(_operand(of), _comparator(token_of(comparator)), threshold))

    def between(self, operand: _Part, negated: _Part, low: _Part, high: _Part) -> _Node:
        of, token = node_of(operand), token_of(high)
        span = Span(span_of(token_of(low)).start, span_of(token).end)
        ends = quantity_parsing.between(
            self._quantity(token_of(low)), self._quantity(token), self._text, span
        )
        self._hold_to_shares(of.value, ends.low, span)
        gate = Between(_operand(of), ends)
        return self._term(of, token, gate if negated is None else Not(gate))

    def bound(self, comparator: _Part, quantity: _Part) -> _Node:
        """A target; without an operator it is a minimum, or a range."""
        if comparator is not None:
            return self.comparison(self._target(quantity), comparator, quantity)
        of, token = self._target(quantity), token_of(quantity)
        ends = quantity_parsing.read_range(self._text, span_of(token))
        if ends.low == ends.high:
            return self._term(of, token, Compare(_operand(of), Comparator.GE, ends.low))
        return self._term(of, token, Between(_operand(of), ends))

    def interval(self, low: _Part, high: _Part) -> _Node:
        """A target between two quantities."""
        return self.between(self._target(low), None, low, high)

    def metric(self, name: _Part) -> _Node:
        token = token_of(name)
        return Node(Metric(str(unquoted(token))), span_of(token))

    def change(self, name: _Part) -> _Node:
        token = token_of(name)
        return Node(Change(str(unquoted(token))), span_of(token))

    def _target(self, at: _Part) -> _Node:
        if self._target_of is None:
            raise TypeError("a target is built for an operand")
        return Node(self._target_of, span_of(token_of(at)))

    def _quantity(self, token: Token) -> Quantity:
        return quantity_parsing.read_quantity(self._text, span_of(token))

    def _hold_to_shares(self, operand: Gate | Operand, threshold: Quantity, span: Span) -> None:
        if isinstance(operand, Change) and threshold.unit.kind != PERCENT.kind:
            raise self._fault(span, "a change is a share", "Write it in percent, as in 20%.")

    def _term(self, first: _Node, last: Token, gate: Gate) -> _Node:
        self._terms += 1
        if self._terms > self._limits.gate_terms:
            reason = f"there are more than {self._limits.gate_terms:,} comparisons"
            raise self._fault(first.span, reason, "Write several gates.")
        return Node(gate, Span(first.span.start, span_of(last).end))

    def _deeper(self, node: _Node) -> _Node:
        if node.depth >= self._limits.gate_depth:
            raise self._fault(node.span, f"this nests deeper than {self._limits.gate_depth} levels")
        return node._replace(depth=node.depth + 1)

    def _fault(self, span: Span, reason: str, hint: str | None = None) -> LanguageError:
        return LanguageError.at(self._text, span, reason, hint)


_RULES: Final[dict[str, Callable[..., _Node]]] = {
    "gate": _Builder.start,
    "disjunction": _Builder.disjunction,
    "conjunction": _Builder.conjunction,
    "negation": _Builder.negation,
    "group": _Builder.group,
    "comparison": _Builder.comparison,
    "between": _Builder.between,
    "bound": _Builder.bound,
    "interval": _Builder.interval,
    "metric": _Builder.metric,
    "change": _Builder.change,
}


def _gate(node: _Node) -> Gate:
    if isinstance(node.value, Gate):
        return node.value
    raise TypeError("the grammar puts a comparison here")


def _operand(node: _Node) -> Operand:
    if isinstance(node.value, Operand):
        return node.value
    raise TypeError("the grammar puts a metric here")


def _comparator(token: Token) -> Comparator:
    return _COMPARATORS[" ".join(token.lower().split())]
