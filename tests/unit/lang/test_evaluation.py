from datetime import UTC, datetime

import pytest

from worklattice.lang.condition import (
    Attribute,
    Column,
    Comparator,
    Compare,
    Has,
    Literal,
    Now,
    Parameter,
    TextSearch,
)
from worklattice.lang.evaluation import Reference, Source, compile_condition, evaluate, value_of
from worklattice.lang.folding import fold
from worklattice.lang.parsing import parse_condition
from worklattice.lang.values import Value
from worklattice.types import LIMITS

NOW = datetime(2025, 6, 16, 9, 30, tzinfo=UTC)
VALUES: dict[str, Value] = {
    "one": 1,
    "half": 0.5,
    "big": 2**53 + 1,
    "text": "Größe",
    "empty": "",
    "yes": True,
    "no": False,
    "list": [1, "x", None, [True]],
    "object": {"a": 1, "b": {"c": None}},
    "day": "2025-06-16",
    "time": "2025-06-16T11:30:00+02:00",
    "moment": NOW,
    "nothing": None,
}


def holds(text: str) -> bool | None:
    def value(reference: Reference) -> Value:
        assert isinstance(reference, Parameter)
        return VALUES.get(reference.path[0])

    return evaluate(parse_condition(text, Parameter, LIMITS), value, NOW)


@pytest.mark.parametrize(
    ("text", "result"),
    [
        # numbers with numbers
        ("one = 1", True),
        ("one = 1.0", True),
        ("half < one", True),
        ("big = 9007199254740993", True),
        ("big = 9007199254740992.0", False),
        ("one >= 1", True),
        ("1 < half", False),
        # text with text: by code point, so that case counts
        ("text = 'Größe'", True),
        ("text = 'größe'", False),
        ("'Z' < 'a'", True),
        ("text > 'Grz'", True),
        ("empty = ''", True),
        # booleans with booleans, false before true
        ("yes = TRUE", True),
        ("no < yes", True),
        ("yes != FALSE", True),
        # different types, and null, are unknown
        ("one = TRUE", None),
        ("yes = 1", None),
        ("one = '1'", None),
        ("text != 5", None),
        ("list = 'x'", None),
        ("list = object", None),
        ("nothing = NULL", None),
        ("one = NULL", None),
        ("one != nothing", None),
        ("missing = missing", None),
        # arrays and objects have no order
        ("list = list", True),
        ("object != object", False),
        ("list < list", None),
    ],
)
def test_comparisons(text: str, *, result: bool | None) -> None:
    """Values of one type compare; everything else is unknown."""
    assert holds(text) is result


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("moment = NOW()", True),
        ("moment = '2025-06-16T09:30:00Z'", True),
        ("'2025-06-16T11:30:00+02:00' = moment", True),
        ("moment > '2025-06-16'", True),
        ("moment > day", True),
        ("time = moment", True),
        ("day = CURDATE()", True),
        ("day + INTERVAL 1 DAY > NOW()", True),
        ("NOW() - INTERVAL 2 WEEK < moment", True),
        ("DATE_ADD(day, INTERVAL 1 MONTH) = '2025-07-16'", True),
        ("day = '2025-06-16T00:00:00Z'", False),
        ("moment = 1750066200000000", None),
        ("moment = 'soon'", None),
        ("moment = text", None),
        ("moment < TRUE", None),
        ("text + INTERVAL 1 DAY = moment", None),
        ("NOW() + INTERVAL 8000 YEAR > moment", None),
        ("moment + INTERVAL 8000 YEAR IS NULL", True),
        ("moment IN ('2025-06-16', '2025-06-16T09:30:00Z')", True),
        ("moment BETWEEN '2025-06-16' AND '2025-06-17'", True),
        ("moment LIKE '2025%'", None),
    ],
)
def test_times(text: str, *, result: bool | None) -> None:
    """Whatever is compared with a time is read as one; two texts stay texts."""
    assert holds(text) is result


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("one IN (1, 2)", True),
        ("one IN (2, 3)", False),
        ("one IN (2, NULL)", None),
        ("one IN (1, NULL)", True),
        ("one IN ('1', 2)", None),
        ("one IN ('1', 1.0)", True),
        ("one IN (nothing, one)", True),
        ("text IN ('x', 'Größe')", True),
        ("text NOT IN ('x', 'y')", True),
        ("text NOT IN ('x', NULL)", None),
        ("yes IN (1)", None),
        ("yes IN (TRUE, FALSE)", True),
        ("nothing IN (1, NULL)", None),
        ("missing NOT IN ('x')", None),
        ("one BETWEEN 0 AND 1", True),
        ("one BETWEEN 2 AND 3", False),
        ("one BETWEEN 1 AND NULL", None),
        ("one BETWEEN 2 AND NULL", False),
        ("text BETWEEN 'A' AND 'H'", True),
        ("one NOT BETWEEN 2 AND 3", True),
    ],
)
def test_membership(text: str, *, result: bool | None) -> None:
    """IN is equality with some member, BETWEEN two comparisons, unknowns included."""
    assert holds(text) is result


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("text LIKE 'Größe'", True),
        ("text LIKE 'Gr%'", True),
        ("text LIKE '%ß%'", True),
        ("text LIKE '%e'", True),
        ("text LIKE 'Gr__e'", True),
        ("text LIKE 'Gr_e'", False),
        ("text LIKE 'gr%'", False),
        ("text LIKE 'Größ'", False),
        ("text LIKE 'röße'", False),
        ("text LIKE '%'", True),
        ("empty LIKE ''", True),
        ("empty LIKE '_'", False),
        ("'a.c' LIKE 'a.c'", True),
        ("'abc' LIKE 'a.c'", False),
        ("'a\nb' LIKE 'a_b'", True),
        (r"'50%' LIKE '50\%'", True),
        (r"'50x' LIKE '50\%'", False),
        ("'a_b' LIKE 'a!_b' ESCAPE '!'", True),
        ("'aXb' LIKE 'a!_b' ESCAPE '!'", False),
        ("'a!b' LIKE 'a!!b' ESCAPE '!'", True),
        ("'abab' LIKE '%ab'", True),
        ("'abcab' LIKE 'ab%ab'", True),
        ("'aba' LIKE 'ab%ba'", False),
        ("one LIKE '1'", None),
        ("nothing LIKE '%'", None),
    ],
)
def test_patterns(text: str, *, result: bool | None) -> None:
    """In a pattern % is any text, _ any character; case counts, and nothing else has a meaning."""
    assert holds(text) is result


