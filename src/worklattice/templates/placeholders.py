"""The language of texts in a template: `{name}`, `{item.field}`, and `{{` and `}}` for braces.

A name is a letter and then letters, digits, `_` or `-`; dots lead into objects. Nothing else is syntax: no
indexes, conversions, format specs or nesting, so that a template can reach nothing but JSON parameters.

Not here: which names there are (`worklattice.templates.names`) and what is put in their place
(`worklattice.templates.filling`).
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple, NoReturn

from worklattice.lang.diagnostics import LanguageError

_BRACES: Final = re.compile(r"\{\{|\}\}|\{|\}")
_NAME: Final = r"[A-Za-z][A-Za-z0-9_-]*"
_HOLE: Final = re.compile(rf"\{{({_NAME}(?:\.{_NAME})*)\}}")

_WRITE_BRACE: Final = "Write {{ and }} for braces."
_NOT_SYNTAX: Final = (
    # (what stands in the braces, why it is refused)
    (re.compile(r"\s*"), "a placeholder needs a name"),
    (re.compile(rf"\s*{_NAME}(?:\.{_NAME})*\s*"), "no spaces stand in a placeholder"),
    (re.compile(r".*\{.*", re.DOTALL), "a placeholder cannot stand inside another"),
    (re.compile(r".*!.*", re.DOTALL), "conversions such as !r are no part of placeholders"),
    (re.compile(r".*:.*", re.DOTALL), "format specs are no part of placeholders"),
    (re.compile(r".*\[.*", re.DOTALL), "indexes are no part of placeholders; dots lead into objects"),
    (re.compile(r"(?:.*\.)?_.*", re.DOTALL), "names in placeholders begin with a letter"),
)
_OTHERWISE: Final = "a placeholder is a name, such as {environment} or {item.field}"

is_name: Final = re.compile(_NAME).fullmatch
"""Whether a text can be the name of a loop variable."""


class Hole(NamedTuple):
    """A placeholder: the names to follow, outermost first, and where it stands."""

    path: tuple[str, ...]
    span: tuple[int, int]


def scan(text: str) -> list[str | Hole]:
    """The text and the placeholders of `text`, in order, braces unescaped. Raises `LanguageError`.

    >>> scan("Deploy {service.name} to {{x}}")
    ['Deploy ', Hole(path=('service', 'name'), span=(7, 21)), ' to {x}']
    """
    if "{" not in text and "}" not in text:
        return [text] if text else []
    parts: list[str | Hole] = []
    plain: list[str] = []
    at = 0
    while brace := _BRACES.search(text, at):
        plain.append(text[at : brace.start()])
        at = brace.end()
        if brace.group() in {"{{", "}}"}:
            plain.append(brace.group()[0])
            continue
        hole = _HOLE.match(text, brace.start())
        if hole is None:
            _refuse(text, brace)
        if joined := "".join(plain):
            parts.append(joined)
        plain.clear()
        parts.append(Hole(tuple(hole[1].split(".")), hole.span()))
        at = hole.end()
    if joined := "".join((*plain, text[at:])):
        parts.append(joined)
    return parts


def _refuse(text: str, brace: re.Match[str]) -> NoReturn:
    start = brace.start()
    if brace.group() == "}":
        raise LanguageError.at(text, brace.span(), "no placeholder is open here", _WRITE_BRACE)
    end = text.find("}", start)
    if end < 0:
        raise LanguageError.at(text, brace.span(), "this brace is not closed", _WRITE_BRACE)
    inside = text[start + 1 : end]
    reason = next((why for form, why in _NOT_SYNTAX if form.fullmatch(inside[:200])), _OTHERWISE)
    raise LanguageError.at(text, (start, end + 1), reason, _WRITE_BRACE)
