"""When two JSON values are the same: 1 and 1.0 are, true and 1 are not, key order does not count.

Not here: comparing in conditions, where values of different types are unknown (`worklattice.lang`).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Final

from worklattice.errors import shown

_SHOWN_OPTIONS: Final = 20
_VALUES_A_STEP: Final = 16


def canonical(value: object, spend: Callable[[int], None]) -> Hashable:
    """A hashable stand-in: two values have equal ones exactly if they are the same JSON value.

    `spend` is told of the work as it is done, and may raise to stop it. Recurses as deep as the value.
    """
    if isinstance(value, bool):
        return (bool, value)
    if isinstance(value, Mapping):
        spend(1 + len(value) // _VALUES_A_STEP)
        return (dict, frozenset((key, canonical(item, spend)) for key, item in value.items()))
    if isinstance(value, list | tuple):
        spend(1 + len(value) // _VALUES_A_STEP)
        return (list, tuple(canonical(item, spend) for item in value))
    if not isinstance(value, Hashable):
        raise TypeError(f"{type(value).__name__} is not JSON")
    return value


class Options:
    """The values that `enum` or `const` allows."""

    def __init__(self, values: Iterable[object]) -> None:
        """Allow `values`, which must not be nested deeper than Python recurses."""
        listed = list(values)
        self._values = frozenset(canonical(value, _freely) for value in listed)
        rest = len(listed) - _SHOWN_OPTIONS
        more = f" or {rest} others" if rest > 0 else ""
        self.text = ", ".join(map(shown, listed[:_SHOWN_OPTIONS])) + more
        self.single = len(listed) == 1

    def allow(self, value: object, spend: Callable[[int], None]) -> bool:
        """Whether `value` is one of them."""
        return canonical(value, spend) in self._values


def _freely(_steps: int) -> None:
    """A schema was measured when it was read."""
