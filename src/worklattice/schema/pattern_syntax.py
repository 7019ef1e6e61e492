r"""What is read of ECMA 262's patterns, as a tree.

Read are: characters, `.`, classes such as `[a-z_]` and `[^"]`, the escapes `\d \D \w \W \s \S \t \n \r \f \v
\0 \xHH \uHHHH` and `\` before punctuation, groups `(…)` and `(?:…)`, `|`, the quantifiers `* + ? {n} {n,}
{n,m}`, and the anchors `^` and `$`. `\d` and `\w` are ASCII, as in ECMA. Refused are look-around,
back-references, named groups, `\b`, `\p` and lazy quantifiers.

Not here: matching (`worklattice.schema.patterns`).
"""

from __future__ import annotations

from typing import Final, NamedTuple, NoReturn, TypeAlias

from attrs import frozen

REPEAT_LIMIT: Final = 1_000
"""The largest bound of a counted repetition."""

LENGTH_LIMIT: Final = 10_000
"""Characters of a pattern."""

HIGHEST: Final = 0x10FFFF
BEGIN: Final = -1
END: Final = HIGHEST + 1
"""The edges of a text, as characters that no text has: what `^` and `$` match."""

_DEPTH_LIMIT: Final = 32

Interval: TypeAlias = tuple[int, int]
Characters: TypeAlias = tuple[Interval, ...]
"""A set of characters, as ranges of code points."""


def _points(characters: str) -> Characters:
    return tuple((ord(c), ord(c)) for c in sorted(characters))


def _inverse(characters: Characters) -> Characters:
    """Every character that is not among these."""
    gaps: list[Interval] = []
    free = 0
    for low, high in sorted(characters):
        if low > free:
            gaps.append((free, low - 1))
        free = max(free, high + 1)
    return (*gaps, (free, HIGHEST)) if free <= HIGHEST else tuple(gaps)


_DIGIT: Final[Characters] = ((0x30, 0x39),)
_WORD: Final[Characters] = ((0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A))
_SPACE: Final[Characters] = (
    *((0x09, 0x0D), (0x20, 0x20), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A)),
    *((0x2028, 0x2029), (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000), (0xFEFF, 0xFEFF)),
)
_ANY: Final[Characters] = _inverse(_points("\n\r\u2028\u2029"))

_ESCAPES: Final[dict[str, Characters]] = {
    "d": _DIGIT,
    "D": _inverse(_DIGIT),
    "w": _WORD,
    "W": _inverse(_WORD),
    "s": _SPACE,
    "S": _inverse(_SPACE),
    **{letter: _points(meant) for letter, meant in zip("tnrfv0", "\t\n\r\f\v\0", strict=True)},
}
_ATOMS: Final[dict[str, Characters]] = {".": _ANY, "^": ((BEGIN, BEGIN),), "$": ((END, END),)}
_HEX_ESCAPES: Final = {"x": 2, "u": 4}
_PUNCTUATION: Final = frozenset("^$\\.*+?()[]{}|/-_,:;<=>!@#%&~`'\" ")
_NOT_READ: Final = {
    "(?=": "look-ahead",
    "(?!": "look-ahead",
    "(?<=": "look-behind",
    "(?<!": "look-behind",
    "(?<": "a named group",
    "(?P": "a named group",
    "(?>": "an atomic group",
    "(?": "this kind of group",
}


@frozen
class PatternError(ValueError):
    """The pattern is outside of what is read. `size` is how much work it was to find out."""

    reason: str
    size: int

    def __str__(self) -> str:
        """The reason."""
        return self.reason


class Class(NamedTuple):
    """One character of a set."""

    characters: Characters


class Sequence(NamedTuple):
    """One after the other."""

    items: tuple[Node, ...]


class Choice(NamedTuple):
    """One of these."""

    options: tuple[Node, ...]


class Repeat(NamedTuple):
    """At least `low` times, at most `high` (None: without bound); the quantifier stands at index `at`."""

    item: Node
    low: int
    high: int | None
    at: int


Node: TypeAlias = Class | Sequence | Choice | Repeat


def read_pattern(text: str) -> Node:
    """The tree of a pattern. Raises `PatternError`."""
    if len(text) > LENGTH_LIMIT:
        raise PatternError(f"it is longer than {LENGTH_LIMIT:,} characters", LENGTH_LIMIT)
    return _Reader(text).read()


