import pickle
from itertools import pairwise

from worklattice.graph import Circle, find_circle


def test_graph_without_circle() -> None:
    """Two paths to the same node are no circle."""
    heads = {"a": "bc", "b": "d", "c": "d", "d": ""}
    assert find_circle(heads, heads.__getitem__) is None


def test_circle_behind_a_tail() -> None:
    """Only the nodes of the circle are told, in the order of its arcs."""
    heads = {"a": "b", "b": "c", "c": "d", "d": "b"}
    assert find_circle("a", heads.__getitem__) == ("b", "c", "d")


def test_node_before_itself() -> None:
    """An arc from a node to itself is a circle of one."""
    assert find_circle("a", {"a": "a"}.__getitem__) == ("a",)


def test_circle_out_of_reach() -> None:
    """A circle that no path leads to from the nodes given is not looked for."""
    heads = {"a": "", "b": "b"}
    assert find_circle("a", heads.__getitem__) is None
    assert find_circle("ab", heads.__getitem__) == ("b",)


def test_each_node_is_asked_once() -> None:
    """However many paths lead to a node and wherever the search starts, its successors are asked for once."""
    asked: list[int] = []

    def successors(node: int) -> list[int]:
        asked.append(node)
        return [head for head in (node + 1, node + 2) if head < 100]

    assert find_circle(reversed(range(100)), successors) is None
    assert find_circle(range(100), successors) is None
    assert sorted(asked) == sorted([*range(100), *range(100)])


def test_depth_is_no_limit() -> None:
    """A path far longer than the recursion limit is searched to its end."""
    heads = {tail: [head] for tail, head in pairwise(range(100_001))} | {100_000: [99_999]}
    assert find_circle([0], heads.__getitem__) == (99_999, 100_000)


def test_circle_survives_pickling() -> None:
    """An error that crosses processes keeps what it carries."""
    assert pickle.loads(pickle.dumps(Circle(("a", "b")))).path == ("a", "b")  # noqa: S301 - made here
