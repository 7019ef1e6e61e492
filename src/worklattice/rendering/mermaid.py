"""Diagrams in Mermaid.

Nodes are numbered in the source, since ids may hold what means something to Mermaid. In labels
what means something to it stands as an entity code (`#34;`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final, Literal, TypeAlias

from worklattice.rendering.diagram import Diagram, Group, Member
from worklattice.rendering.looks import INK, LOOKS
from worklattice.rendering.text import visible

_SPECIAL: Final = re.compile(
    r"""["#&:;<>*`\[\]{}|\\~$^@]"""  # quotes, HTML, Markdown, formulas, links, icons, codes themselves
    r"|%(?=[%{])|(?<=%)%"  # comments and directives
    r"|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])"  # emphasis, which a `_` between letters is not
)
"""What means something to Mermaid wherever it stands."""
_LIST_ITEM: Final = re.compile(r"\s*(?:[-+]|\d+[.)])")
"""What Markdown takes for the beginning of a list."""
_TOGETHER: Final = (r"\n", ":fa-", "$$")
"""What Mermaid takes for the end of a line, an icon and a formula, even where the signs stand as codes."""
_APART: Final = "#8204;"
"""The code of a sign that does not show (zero-width non-joiner)."""
_RESERVED: Final = frozenset({
    "accdescr", "acctitle", "as", "class", "classdef", "click", "concurrent", "default", "direction", "end",
    "fork", "hide", "href", "join", "choice", "note", "of", "scale", "state", "style", "title",
})  # fmt: skip
_WORD: Final = re.compile(r"[a-z]+(?:_[a-z]+)*")

_LINES: Final = {
    (False, True): "-->",
    (False, False): "---",
    (True, True): "-.->",
    (True, False): "-.-",
}
"""How arcs are drawn, by whether they are dotted and directed."""

Direction: TypeAlias = Literal["LR", "TB"]
"""From left to right, or from top to bottom."""


def flowchart(diagram: Diagram, *, direction: Direction = "LR") -> str:
    """The diagram as a flowchart."""
    names = _names(diagram)
    lines = [f"flowchart {direction}"]
    for member, depth, ends in diagram.walk():
        margin = "    " * (depth + 1)
        name, label = names[member.key], _label(member.lines)
        if ends:
            lines.append(f"{margin}end")
        elif isinstance(member, Group):
            title = _escaped(" – ".join(member.lines))  # there is no room for a second line
            lines += [f'{margin}subgraph {name}["{title}"]', f"{margin}    direction {direction}"]
        else:
            lines.append(f'{margin}{name}["{label}"]{_class(member)}')
    for arc in diagram.arcs:
        arrow = _LINES[arc.dotted, arc.directed]
        label = f'|"{_label((arc.label,))}"|' if arc.label else ""
        lines.append(f"    {names[arc.tail]} {arrow}{label} {names[arc.head]}")
    groups = [member for member, _, ends in diagram.walk() if ends and member.status in LOOKS]
    lines += [f"    class {names[group.key]} {group.status}" for group in groups]
    lines += _classes(diagram)
    return "\n".join(lines) + "\n"


def state_diagram(diagram: Diagram) -> str:
    """The diagram as a state diagram; a group is a state like the others, beside what is inside it.

    It is meant for names, such as stages have: in states, Mermaid takes even codes for Markdown and HTML.
    """
    names = _names(diagram, speaking=True)
    members = [member for member, _, ends in diagram.walk() if not ends]
    lines = ["stateDiagram-v2"]
    for member in members:
        label = _label(member.lines)
        if label != names[member.key]:
            lines.append(f'    state "{label}" as {names[member.key]}')
    if diagram.first is not None:
        lines.append(f"    [*] --> {names[diagram.first]}")
    for arc in diagram.arcs:
        label = f" : {_label((arc.label,))}" if arc.label else ""
        lines.append(f"    {names[arc.tail]} --> {names[arc.head]}{label}")
    lines += [f"    {names[member.key]} --> [*]" for member in members if member.key in diagram.last]
    lines += _classes(diagram)
    lines += [f"    class {names[m.key]} {m.status}" for m in members if m.status in LOOKS]
    return "\n".join(lines) + "\n"


def _names(diagram: Diagram, *, speaking: bool = False) -> dict[str, str]:
    """What each member is called in the source: a number, or its key where that can stand there."""
    keys = (member.key for member, _, ends in diagram.walk() if not ends)
    return {
        key: key if speaking and _WORD.fullmatch(key) and key not in _RESERVED else f"n{number}"
        for number, key in enumerate(keys, 1)
    }


def _class(member: Member) -> str:
    return f":::{member.status}" if member.status in LOOKS else ""


def _classes(diagram: Diagram) -> Iterator[str]:
    used = {member.status for member, _, _ in diagram.walk()}
    for status, look in LOOKS.items():
        if status in used:
            yield f"    classDef {status} fill:{look.fill},stroke:{look.stroke},color:{INK}"


def _label(lines: Iterable[str]) -> str:
    return "<br/>".join(map(_escaped, lines))


def _escaped(text: str) -> str:
    shown = visible(text)
    item = _LIST_ITEM.match(shown)
    if item is None:
        return _SPECIAL.sub(_code, shown)
    before, mark, rest = shown[: item.end() - 1], shown[item.end() - 1], shown[item.end() :]
    return f"{before}#{ord(mark)};{_SPECIAL.sub(_code, rest)}"


def _code(found: re.Match[str]) -> str:
    code = f"#{ord(found.group())};"
    return code + _APART if found.string.startswith(_TOGETHER, found.start()) else code
