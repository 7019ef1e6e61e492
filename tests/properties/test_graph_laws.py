"""Laws of `worklattice.graph`, against definitions that nobody would run on a large graph."""

from collections.abc import Generator
from contextlib import contextmanager
from copy import deepcopy
from itertools import combinations, pairwise
from typing import NamedTuple
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.graph.arcs import Arcs
from worklattice.graph import (
    Circle,
    acyclic,
    assign,
    check,
    find_circle,
    insert,
    longest_path,
    reachable,
    topological_order,
)

Arc = tuple[int, int]

NODES = range(12)


def arcs_among(nodes: range, *, at_most: int) -> st.SearchStrategy[list[Arc]]:
    node = st.sampled_from(nodes)
    return st.lists(st.tuples(node, node), max_size=at_most)


@st.composite
def acyclic_arcs(draw: st.DrawFn) -> list[Arc]:
    """Arcs along a hidden order of the nodes, in any order."""
    hidden = draw(st.permutations(NODES))
    pairs = draw(arcs_among(NODES, at_most=40))
    return [(hidden[min(pair)], hidden[max(pair)]) for pair in pairs if pair[0] != pair[1]]


@st.composite
def two_bushes(draw: st.DrawFn) -> tuple[list[Arc], Arc]:
    """Two graphs apart, thick with arcs in any order, and an arc that joins them."""
    halves = NODES[:6], NODES[6:]
    pairs = [pair for half in halves for pair in draw(st.permutations(list(combinations(half, 2))))[:12]]
    return pairs, draw(st.tuples(*map(st.sampled_from, draw(st.permutations(halves)))))


any_arc = st.tuples(st.sampled_from(NODES), st.sampled_from(NODES))
any_arcs = arcs_among(NODES, at_most=40)
many_arcs = arcs_among(range(30), at_most=150)


def leads(arcs: list[Arc], start: int, goal: int) -> bool:
    """Whether a path, possibly empty, leads from start to goal: by adding successors until none is new."""
    reached = {start}
    while new := {head for tail, head in arcs if tail in reached} - reached:
        reached |= new
    return goal in reached


def is_circular(arcs: list[Arc]) -> bool:
    return any(leads(arcs, head, tail) for tail, head in arcs)


def assert_is_circle(path: tuple[int, ...], arcs: list[Arc]) -> None:
    assert len(set(path)) == len(path) > 0
    assert set(pairwise((*path, path[0]))) <= set(arcs)


class Room(NamedTuple):
    """From how many arcs on a search leaves how much room: in small graphs none would be dear."""

    dear: int
    room: int
    enough: int
    patience: int


ROOMS = pytest.mark.parametrize(
    "room", [Room(32, 256, 16, 16), Room(0, 256, 16, 16), Room(0, 4, 2, 1), Room(3, 1, 1, 0)]
)


@contextmanager
def leaving(room: Room) -> Generator[None]:
    with patch.multiple(
        acyclic, _DEAR=room.dear, _ROOM=room.room, _ENOUGH=room.enough, _PATIENCE=room.patience
    ):
        yield


@ROOMS
@given(arcs=st.one_of(any_arcs, acyclic_arcs(), many_arcs))
def test_insert_refuses_exactly_what_closes_a_circle(room: Room, arcs: list[Arc]) -> None:
    """Arc by arc, `insert` agrees with a search from scratch, and levels rise along all arcs accepted."""
    graph: Arcs[int] = Arcs()
    for tail, head in arcs:
        held = graph.arcs()
        before = deepcopy((graph.levels, graph.heads, graph.tails))
        if leads(held, head, tail):
            with pytest.raises(Circle) as caught, leaving(room):
                insert(graph, tail, head)
            path = caught.value.path
            assert (path[0], path[-1]) == (head, tail)
            assert_is_circle(path, [*held, (tail, head)])
            assert (graph.levels, graph.heads, graph.tails) == before
            continue
        with leaving(room):
            moved = insert(graph, tail, head)
        assert (graph.levels, graph.heads, graph.tails) == before
        assert all(level != graph.level(node) for node, level in moved.items())
        with leaving(room):
            assert graph.add(tail, head) == moved
        assert check(graph, graph.nodes()) == []


@ROOMS
@given(
    arcs_and_new=st.one_of(two_bushes(), st.tuples(acyclic_arcs(), any_arc)),
    steps=st.lists(st.integers(1, 9), min_size=len(NODES), max_size=len(NODES)),
    lowest=st.integers(-20, 20),
)
def test_insert_moves_one_side_from_any_rising_levels(
    room: Room, arcs_and_new: tuple[list[Arc], Arc], steps: list[int], lowest: int
) -> None:
    """Whatever the levels were: only what follows the head rises, or only what precedes the tail sinks."""
    arcs, (tail, head) = arcs_and_new
    graph: Arcs[int] = Arcs(arcs)
    for node, step in zip(topological_order(NODES, graph.successors), steps, strict=True):
        before = [graph.levels[tail] for tail in graph.tails.get(node, ())]
        graph.levels[node] = max(before, default=lowest) + step
    old = dict(graph.levels)
    try:
        with leaving(room):
            moved = graph.add(tail, head)
    except Circle:
        assert leads(arcs, head, tail)
        return
    assert not leads(arcs, head, tail)
    assert check(graph, NODES) == []
    rising = all(leads(arcs, head, node) and level > old[node] for node, level in moved.items())
    sinking = all(leads(arcs, node, tail) and level < old[node] for node, level in moved.items())
    assert rising or sinking


