"""What the rules of the grammar build: from the tree of a text to a `Condition`, its names resolved.

The tree is walked bottom-up without recursion. On the way literals are decoded, names resolved, functions
looked up, and nesting and size are held to their limits; each fault is shown where it stands.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Final, NamedTuple, TypeAlias

from lark import Token

from worklattice.errors import did_you_mean, shown
from worklattice.lang.condition import (
    And,
    Attribute,
    Between,
    Column,
    Comparator,
    Compare,
    Condition,
    ConditionLimits,
    Expression,
    In,
    IsNull,
    Like,
    Literal,
    Not,
    Now,
    Or,
    Parameter,
    Resolver,
    Shift,
    Truth,
)
from worklattice.lang.diagnostics import LanguageError, Span
from worklattice.lang.names import unquoted
from worklattice.lang.times import UNITS, read_micros
from worklattice.lang.trees import Node, ParseTree, around, node_of, reduce_tree, span_of, token_of


class _Interval(NamedTuple):
    """`INTERVAL amount unit`."""

    amount: int
    unit: str


_Node: TypeAlias = Node[Expression | Condition | _Interval]
_Part: TypeAlias = _Node | Token | None
"""A child of a rule; None where an optional part is absent."""

_KEY: Final = re.compile(r"`(?:[^`]|``)*+`|[^`.]+")
_ESCAPED: Final = {"'": re.compile(r"\\(.)|''", re.DOTALL), '"': re.compile(r'\\(.)|""', re.DOTALL)}
_ESCAPES: Final = {"b": "\b", "n": "\n", "r": "\r", "t": "\t", "Z": "\x1a", "%": "\\%", "_": "\\_"}
"""What a backslash and the character behind it mean, as in MySQL; every other one stands for itself."""

_INTEGERS: Final = range(-(1 << 63), 1 << 63)
_MOST_DIGITS: Final = 19
_CONSTANTS: Final = {"TRUE": True, "FALSE": False, "NULL": None}
_WITHOUT_PARENTHESES: Final = {"CURRENT_TIMESTAMP": Now(), "CURRENT_DATE": Now(day_only=True)}
_TIMES: Final = {"NOW": Now(), "CURDATE": Now(day_only=True), **_WITHOUT_PARENTHESES}
_SHIFTS: Final = {"DATE_ADD": 1, "DATE_SUB": -1}
_FUNCTIONS: Final = (*_TIMES, *_SHIFTS)
_COMPARATORS: Final = {**{comparator.value: comparator for comparator in Comparator}, "<>": Comparator.NE}
_WILDCARDS: Final = frozenset("%_")


def build_condition(tree: ParseTree, text: str, resolve: Resolver, limits: ConditionLimits) -> Condition:
    """The condition that the tree of a text means. Raises `LanguageError`."""
    builder = _Builder(text, resolve, limits)
    node: _Node = reduce_tree(tree, lambda rule, parts: _RULES[rule](builder, *parts))
    return builder.condition(node)


class _Builder:
    """One method for each rule of the grammar, given the rule's parts."""

    def __init__(self, text: str, resolve: Resolver, limits: ConditionLimits) -> None:
        self._text = text
        self._resolve = resolve
        self._limits = limits
        self._terms = 0

    # what parts are used as

    def condition(self, node: _Node) -> Condition:
        """The part used as a condition; an expression is one where it can be true."""
        match node.value:
            case Literal(str()):
                raise self._fault(node.span, "a text is no condition", "Compare it with something.")
            case Now() | Shift():
                raise self._fault(node.span, "a time is no condition", "Compare it with something.")
            case _Interval():
                raise self._fault(node.span, "an interval is no condition", "Add it to a time.")
            case Literal() | Column() | Attribute() | Parameter() as expression:
                self._count(1, node.span)
                return Truth(expression)
            case condition:
                return condition

    def _expression(self, node: _Node) -> Expression:
        if isinstance(node.value, Expression):
            return node.value
        what = "an interval" if isinstance(node.value, _Interval) else "a condition"
        raise self._fault(
            node.span, f"{what} is no value", "Only names, texts, numbers and times have values."
        )

    # conditions

    def start(self, item: _Part) -> _Node:
        return node_of(item)

    def disjunction(self, *parts: _Part) -> _Node:
        nodes = [node_of(part) for part in parts]
        return around(nodes, Or(tuple(self.condition(node) for node in nodes)))

    def conjunction(self, *parts: _Part) -> _Node:
        nodes = [node_of(part) for part in parts]
        return around(nodes, And(tuple(self.condition(node) for node in nodes)))

    def negation(self, word: _Part, item: _Part) -> _Node:
        span = Span(span_of(token_of(word)).start, node_of(item).span.end)
        return self._deeper(Node(Not(self.condition(node_of(item))), span, node_of(item).depth))

    def group(self, item: _Part) -> _Node:
        return self._deeper(node_of(item))

    def comparison(self, left: _Part, comparator: _Part, right: _Part) -> _Node:
        nodes = [node_of(left), node_of(right)]
        values = [self._expression(node) for node in nodes]
        return self._term(nodes, Compare(_COMPARATORS[token_of(comparator)], *values))

    def membership(self, item: _Part, negated: _Part, *members: _Part) -> _Node:
        nodes = [node_of(item), *(node_of(member) for member in members)]
        first, *others = [self._expression(node) for node in nodes]
        self._count(len(others), nodes[-1].span)
        return self._term(nodes, In(first, tuple(others)), negated)

    def between(self, item: _Part, negated: _Part, low: _Part, high: _Part) -> _Node:
        nodes = [node_of(item), node_of(low), node_of(high)]
        return self._term(nodes, Between(*(self._expression(node) for node in nodes)), negated)

    def likeness(self, item: _Part, negated: _Part, pattern: _Part, escape: _Part) -> _Node:
        nodes = [node_of(item), node_of(pattern)]
        text = self._quoted(node_of(pattern), "a pattern")
        sign = "\\" if escape is None else self._escape_sign(node_of(escape))
        if text.replace(sign * 2, "").endswith(sign):
            raise self._fault(
                node_of(pattern).span, "the pattern ends with its escape character", "Write it twice."
            )
        return self._term(nodes, Like(self._expression(nodes[0]), text, sign), negated)

    def verdict(self, item: _Part, negated: _Part, constant: _Part) -> _Node:
        node = node_of(item)
        value = self._expression(node)
        asked = _CONSTANTS[token_of(constant).upper()]
        is_null = IsNull(value)
        if asked is None:
            return self._term([node], is_null, negated)
        truth = Truth(value) if asked else Not(Truth(value))
        return self._term([node], And((Not(is_null), truth)), negated)

    # values

    def name(self, part: _Part) -> _Node:
        token = token_of(part)
        span = span_of(token)
        if now := _WITHOUT_PARENTHESES.get(token.upper()):
            return Node(now, span)
        keys = tuple(unquoted(key) for key in _KEY.findall(token))
        try:
            return Node(self._resolve(keys), span)
        except LanguageError as fault:
            raise self._fault(span, fault.reason, fault.hint) from None

    def text(self, part: _Part) -> _Node:
        token = token_of(part)
        span = span_of(token)
        value = _ESCAPED[token[0]].sub(_unescaped, token[1:-1])
        if "\0" in value:
            raise self._fault(span, "a text must not contain U+0000")
        return Node(Literal(value), span)

    def number(self, sign: _Part, digits: _Part) -> _Node:
        token = token_of(digits)
        span = span_of(token)
        signed = f"-{token}" if sign == "-" else str(token)
        if token.isdecimal():
            return Node(Literal(self._integer(signed, span)), span)
        value = float(signed)
        if not math.isfinite(value):
            raise self._fault(span, "the number is too large", "Numbers are at most about 1.8e308.")
        return Node(Literal(value), span)

    def constant(self, part: _Part) -> _Node:
        token = token_of(part)
        return Node(Literal(_CONSTANTS[token.upper()]), span_of(token))

    def interval(self, word: _Part, sign: _Part, amount: _Part, unit: _Part) -> _Node:
        span = Span(span_of(token_of(word)).start, span_of(token_of(unit)).end)
        number, name = token_of(amount), token_of(unit).lower()
        if not number.isdecimal():
            raise self._fault(span_of(number), "an interval counts whole units", "Choose a smaller unit.")
        if name not in UNITS:
            known = [unit.upper() for unit in UNITS]
            raise self._fault(
                span_of(token_of(unit)), "there is no such unit", did_you_mean(name.upper(), known)
            )
        signed = f"-{number}" if sign == "-" else str(number)
        return Node(_Interval(self._integer(signed, span_of(number)), name), span)

    def shift(self, base: _Part, sign: _Part, interval: _Part) -> _Node:
        return self._shifted(node_of(base), -1 if sign == "-" else 1, node_of(interval))

    def call(self, name: _Part, *arguments: _Part) -> _Node:
        token = token_of(name)
        function, span = token.upper(), span_of(token)
        nodes = [node_of(argument) for argument in arguments]
        if function in _SHIFTS:
            if len(nodes) != 2 or not isinstance(nodes[1].value, _Interval):  # noqa: PLR2004 - time, interval
                form = f"{function}(NOW(), INTERVAL 2 DAY)"
                raise self._fault(span, f"{function} takes a time and an interval", f"Write it as in {form}.")
            return self._shifted(nodes[0], _SHIFTS[function], nodes[1])
        if function not in _TIMES:
            known = f"The functions are {', '.join(_FUNCTIONS)}."
            hint = did_you_mean(function, _FUNCTIONS, otherwise=known)
            raise self._fault(span, f"there is no function {shown(str(token))}", hint)
        if nodes:
            raise self._fault(nodes[0].span, f"{function} takes nothing", f"Write {function}().")
        return Node(_TIMES[function], span)

    def _shifted(self, base: _Node, sign: int, by: _Node) -> _Node:
        interval = by.value
        if not isinstance(interval, _Interval):
            raise TypeError("the grammar puts intervals here")
        value = self._expression(base)
        if isinstance(value, Literal):
            if not isinstance(value.value, str):
                raise self._fault(base.span, "only a time can be moved", "Give a time such as NOW().")
            if read_micros(value.value) is None:
                raise self._fault(base.span, "this text is no time", "Write RFC 3339 or a date.")
        moved = Shift(value, sign * interval.amount, interval.unit)
        return self._deeper(Node(moved, Span(base.span.start, by.span.end), base.depth))

    def _escape_sign(self, node: _Node) -> str:
        sign = self._quoted(node, "an escape character")
        if len(sign) != 1 or sign in _WILDCARDS:
            raise self._fault(
                node.span, "the escape is one character, and neither % nor _", "Write ESCAPE '!'."
            )
        return sign

    def _quoted(self, node: _Node, what: str) -> str:
        if isinstance(node.value, Literal) and isinstance(node.value.value, str):
            return node.value.value
        raise self._fault(node.span, f"{what} is a text in quotes")

    def _integer(self, digits: str, span: Span) -> int:
        if len(digits) <= _MOST_DIGITS + 1 and (value := int(digits)) in _INTEGERS:
            return value
        raise self._fault(span, "integers must fit into 64 bits", "Write a large number as in 1e20.")

    # limits and faults

    def _term(self, nodes: list[_Node], condition: Condition, negated: _Part = None) -> _Node:
        self._count(1, nodes[0].span)
        return around(nodes, condition if negated is None else Not(condition))

    def _count(self, terms: int, span: Span) -> None:
        self._terms += terms
        if self._terms > self._limits.filter_terms:
            most = f"{self._limits.filter_terms:,}"
            raise self._fault(
                span, f"there are more than {most} conditions and list members", "Ask in parts."
            )

    def _deeper(self, node: _Node) -> _Node:
        if node.depth >= self._limits.filter_depth:
            raise self._fault(node.span, f"this nests deeper than {self._limits.filter_depth} levels")
        return node._replace(depth=node.depth + 1)

    def _fault(self, span: Span, reason: str, hint: str | None = None) -> LanguageError:
        return LanguageError.at(self._text, span, reason, hint)


_RULES: Final[dict[str, Callable[..., _Node]]] = {
    "start": _Builder.start,
    "disjunction": _Builder.disjunction,
    "conjunction": _Builder.conjunction,
    "negation": _Builder.negation,
    "comparison": _Builder.comparison,
    "membership": _Builder.membership,
    "between": _Builder.between,
    "likeness": _Builder.likeness,
    "verdict": _Builder.verdict,
    "shift": _Builder.shift,
    "interval": _Builder.interval,
    "name": _Builder.name,
    "text": _Builder.text,
    "number": _Builder.number,
    "constant": _Builder.constant,
    "call": _Builder.call,
    "group": _Builder.group,
}


def _unescaped(match: re.Match[str]) -> str:
    character = match[1]
    if character is None:
        return match[0][0]  # a quote, written twice
    return "\0" if character == "0" else _ESCAPES.get(character, character)
