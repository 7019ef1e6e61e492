"""A store in a forked child."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.stores import url_of

SCRIPT = """
import os, sys
from worklattice.errors import StoreError
from worklattice.opening import open_store
from worklattice.testing.rows import fill, task_row

store = open_store(sys.argv[1])
fill(store, tasks=[task_row("t")])
child = os.fork()
if child == 0:
    try:
        for use in (store.read, store.write):
            try:
                use("w").__enter__()
            except StoreError as error:
                assert error.kind == "closed" and "fork" in error.reason, error
            else:
                os._exit(1)
        own = open_store("memory:")
        fill(own, tasks=[task_row("u")])
        own.close()
        store.close()
    except BaseException as error:
        print(error, file=sys.stderr)
        os._exit(2)
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
fill(store, tasks=[task_row("u", 2)])
with store.read("w") as view:
    assert view.count(None) == 2
store.close()
"""


@pytest.mark.skipif(not hasattr(__import__("os"), "fork"), reason="this system does not fork")
@pytest.mark.parametrize("store", ["memory", "sqlite", "postgresql"])
def test_a_store_opened_before_a_fork_is_refused_in_the_child(tmp_path: Path, store: str) -> None:
    """The child is told to open its own; the parent goes on as if nothing had happened."""
    url = url_of(store, tmp_path)
    subprocess.run([sys.executable, "-W", "ignore", "-c", SCRIPT, url], cwd=tmp_path, check=True, timeout=60)
