import pytest

from tests.unit.rendering.values import child, need, task
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
