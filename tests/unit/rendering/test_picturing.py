import pytest

from tests.unit.rendering.values import child, need, task
from worklattice import Dependency
from worklattice.model.lifecycle import DEFAULT
from worklattice.rendering import Arc, Group, Node, picture_lifecycle, picture_tasks


def test_parents_are_groups_around_their_children() -> None:
    """Children may come inside their parents or beside them, in any order."""
    nested = picture_tasks([task("r", child("r", "a"), child("r", "b"))])
    flat = picture_tasks([child("r", "a"), task("r"), child("r", "b")])
    assert nested == flat
    (group,) = nested.members
    assert isinstance(group, Group)
    assert [member.key for member in group.members] == ["a", "b"]


def test_a_task_whose_parent_is_not_shown_stands_by_itself() -> None:
    """It is drawn at the top."""
    (node,) = picture_tasks([child("elsewhere", "a")]).members
    assert node == Node(key="a", lines=("a", "draft, pending"), status="pending")


def test_a_stage_that_is_called_as_its_status_is_said_once() -> None:
    """Active, not: active, active."""
    (node,) = picture_tasks([task("a", lifecycle_stage="active", status="active")]).members
    assert node.lines == ("a", "active")


def test_an_arc_leads_from_what_comes_first_to_what_waits() -> None:
    """A plain dependency needs no word; types and ends that are not plain have theirs."""

    def arc(dependency: Dependency) -> Arc:
        return picture_tasks([task("a"), task("b")], [dependency]).arcs[0]

    assert arc(need("b", "a")) == Arc(tail="a", head="b")
    assert arc(need("b", "a", state="satisfied")).label == ""
    assert arc(need("b", "a", state="failed")).label == "failed"
    assert arc(need("b", "a", "start_to_start", state="waived")).label == "start_to_start, waived"
    assert arc(need("b", "a", effective_task_id="c")).tail == "c"


@pytest.mark.parametrize(
    ("outcome", "kind", "label"),
    [
        ("success", "completion", ""),
        ("failure", "completion", "on failure"),
        ("any", "finish_to_finish", "finish_to_finish, on any end"),
    ],
)
def test_an_arc_says_which_end_it_waits_for(outcome: str, kind: str, label: str) -> None:
    """A rollback's arrow is told from a plain one; success needs no word."""
    tasks = [task("a"), task("b")]
    (arc,) = picture_tasks(tasks, [need("b", "a", kind, outcome=outcome)]).arcs
    assert arc.label == label
    (arc,) = picture_tasks(tasks, [need("b", "a", kind, outcome=outcome, state="failed")]).arcs
    assert arc.label.split(", ")[-1] == "failed"


def test_an_arc_that_holds_nothing_back_is_dotted() -> None:
    """Dependencies that are not mandatory, or of a type that only informs."""
    edges = [
        need("b", "a"),
        need("b", "a", mandatory=False),
        need("b", "a", "related", state="not_applicable"),
    ]
    arcs = picture_tasks([task("a"), task("b")], edges).arcs
    assert [arc.dotted for arc in arcs] == [False, True, True]
    assert [arc.directed for arc in arcs] == [True, True, False]
    assert arcs[2].label == "related"


def test_a_task_that_is_only_named_is_drawn_by_its_id() -> None:
    """The other end of a dependency that leads out of the picture."""
    assert picture_tasks([task("a")], [need("a", "out")]).members[1] == Node(key="out", lines=("out",))


def test_an_arc_between_a_group_and_its_inside_leads_to_a_node_for_the_group() -> None:
    """No language can draw an arrow from a box to something in it."""
    root = task("r", child("r", "a", child("a", "b")))
    diagram = picture_tasks([root], [need("b", "r", "related"), need("r", "a", "information")])
    assert [(arc.tail, arc.head) for arc in diagram.arcs] == [("r itself", "b"), ("a", "r itself")]
    (group,) = diagram.members
    assert isinstance(group, Group)
    assert [member.key for member in group.members] == ["r itself", "a"]


def test_a_tree_deeper_than_pythons_stack_is_pictured() -> None:
    """Nothing recurses, neither in building the diagram nor in walking it."""
    tasks = [task("t0"), *(child(f"t{n}", f"t{n + 1}") for n in range(3_000))]
    assert len(list(picture_tasks(tasks).walk())) == 6_001


def test_a_lifecycle_is_pictured_from_its_table() -> None:
    """A node for each stage, an arc for each transition, and where it begins and ends."""
    diagram = picture_lifecycle(DEFAULT)
    assert [member.key for member in diagram.members] == list(DEFAULT.stages)
    assert len(diagram.arcs) == sum(map(len, DEFAULT.transitions.values()))
    assert (diagram.first, diagram.last) == ("draft", frozenset({"archived"}))
