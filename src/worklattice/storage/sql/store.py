"""What the stores over SQL have in common: reads, and the last act of a write.

Not here: how a database is connected to and locked, which each kind of sessions knows (`sqlite_session`,
`postgres_pool`), and what is asked over a session (`view`, `commit`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Generic, Protocol, Self, TypeVar

from worklattice.model.rows import Changes
from worklattice.storage import refusals
from worklattice.storage.sql.commit import drop, write
from worklattice.storage.sql.session import Dialect, Session
from worklattice.storage.sql.view import SqlView

_WORKSPACES: Final = "SELECT workspace FROM workspaces WHERE position > 0 ORDER BY workspace"

S = TypeVar("S", bound=Session)


class Sessions(Protocol[S]):
    """The sessions of one store, as far as all kinds of them are alike."""

    def refuse_misuse(self) -> None:
        """Refuse any use after closing, and in a forked child."""
        ...

    def begin_read(self) -> S:
        """A session that sees one state of the database, until `end_read`."""
        ...

    def end_read(self, session: S, /) -> None:
        """Take the session of a read back."""
        ...

    def close(self) -> None:
        """Close what is idle now, and the rest when it is given back."""
        ...


SessionsT = TypeVar("SessionsT", bound=Sessions[Any])


class SqlStore(Generic[SessionsT]):
    """What a store does with its sessions, whatever the database. Subclasses open them, and write."""

    _sessions: SessionsT
    _dialect: Dialect

    def read(self, workspace: str) -> SqlRead[Any]:
        self._sessions.refuse_misuse()
        return SqlRead(self._sessions, self._dialect, workspace)

    def workspaces(self) -> Sequence[str]:
        session = self._sessions.begin_read()
        try:
            return [name for (name,) in session.all(_WORKSPACES, ())]
        finally:
            self._sessions.end_read(session)

    def close(self) -> None:
        self._sessions.close()


class SqlRead(SqlView, Generic[S]):
    """A read: a snapshot of the database as of the first question."""

    def __init__(self, sessions: Sessions[S], dialect: Dialect, workspace: str) -> None:
        super().__init__(refusals.LEFT, dialect, workspace)
        self._sessions = sessions

    def __enter__(self) -> Self:
        self._session = self._reader = self._sessions.begin_read()
        return self

    def __exit__(self, *exception: object) -> None:
        self._session = refusals.LEFT
        self._sessions.end_read(self._reader)


class SqlTransaction(SqlView):
    """A write, of which subclasses know how it begins and is left."""

    def __init__(self, sessions: Sessions[S], dialect: Dialect, workspace: str) -> None:
        super().__init__(refusals.LEFT, dialect, workspace)
        self._refuse_misuse = sessions.refuse_misuse

    def write(self, changes: Changes) -> None:
        session = self._last_use()
        write(session, changes)
        self._session = session

    def commit(self, changes: Changes) -> None:
        session = self._last_use()
        write(session, changes)
        session.commit()

    def drop(self) -> None:
        session = self._last_use()
        drop(session, self._workspace)
        session.commit()

    def _last_use(self) -> Session:
        """The session, from which this view is parted; a view that was left has none."""
        session, self._session = self._session, refusals.LEFT
        self._refuse_misuse()
        return session
