"""Copying an SQLite file while it is written to, by SQLite's own online backup.

Copying the file by other means would miss what stands in its write-ahead log, or catch half of a write. The
copy is made beside its place, checked, synced, and given its name at the end.
"""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from stat import S_IMODE
from typing import Final

from worklattice.errors import StoreError, shown
from worklattice.storage.disk import as_store_errors, sync_folder, unfinished
from worklattice.storage.sql.sqlite_errors import translated
from worklattice.storage.sql.sqlite_file import SqliteFile

_PAGES: Final = 1_000
"""Pages that are copied between two calls of the progress callback: about 4 MB."""

_NO_LINKS: Final = frozenset({errno.EPERM, errno.ENOSYS, errno.EOPNOTSUPP, errno.EMLINK})
"""What file systems say that cannot give a file a second name."""


def copy(file: SqliteFile, path: Path, progress: Callable[[int, int], object]) -> None:
    """Copy the database as it is now into a new file; see `CopyingStore.copy_to`."""
    path = path.absolute()
    _refuse_taken(path)
    part = unfinished(path)
    try:
        with _as_store_errors(file, path):
            part.touch(exist_ok=False)
            _copy(file, part, progress)
            _check(part)
            part.chmod(S_IMODE(Path(file.path).stat().st_mode))
            with part.open("rb+") as copied:
                os.fsync(copied.fileno())
            _refuse_taken(path)
            _give_name(part, path)
    finally:
        for name in (part, *_companions(part)):
            with suppress(OSError):
                name.unlink(missing_ok=True)


def _copy(file: SqliteFile, part: Path, progress: Callable[[int, int], object]) -> None:
    """Copy page by page from one snapshot, so that commits meanwhile do not make it begin anew."""
    with (
        closing(file.connect(read_only=True)) as source,
        closing(sqlite3.connect(part, isolation_level=None)) as target,
    ):
        source.execute("BEGIN")
        source.execute("SELECT count(*) FROM sqlite_master").fetchone()
        source.backup(target, pages=_PAGES, progress=lambda _, left, total: progress(total - left, total))
        source.execute("ROLLBACK")


def _check(part: Path) -> None:
    with closing(sqlite3.connect(part, isolation_level=None)) as copied:
        found = [text for (text,) in copied.execute("PRAGMA integrity_check(1)")]
        strays = copied.execute("PRAGMA foreign_key_check").fetchone()
    if found != ["ok"] or strays is not None:
        what = shown(found[0]) if found != ["ok"] else "rows refer to what is not there"
        raise StoreError(
            kind="incompatible",
            reason=f"The copy is not sound, and was taken away: {what}.",
            hint="Check the store itself: wl.check(), and PRAGMA integrity_check in SQLite's own shell.",
        )


def _give_name(part: Path, path: Path) -> None:
    """Give the copy its name, which must still be free."""
    try:
        os.link(part, path)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        if path.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST)) from None
        part.rename(path)
    sync_folder(path.parent)


@contextmanager
def _as_store_errors(file: SqliteFile, path: Path) -> Generator[None]:
    """Errors of the driver and of the system as `StoreError`."""
    with as_store_errors(path.name, "written"):
        try:
            yield
        except sqlite3.Error as error:
            raise translated(error, file.timeout) from error
        except FileExistsError as error:
            raise _taken(path) from error


def _companions(path: Path) -> list[Path]:
    """The files that SQLite takes for a part of the database at the path, where they are there."""
    return [path.with_name(path.name + ending) for ending in ("-wal", "-shm", "-journal")]


def _refuse_taken(path: Path) -> None:
    """Refuse a name that is taken, or beside which lies the log of a database that is gone."""
    for name in (path, *_companions(path)):
        if name.exists() or name.is_symlink():
            raise _taken(name)


def _taken(path: Path) -> StoreError:
    return StoreError(
        kind="unavailable",
        reason=f"There is a file {shown(path.name)} already, which a backup does not overwrite.",
        hint="Name a new file, or take this one away first.",
    )
