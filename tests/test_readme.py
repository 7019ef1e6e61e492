"""What the README shows beside the examples, which run as tests themselves."""

import re
from pathlib import Path

import pytest

import worklattice
from worklattice.rendering import mermaid_tasks

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")


def test_the_picture_is_what_the_renderer_gives() -> None:
    """The state that the first example leaves, drawn by `mermaid_tasks`."""
    with worklattice.open("memory:") as wl:
        wl.create_generic_task("release", task_id="v2", attributes={"title": "Release 2.0"})
        before: list[str] = []
        for step in ("build", "test", "publish"):
            wl.create_generic_task("step", task_id=step, parent_task_id="v2", dependencies=before)
            before = [step]
        for stage in ("active", "completed"):
            wl.manage_lifecycle("build", stage)
        root = wl.get_task_hierarchy("v2").root_task
        needs = [edge for step in root.children for edge in wl.get_dependencies(step.task_id).dependencies]
        (picture,) = re.findall(r"^```mermaid\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
        assert picture == mermaid_tasks([root], needs)


@pytest.mark.parametrize("words", [" demo ", "pytest"])
def test_there_is_one_command_to_try_it_and_one_to_test_it(words: str) -> None:
    """On the first screen."""
    commands = [
        line for line in README.splitlines()[:30] if line.startswith("python3 -m venv") and words in line
    ]
    assert len(commands) == 1


def test_what_it_links_to_is_there() -> None:
    """Every relative link leads to a file or folder."""
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    assert len(links) > 5
    assert [link for link in links if not (Path(__file__).parent.parent / link).exists()] == []
