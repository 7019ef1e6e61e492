"""The HTTP status of a refusal, wherever a server is shown: in pages of the docs and in examples."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from worklattice import errors
from worklattice.errors import ConflictError, NotFoundError, WorklatticeError

ROOT = Path(__file__).parents[1]
SERVERS = (
    "docs/how-to/serve-over-http.md",
    "docs/how-to/serve-with-asgi.md",
    "examples/asgi_server.py",
    "examples/http_server.py",
)


def table_of(server: str) -> dict[str, int]:
    text = (ROOT / server).read_text(encoding="utf-8")
    (table,) = re.findall(r"^STATUS = (\{.*?^\})$", text, re.MULTILINE | re.DOTALL)
    statuses: dict[str, int] = ast.literal_eval(table)
    return statuses


@pytest.mark.parametrize("server", SERVERS)
def test_servers_map_refusals_alike(server: str) -> None:
    """Each has the same table, and the same status for what it leaves out."""
    assert table_of(server) == table_of(SERVERS[0])
    text = (ROOT / server).read_text(encoding="utf-8")
    assert re.findall(r"STATUS\.get\(.*, (\d+)\)", text) == ["422"]


def test_the_table_fits_the_errors() -> None:
    """It names errors that there are; what is not there is a 404, and what conflicts a 409."""
    table = table_of(SERVERS[0])
    kinds = {name: kind for name, kind in vars(errors).items() if name in table}
    assert kinds.keys() == table.keys()
    assert all(issubclass(kind, WorklatticeError) for kind in kinds.values())
    missing = {name for name, kind in kinds.items() if issubclass(kind, NotFoundError)}
    assert missing == {name for name, status in table.items() if status == 404}
    conflicting = {name for name, kind in kinds.items() if issubclass(kind, ConflictError)}
    assert {"ConflictError", "ClaimError"} == conflicting
    assert {table[name] for name in conflicting} == {409}
