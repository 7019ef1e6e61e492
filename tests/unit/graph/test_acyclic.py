from itertools import pairwise

import pytest

from tests.unit.graph.arcs import Arcs
from worklattice.graph import Circle, assign, check

LETTERS = "abcdefghij"


def chain(length: int, prefix: str = "c") -> list[tuple[str, str]]:
    return list(pairwise(f"{prefix}{number}" for number in range(length + 1)))


def circle_of(graph: Arcs[str], tail: str, head: str) -> tuple[str, ...]:
    with pytest.raises(Circle) as caught:
        graph.add(tail, head)
    return caught.value.path


# --- insert -------------------------------------------------------------------------------------------


def test_arc_that_already_rises_moves_nothing() -> None:
    """A tail below its head is one comparison: nothing moves, and no arc is looked at."""
    graph = Arcs[str]([("a", "b"), ("b", "c")])
    graph.looked_at = 0
    assert graph.add("a", "c") == {}
    assert graph.looked_at == 0


def test_head_with_nothing_after_it_rises() -> None:
    """However much precedes the tail, a head without successors just steps above it."""
    graph = Arcs[str](chain(100))
    graph.looked_at = 0
    assert graph.add("c100", "new") == {"new": graph.levels["c100"] + 1}
    assert graph.looked_at == 0


def test_tail_with_nothing_before_it_sinks() -> None:
    """However much follows the head, a tail without predecessors just steps below it, below zero too."""
    graph = Arcs[str](chain(100))
    graph.looked_at = 0
    below = graph.level("c0")
    assert graph.add("new", "c0") == {"new": below - 1}
    assert below - 1 < 0
    assert graph.looked_at == 1  # that c0 has a successor


def test_only_what_stands_in_the_way_moves() -> None:
    """A head that rises pushes the successors that it reaches, not those that stand clear."""
    graph = Arcs[str]([("a", "b"), ("b", "c"), ("h", "near"), ("h", "far")])
    graph.levels["far"] = 100
    moved = graph.add("c", "h")
    assert set(moved) <= {"h", "near", "a", "b", "c"}
    assert "far" not in moved
    assert check(graph, graph.nodes()) == []


def test_the_cheaper_side_moves() -> None:
    """Of a long chain and a short one that are joined, the short one moves."""
    for tail, head in (("long30", "short0"), ("short3", "long0")):
        graph = Arcs[str]([*chain(30, "long"), *chain(3, "short")])
        assert {node[:5] for node in graph.add(tail, head)} == {"short"}


def test_huge_fan_out_does_not_starve_the_other_side() -> None:
    """Ten thousand successors to push on one side cost no more than what the other side costs."""
    graph = Arcs[str]([("hub", f"leaf{number}") for number in range(10_000)])
    graph.add("first", "second")
    graph.levels.update(dict.fromkeys(graph.levels, 0) | {"hub": -1, "first": -1})
    graph.looked_at = 0
    moved = graph.add("second", "hub")
    assert set(moved) == {"first", "second"}
    assert graph.looked_at <= 10


def test_diamond_settles_each_node_once() -> None:
    """Where many paths lead to a node, the arcs out of it are still looked at once."""
    diamonds = 30
    graph = Arcs[str]()
    for number in range(diamonds):
        for side in ("left", "right"):
            graph.add(f"{number}", f"{number}{side}")
            graph.add(f"{number}{side}", f"{number + 1}")
    graph.add("x", "y")
    graph.levels |= {"x": 1000, "y": 1001}
    graph.tails["x"] = [f"before{number}" for number in range(1000)]  # sinking is dearer
    graph.levels |= dict.fromkeys(graph.tails["x"], 999)
    graph.looked_at = 0
    moved = graph.add("y", "0")
    assert len(moved) == 3 * diamonds + 1
    assert graph.looked_at <= 2 * 4 * diamonds + 10
    assert check(graph, graph.nodes()) == []


