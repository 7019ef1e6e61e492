import pytest

from tests.unit.rendering.values import child, need, task
from worklattice.model.lifecycle import Lifecycle, read_lifecycle
from worklattice.rendering import (
    Arc,
    Diagram,
    Node,
    flowchart,
    mermaid_lifecycle,
    mermaid_tasks,
    state_diagram,
)
from worklattice.types import JsonObject


def test_tasks_are_a_flowchart() -> None:
    """Groups, nodes in the colours of their statuses, arrows."""
    root = task("r", child("r", "a"), child("r", "b", status="blocked"), title="Release")
    needs = [need("b", "a"), need("b", "r2", "information")]
    assert mermaid_tasks([root], needs) == (
        "flowchart LR\n"
        '    subgraph n1["Release – draft, pending"]\n'
        "        direction LR\n"
        '        n2["a<br/>draft, pending"]:::pending\n'
        '        n3["b<br/>draft, blocked"]:::blocked\n'
        "    end\n"
        '    n4["r2"]\n'
        "    n2 --> n3\n"
        '    n4 -.->|"information"| n3\n'
        "    class n1 pending\n"
        "    classDef pending fill:#e7f0fa,stroke:#5b7fa6,color:#1c1c1c\n"
        "    classDef blocked fill:#fbe3e0,stroke:#b5473c,color:#1c1c1c\n"
    )


def test_an_arrow_says_its_type_and_outcome() -> None:
    """In its label; a link without a direction has no head."""
    tasks = [task("a"), task("b")]
    assert '    n1 -->|"data"| n2\n' in mermaid_tasks(tasks, [need("b", "a", "data")])
    assert '    n1 -->|"on failure"| n2\n' in mermaid_tasks(tasks, [need("b", "a", outcome="failure")])
    assert '    n1 -.-|"related"| n2\n' in mermaid_tasks(tasks, [need("b", "a", "related")])


def test_a_line_without_dots_may_have_no_head() -> None:
    """Whoever builds a diagram may draw one."""
    members = (Node(key="a", lines=("a",)), Node(key="b", lines=("b",)))
    diagram = Diagram(members=members, arcs=(Arc(tail="a", head="b", directed=False),))
    assert "    n1 --- n2\n" in flowchart(diagram)


def test_a_flowchart_may_run_downwards() -> None:
    """From top to bottom."""
    assert mermaid_tasks([task("a")], direction="TB").startswith("flowchart TB\n")


@pytest.mark.parametrize(
    ("title", "label"),
    [
        ('say "hi"', "say #34;hi#34;"),
        ("a\r\nb", "a#92;r#92;#8204;nb"),
        ("x] --> y[z", "x#93; --#62; y#91;z"),
        ("#35;", "#35;35#59;"),
        ("<b>&amp;", "#60;b#62;#38;amp#59;"),
        ("`md` **b** _i_", "#96;md#96; #42;#42;b#42;#42; #95;i#95;"),
        ("snake_case 50% 2.5", "snake_case 50% 2.5"),
        ("%%{init}%%", "#37;#37;#123;init#125;#37;#37;"),
        ("1. item", "1#46; item"),
        ("- item", "#45; item"),
        ("style: x#y", "style#58; x#35;y"),
        ("fa:fa-car", "fa#58;#8204;fa-car"),
        ("$$x$$", "#36;#8204;#36;x#36;#8204;#36;"),
        ("10% (beta), why not?", "10% (beta), why not?"),
    ],
)
def test_what_means_something_to_mermaid_stands_as_a_code(title: str, label: str) -> None:
    """Nothing that a title holds ends its label or is taken for markup."""
    assert f'n1["{label}<br/>' in mermaid_tasks([task("a", title=title)])


def test_the_default_lifecycle_is_a_state_diagram() -> None:
    """Every transition of the table, the beginning and the end."""
    lines = mermaid_lifecycle().splitlines()
    assert lines[0] == "stateDiagram-v2"
    assert "    [*] --> draft" in lines
    assert "    active --> completed" in lines
    assert "    archived --> [*]" in lines
    assert '    state "review<br/>active" as review' in lines
    assert "    class review active" in lines


def test_stages_that_mean_something_to_mermaid_get_other_names() -> None:
    """A lifecycle may call its stages as it likes."""
    document: JsonObject = {
        "stages": {
            "state": {"status": "pending", "roles": ["startable"]},
            "in-progress": {"status": "active", "roles": ["started"]},
            "end": {"status": "completed", "roles": ["succeeded"]},
        },
        "transitions": {"state": ["in-progress"], "in-progress": ["end"]},
    }
    lifecycle = read_lifecycle(document, "lifecycle")
    assert isinstance(lifecycle, Lifecycle)
    lines = mermaid_lifecycle(lifecycle).splitlines()
    assert lines[1:4] == [
        '    state "state<br/>pending" as n1',
        '    state "in-progress<br/>active" as n2',
        '    state "end<br/>completed" as n3',
    ]
    assert "    n1 --> n2" in lines
    assert "    n3 --> [*]" in lines


def test_arcs_of_a_state_diagram_may_be_labelled() -> None:
    """Whoever draws another diagram than a lifecycle may say something on its arcs."""
    diagram = Diagram(
        members=(Node(key="a", lines=("a",)), Node(key="b", lines=("b",))),
        arcs=(Arc(tail="a", head="b", label="by hand"),),
    )
    assert state_diagram(diagram) == "stateDiagram-v2\n    a --> b : by hand\n"
    assert '    n1 -->|"by hand"| n2' in flowchart(diagram).splitlines()
