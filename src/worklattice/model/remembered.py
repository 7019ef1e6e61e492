"""Reading values of attributes that are read again and again: what was read is remembered by the value."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache
from typing import Final, Generic, NamedTuple, TypeVar

from worklattice.types import JsonValue

T = TypeVar("T")

_VALUES: Final = 4_096
_LONGEST: Final = 10_000
"""Characters of a value that is remembered, as JSON, at most."""


class _Nothing(NamedTuple):
    """That a value says nothing, and why."""

    reason: str


class Remembered(Generic[T]):
    """A reader of JSON values that raises `ValueError` with the reason where a value says nothing.

    Cost: a look-up by the value's text, where it was read before.
    """

    def __init__(self, read: Callable[[JsonValue], T]) -> None:
        self._read = read
        self._again = lru_cache(maxsize=_VALUES)(self._once)

    def __call__(self, value: JsonValue) -> T:
        """What the value says. Raises `ValueError`."""
        found = self._found(value)
        if not isinstance(found, _Nothing):
            return found
        raise ValueError(found.reason)

    def or_none(self, value: JsonValue) -> T | None:
        """What the value says; None where that is nothing."""
        found = self._found(value)
        return None if isinstance(found, _Nothing) else found

    def _found(self, value: JsonValue) -> T | _Nothing:
        text = json.dumps(value, sort_keys=True)
        return self._again(text) if len(text) <= _LONGEST else self._once(text)

    def _once(self, text: str) -> T | _Nothing:
        try:
            return self._read(json.loads(text))
        except ValueError as fault:
            return _Nothing(str(fault))