def test_shortcut_does_not_settle_a_node_early() -> None:
    """A node is settled after all that can push it, though a shorter path reaches it first."""
    graph = Arcs[str]([*pairwise("abcde"), *chain(20)])
    for shortcut in ("ae", "ad", "ac", "bd", "be"):
        graph.heads[shortcut[0]].insert(0, shortcut[1])
        graph.tails[shortcut[1]].insert(0, shortcut[0])
    moved = graph.add("c20", "a")
    assert set(moved) == set("abcde")
    assert check(graph, graph.nodes()) == []


def test_nodes_need_no_order() -> None:
    """Nodes are only hashed and compared for equality, whatever their levels tie."""
    nodes = [object() for _ in range(6)]
    graph = Arcs(pairwise(nodes[:3]))
    for head in nodes[3:5]:
        graph.add(nodes[5], head)
    graph.add(nodes[2], nodes[5])
    assert check(graph, nodes) == []


# --- circles ------------------------------------------------------------------------------------------


def test_node_before_itself_is_a_circle_of_one() -> None:
    """An arc from a node to itself is refused, whether the node is known or not."""
    assert circle_of(Arcs[str]([("a", "b")]), "a", "a") == ("a",)
    assert circle_of(Arcs[str](), "new", "new") == ("new",)


def test_closing_arc_is_refused_with_its_circle() -> None:
    """The circle begins with the head of the refused arc and ends with its tail."""
    graph = Arcs[str](pairwise(LETTERS))
    assert circle_of(graph, "j", "a") == tuple(LETTERS)
    assert circle_of(graph, "e", "c") == ("c", "d", "e")
    assert circle_of(graph, "b", "a") == ("a", "b")


@pytest.mark.parametrize(
    "others",
    [[("a", f"other{number}") for number in range(50)], [(f"other{number}", "j") for number in range(50)]],
    ids=["much behind the head", "much before the tail"],
)
def test_circle_is_told_alike_from_either_end(others: list[tuple[str, str]]) -> None:
    """Whichever side has less to look at finds the circle, and tells it the same way round."""
    graph = Arcs[str]([*others, *pairwise(LETTERS)])
    assert circle_of(graph, "j", "a") == tuple(LETTERS)


def test_circle_says_what_it_is() -> None:
    """The message walks the circle back to its first node."""
    assert str(Circle(("a", "b"))) == "a circle: 'a' → 'b' → 'a'"


# --- room ---------------------------------------------------------------------------------------------


def container(dependants: int, children: int) -> tuple[Arcs[str], list[int]]:
    """A container with a tree of dependants, and how much moves with each child appended to it."""
    graph = Arcs[str]([("start", "finish")])
    for number in range(1, dependants + 1):
        graph.add("finish" if number == 1 else f"d{number // 2}", f"d{number}")
    moved: list[int] = []
    last = "start"
    for number in range(children):
        arcs = [("start", f"s{number}"), (last, f"s{number}"), (f"s{number}", f"f{number}")]
        moved.append(sum(len(graph.add(*arc)) for arc in [*arcs, (f"f{number}", "finish")]))
        last = f"f{number}"
    assert check(graph, graph.nodes()) == []
    return graph, moved


def test_appending_to_a_container_is_cheap_in_the_mean() -> None:
    """Children appended one after another seldom move the whole chain, or all that awaits the container."""
    _, moved = container(dependants=500, children=1000)
    assert sum(moved) / len(moved) < 30


