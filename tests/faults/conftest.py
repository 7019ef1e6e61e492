"""Where the stores of these tests live."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

_IN_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - folders in it are made safely


@pytest.fixture(scope="session")
def memory() -> Path | None:
    """A disk in memory, where this system has one: good enough where it is the process that dies."""
    return _IN_MEMORY if _IN_MEMORY.is_dir() else None


@pytest.fixture
def folder(memory: Path | None) -> Iterator[Path]:
    """A new folder, in memory where there is one."""
    with tempfile.TemporaryDirectory(prefix="wl-faults-", dir=memory) as name:
        yield Path(name)
