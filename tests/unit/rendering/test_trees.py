import pytest

from tests.unit.rendering.values import child, need, task
from worklattice import Dependency
from worklattice.rendering import tree
from worklattice.rendering.text import columns


def test_a_tree_has_a_line_for_each_task() -> None:
    """Branches show what is inside what; title or id, type, stage and status stand in columns."""
    root = task(
        "release",
        child("release", "build", child("build", "compile"), lifecycle_stage="active", status="active"),
        child("release", "ship", title="Ship it"),
        title="Release 2",
        task_type="release",
    )
    assert tree(root).splitlines() == [
        "Release 2        release  draft   pending",
        "├── build        step     active  active",
        "│   └── compile  step     draft   pending",
        "└── Ship it      step     draft   pending",
    ]


def test_a_task_alone_is_a_tree() -> None:
    """One line, with its newline."""
    assert tree(task("only")) == "only  step  draft  pending\n"


def test_what_a_task_waits_for_stands_under_it() -> None:
    """Others are called by their titles where they are in the tree, else by their ids; a failure is said."""
    root = task(
        "r",
        child("r", "a", title="First"),
        child("r", "b", child("b", "c"), status="blocked"),
        child("r", "d", status="blocked"),
    )
    needs = [need("b", "a"), need("b", "elsewhere"), need("d", "b", state="failed")]
    assert tree(root, needs).splitlines()[2:] == [
        "├── b      step  draft  blocked",
        "│   │   waits for First, elsewhere",
        "│   └── c  step  draft  pending",
        "└── d      step  draft  blocked",
        "        waits for b (failed)",
    ]


@pytest.mark.parametrize(
    "dependency",
    [
        need("a", "b", state="satisfied"),
        need("a", "b", state="waived"),
        need("a", "b", mandatory=False),
        need("a", "b", "information", state="not_applicable"),
    ],
    ids=["satisfied", "waived", "optional", "information"],
)
def test_what_holds_nothing_back_is_not_said(dependency: Dependency) -> None:
    """Only open, mandatory dependencies of a holding type are something to wait for."""
    assert "waits" not in tree(task("a", status="blocked"), [dependency])


def test_a_task_that_goes_on_does_not_wait() -> None:
    """An open dependency of a task whose join is met by another holds nothing back."""
    assert "waits" not in tree(task("a"), [need("a", "b")])


def test_a_finish_dependency_says_what_the_task_cannot_finish_before() -> None:
    """It lets the task start."""
    running = task("a", lifecycle_stage="active", status="active")
    assert tree(running, [need("a", "b", "finish_to_finish")]).splitlines()[1:] == [
        "    cannot finish before b"
    ]


def test_a_dependency_on_a_superseded_task_names_the_one_in_its_place() -> None:
    """What is waited for is the replacement."""
    edge = need("a", "old", effective_task_id="new")
    assert "waits for new" in tree(task("a", status="blocked"), [edge])


def test_columns_stand_at_the_same_place_in_every_tree_of_a_width() -> None:
    """Long texts are cut, short ones filled up."""
    long = tree(task("x" * 90, task_type="y" * 90, lifecycle_stage="z" * 90), width=80)
    short = tree(task("x", task_type="y", lifecycle_stage="z"), width=80)
    assert long.index("pending") == short.index("pending") == long.index("\n") - len("pending")
    assert long.count("…") == 3


@pytest.mark.parametrize("width", [1, 40, 100])
def test_a_deep_tree_keeps_its_width(width: int) -> None:
    """Of branches that would take more than half of the room, the last ones are drawn."""
    deepest = child("x", "t300", title="日本語の題名" * 9)
    for level in reversed(range(300)):
        deepest = child("x", f"t{level}", deepest, status="blocked")
    drawn = tree(deepest, [need(f"t{n}", "elsewhere") for n in range(300)], width=width).splitlines()
    assert len(drawn) == 601
    assert max(map(columns, drawn)) <= max(width, 40)


def test_a_tree_deeper_than_pythons_stack_is_drawn() -> None:
    """Nothing recurses."""
    deepest = task("t")
    for _ in range(3_000):
        deepest = task("t", deepest)
    assert len(tree(deepest, width=80).splitlines()) == 3_001


def test_colour_is_only_added() -> None:
    """The text is the same without the escape sequences, and the status has the colour of the table."""
    root = task("r", child("r", "a", status="blocked"), child("r", "b", status="unheard_of"))
    plain, coloured = tree(root, [need("a", "r")]), tree(root, [need("a", "r")], colour=True)
    assert "\x1b[31mblocked\x1b[0m" in coloured
    for code in ("2", "0", "31", "36"):
        coloured = coloured.replace(f"\x1b[{code}m", "")
    assert coloured == plain


def test_ascii_only_draws_in_ascii() -> None:
    """Branches and cuts, for terminals that know nothing else."""
    drawn = tree(task("r", child("r", "a"), child("r", "b" * 90)), width=60, ascii_only=True)
    assert drawn.isascii()
    assert "|-- a" in drawn
    assert "`-- bb" in drawn
    assert "~" in drawn