def test_appending_to_containers_in_turn_is_cheap_in_the_mean() -> None:
    """Containers that await one another grow by turns: what stands in the way of room is moved along."""
    graph = Arcs[str]()
    for stage in range(1, 10):
        graph.add(f"finish{stage - 1}", f"start{stage}")
    for stage in range(10):
        graph.add(f"start{stage}", f"finish{stage}")
    last = {stage: f"start{stage}" for stage in range(10)}
    moved = 0
    for number in range(3000):
        stage = number * number % 11 % 10
        moved += len(graph.add(last[stage], f"s{number}"))
        moved += len(graph.add(f"s{number}", f"f{number}"))
        moved += len(graph.add(f"f{number}", f"finish{stage}"))
        last[stage] = f"f{number}"
    assert check(graph, graph.nodes()) == []
    assert moved / 3000 < 30


def test_room_is_left_in_proportion() -> None:
    """However often room is left, levels stay within a small multiple of what one search looks at."""
    graph, _ = container(dependants=500, children=1000)
    assert max(map(abs, graph.levels.values())) < 10 * 256 * 500


def test_pushing_for_room_leaves_others_half_of_theirs() -> None:
    """What stands in the way of room is pushed, but keeps half of the distance that it had."""
    graph = Arcs[str]([*chain(50, "tail"), *chain(40, "head"), ("head40", "x"), ("x", "y")])
    graph.levels |= {"x": graph.levels["head40"] + 100, "y": graph.levels["head40"] + 100_000}
    moved = graph.add("tail50", "head0")
    assert moved["x"] - moved["head40"] == 51
    assert "y" not in moved
    assert check(graph, graph.nodes()) == []


def test_room_ends_where_too_much_would_be_pushed() -> None:
    """Where a great many stand in the way of room, the winner goes as far as pushes nobody."""
    leaves = [f"leaf{number}" for number in range(5000)]
    graph = Arcs[str]([*chain(50, "tail"), *chain(40, "head"), *(("gate", leaf) for leaf in leaves)])
    graph.add("head40", "gate")
    graph.levels |= {"gate": 150} | dict.fromkeys(leaves, 151)
    moved = graph.add("tail50", "head0")
    assert moved.keys() == {f"head{number}" for number in range(41)}
    assert moved["head40"] == 149


# --- assign -------------------------------------------------------------------------------------------


def test_levels_of_a_batch_are_the_least_possible() -> None:
    """Each node stands one above the highest of its predecessors; 0 where it has none."""
    levels = assign("abcd", [("a", "b"), ("b", "d"), ("a", "c"), ("c", "d"), ("a", "d")])
    assert levels == {"a": 0, "b": 1, "c": 1, "d": 2}


def test_floors_hold_a_batch_above_its_old_predecessors() -> None:
    """A floor, which may be negative, takes the place of level 0; a higher predecessor overrules it."""
    assert assign("abc", [("a", "b")], {"a": -7}) == {"a": -7, "b": -6, "c": 0}
    assert assign("ab", [("a", "b")], {"a": 5, "b": 3}) == {"a": 5, "b": 6}
    assert assign("ab", [("a", "b")], {"a": 5, "b": 9}) == {"a": 5, "b": 9}


def test_batch_comes_back_in_topological_order() -> None:
    """The answer lists each node after its predecessors, and leaves out who was not asked for."""
    levels = assign("cba", [("a", "b"), ("b", "c")], {"elsewhere": 3})
    assert list(levels) == ["a", "b", "c"]


def test_batch_with_a_circle_is_refused() -> None:
    """The circle is told, without the nodes that merely hang on it."""
    with pytest.raises(Circle) as caught:
        assign("abcde", [("a", "b"), ("b", "c"), ("c", "d"), ("d", "b"), ("d", "e")])
    assert caught.value.path == ("b", "c", "d")


def test_empty_batch() -> None:
    """No nodes have no levels."""
    assert assign([], []) == {}


def test_check_tells_arcs_that_do_not_rise() -> None:
    """Level and falling arcs are told, rising ones are not."""
    graph = Arcs[str]([("a", "b"), ("b", "c"), ("c", "d")])
    graph.levels = {"a": 1, "b": 1, "c": 0, "d": 5}
    assert check(graph, "abcd") == [("a", "b"), ("b", "c")]
