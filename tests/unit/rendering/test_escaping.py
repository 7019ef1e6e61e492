"""Whatever a stranger calls a task, the picture stays the picture."""

import re

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.rendering.values import child, need, task
from worklattice.rendering import dot_tasks, mermaid_tasks, tree
from worklattice.rendering.text import columns, title_of, visible

_SNIPPETS = st.sampled_from(
    [
        '"',
        "#",
        "#34;",
        "]",
        "\r\n",
        "\x1b[2J",
        "%%",
        "`",
        "\\",
        "\\n",
        "<br/>",
        "1. ",
        "style:",
        ";",
        "\u202e",
        "end",
    ]
)
_TITLES = st.lists(st.one_of(_SNIPPETS, st.text(max_size=8)), max_size=8).map("".join)


@given(_TITLES, st.integers(40, 120))
def test_a_tree_keeps_its_lines_and_its_width(title: str, width: int) -> None:
    """A line for each task and each wait, nothing that moves the cursor, nothing beyond the width."""
    root = task(
        "r", child("r", "a", title=title), child("r", "b", title=title, status="blocked"), title=title
    )
    drawn = tree(root, [need("b", "a")], width=width)
    lines = drawn.split("\n")
    assert len(lines) == 5
    assert all(line.isprintable() and columns(line) <= width for line in lines)


@given(_TITLES)
def test_a_mermaid_label_is_the_title_in_codes(title: str) -> None:
    """The lines are those of a plain title, and the label says what people would read."""
    named = task("t1", title=title)
    source = mermaid_tasks([named])
    plain = mermaid_tasks([task("t1", title="plain")])
    label = re.fullmatch(r'    n1\["([^"\n\r]*)<br/>draft, pending"\]:::pending', source.split("\n")[1])
    assert label is not None
    assert not re.search(r"[\[\]{}<>`*|&\\]|%%|#(?!\d+;)", label[1])
    assert source.replace(label[1], "plain") == plain or label[1] in plain
    read = re.sub(r"#(\d+);", lambda code: chr(int(code[1])), label[1]).replace("\u200c", "")
    assert read == title_of(named).replace("\u200c", "")


@given(_TITLES)
def test_a_dot_label_is_the_title_in_quotes(title: str) -> None:
    """The quotes end where the label ends, and the label says what people would read."""
    named = task("t1", title=title)
    line = dot_tasks([named]).split("\n")[3]
    label = re.fullmatch(r'    n1 \[label="((?:[^"\\]|\\.)*)", fillcolor="#\w+", color="#\w+"\];', line)
    assert label is not None
    read = re.sub(r"\\(.)", lambda pair: "\n" if pair[1] == "n" else pair[1], label[1])
    assert read.replace("&amp;", "&") == f"{title_of(named)}\ndraft, pending"


@given(st.text())
def test_what_is_visible_stays_as_it_is(text: str) -> None:
    """Escaping shows everything once, and changes nothing that shows already."""
    shown = visible(text)
    assert shown.isprintable()
    assert visible(shown) == shown
