"""Something that happens before the k-th statement that a store sends to its database."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count
from typing import Any, Final

from worklattice.storage.sql.postgres_session import PostgresSession
from worklattice.storage.sql.session import Statement
from worklattice.storage.sql.sqlite_session import SqliteSession

_SENDING: Final[dict[type[Any], tuple[str, ...]]] = {
    SqliteSession: ("all", "command"),
    PostgresSession: ("one", "all", "begin", "begin_with", "commit"),
}
"""The methods that send one thing each, besides `run`, which sends several."""


def fail_at(
    patch: Callable[[type, str, Any], None],
    chosen: int,
    fail: Callable[[], object],
    times: int = 1,
    *,
    only_writes: bool = False,
) -> None:
    """Have `fail` called before the chosen one of all statements, and before as many after it as asked for.

    Reading, writing, beginning and committing count, or only writing and committing; undoing does not.
    """
    numbers = count(1)

    def count_on() -> None:
        if chosen <= next(numbers) < chosen + times:
            fail()

    def is_commit(send: Callable[..., Any], arguments: Sequence[Any]) -> bool:
        return send.__name__ == "commit" or arguments[:1] == ("COMMIT",)

    def failing(send: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(session: object, *arguments: Any) -> Any:
            if arguments[:1] != ("ROLLBACK",) and (is_commit(send, arguments) or not only_writes):
                count_on()
            return send(session, *arguments)

        return wrapper

    def failing_run(run: Callable[..., Sequence[int]]) -> Callable[..., Sequence[int]]:
        def wrapper(session: object, statements: Sequence[Statement]) -> Sequence[int]:
            hits: list[int] = []
            for statement in statements:
                count_on()
                hits += run(session, [statement])
            return hits

        return wrapper

    for kind, names in _SENDING.items():
        for name in names:
            patch(kind, name, failing(getattr(kind, name)))
        patch(kind, "run", failing_run(kind.run))
