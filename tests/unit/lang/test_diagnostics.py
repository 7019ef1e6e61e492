import pickle

import pytest

from worklattice.lang.diagnostics import WIDTH, LanguageError, draw


def test_carets_stand_under_the_fault() -> None:
    """The second line has carets under exactly the characters of the span."""
    assert draw("status = = 'x'", (9, 10)) == "status = = 'x'\n         ^"
    assert draw("status blocked", (7, 14)) == "status blocked\n       ^^^^^^^"


def test_fault_at_the_end() -> None:
    """What is missing behind the text gets a caret behind it."""
    assert draw("a =", (3, 3)) == "a =\n   ^"


def test_empty_text_has_no_drawing() -> None:
    """There is nothing to draw of nothing."""
    assert draw("", (0, 1)) == ""


@pytest.mark.parametrize("at", [0, 3, 500, 996, 999])
def test_long_text_is_cut_around_the_fault(at: int) -> None:
    """However long the text, both lines fit the width, and the fault is in sight."""
    text = "." * at + "#" + "." * (999 - at)
    shown, carets = draw(text, (at, at + 1)).split("\n")
    assert len(shown) <= WIDTH
    assert shown[carets.index("^")] == "#"
    assert carets.strip() == "^"


def test_fault_longer_than_the_line() -> None:
    """A fault that does not fit is cut too."""
    lines = draw("x" * 1000, (0, 1000)).split("\n")
    assert max(map(len, lines)) <= WIDTH
    assert set(lines[1]) == {"^"}


@pytest.mark.parametrize(
    ("character", "shown"),
    [("\n", r"\n"), ("\x1b", r"\x1b"), ("\u202e", r"\u202e"), ("\uff11", r"\uff11"), ("\ud800", r"\ud800")],
)
def test_what_is_not_printable_ascii_is_escaped(character: str, shown: str) -> None:
    """No character of the text can move the cursor, turn the line round or widen it."""
    assert draw(f"a{character}b", (2, 3)) == f"a{shown}b\n{' ' * (1 + len(shown))}^"


def test_error_says_reason_hint_and_drawing() -> None:
    """As text, the error reads from the reason to the drawing."""
    error = LanguageError.at("1=1;", (3, 4), "there is more", "Leave it out.")
    assert str(error) == "there is more. Leave it out.\n1=1;\n   ^"
    assert (error.column, error.reason) == (4, "there is more")


def test_error_survives_pickling() -> None:
    """An error can be sent to another process."""
    error = LanguageError.at("abc", (1, 2), "why", "so")
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert str(again) == str(error)
