"""What the grammars of the mini-languages share: parsers, walking a tree, and saying what does not parse.

With its neighbours that make parsers and build from their trees, it alone imports the parser generator; none
of them is imported before the first text is read. Nesting costs memory, never recursion: the parser keeps its
own stack, and so does the walk.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from importlib import resources
from typing import Any, Generic, NamedTuple, TypeAlias, TypeVar

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedToken

from worklattice.lang.diagnostics import LanguageError, Span

ParseTree: TypeAlias = Tree[Token]
Faults: TypeAlias = Iterable[tuple[str, str, str | None]]
"""What a lexer does not know: (how it begins, what is wrong, what to do). The last one matches everything."""
Expectations: TypeAlias = Iterable[tuple[AbstractSet[str], str, AbstractSet[str]]]
"""What may come next: (all these terminals, what to call them, what others that stands for)."""

_Built = TypeVar("_Built")
_Value_co = TypeVar("_Value_co", covariant=True)


class Node(NamedTuple, Generic[_Value_co]):
    """What a part of a text means, where it stands, and how deeply it nests."""

    value: _Value_co
    span: Span
    depth: int = 0


def span_of(token: Token) -> Span:
    """Where the token stands."""
    start = token.start_pos or 0
    return Span(start, start + len(token))


def reduce_tree(tree: ParseTree, reduce: Callable[[str, list[_Built | Token | None]], _Built]) -> _Built:
    """What `reduce` makes of each rule of a tree and its parts, leaves first; without recursion."""
    waiting: list[ParseTree | Token | None] = [tree]
    parents_first: list[ParseTree | Token | None] = []
    while waiting:
        part = waiting.pop()
        parents_first.append(part)
        if part is not None and not isinstance(part, Token):
            waiting.extend(part.children)
    built: list[_Built | Token | None] = []
    for part in reversed(parents_first):
        if part is None or isinstance(part, Token):
            built.append(part)
        else:
            first = len(built) - len(part.children)
            built[first:] = [reduce(part.data, built[first:])]
    root = built.pop()
    if root is None or isinstance(root, Token):
        raise TypeError("a tree is no leaf")
    return root


def parser_of(grammar: str, **options: Any) -> Lark:
    """The parser of the grammar in this file."""
    text = resources.files("worklattice.lang").joinpath(grammar).read_text(encoding="utf-8")
    return Lark(text, parser="lalr", lexer="basic", maybe_placeholders=True, **options)


def parsed(
    parser: Lark,
    text: str,
    faults: Faults,
    misplaced: Callable[[str, Token, frozenset[str]], LanguageError],
    start: str | None = None,
) -> ParseTree:
    """The tree of the text. Raises `LanguageError`: of `faults`, or what `misplaced` says of a token."""
    try:
        return parser.parse(text, start=start)
    except UnexpectedCharacters as fault:
        raise foreign(text, vars(fault)["pos_in_stream"], faults) from None
    except UnexpectedToken as fault:
        raise misplaced(text, fault.token, frozenset(fault.accepts)) from None


def token_of(part: object) -> Token:
    """A part of a rule that the grammar says is a word."""
    if isinstance(part, Token):
        return part
    raise TypeError("the grammar puts a word here")


def node_of(part: Node[_Built] | Token | None) -> Node[_Built]:
    """A part of a rule that the grammar says is no word, and is there."""
    if isinstance(part, Node):
        return part
    raise TypeError("the grammar puts no word here")


def around(nodes: Sequence[Node[object]], value: _Built) -> Node[_Built]:
    """What these parts together mean: it reaches from the first to the last, and nests as deeply as any."""
    return Node(value, Span(nodes[0].span.start, nodes[-1].span.end), max(node.depth for node in nodes))


def foreign(text: str, at: int, faults: Faults) -> LanguageError:
    """The error of a character that no terminal begins with."""
    for pattern, reason, hint in faults:
        if match := re.compile(pattern).match(text, at):
            return LanguageError.at(text, match.span(), reason, hint)
    raise AssertionError("the last pattern matches every character")


def alternatives(accepts: AbstractSet[str], expectations: Expectations) -> str:
    """What may stand where only these terminals are accepted."""
    left, words = set(accepts), list[str]()
    for terminals, phrase, implied in expectations:
        if terminals <= left:
            words.append(phrase)
            left -= terminals | implied
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
