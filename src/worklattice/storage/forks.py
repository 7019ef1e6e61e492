"""Whether this process is the one that opened a store, or a forked child of it.

A child has a copy of everything, also of a transaction that was open when it was forked. Whatever it sent or
undid over the parent's connections would happen to the parent. Nor may it close them, not even by its end:
with the last connection to an SQLite file goes the log beside it, and with that what others wrote meanwhile.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Protocol
from weakref import WeakSet


class Inherited(Protocol):
    """Something with connections that a child must leave open."""

    def held_open(self) -> Iterable[object]:
        """What closes a connection, or says a word over it, when it goes."""
        ...


class _Process:
    """Counts the forks that lie between this process and the one that was started."""

    generation = 0


_inherited: WeakSet[Inherited] = WeakSet()


def keep_open_in_children(inherited: Inherited) -> None:
    """Let no child that is forked from now on close what this holds."""
    _inherited.add(inherited)


def _in_child() -> None:
    _Process.generation += 1
    import ctypes  # noqa: PLC0415 - for children alone

    for each in list(_inherited):
        for thing in each.held_open():
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(thing))  # never gone, not even with the interpreter
    _inherited.clear()


if hasattr(os, "register_at_fork"):  # Windows has no fork
    os.register_at_fork(after_in_child=_in_child)

process = _Process
"""Remember `process.generation` when opening; in a forked child it is another one.

Asking is ten times cheaper than asking the operating system for the process's id each time.
"""
