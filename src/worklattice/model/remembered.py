"""Reading values of attributes that are read again and again: what was read is remembered by the value."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

from worklattice.types import JsonValue

_VALUES: Final = 4_096
_LONGEST: Final = 10_000
"""Characters of a value that is remembered, as JSON, at most."""


class Remembered:
    """A reader of JSON values that raises `ValueError` with the reason where a value says nothing.

    Cost: a look-up by the value's text, where it was read before.
    """

    def __init__(self, read: Callable[[JsonValue], Any]) -> None:
        self._read = read
        self._again = lru_cache(maxsize=_VALUES)(self._once)

    def __call__(self, value: JsonValue) -> Any:  # noqa: ANN401 - as the reader has it
        """What the value says. Raises `ValueError`."""
        text = json.dumps(value, sort_keys=True)
        found, reason = self._again(text) if len(text) <= _LONGEST else self._once(text)
        if reason is not None:
            raise ValueError(reason)
        return found

    def _once(self, text: str) -> tuple[Any, str | None]:
        try:
            return self._read(json.loads(text)), None
        except ValueError as fault:
            return None, str(fault)