@given(arcs=many_arcs)
def test_names_of_nodes_do_not_matter(arcs: list[Arc]) -> None:
    """The same arcs in the same order give the same levels and circles, whatever the nodes hash to."""
    plain: Arcs[int] = Arcs()
    named: Arcs[str] = Arcs()
    for tail, head in arcs:
        try:
            moved = plain.add(tail, head)
        except Circle as circle:
            told = tuple(f"n{node}" for node in circle.path)
            with pytest.raises(Circle) as caught:
                named.add(f"n{tail}", f"n{head}")
            assert caught.value.path == told
            continue
        assert named.add(f"n{tail}", f"n{head}") == {f"n{node}": level for node, level in moved.items()}


@given(
    arcs=st.one_of(any_arcs, acyclic_arcs()),
    floors=st.dictionaries(st.sampled_from(NODES), st.integers(-9, 9)),
)
def test_assign_gives_the_least_levels(arcs: list[Arc], floors: dict[int, int]) -> None:
    """Each level is the highest of the node's floor and one more than each predecessor's; without any, 0."""
    try:
        levels = assign(NODES, arcs, floors)
    except Circle as circle:
        assert_is_circle(circle.path, arcs)
        return
    assert not is_circular(arcs)
    assert sorted(levels) == list(NODES)
    for node in NODES:
        bounds = [levels[tail] + 1 for tail, head in arcs if head == node]
        bounds += [floors[node]] if node in floors else []
        assert levels[node] == max(bounds, default=0)


@given(arcs=st.one_of(any_arcs, acyclic_arcs()))
def test_either_a_circle_or_an_order(arcs: list[Arc]) -> None:
    """A graph has a circle or a topological order, and both searches tell which."""
    graph: dict[int, list[int]] = {node: [head for tail, head in arcs if tail == node] for node in NODES}
    circle = find_circle(NODES, graph.__getitem__)
    assert (circle is not None) == is_circular(arcs)
    if circle is not None:
        assert_is_circle(circle, arcs)
        with pytest.raises(Circle) as caught:
            topological_order(NODES, graph.__getitem__)
        assert_is_circle(caught.value.path, arcs)
        return
    order = topological_order(NODES, graph.__getitem__)
    assert sorted(order) == list(NODES)
    assert all(order.index(tail) < order.index(head) for tail, head in arcs)


@given(
    arcs=any_arcs, starts=st.lists(st.sampled_from(NODES), max_size=3), within=st.none() | st.integers(0, 4)
)
def test_reachable_tells_shortest_distances(arcs: list[Arc], starts: list[int], within: int | None) -> None:
    """Exactly the nodes that a path that short leads to, nearest first; a limit tells the first of them."""
    graph: dict[int, list[int]] = {node: [head for tail, head in arcs if tail == node] for node in NODES}
    distances = reachable(starts, graph.__getitem__, within=within)
    sphere, expected = set(starts), dict.fromkeys(starts, 0)
    for distance in range(1, len(NODES) if within is None else within + 1):
        sphere = {head for tail, head in arcs if tail in sphere} - expected.keys()
        expected |= dict.fromkeys(sphere, distance)
    assert distances == expected
    assert list(distances.values()) == sorted(distances.values())
    for at_most in range(len(set(starts)), len(expected) + 2):
        limited = reachable(starts, graph.__getitem__, within=within, at_most=at_most)
        assert list(limited.items()) == list(distances.items())[:at_most]


@given(arcs=acyclic_arcs(), weights=st.lists(st.integers(0, 5), min_size=len(NODES), max_size=len(NODES)))
def test_no_path_outweighs_the_longest(arcs: list[Arc], weights: list[int]) -> None:
    """The longest path is a path, weighs what it says, and no node has a heavier one up to it."""
    graph: dict[int, list[int]] = {node: [head for tail, head in arcs if tail == node] for node in NODES}
    length, path = longest_path(NODES, graph.__getitem__, weights.__getitem__)
    assert set(pairwise(path)) <= set(arcs)
    assert sum(weights[node] for node in path) == length

    def heaviest_from(node: int) -> int:
        return weights[node] + max((heaviest_from(head) for head in set(graph[node])), default=0)

    assert max(map(heaviest_from, NODES)) == length
