"""How the examples of a page are run."""

import shutil
import subprocess
import sys
from pathlib import Path

CONFTEST = Path(__file__).parent.parent / "conftest.py"

PAGE = """
```python
from pathlib import Path

Path("left.txt").write_text("here")
gone = 1
```

<!-- clear-namespace -->

```python
from pathlib import Path

assert Path("left.txt").read_text() == "here"
assert "gone" not in globals()
```
"""

PAGE_AFTER_IT = """
```python
from pathlib import Path

assert not Path("left.txt").exists()
```
"""


def test_a_page_may_clear_its_names(tmp_path: Path) -> None:
    """It stays in its own folder to its end, and the next page begins in another."""
    shutil.copy(CONFTEST, tmp_path)
    (tmp_path / "a.md").write_text(PAGE)
    (tmp_path / "b.md").write_text(PAGE_AFTER_IT)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "a.md", "b.md"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert "4 passed" in done.stdout
    assert sorted(path.name for path in tmp_path.glob("*.txt")) == []
