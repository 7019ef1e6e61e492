"""Patterns of `pattern` and `patternProperties`, matched without ever backtracking.

What is read stands in `worklattice.schema.pattern_syntax`. A pattern may match anywhere in the text, as JSON
Schema has it. Refused beyond that is repeating without bound what can already go on repeating, as in `(a+)+`:
it says no more than `a+`, and other programs that read the schema may take exponential time over it.

Matching follows all ways through the pattern at once (a position automaton: Glushkov 1961; the condition on
repetitions is that of the star normal form, Brüggemann-Klein 1993, with characters in place of positions).
Its time is at most proportional to the length of the text times the number of positions, whatever the
pattern; whoever asks can stop it before that.

Not here: when a pattern is asked (`worklattice.schema.judging`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple, TypeVar

from worklattice.schema.pattern_syntax import (
    BEGIN,
    END,
    Characters,
    Choice,
    Class,
    Node,
    PatternError,
    Repeat,
    Sequence,
    read_pattern,
)

SIZE_LIMIT: Final = 10_000
"""Parts of one pattern, after its counted repetitions are written out; a range in a class is a part too."""

_CHARACTERS_A_STEP: Final = 64
_COMPARED_A_STEP: Final = 64
_FOLLOWED_A_STEP: Final = 8
_REMEMBERED: Final = 1_000

_Key = TypeVar("_Key", str, int)


class Pattern:
    """A pattern that is ready to match.

    Positions are numbered, and sets of them are integers, a bit for each.
    """

    def __init__(self, text: str) -> None:
        """Read `text`; raises `PatternError`, which says what is wrong and at which character."""
        self.text = text
        graph = _Graph()
        self._whole = graph.place(read_pattern(text))
        self.size = graph.size
        self._characters = tuple(graph.characters)
        self._follow = tuple(graph.follow)
        self._begin = self._mask(BEGIN)
        self._end = self._mask(END)
        self._masks: dict[str, int] = {}
        self._after: dict[int, int] = {}

    def matches(self, text: str, spend: Callable[[int], None]) -> bool:
        """Whether the pattern matches somewhere in `text`.

        `spend` is told of the work as it is done, in steps of some microseconds, and may raise to stop it.
        """
        spend(len(text) // _CHARACTERS_A_STEP)
        whole, masks, after = self._whole, self._masks, self._after
        active = self._edge(whole.first, self._begin if text else self._begin | self._end)
        if whole.nullable or active & whole.last:
            return True
        for character in text:
            ahead = after.get(active)
            if ahead is None:
                spend(1 + active.bit_count() // _FOLLOWED_A_STEP)
                ahead = whole.first | self._reach(active)
                _remember(after, active, ahead)
            mask = masks.get(character)
            if mask is None:
                spend(1 + self.size // _COMPARED_A_STEP)
                mask = self._mask(ord(character))
                _remember(masks, character, mask)
            active = ahead & mask
            if active & whole.last:
                return True
        return bool(self._edge(whole.first | self._reach(active), self._end) & whole.last)

    def _mask(self, point: int) -> int:
        """The positions that match the character."""
        return sum(
            1 << position
            for position, intervals in enumerate(self._characters)
            if any(low <= point <= high for low, high in intervals)
        )

    def _reach(self, positions: int) -> int:
        """The positions that may come after these."""
        reached = 0
        for position in _members(positions):
            reached |= self._follow[position]
        return reached

    def _edge(self, ahead: int, mask: int) -> int:
        """The positions that match an edge of the text: several in a row match the same edge."""
        active = ahead & mask
        while more := self._reach(active) & mask & ~active:
            active |= more
        return active


def _remember(known: dict[_Key, int], key: _Key, value: int) -> None:
    if len(known) >= _REMEMBERED:
        known.clear()
    known[key] = value


class _Fragment(NamedTuple):
    """A part of a pattern: whether it matches nothing too, and where it may begin and end."""

    nullable: bool
    first: int
    last: int


class _Graph:
    """Places the parts of a pattern: which characters each position matches, which positions follow it."""

    def __init__(self) -> None:
        self.characters: list[Characters] = []
        self.follow: list[int] = []
        self.size = 0

    def place(self, node: Node) -> _Fragment:
        self.size += 1 + (len(node.characters) if isinstance(node, Class) else 0)
        if self.size > SIZE_LIMIT:
            raise PatternError(
                f"it is larger than {SIZE_LIMIT:,} parts, with its repetitions written out", SIZE_LIMIT
            )
        match node:
            case Class(characters):
                self.characters.append(characters)
                self.follow.append(0)
                here = 1 << (len(self.characters) - 1)
                return _Fragment(nullable=False, first=here, last=here)
            case Sequence(items):
                return self._chain([self.place(item) for item in items])
            case Choice(options):
                return _either([self.place(option) for option in options])
            case Repeat(item, low, high, at):
                return self._repeat(item, low, high, at)

    def _repeat(self, item: Node, low: int, high: int | None, at: int) -> _Fragment:
        if high == 0:
            return _NOTHING
        first = self.place(item)
        if not first.first:
            return _NOTHING
        copies = [first, *(self.place(item) for _ in range(1, max(low, 1) if high is None else high))]
        if high is None:
            copies[-1] = self._loop(copies[-1], at)
            if low == 0:
                copies[-1] = copies[-1]._replace(nullable=True)
            return self._chain(copies)
        tail = _NOTHING
        for copy in reversed(copies[low:]):
            tail = self._chain([copy, tail])._replace(nullable=True)
        return self._chain([*copies[:low], tail])

    def _loop(self, part: _Fragment, at: int) -> _Fragment:
        ends = _members(part.last)
        going_on = 0
        for end in ends:
            going_on |= self.follow[end]
        if _overlap(self._sets(going_on), self._sets(part.first)):
            raise PatternError(
                f"what the quantifier at character {at + 1} repeats can already go on repeating; "
                "write a+ for (a+)+, and a(-a)* for (a-?)+",
                self.size,
            )
        for end in ends:
            self.follow[end] |= part.first
        return part

    def _sets(self, positions: int) -> list[Characters]:
        return [self.characters[position] for position in _members(positions)]

    def _chain(self, parts: list[_Fragment]) -> _Fragment:
        whole = _NOTHING
        for part in reversed(parts):
            for position in _members(part.last) if whole.first else ():
                self.follow[position] |= whole.first
            whole = _Fragment(
                nullable=part.nullable and whole.nullable,
                first=part.first | (whole.first if part.nullable else 0),
                last=whole.last | (part.last if whole.nullable else 0),
            )
        return whole


_NOTHING: Final = _Fragment(nullable=True, first=0, last=0)


def _either(parts: list[_Fragment]) -> _Fragment:
    first = last = 0
    for part in parts:
        first, last = first | part.first, last | part.last
    return _Fragment(nullable=any(part.nullable for part in parts), first=first, last=last)


def _overlap(some: list[Characters], others: list[Characters]) -> bool:
    """Whether any character is in one of these sets and in one of those."""
    ranges = [(low, high, 0) for each in some for low, high in each]
    ranges.extend((low, high, 1) for each in others for low, high in each)
    reached = [BEGIN - 1, BEGIN - 1]
    for low, high, side in sorted(ranges):
        if low <= reached[1 - side]:
            return True
        reached[side] = max(reached[side], high)
    return False


def _members(positions: int) -> list[int]:
    members: list[int] = []
    while positions:
        members.append((positions & -positions).bit_length() - 1)
        positions &= positions - 1
    return members
