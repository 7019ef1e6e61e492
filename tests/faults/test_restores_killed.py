"""A process that is killed in the middle of a restore: the workspace is as empty as before."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import worklattice
from tests.stores import url_of

TASKS = 500
"""Lines of tasks; there are as many others, the header and the dependencies, and the end."""

RESTORER = """
import sys
import worklattice
from worklattice.orchestrator import restoring

def stop(done, total):
    if done >= int(sys.argv[3]):
        print("here", flush=True)
        sys.stdin.read()  # until it is killed

restoring.PORTION = 100
with worklattice.open(sys.argv[1]) as wl:
    wl.restore(sys.argv[2], progress=stop)
"""


@pytest.fixture(scope="module")
def dump(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dump of many tasks, each of which depends on the one before."""
    path = tmp_path_factory.mktemp("dump") / "dump.jsonl"
    with worklattice.open("memory:") as wl:
        wl.batch_create(
            {
                "task_type": "task",
                "task_id": f"t{number}",
                "dependencies": [f"t{number - 1}"] if number else [],
            }
            for number in range(TASKS)
        )
        wl.dump_to(path)
    return path


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system does not kill so")
@pytest.mark.parametrize("store", ["sqlite", "postgresql"])
@pytest.mark.parametrize("lines", [1, 101, 701, 1_001])
def test_a_restore_that_is_killed(dump: Path, store: str, lines: int, tmp_path: Path) -> None:
    """Nothing is there, whatever was written already, and the next restore works."""
    url = url_of(store, tmp_path)
    worklattice.open(url).close()
    command = [sys.executable, "-c", RESTORER, url, str(dump), str(lines)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as restorer:
        assert restorer.stdout is not None
        assert restorer.stdout.readline() == b"here\n"
        restorer.kill()
    with worklattice.open(f"{url}{'&' if '?' in url else '?'}timeout=60") as wl:
        assert wl.workspaces() == []
        assert list(wl.events()) == []
        assert wl.dump().count("\n") == 2
        assert wl.restore(dump) == 2 * TASKS + 1
        assert wl.dump().encode() == dump.read_bytes()
        assert wl.check() == []
