"""Stores that were opened by another process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes.forking import WAYS
from tests.stores import url_of

PROGRAM = Path(__file__).with_name("forking.py")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("store", ["memory", "sqlite", "postgresql"])
def test_a_store_stays_with_the_process_that_opened_it(store: str, way: str, tmp_path: Path) -> None:
    """A child is refused whatever it asks for, opens its own, and does not disturb its parent."""
    url = url_of(store, tmp_path, timeout=30)
    ended = subprocess.run(
        [sys.executable, "-W", "ignore", PROGRAM, url, way],  # newer Pythons warn of each fork
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ended.returncode == 0, ended.stderr
