"""Diagrams in DOT, the language of Graphviz."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from worklattice.rendering.diagram import Diagram, Group, Member
from worklattice.rendering.looks import INK, LOOKS
from worklattice.rendering.text import visible


def digraph(diagram: Diagram) -> str:
    """The diagram as a directed graph. Groups are clusters; arcs between clusters end at their borders."""
    names = {
        member.key: f"n{number}"
        for number, (member, _, _) in enumerate((step for step in diagram.walk() if not step[2]), 1)
    }
    lines = [
        "digraph worklattice {",
        "    rankdir=LR; compound=true;",
        f'    node [shape=box, style="rounded,filled", fillcolor=white, fontcolor="{INK}"];',
    ]
    for member, depth, ends in diagram.walk():
        margin = "    " * (depth + 1)
        if ends:
            lines.append(f"{margin}}}")
        elif isinstance(member, Group):
            lines.append(f"{margin}subgraph cluster_{names[member.key]} {{")
            lines += [f"{margin}    {setting};" for setting in _group_settings(member)]
        else:
            lines.append(f"{margin}{names[member.key]} [{', '.join(_settings(member, diagram))}];")
    lines += _arcs(diagram, names)
    return "\n".join([*lines, "}"]) + "\n"


def _settings(member: Member, diagram: Diagram) -> Iterator[str]:
    yield f"label={_quoted(member.lines)}"
    if member.key in diagram.last:
        yield "peripheries=2"
    look = LOOKS.get(member.status or "")
    if look is not None:
        yield f'fillcolor="{look.fill}"'
        yield f'color="{look.stroke}"'


def _group_settings(group: Group) -> Iterator[str]:
    yield f"label={_quoted(group.lines)}"
    look = LOOKS.get(group.status or "")
    if look is not None:
        yield f'style="rounded,filled"; fillcolor="{look.fill}"; color="{look.stroke}"'


def _arcs(diagram: Diagram, names: dict[str, str]) -> Iterator[str]:
    ports = _ports(diagram)
    if diagram.first is not None:
        yield '    first [shape=point, label=""];'
        yield f"    first -> {names[diagram.first]};"
    for arc in diagram.arcs:
        settings: list[str] = []
        if arc.label:
            settings.append(f"label={_quoted((arc.label,))}")
        if arc.dotted:
            settings.append("style=dashed")
        if not arc.directed:
            settings.append("dir=none")
        if ports[arc.tail] != arc.tail:
            settings.append(f"ltail=cluster_{names[arc.tail]}")
        if ports[arc.head] != arc.head:
            settings.append(f"lhead=cluster_{names[arc.head]}")
        more = f" [{', '.join(settings)}]" if settings else ""
        yield f"    {names[ports[arc.tail]]} -> {names[ports[arc.head]]}{more};"


def _ports(diagram: Diagram) -> dict[str, str]:
    """The node that an arc to each member is drawn to: itself, or the first node inside a group."""
    ports: dict[str, str] = {}
    waiting: list[str] = []
    for member, _, ends in diagram.walk():
        if isinstance(member, Group):
            if not ends:
                waiting.append(member.key)
            continue
        ports[member.key] = member.key
        ports |= dict.fromkeys(waiting, member.key)
        waiting.clear()
    return ports


def _quoted(lines: Iterable[str]) -> str:
    return '"' + r"\n".join(map(_escaped, lines)) + '"'


def _escaped(text: str) -> str:
    """The text as it stands between quotes, where Graphviz reads backslashes and HTML entities."""
    return visible(text).replace("\\", "\\\\").replace('"', '\\"').replace("&", "&amp;")
