"""From a URL to a store: the only place that names concrete stores. Drivers are imported when asked for.

| URL | store |
| --- | --- |
| `memory:` | in memory, a fresh one each time |
| `sqlite:///work.db` | a file, relative to the working directory at the time of opening |
| `sqlite:////var/lib/work.db` | a file by its absolute path: the third slash ends the empty host |

Parameters follow a `?`: `timeout` (seconds that a write waits for others, 5 by default) for both, and
`synchronous` (`normal`, or `full` to sync at each commit) for SQLite. In a path, `%`, `?` and whatever else a
URL cannot hold are written with percent signs (`%3F` is a question mark).

A URL may hold a password, so no error and no `repr` shows more of it than what is wrong.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final, NamedTuple, cast
from urllib.parse import parse_qsl, unquote

from worklattice.errors import Problem, StoreError, ValidationError, did_you_mean, shown
from worklattice.storage.api import Store
from worklattice.types import LIMITS

if TYPE_CHECKING:
    from worklattice.storage.sql.sqlite_file import Synchronous

_SECONDS: Final = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?")
_URL: Final = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*):(?P<rest>[^?]*)(?:\?(?P<parameters>.*))?", re.DOTALL
)


class _Address(NamedTuple):
    """A URL taken apart."""

    rest: str
    """What stands between the scheme and the parameters."""
    parameters: Mapping[str, str]


def open_store(url: object) -> Store:
    """The store that the URL means, or the store itself where one is given.

    Raises `ValidationError` at the field `url` where the URL is not of a known form, and `StoreError` where
    the database cannot be opened or does not fit.
    """
    if not isinstance(url, str):
        if all(callable(getattr(url, name, None)) for name in ("read", "write", "close")):
            return cast("Store", url)
        raise ValidationError.of(
            "url", f"must be a store's URL, as text, or a store, not {shown(url)}", hint=_FORMS
        )
    match = _URL.fullmatch(url)
    if match is None:
        raise ValidationError.of("url", "is no store URL", hint=_FORMS)
    scheme = match["scheme"].lower()
    opener = _OPENERS.get(scheme)
    if opener is None:
        raise ValidationError.of("url", f"there is no store of the scheme {shown(scheme)}", hint=_FORMS)
    return opener(_Address(match["rest"], _parameters(scheme, match["parameters"] or "")))


def masked(url: str) -> str:
    """The URL with `***` in place of each password in it, to be shown."""
    return _PASSWORD_PARAMETER.sub(r"\1***", _PASSWORD.sub(r"\1***", url))


_PASSWORD: Final = re.compile(r"(//[^/?#:]*:).*(?=@)", re.DOTALL)
"""What stands between the user's name and the last `@`: a password may itself hold slashes or an `@`."""
_PASSWORD_PARAMETER: Final = re.compile(r"([?&][^=&]*password=)[^&]*", re.IGNORECASE)
_FORMS: Final = 'Use "memory:" or "sqlite:///" and the path of a file.'


def _memory(address: _Address) -> Store:
    from worklattice.storage.memory.store import MemoryStore  # noqa: PLC0415 - only what is used

    if address.rest:
        raise ValidationError.of("url", 'nothing may follow "memory:" but parameters', hint=_FORMS)
    return MemoryStore(timeout=_timeout(address.parameters))


def _sqlite(address: _Address) -> Store:
    from worklattice.storage.sql.sqlite import SqliteStore  # noqa: PLC0415 - only what is used

    if not address.rest.startswith("///"):
        reason = "an SQLite URL has three slashes before a relative path and four before an absolute one"
        raise ValidationError.of("url", reason, hint='Write "sqlite:///work.db" or "sqlite:////var/work.db".')
    path = unquote(address.rest[3:])
    if not path or path == ":memory:" or not _can_be_a_path(path):
        raise ValidationError.of(
            "url", "an SQLite URL names a file", hint='For a store in memory use "memory:".'
        )
    timeout = _timeout(address.parameters)
    synchronous = address.parameters.get("synchronous", "normal").lower()
    if synchronous not in {"normal", "full"}:
        raise ValidationError.of("url.synchronous", f"must be normal or full, not {shown(synchronous)}")
    try:
        return SqliteStore(path, timeout=timeout, synchronous=cast("Synchronous", synchronous))
    except OSError as error:
        raise StoreError(
            kind="unavailable",
            reason=f"The system cannot look for {shown(path)}: {error.strerror}.",
            hint="Check the path, and that its folder may be read.",
        ) from error


def _can_be_a_path(text: str) -> bool:
    """Whether the system can be asked for the path at all."""
    try:
        return b"\x00" not in os.fsencode(text)
    except UnicodeEncodeError:
        return False


_OPENERS: Final[dict[str, Callable[[_Address], Store]]] = {"memory": _memory, "sqlite": _sqlite}
_PARAMETERS: Final = {"memory": ("timeout",), "sqlite": ("timeout", "synchronous")}


def _parameters(scheme: str, text: str) -> dict[str, str]:
    """The parameters of the URL, each known and given once."""
    known = _PARAMETERS[scheme]
    given = parse_qsl(text, keep_blank_values=True)
    problems = [
        Problem(field="url", message=f"{shown(name)} is no parameter of a {scheme} URL")
        for name, _ in given
        if name not in known
    ]
    if problems:
        unknown = next(name for name, _ in given if name not in known)
        raise ValidationError.all(problems, hint=did_you_mean(unknown, known))
    parameters = dict(given)
    if len(parameters) < len(given):
        raise ValidationError.of("url", "a parameter is given twice")
    return parameters


def _timeout(parameters: Mapping[str, str]) -> float:
    text = parameters.get("timeout", "5")
    if _SECONDS.fullmatch(text) is None or float(text) > LIMITS.write_wait_seconds:
        reason = f"must be a number of seconds from 0 to {LIMITS.write_wait_seconds:,}, not {shown(text)}"
        raise ValidationError.of("url.timeout", reason)
    return float(text)
