from itertools import pairwise

import pytest

from worklattice.graph import Circle, longest_path, reachable, topological_order

DIAMOND = {"a": "bc", "b": "d", "c": "d", "d": "e", "e": ""}


def test_predecessors_come_first() -> None:
    """Nodes come in the order given as far as arcs allow."""
    assert topological_order("edcba", DIAMOND.__getitem__) == ["a", "b", "c", "d", "e"]


def test_nodes_without_arcs_keep_their_order() -> None:
    """Sorting changes nothing that it need not."""
    assert topological_order("cab", lambda _: "") == ["c", "a", "b"]


def test_part_of_a_graph_is_sorted_by_its_own_arcs() -> None:
    """Arcs to nodes that were not asked for do not count."""
    assert topological_order("ec", DIAMOND.__getitem__) == ["e", "c"]


def test_sorting_a_circle_tells_it() -> None:
    """The nodes before and behind the circle are not part of it."""
    heads = {"a": "b", "b": "c", "c": "bd", "d": "e", "e": ""}
    with pytest.raises(Circle) as caught:
        topological_order("edcba", heads.__getitem__)
    assert caught.value.path == ("c", "b")


def test_circle_elsewhere_is_not_told() -> None:
    """Of a part of a graph only its own circles count."""
    heads = {"a": "xb", "b": "a", "x": "x"}
    with pytest.raises(Circle) as caught:
        topological_order("ab", heads.__getitem__)
    assert caught.value.path == ("a", "b")


def test_reachable_comes_nearest_first() -> None:
    """Each node comes once, at its shortest distance, the starts before all."""
    assert list(reachable("a", DIAMOND.__getitem__).items()) == [
        ("a", 0),
        ("b", 1),
        ("c", 1),
        ("d", 2),
        ("e", 3),
    ]


def test_reachable_from_several_starts() -> None:
    """A start that another one reaches is still a start."""
    assert reachable("db", DIAMOND.__getitem__) == {"d": 0, "b": 0, "e": 1}


def test_reachable_walks_a_circle_once() -> None:
    """A circle ends the walk where it began."""
    assert reachable("a", {"a": "b", "b": "a"}.__getitem__) == {"a": 0, "b": 1}


def test_reachable_within_a_distance() -> None:
    """Nodes further away are not told, and nothing is asked of the outermost."""
    near = {"a": "bc", "b": "d", "c": "d"}
    assert reachable("a", near.__getitem__, within=2) == {"a": 0, "b": 1, "c": 1, "d": 2}
    assert reachable("a", near.__getitem__, within=0) == {"a": 0}


def test_reachable_up_to_a_number_of_nodes() -> None:
    """The nearest are told; the starts always are."""
    assert reachable("a", DIAMOND.__getitem__, at_most=3) == {"a": 0, "b": 1, "c": 1}
    assert reachable("ab", DIAMOND.__getitem__, at_most=1) == {"a": 0, "b": 0}
    assert len(reachable("a", DIAMOND.__getitem__, at_most=5)) == 5


def test_longest_path_is_the_heaviest() -> None:
    """The longest path has the greatest weight, not the most nodes."""
    weights = {"a": 1.0, "b": 2.0, "c": 5.0, "d": 1.0, "e": 0.0}
    length, nodes = longest_path("abcde", DIAMOND.__getitem__, weights.__getitem__)
    assert (length, nodes) == (7.0, ("a", "c", "d"))


def test_longest_path_keeps_weightless_nodes_on_its_way() -> None:
    """A milestone that takes no time stands on the path all the same."""
    weights = {"a": 0.0, "b": 0.0, "c": 0.0, "d": 0.0, "e": 3.0}
    assert longest_path("abcde", DIAMOND.__getitem__, weights.__getitem__).nodes == ("a", "b", "d", "e")


def test_longest_path_among_some_nodes() -> None:
    """The path stays among the nodes given."""
    assert longest_path("abe", DIAMOND.__getitem__, lambda _: 1).nodes == ("a", "b")


def test_longest_path_of_nothing() -> None:
    """Without nodes there is an empty path that weighs nothing."""
    assert longest_path("", DIAMOND.__getitem__, lambda _: 1) == (0.0, ())


def test_circle_has_no_longest_path() -> None:
    """Where one can go round for ever, the circle is told instead."""
    with pytest.raises(Circle):
        longest_path("ab", {"a": "b", "b": "a"}.__getitem__, lambda _: 1)


def test_depth_is_no_limit() -> None:
    """Paths far longer than the recursion limit are sorted, walked and weighed."""
    heads = {tail: [head] for tail, head in pairwise(range(100_001))} | {100_000: []}
    assert topological_order(heads, heads.__getitem__) == list(range(100_001))
    assert reachable([0], heads.__getitem__)[100_000] == 100_000
    assert longest_path(heads, heads.__getitem__, lambda _: 1).weight == 100_001
