"""A forked child that ends last: it closes nothing that it inherited, or what others wrote could be lost."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import worklattice
from tests.faults.processes import child
from tests.faults.work import whole_commits, write_without_end
from tests.stores import url_of

ROOT = Path(__file__).parents[2]

PARENT_AND_CHILD = """
import os, sys
import worklattice

wl = worklattice.open(sys.argv[1])
wl.get_ready_tasks()
child = os.fork()
if child == 0:
    sys.stdin.readline()
    {last_act}
    sys.exit(0)
wl.close()
print("closed", flush=True)
assert os.waitpid(child, 0)[1] == 0
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.parametrize("last_act", ["wl.close()", "pass"])
def test_a_child_that_outlives_the_store(last_act: str, tmp_path: Path) -> None:
    """What others wrote meanwhile is not lost when the child closes what it inherited, or just ends.

    SQLite takes the last connection to a file for a reason to delete its log.
    """
    url = url_of("sqlite", tmp_path)
    command = [sys.executable, "-W", "ignore", "-c", PARENT_AND_CHILD.format(last_act=last_act), url]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "closed\n"
        with child(write_without_end, url) as writer:
            while (acknowledged := writer.line.recv()) < 10:
                pass
            writer.kill()
            acknowledged = max([acknowledged, *writer.last_words()])
        parent.communicate("go on\n")
        assert parent.returncode == 0
    with worklattice.open(url) as wl:
        assert acknowledged <= whole_commits(wl) <= acknowledged + 1
