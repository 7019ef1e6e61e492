import pytest

from worklattice.lang.diagnostics import LanguageError
from worklattice.lang.names import join_name, split_name


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("team", ("team",)),
        ("owner.team", ("owner", "team")),
        ("`a.b`", ("a.b",)),
        ("owner.`a.b`.c", ("owner", "a.b", "c")),
        ("`a``b`", ("a`b",)),
        ("story-points", ("story-points",)),
        ("two words", ("two words",)),
        ("", ("",)),
        ("a.", ("a", "")),
        ("``", ("",)),
    ],
)
def test_name_is_split_at_dots_outside_of_backquotes(text: str, keys: tuple[str, ...]) -> None:
    """Dots separate keys, backquotes keep a key together, everything else stands for itself."""
    assert split_name(text) == keys


@pytest.mark.parametrize(("text", "column"), [("`a", 1), ("a`b`", 2), ("`a`b", 4), ("a.`b", 3)])
def test_name_with_a_stray_backquote_is_refused(text: str, column: int) -> None:
    """A backquote that does not enclose a whole key is shown."""
    with pytest.raises(LanguageError) as caught:
        split_name(text)
    assert caught.value.column == column


@pytest.mark.parametrize(
    ("keys", "text"),
    [(("owner", "team"), "owner.team"), (("a.b", "c`d"), "`a.b`.`c``d`"), (("", "1"), "``.`1`")],
)
def test_name_is_quoted_where_it_needs_it(keys: tuple[str, ...], text: str) -> None:
    """Written names read back as the same keys."""
    assert join_name(keys) == text
    assert split_name(text) == keys
