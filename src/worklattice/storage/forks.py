"""Whether this process is the one that opened a store, or a forked child of it.

A child has a copy of everything, also of a transaction that was open when it was forked. Whatever it sent or
undid over the parent's connections would happen to the parent.
"""

from __future__ import annotations

import os


class _Process:
    """Counts the forks that lie between this process and the one that was started."""

    generation = 0


def _count() -> None:
    _Process.generation += 1


if hasattr(os, "register_at_fork"):  # Windows has no fork
    os.register_at_fork(after_in_child=_count)

process = _Process
"""Remember `process.generation` when opening; in a forked child it is another one.

Asking is ten times cheaper than asking the operating system for the process's id each time.
"""
