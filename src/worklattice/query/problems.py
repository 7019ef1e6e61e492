"""Everything wrong with a query at once, and what was read with a doubt."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from worklattice.errors import Problem, ValidationError, shown

_PLAIN_KEY: Final = re.compile(r"[\w.$<>!=\- ]{1,80}")


class _Noted(NamedTuple):
    path: str
    message: str
    hint: str | None

    def with_hint(self) -> Problem:
        message = f"{self.message}. {self.hint}" if self.hint else f"{self.message}."
        return Problem(field=self.path, message=message)


class Problems:
    """Gathers problems and warnings while a query is read."""

    def __init__(self) -> None:
        self._noted: list[_Noted] = []
        self.warnings: list[str] = []

    def add(self, path: str, message: str, hint: str | None = None) -> None:
        """Something is wrong at `path`."""
        self._noted.append(_Noted(path, message, hint))

    def warn(self, path: str, message: str) -> None:
        """Something at `path` was read as well as could be."""
        self.warnings.append(f"{path} {message}")

    def check(self) -> None:
        """Raise `ValidationError` with all problems, where there are any."""
        match self._noted:
            case []:
                pass
            case [one]:
                raise ValidationError.of(one.path, f"{one.message}.", hint=one.hint)
            case several:
                raise ValidationError.all([each.with_hint() for each in several], hint=several[0].hint)


def step(path: str, key: str) -> str:
    """The path of a key that the caller chose."""
    return f"{path}.{key}" if _PLAIN_KEY.fullmatch(key) and key.isascii() else f"{path}[{shown(key)}]"
