"""No room for a dump, or for the lines of one that is restored: a `StoreError` of the kind full."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

NO_ROOM = """
import resource, signal, sys
import worklattice
from pathlib import Path

folder = Path(sys.argv[1])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
with worklattice.open("memory:") as wl, worklattice.open("memory:") as other:
    for n in range(50):
        wl.create_generic_task("t", attributes={"text": "x" * 3_000})
    lines = list(wl.dump_lines())
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    for write in (lambda: wl.dump_to(folder / "dump.jsonl"), lambda: other.restore(lines)):
        try:
            write()
        except worklattice.StoreError as error:
            assert error.kind == "full", error
        else:
            sys.exit("not refused")
    assert list(folder.iterdir()) == [], "something is left"
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    wl.dump_to(folder / "dump.jsonl")
    other.restore(folder / "dump.jsonl")
    assert other.dump() == wl.dump()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="this system does not limit the size of files")
def test_no_room_for_a_dump(tmp_path: Path) -> None:
    """Once there is room, the same calls go through."""
    subprocess.run([sys.executable, "-c", NO_ROOM, str(tmp_path)], check=True, timeout=60)
