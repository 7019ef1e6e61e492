"""From a URL to a store: the only place that names concrete stores. Drivers are imported when asked for.

| URL | store |
| --- | --- |
| `memory:` | in memory, a fresh one each time |
| `sqlite:///work.db` | a file, relative to the working directory at the time of opening |
| `sqlite:////var/lib/work.db` | a file by its absolute path: the third slash ends the empty host |
| `postgresql://user:password@host/database` | a schema of a PostgreSQL database; needs the extra `postgres` |

Parameters follow a `?`: `timeout` (seconds that a write waits for others, 5 by default) for each of them,
`synchronous` (`normal`, or `full` to sync at each commit) for SQLite, and for PostgreSQL `schema` (its name,
`worklattice` by default), `connections` (how many there are at most) and those of libpq's that say where the
server is and how to trust it. In a path, `%`, `?` and whatever else a URL cannot hold are written with
percent signs (`%3F` is a question mark).

A URL may hold a password, so no error and no `repr` shows more of it than what is wrong.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, cast
from urllib.parse import parse_qsl, quote, unquote, urlencode

from worklattice.errors import Problem, StoreError, ValidationError, did_you_mean, shown
from worklattice.storage.api import Store
from worklattice.types import LIMITS

if TYPE_CHECKING:
    from worklattice.storage.sql.postgres_pool import PostgresDatabase
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
    address, opener = _taken_apart(url)
    return opener(address)


def _taken_apart(url: str) -> tuple[_Address, Callable[[_Address], Store]]:
    match = _URL.fullmatch(url)
    if match is None:
        raise ValidationError.of("url", "is no store URL", hint=_FORMS)
    scheme = match["scheme"].lower()
    if scheme not in _OPENERS:
        raise ValidationError.of("url", f"there is no store of the scheme {shown(scheme)}", hint=_FORMS)
    opener, known = _OPENERS[scheme]
    return _Address(match["rest"], _parameters(scheme, known, match["parameters"] or "")), opener


def refuse_missing(url: str) -> None:
    """Refuse the URL of an SQLite file that is not there, which opening it would create.

    Raises:
        ValidationError: the URL is not of a known form.
        StoreError: there is no such file.
    """
    address, opener = _taken_apart(url)
    if opener is _sqlite and not Path(path := _sqlite_path(address)).is_file():
        raise StoreError(
            kind="unavailable", reason=f"There is no file {shown(path)}.", hint="Check the path in the URL."
        )


def create_schema(url: str) -> None:
    """Create the schema of a PostgreSQL database, or bring it up to date; nothing to do where it is.

    For whoever deploys, with a role that may: the application's own role then needs no such right.

    Raises:
        ValidationError: the URL is not of the documented form, or not that of a PostgreSQL database.
        StoreError: the database cannot be reached, the role lacks the rights, or the schema is of a newer
            version.
    """
    from worklattice.storage.sql import postgres_schema  # noqa: PLC0415 - only what is used

    postgres_schema.prepare(_postgres_database(_postgres_address(url)))


def check_schema(url: str) -> None:
    """See whether a PostgreSQL database has the schema in the version that is needed; nothing is changed.

    Raises:
        ValidationError: the URL is not of the documented form, or not that of a PostgreSQL database.
        StoreError: it has not, or cannot be reached.
    """
    from worklattice.storage.sql import postgres_schema  # noqa: PLC0415 - only what is used

    postgres_schema.check_version(_postgres_database(_postgres_address(url)))


def _postgres_address(url: str) -> _Address:
    address, opener = _taken_apart(url)
    if opener is not _postgres:
        reason = "only a PostgreSQL database has a schema that is created beforehand"
        raise ValidationError.of("url", reason, hint='Give a URL that begins with "postgresql://".')
    _need_driver()
    return address


def masked(url: str) -> str:
    """The URL with `***` in place of each password in it, to be shown."""
    return _PARAMETER.sub(_masked_parameter, _PASSWORD.sub(r"\1***", url))


def _masked_parameter(match: re.Match[str]) -> str:
    """The parameter, without its value where that is a password; nothing of what may be a piece of one."""
    name, is_given, _ = match[0].partition("=")
    if not is_given or unquote(name) not in _OPENERS["postgresql"][1]:
        return "***"
    return f"{name}=***" if unquote(name) == "password" else match[0]


_PASSWORD: Final = re.compile(r"(//[^/?#:]*:).*(?=@)", re.DOTALL)
"""What stands between the user's name and the last `@`: a password may itself hold slashes or an `@`."""
_PARAMETER: Final = re.compile(r"(?<=[?&])[^&]+")
_FORMS: Final = (
    'Use "memory:", "sqlite:///" and the path of a file, or "postgresql://" with the host and the database.'
)


def _memory(address: _Address) -> Store:
    from worklattice.storage.memory.store import MemoryStore  # noqa: PLC0415 - only what is used

    if address.rest:
        raise ValidationError.of("url", 'nothing may follow "memory:" but parameters', hint=_FORMS)
    return MemoryStore(timeout=_timeout(address.parameters))


def _sqlite(address: _Address) -> Store:
    from worklattice.storage.sql.sqlite import SqliteStore  # noqa: PLC0415 - only what is used

    path = _sqlite_path(address)
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


