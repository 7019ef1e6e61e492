import pytest

from worklattice.schema.pattern_syntax import LENGTH_LIMIT, PatternError
from worklattice.schema.patterns import Pattern


def matches(pattern: str, text: str) -> bool:
    return Pattern(pattern).matches(text, lambda _: None)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("", "anything"),
        ("b", "abc"),
        ("^abc$", "abc"),
        ("a|b", "xb"),
        ("^a|b$", "ax"),
        ("^(?:ab)*$", "abab"),
        ("^a?b+$", "bbb"),
        ("^[a-z0-9]+(-[a-z0-9]+)*$", "kubernetes-upgrade-1"),
        (r"^\d{4}-\d{2}-\d{2}$", "2025-06-16"),
        ("^.{2,3}$", "ab"),
        ("^x{0}y{2,}$", "yyy"),
        ("[^a-z]", "abC"),
        ("^[a-]$", "-"),
        (r"^[\]\-\\]+$", r"-]\\"),
        (r"^\u00e9\x41$", "éA"),
        (r"\s\S\w\W\D", "\u2003a_- "),
        ("^$", ""),
        ("^^a$$", "a"),
        ("$^", ""),
        (r"\.\/\^", "./^"),
    ],
)
def test_pattern_matches(pattern: str, text: str) -> None:
    """A pattern matches somewhere in the text, as ECMA 262 has it."""
    assert matches(pattern, text)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("^abc$", "abc\n"),
        ("^abc$", "xabc"),
        ("a.c", "a\nc"),
        (r"^\d$", "٣"),
        (r"^\w$", "é"),
        ("[a-c]", "d"),
        ("[]", "a"),
        ("^.{2,3}$", "abcd"),
        ("^(a|b)c$", "abc"),
        ("a^b", "ab"),
        ("x+", ""),
    ],
)
def test_pattern_does_not_match(pattern: str, text: str) -> None:
    """`$` is the end and not the newline before it, `.` is no newline, and classes are ASCII."""
    assert not matches(pattern, text)


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("(", "this group is not closed (at character 1)"),
        (")", "no group is open here (at character 1)"),
        ("[a", "this class is not closed (at character 1)"),
        ("[z-a]", "the range is the wrong way round (at character 3)"),
        (r"[\d-z]", "a range goes from a character to a character"),
        ("*a", "there is nothing here that * could repeat"),
        ("a{2", "expected the } of a quantifier"),
        ("a{,2}", "expected a number"),
        ("a{3,2}", "the bounds of the quantifier are the wrong way round"),
        ("a{1001}", "nothing is repeated more than 1,000 times"),
        ("a**", "a quantifier cannot follow a quantifier"),
        ("a+?", "a quantifier cannot follow a quantifier"),
        ("^*", "an anchor cannot be repeated"),
        ("(?=a)", "look-ahead is not supported"),
        ("(?<!a)b", "look-behind is not supported"),
        ("(?<n>a)", "a named group is not supported"),
        ("(?i)a", "this kind of group is not supported"),
        (r"(a)\1", "a back-reference is not supported"),
        (r"\ba", r"\b is not supported"),
        (r"\p{L}", r"\p is not supported"),
        (r"\x4", r"\x needs 2 hexadecimal digits"),
        ("a\\", "a backslash must escape something"),
        ("(" * 33 + ")" * 33, "groups are nested deeper than 32"),
        ("a" * (LENGTH_LIMIT + 1), "it is longer than 10,000 characters"),
        ("(a{1000}){1000}", "it is larger than 10,000 parts"),
    ],
)
def test_pattern_is_refused(pattern: str, reason: str) -> None:
    """What is outside of the documented subset is refused, with the reason and the place."""
    with pytest.raises(PatternError) as caught:
        Pattern(pattern)
    assert reason in str(caught.value)


@pytest.mark.parametrize(
    "pattern", ["^(a+)+$", r"(\w+\s?)*", "(a*b*)*", "((ab)*)*", "(a{2,})+", "([a-z]+-?)+"]
)
def test_repeated_repetition_is_refused(pattern: str) -> None:
    """What can already go on repeating is not repeated without bound: others that read it might never end."""
    with pytest.raises(PatternError, match="can already go on repeating"):
        Pattern(pattern)


@pytest.mark.parametrize(
    "pattern", ["((){1000}){1000}", "(|){1000}", "(a?){2}", "((a|b)c)*", "(a+-)+", "a{0}"]
)
def test_harmless_repetition_is_read(pattern: str) -> None:
    """Repeating nothing, a bounded number of times, or with something between, is read."""
    assert Pattern(pattern).size > 0


def test_hard_pattern_can_be_stopped() -> None:
    """The work on a hard pattern and a long text is told as it is done, so that it can be stopped."""
    spent = 0

    def spend(steps: int) -> None:
        nonlocal spent
        spent += steps
        if spent > 5_000:
            raise TimeoutError

    text = f"{3**60_000:b}".translate({48: "a", 49: "b"})
    with pytest.raises(TimeoutError):
        Pattern("a(a|b){300}c").matches(text, spend)


def test_easy_pattern_is_cheap_on_a_long_text() -> None:
    """A pattern without choices costs some steps for thousands of characters."""
    spent: list[int] = []
    assert Pattern("^a+$").matches("a" * 100_000, spent.append)
    assert sum(spent) < 2_000
