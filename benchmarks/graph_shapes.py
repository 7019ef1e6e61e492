"""What an arc costs, circle check included, by the shape of the graph and the order in which it grows.

    python -m benchmarks.graph_shapes [--arcs N] [--ids int tuple] [--only SHAPE ...] [--json FILE]

Each shape is a list of arcs, inserted one by one into an empty graph held in dicts. Columns, in µs an arc:

- `mean`, `worst`: to decide an arc and to write its new levels down;
- `× raw`: the mean over what it costs to write the bare arc down;
- `moved`: how many levels an arc changes in the mean (each is a row to write for a store);
- `sorted`: to give the same nodes their levels in one go, all arcs known.
"""

from __future__ import annotations

import argparse
import gc
import json
import random
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import islice, pairwise, product
from pathlib import Path
from time import perf_counter_ns
from typing import Any, Generic, TypeVar

from worklattice.graph import assign, check, insert

K = TypeVar("K", bound=Hashable)
Arc = tuple[int, int]
Shape = Callable[[int, random.Random], Iterable[Arc]]


# --- plain shapes -----------------------------------------------------------------------------------


def random_arcs(count: int, chance: random.Random) -> Iterable[Arc]:
    """Any two of count / 2 nodes, along a hidden order."""
    hidden = list(range(count // 2))
    chance.shuffle(hidden)
    for _ in range(count):
        tail, head = sorted((chance.randrange(len(hidden)), chance.randrange(len(hidden) - 1)))
        yield hidden[tail], hidden[head + (tail == head)]


def chain(count: int, _: random.Random) -> Iterable[Arc]:
    """One path, from its first arc to its last."""
    return pairwise(range(count + 1))


def chain_reversed(count: int, chance: random.Random) -> Iterable[Arc]:
    """One path, from its last arc to its first."""
    return reversed(list(chain(count, chance)))


def layered(count: int, chance: random.Random) -> Iterable[Arc]:
    """33 layers of 1000, arcs from any layer to the next."""
    for _ in range(count):
        layer = chance.randrange(32)
        yield layer * 1000 + chance.randrange(1000), (layer + 1) * 1000 + chance.randrange(1000)


def dense(_: int, __: random.Random) -> Iterable[Arc]:
    """Stages of 100, each node of a stage before each of the next."""
    stage = 0
    while True:
        yield from product(range(stage, stage + 100), range(stage + 100, stage + 200))
        stage += 100


def grid(count: int, _: random.Random) -> Iterable[Arc]:
    """A square, arcs to the right and down."""
    side = round((count / 2) ** 0.5) + 1
    for row, column in product(range(side), range(side)):
        node = row * side + column
        if column + 1 < side:
            yield node, node + 1
        if row + 1 < side:
            yield node, node + side


def ladder(count: int, _: random.Random) -> Iterable[Arc]:
    """Two paths, each node of the one before its fellow of the other."""
    for node in range(0, count, 2):
        yield from ((node, node + 1), (node, node + 2), (node + 1, node + 3))


def shuffled(shape: Shape) -> Shape:
    """The arcs of `shape`, in any order."""

    def arcs(count: int, chance: random.Random) -> Iterable[Arc]:
        listed = list(islice(shape(count, chance), count))
        chance.shuffle(listed)
        return listed

    return arcs


# --- shapes of the event graph ------------------------------------------------------------------------
# Task t has two points, its start 2t and its finish 2t + 1.


def task(number: int, *, inside: int | None = None, after: int | None = None) -> Iterable[Arc]:
    """The arcs of a new task inside another and after another."""
    if inside is not None:
        yield 2 * inside, 2 * number
    if after is not None:
        yield needs(number, after)
    yield 2 * number, 2 * number + 1
    if inside is not None:
        yield 2 * number + 1, 2 * inside + 1


def needs(number: int, other: int) -> Arc:
    """A task starts after another one has finished."""
    return 2 * other + 1, 2 * number


def container(_: int, chance: random.Random) -> Iterable[Arc]:
    """A container that 5,000 tasks in trees await gets children, each after the one before."""
    yield from task(0)
    for number in range(1, 5001):
        other = chance.randrange(number)
        after_other = other == 0 or chance.random() < 0.5
        yield from task(number, after=other) if after_other else task(number, inside=other)
    yield from task(5001, inside=0)
    number = 5002
    while True:
        yield from task(number, inside=0, after=number - 1)
        number += 1


def stages(_: int, chance: random.Random) -> Iterable[Arc]:
    """Ten containers, each after the one before, get children in any order, each after its last sibling."""
    last: dict[int, int] = {}
    for stage in range(10):
        yield from task(stage, after=stage - 1 if stage else None)
    number = 10
    while True:
        stage = chance.randrange(10)
        yield from task(number, inside=stage, after=last.get(stage))
        last[stage] = number
        number += 1


def nested(_: int, __: random.Random) -> Iterable[Arc]:
    """Each task inside the one before."""
    yield from task(0)
    number = 1
    while True:
        yield from task(number, inside=number - 1)
        number += 1


def milestones(_: int, __: random.Random) -> Iterable[Arc]:
    """A release of 5,000 tasks comes to need one milestone of a growing plan after another."""
    yield from task(0)
    for number in range(1, 5001):
        yield from task(number, inside=0)
    yield from task(5001)
    number = 5002
    while True:
        yield from task(number, after=number - 1)
        yield needs(0, number)
        number += 1


def project(_: int, chance: random.Random) -> Iterable[Arc]:
    """A tree that grows near its youngest 2,000 tasks; older siblings come to need one another."""
    children: list[list[int]] = [[]]
    yield from task(0)
    while True:
        number = len(children)
        parent = max(0, number - 1 - chance.randrange(2000))
        yield from task(number, inside=parent)
        children[parent].append(number)
        children.append([])
        siblings = chance.choice(children)
        if len(siblings) > 1:
            first, second = sorted(chance.sample(siblings, 2))
            yield needs(second, first)


SHAPES: dict[str, Shape] = {
    "random": random_arcs,
    "chain": chain,
    "chain, reversed": chain_reversed,
    "chain, shuffled": shuffled(chain),
    "layered": layered,
    "dense stages": dense,
    "dense stages, shuffled": shuffled(dense),
    "grid, shuffled": shuffled(grid),
    "ladder": ladder,
    "ladder, shuffled": shuffled(ladder),
    "container": container,
    "stages": stages,
    "stages, shuffled": shuffled(stages),
    "nested": nested,
    "milestones": milestones,
    "project": project,
    "project, shuffled": shuffled(project),
}


# --- measuring ----------------------------------------------------------------------------------------


class Arcs(Generic[K]):
    """A graph held in dicts."""

    def __init__(self, nodes: Iterable[K]) -> None:
        self.levels = dict.fromkeys(nodes, 0)
        self.heads: dict[K, list[K]] = {node: [] for node in self.levels}
        self.tails: dict[K, list[K]] = {node: [] for node in self.levels}
        self.level = self.levels.__getitem__
        self.successors = self.heads.__getitem__
        self.predecessors = self.tails.__getitem__

    def write(self, tail: K, head: K) -> None:
        """Write an arc down, unchecked."""
        self.heads[tail].append(head)
        self.tails[head].append(tail)


@dataclass(frozen=True)
class Row:
    """What was measured of one shape, in µs an arc."""

    shape: str
    ids: str
    arcs: int
    mean: float
    worst: float
    ratio: float
    moved: float
    sorted: float


def measure(shape: str, ids: str, arcs: Sequence[tuple[K, K]]) -> Row:
    """Insert `arcs` one by one, then give the same nodes their levels in one go."""
    nodes = list(dict.fromkeys(node for arc in arcs for node in arc))
    graph = Arcs(nodes)
    spent = worst = moved = 0
    gc.collect()
    gc.disable()
    for tail, head in arcs:
        start = perf_counter_ns()
        changes = insert(graph, tail, head)
        if changes:
            graph.levels.update(changes)
        took = perf_counter_ns() - start
        spent += took
        worst = max(worst, took)
        moved += len(changes)
        graph.write(tail, head)
    start = perf_counter_ns()
    levels = assign(nodes, arcs)
    sorting = perf_counter_ns() - start
    gc.enable()
    assert not check(graph, nodes), "the levels do not rise"
    assert len(levels) == len(nodes)
    count = len(arcs)
    return Row(
        shape=shape,
        ids=ids,
        arcs=count,
        mean=spent / count / 1000,
        worst=worst / 1000,
        ratio=spent / raw(nodes, arcs),
        moved=moved / count,
        sorted=sorting / count / 1000,
    )


def raw(nodes: Sequence[K], arcs: Sequence[tuple[K, K]]) -> int:
    """Nanoseconds to write the bare arcs down."""
    graph = Arcs(nodes)
    start = perf_counter_ns()
    for tail, head in arcs:
        graph.write(tail, head)
    return perf_counter_ns() - start


IDS: dict[str, Callable[[int], Any]] = {
    "int": lambda node: node,
    "tuple": lambda node: (f"task-{node // 2}", node % 2),
}


def main() -> None:
    """Measure, print the table, and write the JSON file where one is named."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--arcs", type=int, default=100_000, metavar="N", help="arcs a shape (%(default)s)")
    parser.add_argument("--ids", nargs="+", choices=IDS, default=list(IDS), help="how nodes are named")
    parser.add_argument("--only", nargs="+", choices=SHAPES, default=list(SHAPES), metavar="SHAPE")
    parser.add_argument("--json", type=Path, metavar="FILE", help="where to keep the figures")
    asked = parser.parse_args()
    rows: list[Row] = []
    print(f"{'shape':24}{'ids':7}{'mean':>8}{'worst':>10}{'× raw':>8}{'moved':>8}{'sorted':>8}")
    for shape, ids in product(asked.only, asked.ids):
        name = IDS[ids]
        arcs = islice(SHAPES[shape](asked.arcs, random.Random(shape)), asked.arcs)  # noqa: S311 - no secret
        row = measure(shape, ids, [(name(tail), name(head)) for tail, head in arcs])
        rows.append(row)
        print(
            f"{shape:24}{ids:7}{row.mean:8.2f}{row.worst:10.0f}{row.ratio:8.1f}{row.moved:8.2f}{row.sorted:8.2f}",
            flush=True,
        )
    if asked.json:
        asked.json.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n")


if __name__ == "__main__":
    main()