def _sqlite_path(address: _Address) -> str:
    if not address.rest.startswith("///"):
        reason = "an SQLite URL has three slashes before a relative path and four before an absolute one"
        raise ValidationError.of("url", reason, hint='Write "sqlite:///work.db" or "sqlite:////var/work.db".')
    path = unquote(address.rest[3:])
    if not path or path == ":memory:" or not _can_be_a_path(path):
        raise ValidationError.of(
            "url", "an SQLite URL names a file", hint='For a store in memory use "memory:".'
        )
    return path


def _can_be_a_path(text: str) -> bool:
    """Whether the system can be asked for the path at all."""
    try:
        return b"\x00" not in os.fsencode(text)
    except UnicodeEncodeError:
        return False


def _postgres(address: _Address) -> Store:
    _need_driver()
    from worklattice.storage.sql.postgres import PostgresStore  # noqa: PLC0415 - only what is used

    return PostgresStore(_postgres_database(address))


def _need_driver() -> None:
    if any(find_spec(name) is None for name in ("psycopg", "psycopg_pool")):
        hint = 'Install it: pip install "worklattice[postgres]".'
        raise ValidationError.of("url", "there is no driver for PostgreSQL here", hint=hint)


def _postgres_database(address: _Address) -> PostgresDatabase:
    from worklattice.storage.sql.postgres_pool import (  # noqa: PLC0415 - only what is used
        PostgresDatabase,
        can_be_taken_apart,
    )

    parameters = dict(address.parameters)
    timeout = _timeout(parameters)
    schema = parameters.pop("schema", "worklattice")
    if _SCHEMA.fullmatch(schema) is None:
        rule = "must be a lower-case letter, then up to 62 lower-case letters, digits and underscores"
        raise ValidationError.of("url.schema", f"{rule}, not {shown(schema)}")
    connections = parameters.pop("connections", "8")
    if not (connections.isdecimal() and 1 <= int(connections[:9]) <= LIMITS.connections):
        reason = f"must be a number from 1 to {LIMITS.connections}, not {shown(connections)}"
        raise ValidationError.of("url.connections", reason)
    parameters.pop("timeout", None)
    parameters.setdefault("connect_timeout", f"{max(_QUICKEST_CONNECT, ceil(timeout))}")
    url = f"postgresql:{address.rest}" + (f"?{urlencode(parameters, quote_via=quote)}" if parameters else "")
    authority = address.rest.removeprefix("//").partition("/")[0]
    if authority.count("@") > 1 or not can_be_taken_apart(url):
        reason = "is not of the form postgresql://user:password@host:port/database"
        hint = "Write with percent signs what a URL cannot hold (%25 is a percent sign, %40 an @)."
        raise ValidationError.of("url", reason, hint=hint)
    return PostgresDatabase(
        conninfo=url,
        shown=masked(url),
        schema=schema,
        timeout=timeout,
        connections=int(connections),
    )


_QUICKEST_CONNECT: Final = 2
"""Seconds that are given to connecting at least; libpq waits for ever where it is told 0."""
_SCHEMA: Final = re.compile(r"[a-z][a-z0-9_]{0,62}")

_OF_LIBPQ: Final = (
    *("host", "port", "hostaddr", "dbname", "user", "password", "connect_timeout", "application_name"),
    *("sslmode", "sslrootcert", "sslcert", "sslkey", "sslcrl", "channel_binding", "target_session_attrs"),
    *("keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count", "tcp_user_timeout"),
)
"""What libpq may be told. Left out is what would run something, or read files that nobody named."""

_OPENERS: Final[dict[str, tuple[Callable[[_Address], Store], tuple[str, ...]]]] = {
    "memory": (_memory, ("timeout",)),
    "sqlite": (_sqlite, ("timeout", "synchronous")),
    "postgresql": (_postgres, ("timeout", "schema", "connections", *_OF_LIBPQ)),
    "postgres": (_postgres, ("timeout", "schema", "connections", *_OF_LIBPQ)),
}
"""Who opens the URLs of a scheme, and the parameters that they may have."""


def _parameters(scheme: str, known: Sequence[str], text: str) -> dict[str, str]:
    """The parameters of the URL, each known and given once."""
    given = parse_qsl(text.replace("+", "%2B"), keep_blank_values=True)  # libpq takes a plus for a plus
    unknown = [(place, name) for place, (name, _) in enumerate(given, start=1) if name not in known]
    if unknown:
        raise ValidationError.all(
            [Problem(field="url", message=_no_parameter(scheme, *each)) for each in unknown],
            hint=did_you_mean(unknown[0][1], known),
        )
    parameters = dict(given)
    if len(parameters) < len(given):
        raise ValidationError.of("url", "a parameter is given twice")
    return parameters


def _no_parameter(scheme: str, place: int, name: str) -> str:
    """That a parameter is unknown: by its place where it may be a piece of a password."""
    if _OPENERS[scheme][0] is not _postgres:
        return f"{shown(name)} is no parameter of a {scheme} URL"
    return (
        f"parameter {place} is none of a {scheme} URL; in a password, ? & and @ are written %3F, %26 and %40"
    )


def _timeout(parameters: Mapping[str, str]) -> float:
    text = parameters.get("timeout", "5")
    if _SECONDS.fullmatch(text) is None or float(text) > LIMITS.write_wait_seconds:
        reason = f"must be a number of seconds from 0 to {LIMITS.write_wait_seconds:,}, not {shown(text)}"
        raise ValidationError.of("url.timeout", reason)
    return float(text)
