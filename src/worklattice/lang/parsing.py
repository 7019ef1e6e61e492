"""Conditions from text: `custom_filter` and a template's `when`, as in the WHERE clause of MySQL.

Read are comparisons (`= != <> < <= > >=`), `AND OR NOT`, parentheses, `[NOT] IN`, `[NOT] BETWEEN`,
`[NOT] LIKE` with `ESCAPE`, `IS [NOT] NULL`, `IS [NOT] TRUE` or `FALSE`, names with dots and backquotes, text
in single or double quotes with backslash escapes, numbers, `TRUE FALSE NULL`, `NOW()`, `CURRENT_TIMESTAMP`,
`CURDATE()`, `CURRENT_DATE`, `DATE_ADD` and `DATE_SUB(x, INTERVAL n unit)`, and `x ± INTERVAL n unit`.
Everything else is refused.

The grammar (`condition.lark`) is loaded when the first condition is read; importing this module is cheap.
"""

from __future__ import annotations

import re
from typing import Final

from worklattice.errors import FilterSyntaxError
from worklattice.lang.condition import Condition, ConditionLimits, Resolver
from worklattice.lang.diagnostics import LanguageError

_FORBIDDEN: Final = re.compile("[\0\ud800-\udfff]")


def parse_condition(text: str, resolve: Resolver, limits: ConditionLimits) -> Condition:
    """The condition that the text says, its names resolved by `resolve`.

    Raises `FilterSyntaxError` (without a `field`: the caller knows where the text came from) with the column,
    a drawing, and what could stand there instead. Cost: linear in the text, whose length is bounded.
    """
    try:
        return _parse(text, resolve, limits)
    except LanguageError as fault:
        raise FilterSyntaxError(
            reason=fault.reason, column=fault.column, diagram=fault.diagram, hint=fault.hint
        ) from None


def _parse(text: str, resolve: Resolver, limits: ConditionLimits) -> Condition:
    if len(text) > limits.filter_characters:
        most = f"a condition has at most {limits.filter_characters:,} characters, and this has {len(text):,}"
        raise LanguageError.at(text, (limits.filter_characters, len(text)), most)
    if not text.strip():
        raise LanguageError("the condition is empty", hint="Leave it out, or write one: status = 'active'.")
    if bad := _FORBIDDEN.search(text):
        raise LanguageError.at(text, bad.span(), f"a condition must not contain U+{ord(bad.group()):04X}")
    from worklattice.lang import building, grammar  # noqa: PLC0415 - they import the parser generator

    return building.build_condition(grammar.parse_tree(text), text, resolve, limits)
