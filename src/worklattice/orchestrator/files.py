"""Files of dumps: written whole or not at all, and read more than once.

Not here: what stands in them (`dumping`, `restoring`).
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from os import PathLike
from pathlib import Path
from typing import IO, Any, TypeAlias

from worklattice.errors import ValidationError, shown
from worklattice.storage.disk import as_store_errors, sync_folder, unfinished

Source: TypeAlias = str | PathLike[str] | Iterable[str] | Iterable[bytes]
"""The path of a dump, or its lines: an open file, `dump_lines()`, a list."""


@contextmanager
def written_whole(path: str | PathLike[str]) -> Generator[IO[bytes]]:
    """A file to write to, which takes the place of `path` once it is whole and on the disk.

    Until then it stands beside it under another name; where the block fails, it is taken away.

    Raises:
        StoreError: it cannot be written; what was at `path` before is still there.
    """
    whole = Path(path)
    part = unfinished(whole)
    with as_store_errors(whole.name, "written"):
        file = part.open("xb")
    try:
        with file:
            yield file
            with as_store_errors(whole.name, "written"):
                file.flush()
                os.fsync(file.fileno())
        with as_store_errors(whole.name, "written"):
            part.replace(whole)
            sync_folder(whole.parent)
    except BaseException:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise


def write_all(file: IO[bytes], text: bytes, name: str) -> None:
    """Write to the file."""
    with as_store_errors(name, "written"):
        file.write(text)


class Lines:
    """The lines of a dump, to be read as often as need be, without their ends."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def __iter__(self) -> Iterator[bytes]:
        self._file.seek(0)
        for line in self._file:
            yield line.rstrip(b"\r\n")


@contextmanager
def lines_of(source: Source) -> Generator[Lines]:
    """The lines of a source; those that can be read once only are put down in a temporary file.

    Raises:
        ValidationError: it is no source.
        StoreError: the file cannot be read.
    """
    given: Any = source
    if isinstance(given, str | PathLike):
        path = Path(given)
        with as_store_errors(path.name, "read"):
            file: IO[bytes] = path.open("rb")
        with file:
            yield Lines(file)
        return
    if not isinstance(given, Iterable) or isinstance(given, bytes | dict):
        hint = "Give wl.dump_lines() of another workspace, an open file, or a path."
        raise ValidationError.of("source", f"must be a path or lines, not {shown(given)}", hint=hint)
    with tempfile.TemporaryFile(prefix="worklattice-") as spool:
        for line in given:
            text = line.encode(errors="surrogatepass") if isinstance(line, str) else bytes(line)
            write_all(spool, text.rstrip(b"\r\n") + b"\n", "worklattice's temporary file")
        yield Lines(spool)
