import pytest

from tests.unit.rendering.values import task
from worklattice.rendering.text import columns, cut, fitted, title_of, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Größe 10 € 日本", "Größe 10 € 日本"),
        ("a\r\nb\tc", r"a\r\nb\tc"),
        ("\x1b]0;owned\x07", r"\x1b]0;owned\x07"),
        ("\u202ereversed", r"\u202ereversed"),
        ("half \ud800", r"half \ud800"),
        ("line\u2028line", r"line\u2028line"),
        ("no\u00a0break", "no break"),
    ],
)
def test_what_does_not_show_is_escaped(text: str, shown: str) -> None:
    """Control characters, changes of direction and broken text stand as escapes, other spaces as spaces."""
    assert visible(text) == shown


@pytest.mark.parametrize(
    ("attributes", "title"),
    [
        ({"title": " Ship it\n"}, r"Ship it\n"),
        ({"title": "  "}, "t1"),
        ({"title": 7}, "t1"),
        ({}, "t1"),
    ],
)
def test_a_task_is_called_by_its_title_or_by_its_id(attributes: dict[str, object], title: str) -> None:
    """The id, where there is no title with something in it."""
    assert title_of(task("t1", attributes=attributes)) == title


def test_wide_and_combining_characters_count_as_they_are_shown() -> None:
    """Two columns for East Asian characters, none for marks on others."""
    assert columns("日本") == 4
    assert columns("e\u0301") == 1


@pytest.mark.parametrize(
    ("text", "room", "shown"),
    [
        ("abc", 3, "abc"),
        ("abcd", 3, "ab…"),
        ("日本語", 5, "日本…"),
        ("日本語", 4, "日…"),
        ("ab cd", 4, "ab…"),
        ("abc", 0, ""),
    ],
)
def test_a_text_is_cut_with_an_ellipsis(text: str, room: int, shown: str) -> None:
    """Never wider than the room, no space before the ellipsis."""
    assert cut(text, room) == shown


def test_a_text_is_fitted_into_its_room() -> None:
    """Filled up with spaces by columns, not by characters."""
    assert fitted("日", 4) == "日  "
    assert fitted("日本語", 4) == "日… "
