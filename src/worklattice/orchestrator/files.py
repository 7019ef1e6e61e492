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
from stat import S_IMODE
from typing import IO, Any, Final, TypeAlias

from worklattice.errors import StoreError, ValidationError, shown
from worklattice.storage.disk import as_store_errors, sync_folder, unfinished

Source: TypeAlias = str | PathLike[str] | Iterable[str] | Iterable[bytes]
"""The path of a dump, or its lines: an open file, `dump_lines()`, a list."""


@contextmanager
def written_whole(path: str | PathLike[str]) -> Generator[IO[bytes]]:
    """A file to write to, which takes the place of `path` once it is whole and on the disk.

    Until then it stands beside it under another name; where the block fails, it is taken away. The rights of
    a file that is replaced stay as they are, a link is followed, and what is no file, such as a pipe, is
    written to as it is.

    Raises:
        ValidationError: `path` is none.
        StoreError: it cannot be written, or is a database; what was at `path` before is still there.
    """
    whole = file_at(path)
    with as_store_errors(whole.name, "written"):
        if whole.exists() and not whole.is_file():
            with whole.open("wb") as stream:
                yield stream
            return
        whole = whole.resolve()
        _refuse_database(whole)
        part = unfinished(whole)
        file = part.open("xb")
    try:
        yield file
        with as_store_errors(whole.name, "written"):
            file.flush()
            os.fsync(file.fileno())
            file.close()
            if whole.exists():
                part.chmod(S_IMODE(whole.stat().st_mode))
            part.replace(whole)
            sync_folder(whole.parent)
    except BaseException:
        with suppress(OSError):  # which writes what is left, for which there may still be no room
            file.close()
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise


def file_at(path: object) -> Path:
    """The path of a file that a caller gives.

    Raises:
        ValidationError: it is none.
    """
    text = os.fspath(path) if isinstance(path, str | PathLike) else None
    if not isinstance(text, str) or "\0" in text or not Path(text).name:
        raise ValidationError.of("path", f"must be the path of a file, not {shown(path)}")
    return Path(text)


def _refuse_database(path: Path) -> None:
    """Refuse to write over an SQLite database, which most likely is the store itself."""
    if not path.is_file():
        return
    with path.open("rb") as file:
        if file.read(len(_SQLITE)) == _SQLITE:
            raise StoreError(
                kind="unavailable",
                reason=f"The file {shown(path.name)} is an SQLite database, which a dump does not overwrite.",
                hint="Name another file.",
            )


_SQLITE: Final = b"SQLite format 3\0"
"""How every SQLite database begins."""


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
    if isinstance(given, str) and "\n" in given:
        hint = "Give its lines: wl.dump_lines() of the other workspace, or io.StringIO(text)."
        raise ValidationError.of("source", "must be a path or lines, and is a text of lines", hint=hint)
    if isinstance(given, str | PathLike):
        path = file_at(given)
        with as_store_errors(path.name, "read"):
            file: IO[bytes] = path.open("rb")
        with file:
            yield Lines(file)
        return
    if not isinstance(given, Iterable) or isinstance(given, bytes | dict):
        hint = "Give wl.dump_lines() of another workspace, an open file, or a path."
        raise ValidationError.of("source", f"must be a path or lines, not {shown(given)}", hint=hint)
    with as_store_errors(_SPOOL, "written"):
        spool = tempfile.TemporaryFile(prefix="worklattice-")  # noqa: SIM115 - closed below
    try:
        for number, line in enumerate(given, start=1):
            write_all(spool, _bytes_of(line, number).rstrip(b"\r\n") + b"\n", _SPOOL)
        with as_store_errors(_SPOOL, "written"):
            spool.flush()
        yield Lines(spool)
    finally:
        with suppress(OSError):  # which writes what is left, for which there may still be no room
            spool.close()


_SPOOL: Final = "worklattice's temporary file"


def _bytes_of(line: object, number: int) -> bytes:
    if isinstance(line, str):
        return line.encode(errors="surrogatepass")
    if isinstance(line, bytes | bytearray | memoryview):
        return bytes(line)
    raise ValidationError.of("source", f"line {number} must be text or bytes, not {shown(line)}")
