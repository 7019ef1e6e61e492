"""The store of docs/how-to/write-a-store.md is a store."""

import re
from pathlib import Path
from typing import Any

from worklattice.testing.store_contract import StoreContract

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "write-a-store.md"


def _names_of(page: Path) -> dict[str, Any]:
    """What the page's examples define, but for those that are to be skipped."""
    names: dict[str, Any] = {"__name__": __name__}
    text = page.read_text(encoding="utf-8")
    for skipped, block in re.findall(
        r"(skip: next -->\n\n)?^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL
    ):
        if not skipped:
            code = compile(block, str(page), "exec", dont_inherit=True)
            exec(code, names)  # noqa: S102 - the project's own page
    return names


TestCountingStore: type[StoreContract] = _names_of(PAGE)["TestCountingStore"]
"""The whole contract, by the class that the page shows."""


def test_the_example_counts_turns(tmp_path: Path) -> None:
    """It does what the page says that it does."""
    store: Any = TestCountingStore().open_store(tmp_path, 5.0)
    for _ in range(2):
        with store.write("w"):
            pass
    assert store.turns == 2
    store.close()
