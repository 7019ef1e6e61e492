"""Processes to kill, cheap enough to kill a thousand: each is forked from one that has imported everything.

That one is multiprocessing's fork server. No store is open in it, so none is ever carried over a fork.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Generator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any, Final, NamedTuple

_CONTEXT: Final = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["__main__", "tests.faults.warm"])


class Child(NamedTuple):
    """A process, and the line to it."""

    process: BaseProcess
    line: Connection[Any, Any]

    def kill(self) -> None:
        """End it without a word, and wait until it is gone."""
        self.process.kill()
        self.process.join()

    def last_words(self) -> list[Any]:
        """What it said and nobody has listened to yet, once it is gone."""
        words: list[Any] = []
        try:
            while True:
                words.append(self.line.recv())
        except EOFError:
            return words


@contextmanager
def child(work: Callable[..., None], *arguments: object) -> Generator[Child]:
    """A process that does the work, which is given its end of the line first; killed if it is still there."""
    ours, theirs = _CONTEXT.Pipe()
    process = _CONTEXT.Process(target=work, args=(theirs, *arguments))
    process.start()
    theirs.close()
    try:
        yield Child(process, ours)
    finally:
        if process.is_alive():
            process.kill()
        process.join()
        process.close()
        ours.close()
