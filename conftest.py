"""Runs the examples of the README, of the docs and of the docstrings as tests.

Each page runs in a folder of its own that is gone afterwards, so an example may open `sqlite:///work.db`.
The blocks of a page share their names and run in order. A block that can't run alone is left out with
`<!-- skip: next -->` above it.
"""

from contextlib import ExitStack, chdir
from doctest import ELLIPSIS, NORMALIZE_WHITESPACE
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from sybil import Sybil
from sybil.parsers.myst import ClearNamespaceParser, PythonCodeBlockParser, SkipParser
from sybil.parsers.rest import DocTestParser
from xdist.remote import Producer  # pyright: ignore[reportMissingTypeStubs]
from xdist.scheduler import LoadScopeScheduling  # pyright: ignore[reportMissingTypeStubs]

_DOCTEST = ELLIPSIS | NORMALIZE_WHITESPACE

_scratch: dict[int, ExitStack] = {}
"""The way out of each page's folder, by the identity of its namespace: its content an example may clear."""


def _enter_scratch_folder(namespace: dict[str, Any]) -> None:
    stack = _scratch[id(namespace)] = ExitStack()
    folder = stack.enter_context(TemporaryDirectory(prefix="worklattice-docs-", ignore_cleanup_errors=True))
    stack.enter_context(chdir(folder))


def _leave_scratch_folder(namespace: dict[str, Any]) -> None:
    _scratch.pop(id(namespace)).close()


_pages = Sybil(
    patterns=["*.md"],
    parsers=[PythonCodeBlockParser(doctest_optionflags=_DOCTEST), SkipParser(), ClearNamespaceParser()],
    setup=_enter_scratch_folder,
    teardown=_leave_scratch_folder,
)
_docstrings = Sybil(
    path="src",
    patterns=["*.py"],
    parsers=[DocTestParser(optionflags=_DOCTEST)],
    setup=_enter_scratch_folder,
    teardown=_leave_scratch_folder,
)

pytest_collect_file = (_pages + _docstrings).pytest()


class _Batches(LoadScopeScheduling):  # type: ignore[misc] # xdist has no types
    """Hands out test functions, each with all its parameters, and whole pages, whose examples share names."""

    def _split_scope(self, nodeid: str) -> str:
        page, example, _ = nodeid.partition("::line:")
        return page if example else nodeid.partition("[")[0]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    """Say how pytest-xdist spreads the tests over the cores."""
    return _Batches(config, log)
