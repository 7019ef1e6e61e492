import pytest

from worklattice.lang.diagnostics import LanguageError
from worklattice.templates.placeholders import Hole, scan


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", []),
        ("plain", ["plain"]),
        ("{name}", [("name",)]),
        ("{a}{b}", [("a",), ("b",)]),
        ("Deploy {service.name}!", ["Deploy ", ("service", "name"), "!"]),
        ("{story-points_2}", [("story-points_2",)]),
        ("{{name}}", ["{name}"]),
        ("{{{name}}}", ["{", ("name",), "}"]),
        ("}}{{", ["}{"]),
    ],
)
def test_text_is_scanned(text: str, parts: list[str | tuple[str, ...]]) -> None:
    """Names in braces are placeholders, doubled braces are braces, everything else is text."""
    assert [part.path if isinstance(part, Hole) else part for part in scan(text)] == parts


@pytest.mark.parametrize(
    ("text", "reason", "column"),
    [
        ("a { b", "this brace is not closed", 3),
        ("a } b", "no placeholder is open here", 3),
        ("{}", "a placeholder needs a name", 1),
        ("{ name }", "no spaces stand in a placeholder", 1),
        ("{x:{w}}", "a placeholder cannot stand inside another", 1),
        ("{x!r}", "conversions such as !r", 1),
        ("{x:>9}", "format specs", 1),
        ("{d[x]}", "indexes", 1),
        ("{t.__class__}", "names in placeholders begin with a letter", 1),
        ("{_x}", "names in placeholders begin with a letter", 1),
        ("{1}", "a placeholder is a name", 1),
        ("{a..b}", "a placeholder is a name", 1),
        ("{größe}", "a placeholder is a name", 1),
    ],
)
def test_what_is_no_placeholder_is_refused(text: str, reason: str, column: int) -> None:
    """Nothing else in braces is syntax, and the refusal says what was meant and how to write a brace."""
    with pytest.raises(LanguageError) as caught:
        scan(text)
    assert reason in caught.value.reason
    assert caught.value.column == column
    assert caught.value.hint == "Write {{ and }} for braces."
