"""Gates from text, and targets: what a metric has to reach, as in `> 1000 tps` or `99.99%`.

Read are comparisons of a metric, or of `change(metric)`, with a quantity (`< <= > >= = == != <>`, `≤ ≥ ≠`,
`at least`, `at most`, `between a and b`), `and`, `or`, `not` and parentheses. Everything else is refused.

The grammar (`gate.lark`) is loaded when the first gate is read; importing this module is cheap.
"""

from __future__ import annotations

import re
from typing import Final

from worklattice.lang.condition import Comparator
from worklattice.lang.diagnostics import LanguageError
from worklattice.lang.gate import Compare, Gate, GateError, GateLimits, Metric
from worklattice.lang.quantity_parsing import quantity_of

_FORBIDDEN: Final = re.compile("[\0\ud800-\udfff]")


def parse_gate(text: str, limits: GateLimits) -> Gate:
    """The gate that the text says.

    Raises `GateError` with the column, a drawing, and what could stand there instead. Cost: linear in the
    text, whose length is bounded.

    >>> from worklattice.types import LIMITS
    >>> str(parse_gate("error_rate < 0.1 % and (p95 ≤ 200ms or not users at least 1k)", LIMITS))
    'error_rate < 0.1% and (p95 <= 200 ms or not users >= 1000)'
    """
    try:
        return _parse(text, None, limits)
    except LanguageError as fault:
        raise GateError(fault.reason, fault.column, fault.diagram, fault.hint) from None


def parse_target(metric: str, target: str | float, limits: GateLimits) -> Gate:
    """The gate that a target means for a metric; without an operator, a target is a minimum, or a range.

    Raises `GateError`, as `parse_gate` does.

    >>> from worklattice.types import LIMITS
    >>> [str(parse_target("load", target, LIMITS)) for target in ("< 500ms", "99.99%", "2-4 hours", 80)]
    ['load < 500 ms', 'load >= 99.99%', 'load between 2 h and 4 h', 'load >= 80']
    """
    try:
        if isinstance(target, str):
            return _parse(target, Metric(metric), limits)
        return Compare(Metric(metric), Comparator.GE, quantity_of(target))
    except LanguageError as fault:
        raise GateError(fault.reason, fault.column, fault.diagram, fault.hint) from None


def _parse(text: str, target_of: Metric | None, limits: GateLimits) -> Gate:
    what = "gate" if target_of is None else "target"
    if len(text) > limits.gate_characters:
        most = f"a {what} has at most {limits.gate_characters:,} characters, and this has {len(text):,}"
        raise LanguageError.at(text, (limits.gate_characters, len(text)), most)
    if not text.strip():
        hint = "Write one, such as error_rate < 1%." if target_of is None else "Write one, such as > 95%."
        raise LanguageError(f"the {what} is empty", hint=hint)
    if bad := _FORBIDDEN.search(text):
        raise LanguageError.at(text, bad.span(), f"a {what} must not contain U+{ord(bad.group()):04X}")
    from worklattice.lang import gate_building, gate_grammar  # noqa: PLC0415 - they import the parser generator

    tree = gate_grammar.parse_tree(text, "gate" if target_of is None else "target")
    return gate_building.build_gate(tree, text, limits, target_of)