@pytest.mark.parametrize("pattern", ["%a" * 2_000 + "b", "%_a" * 1_500 + "b", "a%" * 2_000 + "b%"])
def test_pattern_of_many_parts(pattern: str) -> None:
    """A pattern that would make a backtracking matcher run for ever is answered."""
    condition = parse_condition(f"x LIKE '{pattern}'", Parameter, LIMITS)
    assert evaluate(condition, lambda _: "a" * 20_000, NOW) is False


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("yes", True),
        ("no", False),
        ("one", True),
        ("0", False),
        ("0.0", False),
        ("nothing", None),
        ("text", False),
        ("list", False),
        ("moment", False),
        ("yes IS TRUE", True),
        ("nothing IS TRUE", False),
        ("nothing IS NOT TRUE", True),
        ("no IS FALSE", True),
        ("nothing IS FALSE", False),
        ("nothing IS NULL", True),
        ("missing IS NULL", True),
        ("empty IS NULL", False),
        ("empty IS NOT NULL", True),
    ],
)
def test_truth(text: str, *, result: bool | None) -> None:
    """A value is true where it is true or a number other than 0, unknown where it is null, else false."""
    assert holds(text) is result


TRUTHS = {"TRUE": True, "FALSE": False, "NULL": None}


@pytest.mark.parametrize("left", TRUTHS)
@pytest.mark.parametrize("right", TRUTHS)
def test_three_values(left: str, right: str) -> None:
    """AND, OR and NOT follow the tables of SQL."""
    pair = {TRUTHS[left], TRUTHS[right]}
    assert holds(f"{left} AND {right}") is (False if False in pair else None if None in pair else True)
    assert holds(f"{left} OR {right}") is (True if True in pair else None if None in pair else False)
    assert holds(f"NOT {left}") is {True: False, False: True, None: None}[TRUTHS[left]]
    assert holds(f"{left} AND {right} AND TRUE") is holds(f"{left} AND {right}")


@pytest.mark.parametrize(
    ("member", "result"),
    [(1, True), (1.0, True), (True, False), (None, True), ([True], True), ([1], False), ("X", False)],
)
def test_member_of_an_array(member: Value, *, result: bool) -> None:
    """Membership is equality of JSON values, so that 1 is 1.0 but not true."""
    array = Attribute(("list",))
    assert evaluate(Has(array, member), lambda _: VALUES["list"], NOW) is result
    assert evaluate(Has(array, member), lambda _: "no list", NOW) is None


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ({"a": 1}, {"a": 1.0}, True),
        ({"a": 1}, {"a": True}, False),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        ({"a": None}, {}, False),
        ([1, 2], [2, 1], False),
        ([None], [None], True),
        ([[], {}], [{}, []], False),
    ],
)
def test_equality_of_structures(left: Value, right: Value, *, same: bool) -> None:
    """Arrays and objects are equal as JSON values are, keys in any order."""
    condition = Compare(Comparator.EQ, Attribute(("x",)), Literal(right))
    assert evaluate(condition, lambda _: left, NOW) is same


def test_words_are_looked_for_in_every_text() -> None:
    """Every word stands somewhere in the id, the type or a text among the attributes; keys do not count."""
    values: dict[Reference, Value] = {
        Column("task_id"): "story_1",
        Column("task_type"): "user_story",
        Attribute(()): {"title": "Straße", "nested": [{"name": "Deep"}], "n": 5},
    }
    for words, found in [
        (("STORY", "strasse"), True),
        (("deep",), True),
        (("title",), False),
        (("5",), False),
        (("story", "missing"), False),
    ]:
        assert evaluate(TextSearch(words), values.__getitem__, NOW) is found


def test_values_of_expressions() -> None:
    """An expression has a value: a literal's own, a reference's, or a time that was computed."""

    def value(reference: Reference) -> Value:
        assert isinstance(reference, Parameter)
        return VALUES[reference.path[0]]

    assert value_of(Literal("x"), value, NOW) == "x"
    assert value_of(Parameter(("moment",)), value, NOW) == NOW
    assert value_of(Parameter(("list",)), value, NOW) == VALUES["list"]
    assert value_of(Now(day_only=True), value, NOW) == datetime(2025, 6, 16, tzinfo=UTC)


def no_source(reference: Reference) -> Source[None]:
    def nothing(_: None) -> None: ...

    return Source(nothing)


def test_what_depends_on_the_time_must_be_folded_first() -> None:
    """A compiled condition cannot ask for the time."""
    condition = parse_condition("a < NOW()", Parameter, LIMITS)
    with pytest.raises(ValueError, match="fold"):
        compile_condition(condition, no_source)
    assert fold(condition, NOW) == Compare(Comparator.LT, Parameter(("a",)), Literal(NOW))
