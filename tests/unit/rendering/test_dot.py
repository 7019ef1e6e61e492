import warnings

import pydot
import pytest

from tests.unit.rendering.values import child, need, task
from worklattice.model.lifecycle import DEFAULT
from worklattice.rendering import dot_lifecycle, dot_tasks


def test_tasks_are_a_graph_with_clusters() -> None:
    """An arc that leads to a cluster is drawn to a node in it and ends at the border."""
    root = task("r", child("r", "a"), title="Release")
    lines = dot_tasks([root, task("b", status="odd")], [need("b", "r"), need("r", "b", mandatory=False)])
    assert lines.splitlines() == [
        "digraph worklattice {",
        "    rankdir=LR; compound=true;",
        '    node [shape=box, style="rounded,filled", fillcolor=white, fontcolor="#1c1c1c"];',
        "    subgraph cluster_n1 {",
        r'        label="Release\ndraft, pending";',
        '        style="rounded,filled"; fillcolor="#e7f0fa"; color="#5b7fa6";',
        r'        n2 [label="a\ndraft, pending", fillcolor="#e7f0fa", color="#5b7fa6"];',
        "    }",
        r'    n3 [label="b\ndraft, odd"];',
        "    n2 -> n3 [ltail=cluster_n1];",
        "    n3 -> n2 [style=dashed, lhead=cluster_n1];",
        "}",
    ]


def test_an_arc_says_its_type_and_outcome() -> None:
    """In its label; a link without a direction has no head."""
    tasks = [task("a"), task("b")]
    assert '[label="data"]' in dot_tasks(tasks, [need("b", "a", "data")])
    assert '[label="on failure"]' in dot_tasks(tasks, [need("b", "a", outcome="failure")])
    assert '[label="related", style=dashed, dir=none]' in dot_tasks(tasks, [need("b", "a", "related")])


@pytest.mark.parametrize(
    ("title", "label"),
    [
        ('say "hi"', r"say \"hi\""),
        ("back\\slash \\N", r"back\\slash \\N"),
        ("a\r\nb", r"a\\r\\nb"),
        ("<b>&lt;", "<b>&amp;lt;"),
    ],
)
def test_quotes_backslashes_and_entities_stand_for_themselves(title: str, label: str) -> None:
    """Graphviz would read them otherwise."""
    assert f'n1 [label="{label}\\n' in dot_tasks([task("a", title=title)])


def test_a_lifecycle_is_a_graph() -> None:
    """With a point before its first stage and a double border around its last."""
    lines = dot_lifecycle().splitlines()
    assert "    first -> n1;" in lines
    assert r'    n1 [label="draft\npending", fillcolor="#e7f0fa", color="#5b7fa6"];' in lines
    assert sum("peripheries=2" in line for line in lines) == 1


def parsed(source: str) -> pydot.Dot:
    """The graph that another program reads in the source."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # pydot calls its own parser by old names
        graphs = pydot.graph_from_dot_data(source)
    assert graphs is not None
    (graph,) = graphs
    return graph


@pytest.mark.parametrize(
    "title",
    [
        'say "hi"',
        "back\\slash \\N",
        "ends with \\",
        '\\"',
        "a\r\nb",
        "<b>&lt;</b>",
        "x]; } digraph {",
        "// c /* d */ # e",
        "{a|b}",
        "\u202eabc",
        "\U0001f642",
        "node",
    ],
)
def test_another_program_reads_the_same_graph(title: str) -> None:
    """Whatever the titles hold, there are the nodes, the cluster and the arcs, and no others."""
    tasks = [task("r", child("r", "a", title=title), title=title), task("b", title=title)]
    needs = [need("b", "r"), need("r", "b", mandatory=False, outcome="any"), need("b", "a", "related")]
    graph = parsed(dot_tasks(tasks, needs))
    (cluster,) = graph.get_subgraphs()
    assert cluster.get_name() == "cluster_n1"
    assert [node.get_name() for node in cluster.get_nodes()] == ["n2"]
    assert [node.get_name() for node in graph.get_nodes()] == ["node", "n3"]
    arcs = [(edge.get_source(), edge.get_destination()) for edge in graph.get_edges()]
    assert sorted(arcs) == [("n2", "n3"), ("n2", "n3"), ("n3", "n2")]


def test_another_program_reads_a_lifecycle() -> None:
    """Every stage is a node, every transition an arc, and one more of each for the beginning."""
    graph = parsed(dot_lifecycle())
    stages = len(DEFAULT.stages)
    assert len([node for node in graph.get_nodes() if node.get_name() != "node"]) == stages + 1
    assert len(graph.get_edges()) == sum(map(len, DEFAULT.transitions.values())) + 1
