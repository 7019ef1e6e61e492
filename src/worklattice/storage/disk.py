"""What all files need that are to be whole and to outlive a crash, those of stores and those of dumps."""

from __future__ import annotations

import errno
import os
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, Literal

from worklattice.errors import StoreError, shown

_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def unfinished(path: Path) -> Path:
    """Where a file may stand until it is whole and gets the name `path`: beside it."""
    return path.with_name(f".{path.name}.{os.urandom(4).hex()}.part")


@contextmanager
def as_store_errors(name: str, what: Literal["read", "written"]) -> Generator[None]:
    """Errors of the system about the file of this name as `StoreError`."""
    try:
        yield
    except OSError as error:
        is_full = error.errno in _NO_ROOM
        raise StoreError(
            kind="full" if is_full else "unavailable",
            reason=f"The file {shown(name)} cannot be {what}: {error.strerror}.",
            hint="Make room on the disk." if is_full else "Check the path and its rights.",
        ) from error


def sync_folder(folder: Path) -> None:
    """See to it that the names in a folder are on the disk, where the system can do that."""
    with suppress(OSError):
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)
