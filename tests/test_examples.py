"""Every program in `examples/` runs to its end.

Those named `test_*.py` are pytest files themselves and are collected with the rest.
"""

import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parent.parent / "examples"
PROGRAMS = sorted(path for path in EXAMPLES.glob("*.py") if not path.name.startswith("test_"))


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.name)
def test_an_example_runs_in_an_empty_folder(program: Path, tmp_path: Path) -> None:
    """An example ends without an error and needs nothing but itself and the package."""
    done = subprocess.run(
        [sys.executable, "-W", "error", program],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
