"""Errors of the PostgreSQL driver as `StoreError`: the one place that knows their codes."""

from __future__ import annotations

import re
from typing import Final

import psycopg
from psycopg_pool import PoolClosed, PoolTimeout

from worklattice.errors import StoreError, shown
from worklattice.storage import refusals

_AROUND: Final = re.compile(r".*?\bfailed: (?:connection to .*? failed: )?(?:FATAL: +)?", re.DOTALL)
"""What the driver says of a connection before it says what is wrong."""


def translated(error: psycopg.Error, timeout: float, *, committing: bool = False) -> StoreError:
    """What callers get to see of an error of the driver; raise it `from` the error.

    `committing` says that the transaction may have been committed although the answer was lost.
    """
    if isinstance(error, PoolClosed):
        return refusals.closed()
    if isinstance(error, PoolTimeout):
        return StoreError(
            kind="unavailable",
            reason=f"No connection to the database could be had within {timeout:g} s.",
            hint="Check that the server runs and takes connections, and that the URL allows for as many "
            "`connections` as threads use at once; try again.",
        )
    state = error.sqlstate or ""
    match state[:2], state:
        case "40", _:
            return refusals.outrun()
        case _, "55P03" | "57014":
            return refusals.busy(timeout)
        case "53", _:
            return _full(error) if state in {"53100", "53200"} else _unavailable(error, committing=committing)
        case "23" | "22", _:
            return StoreError(
                kind="incompatible",
                reason=f"The database was given rows that do not fit ({_first_line(error)}).",
                hint=refusals.LOOK_AT_ALL,
            )
        case _, "25006":
            return StoreError(
                kind="incompatible",
                reason=f"The database takes no writes: {_first_line(error)}.",
                hint="Connect to the primary server, with a role that may write.",
            )
        case "42" | "3F" | "3D" | "28", _:
            return StoreError(
                kind="incompatible",
                reason=f"The database is not set up for this: {_first_line(error)}.",
                hint="Create the schema with worklattice.opening.create_schema(url), or give the role the "
                "rights that the store needs.",
            )
        case _:
            return _unavailable(error, committing=committing)


def _full(error: psycopg.Error) -> StoreError:
    return StoreError(
        kind="full",
        reason=f"The database has no room left: {_first_line(error)}.",
        hint="Make room on the server's disk; reads go on meanwhile.",
    )


def _unavailable(error: psycopg.Error, *, committing: bool) -> StoreError:
    return StoreError(
        kind="unavailable",
        reason=f"The database could not be reached: {_first_line(error)}.",
        hint="Try again with the same idempotency key." if committing else "Try again.",
        outcome_known=not committing,
    )


def _first_line(error: psycopg.Error) -> str:
    text = (error.diag.message_primary or _AROUND.sub("", str(error), count=1)).strip()
    return shown(text.splitlines()[0] if text else type(error).__name__)