class _Reader:
    """Reads a pattern from left to right; `at` is the next character."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.depth = 0

    def read(self) -> Node:
        node = self._choice()
        if self.at < len(self.text):
            self._refuse("no group is open here")
        return node

    def _choice(self) -> Node:
        options = [self._sequence()]
        while self._take("|"):
            options.append(self._sequence())
        return options[0] if len(options) == 1 else Choice(tuple(options))

    def _sequence(self) -> Node:
        items: list[Node] = []
        while self.at < len(self.text) and self.text[self.at] not in "|)":
            items.append(self._quantified())
        return items[0] if len(items) == 1 else Sequence(tuple(items))

    def _quantified(self) -> Node:
        start, anchor = self.at, self.text[self.at] in "^$"
        item = self._atom()
        at = self.at
        bounds = self._quantifier()
        if bounds is None:
            return item
        if anchor:
            self._refuse("an anchor cannot be repeated", start)
        if self._peek() in {"*", "+", "?"}:
            self._refuse("a quantifier cannot follow a quantifier")
        return Repeat(item, *bounds, at)

    def _quantifier(self) -> tuple[int, int | None] | None:
        if self._take("*"):
            return 0, None
        if self._take("+"):
            return 1, None
        if self._take("?"):
            return 0, 1
        if not self._take("{"):
            return None
        low = self._number()
        high = low if not self._take(",") else None if self._peek() == "}" else self._number()
        if not self._take("}"):
            self._refuse("expected the } of a quantifier such as {2,5}")
        if high is not None and high < low:
            self._refuse("the bounds of the quantifier are the wrong way round")
        return low, high

    def _number(self) -> int:
        start = self.at
        while self._peek() and self._peek() in "0123456789":
            self.at += 1
        digits = self.text[start : self.at]
        if not digits:
            self._refuse("expected a number, as in {2,5}; write \\{ for a brace")
        if len(digits) > len(str(REPEAT_LIMIT)) or int(digits) > REPEAT_LIMIT:
            self._refuse(f"nothing is repeated more than {REPEAT_LIMIT:,} times", start)
        return int(digits)

    def _atom(self) -> Node:
        start, character = self.at, self.text[self.at]
        if character in "*+?{":
            self._refuse(f"there is nothing here that {character} could repeat")
        self.at += 1
        match character:
            case "(":
                return self._group(start)
            case "[":
                return Class(self._class(start))
            case "\\":
                return Class(self._escape())
            case _:
                return Class(_ATOMS.get(character) or _points(character))

    def _group(self, start: int) -> Node:
        if self._peek() == "?" and not self.text.startswith("(?:", start):
            named = next(what for how, what in _NOT_READ.items() if self.text.startswith(how, start))
            self._refuse(f"{named} is not supported", start)
        self.at += 2 * self.text.startswith("(?:", start)
        self.depth += 1
        if self.depth > _DEPTH_LIMIT:
            self._refuse(f"groups are nested deeper than {_DEPTH_LIMIT}", start)
        node = self._choice()
        if not self._take(")"):
            self._refuse("this group is not closed", start)
        self.depth -= 1
        return node

    def _class(self, start: int) -> Characters:
        negated = self._take("^")
        intervals: list[Interval] = []
        while not self._take("]"):
            low = self._member(start)
            if self._peek() != "-" or self.text.startswith("-]", self.at):
                intervals.extend(low)
                continue
            at, _ = self.at, self._take("-")
            high = self._member(start)
            if len(low) != 1 or len(high) != 1 or low[0][0] != low[0][1] or high[0][0] != high[0][1]:
                self._refuse("a range goes from a character to a character", at)
            if high[0][0] < low[0][0]:
                self._refuse("the range is the wrong way round", at)
            intervals.append((low[0][0], high[0][0]))
        return _inverse(tuple(intervals)) if negated else tuple(intervals)

    def _member(self, start: int) -> Characters:
        character = self._peek()
        if not character:
            self._refuse("this class is not closed", start)
        self.at += 1
        return self._escape() if character == "\\" else _points(character)

    def _escape(self) -> Characters:
        start, letter = self.at - 1, self._peek()
        if not letter:
            self._refuse("a backslash must escape something", start)
        self.at += 1
        if digits := _HEX_ESCAPES.get(letter):
            written = self.text[self.at : self.at + digits]
            if len(written) < digits or not all(c in "0123456789abcdefABCDEF" for c in written):
                self._refuse(f"\\{letter} needs {digits} hexadecimal digits", start)
            self.at += digits
            return ((int(written, 16), int(written, 16)),)
        if letter in _PUNCTUATION:
            return _points(letter)
        if letter not in _ESCAPES:
            meant = "a back-reference" if letter in "123456789k" else f"\\{letter}"
            self._refuse(f"{meant} is not supported", start)
        return _ESCAPES[letter]

    def _peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def _take(self, character: str) -> bool:
        taken = self._peek() == character
        self.at += taken
        return taken

    def _refuse(self, reason: str, at: int | None = None) -> NoReturn:
        where = (self.at if at is None else at) + 1
        raise PatternError(f"{reason} (at character {where})", len(self.text))
