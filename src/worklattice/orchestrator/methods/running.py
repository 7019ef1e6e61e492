"""What every method of the Python API ends in: a command, carried out."""

from __future__ import annotations

from abc import abstractmethod
from typing import TypeVar

from worklattice.model.commands import Command

A = TypeVar("A")


class Running:
    """Something that carries out commands."""

    @abstractmethod
    def run(self, command: Command[A]) -> A:
        """Carry out a command; its answer."""
