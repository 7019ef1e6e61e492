"""What rooms say of themselves, and which words are for which of them."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import worklattice
from worklattice.tools.catalogue import PREFIX

PACKAGE = Path(worklattice.__file__).parent
ARCHITECTURE = Path(__file__).parents[2] / "docs" / "explanation" / "architecture.md"

WITHOUT_A_LIST = {
    "lang",
    "model",  # its list is in the architecture, see below
    "model/decide",
    "orchestrator/methods",
    "templates/library",
    "testing",
    "testing/store_contract",
}
"""Rooms that say what they hold in another way than by naming each module."""

ROOMS = sorted(
    room
    for init in PACKAGE.glob("*/**/__init__.py")
    if (room := init.parent.relative_to(PACKAGE).as_posix()) not in WITHOUT_A_LIST
)


def modules_of(room: str) -> list[str]:
    paths = [
        *(PACKAGE / room).glob("*.py"),
        *(init.parent for init in (PACKAGE / room).glob("*/__init__.py")),
    ]
    return sorted(path.stem for path in paths if path.stem != "__init__")


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_names_each_of_its_modules(room: str) -> None:
    """The docstring of a package lists all that is in it."""
    text = ast.get_docstring(ast.parse((PACKAGE / room / "__init__.py").read_text(encoding="utf-8"))) or ""
    assert [module for module in modules_of(room) if f"`{module}`" not in text] == []


def test_only_tools_know_what_tools_are_called() -> None:
    """What errors tell to do goes for callers in Python too: it names commands, without the tools' prefix."""
    users = {"__main__.py", "demo", "tools"}
    naming = {
        path.relative_to(PACKAGE).parts[0]
        for path in PACKAGE.glob("**/*.py")
        if PREFIX in path.read_text(encoding="utf-8")
    }
    assert naming == users


def test_the_architecture_names_each_module_of_the_model() -> None:
    """The list goes into the room that holds the rules, and leaves no module of it out."""
    listed = re.findall(r"^    .*$", ARCHITECTURE.read_text(encoding="utf-8"), re.MULTILINE)
    names = set(re.findall(r"\b(\w+)(?:\.py|/)", "\n".join(listed)))
    assert [module for module in modules_of("model") if module not in names] == []


def test_the_architecture_names_each_room() -> None:
    """The list of rooms is of all of them, and of all modules beside them."""
    text = ARCHITECTURE.read_text(encoding="utf-8")
    names = set(re.findall(r"^  (\w+)(?:\.py|/)", text, re.MULTILINE))
    assert set(modules_of(".")) - {"__main__"} == names
