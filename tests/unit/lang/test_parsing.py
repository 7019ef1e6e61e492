import subprocess
import sys

import pytest

from worklattice.errors import FilterSyntaxError
from worklattice.lang.condition import (
    And,
    Attribute,
    Between,
    Column,
    Comparator,
    Compare,
    Condition,
    Expression,
    In,
    IsNull,
    Like,
    Literal,
    Not,
    Now,
    Or,
    Shift,
    Truth,
)
from worklattice.lang.diagnostics import LanguageError
from worklattice.lang.parsing import parse_condition
from worklattice.lang.values import Value
from worklattice.types import LIMITS

A, B = Attribute(("a",)), Attribute(("b",))
ONE, TWO = Literal(1), Literal(2)
A_IS_1 = Compare(Comparator.EQ, A, ONE)
B_IS_2 = Compare(Comparator.EQ, B, TWO)


def name(keys: tuple[str, ...]) -> Expression:
    match keys:
        case ("status",):
            return Column("status")
        case ("nothing",):
            raise LanguageError("there is no nothing", hint="Try something.")
        case _:
            return Attribute(keys)


def parse(text: str) -> Condition:
    return parse_condition(text, name, LIMITS)


def refused(text: str) -> FilterSyntaxError:
    with pytest.raises(FilterSyntaxError) as caught:
        parse(text)
    return caught.value


@pytest.mark.parametrize(
    ("sign", "comparator"),
    [
        ("=", Comparator.EQ),
        ("!=", Comparator.NE),
        ("<>", Comparator.NE),
        ("<", Comparator.LT),
        ("<=", Comparator.LE),
        (">", Comparator.GT),
        (">=", Comparator.GE),
    ],
)
def test_comparisons(sign: str, comparator: Comparator) -> None:
    """Each sign is its comparator, with and without spaces around it."""
    assert parse(f"a {sign} 1") == parse(f"a{sign}1") == Compare(comparator, A, ONE)


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("a=1 AND b=2", And((A_IS_1, B_IS_2))),
        ("a=1 or b=2", Or((A_IS_1, B_IS_2))),
        ("Not a=1", Not(A_IS_1)),
        ("a=1 OR b=2 AND a=1", Or((A_IS_1, And((B_IS_2, A_IS_1))))),
        ("(a=1 OR b=2) AND a=1", And((Or((A_IS_1, B_IS_2)), A_IS_1))),
        ("NOT a=1 AND b=2", And((Not(A_IS_1), B_IS_2))),
        ("NOT (a=1 AND b=2)", Not(And((A_IS_1, B_IS_2)))),
        ("((a))=((1))", A_IS_1),
        ("a=1 AND b=2 AND a=1", And((A_IS_1, B_IS_2, A_IS_1))),
    ],
)
def test_connectives(text: str, condition: Condition) -> None:
    """NOT binds tighter than AND, AND tighter than OR, parentheses tightest; letter case is free."""
    assert parse(text) == condition


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("a IN (1)", In(A, (ONE,))),
        ("a IN (1, 2, NULL)", In(A, (ONE, TWO, Literal(None)))),
        ("a NOT IN (1, b)", Not(In(A, (ONE, B)))),
        ("a BETWEEN 1 AND 2", Between(A, ONE, TWO)),
        ("a NOT BETWEEN 1 AND 2 AND b=2", And((Not(Between(A, ONE, TWO)), B_IS_2))),
        ("a LIKE 'x%'", Like(A, "x%")),
        ("a LIKE'x%'AND b=2", And((Like(A, "x%"), B_IS_2))),
        ("a NOT LIKE 'x!%' ESCAPE '!'", Not(Like(A, "x!%", "!"))),
        (r"a LIKE '50\%'", Like(A, r"50\%")),
        ("a IS NULL", IsNull(A)),
        ("a IS NOT NULL", Not(IsNull(A))),
        ("a IS TRUE", And((Not(IsNull(A)), Truth(A)))),
        ("a IS NOT FALSE", Not(And((Not(IsNull(A)), Not(Truth(A)))))),
        ("a", Truth(A)),
        ("NOT a", Not(Truth(A))),
        ("TRUE", Truth(Literal(value=True))),
    ],
)
def test_predicates(text: str, condition: Condition) -> None:
    """Each predicate of SQL becomes its node, a negated one the negation of it."""
    assert parse(text) == condition


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("'x'", "x"),
        ('"x"', "x"),
        ("''", ""),
        ("'it''s'", "it's"),
        ('"say ""so"""', 'say "so"'),
        ("'a\"\"b'", 'a""b'),
        (r"'it\'s'", "it's"),
        (r"'a\nb\tc\\d'", "a\nb\tc\\d"),
        (r"'\q\%\_'", r"q\%\_"),
        ("'größe ✓'", "größe ✓"),
        ("5", 5),
        ("-5", -5),
        ("+5", 5),
        ("-9223372036854775808", -(2**63)),
        ("9223372036854775807", 2**63 - 1),
        ("1.5", 1.5),
        (".5", 0.5),
        ("1.", 1.0),
        ("-2.5e-3", -0.0025),
        ("1E3", 1000.0),
        ("true", True),
        ("FALSE", False),
        ("Null", None),
    ],
)
def test_literals(text: str, value: Value) -> None:
    """Texts, numbers and constants have the value that MySQL gives them, and its type."""
    condition = parse(f"a = {text}")
    assert condition == Compare(Comparator.EQ, A, Literal(value))
    assert isinstance(condition, Compare)
    assert isinstance(condition.right, Literal)
    assert type(condition.right.value) is type(value)


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("status", Column("status")),
        ("owner.team", Attribute(("owner", "team"))),
        ("`a.b`", Attribute(("a.b",))),
        ("x.`a``b`.`c d`", Attribute(("x", "a`b", "c d"))),
        ("x.and.1", Attribute(("x", "and", "1"))),
        ("`and`", Attribute(("and",))),
        ("android", Attribute(("android",))),
        ("größe", Attribute(("größe",))),
        ("day", Attribute(("day",))),
        ("NOW()", Now()),
        ("now ( )", Now()),
        ("CURRENT_TIMESTAMP", Now()),
        ("current_timestamp()", Now()),
        ("CURDATE()", Now(day_only=True)),
        ("CURRENT_DATE", Now(day_only=True)),
        ("`current_date`", Attribute(("current_date",))),
        ("DATE_SUB(NOW(), INTERVAL 2 WEEK)", Shift(Now(), -2, "week")),
        ("date_add(`due`, interval -3 month)", Shift(Attribute(("due",)), -3, "month")),
        ("NOW() - INTERVAL 1 DAY", Shift(Now(), -1, "day")),
        ("a + INTERVAL 1 YEAR - INTERVAL 2 HOUR", Shift(Shift(A, 1, "year"), -2, "hour")),
        ("DATE_ADD('2025-06-16', INTERVAL 1 DAY)", Shift(Literal("2025-06-16"), 1, "day")),
    ],
)
def test_names_and_times(text: str, expression: Expression) -> None:
    """Names go to the resolver as keys; functions and intervals become times."""
    assert parse(f"{text} = 1") == Compare(Comparator.EQ, expression, ONE)


@pytest.mark.parametrize(
    ("text", "column", "reason", "hint"),
    [
        ("", 1, "empty", "Leave it out"),
        ("   ", 1, "empty", "Leave it out"),
        ("a =", 4, "ends too early", "Expected a name, a text in quotes or a number."),
        ("status blocked", 8, '"blocked" cannot stand here', "a comparison such as = or <"),
        ("a=1 AND AND b=2", 9, '"AND" cannot stand here', "Expected a condition such as"),
        ("a=1 b=2", 5, '"b" cannot stand here', "AND or OR or the end"),
        ("a IN (1", 8, "ends too early", "a comma or a closing parenthesis"),
        ("a IN ()", 7, '")" cannot stand here', "a name, a text in quotes or a number"),
        ("a NOT 5", 7, '"5" cannot stand here', "IN, BETWEEN or LIKE"),
        ("a IS 5", 6, '"5" cannot stand here', "NULL, TRUE or FALSE"),
        ("a BETWEEN 1", 12, "ends too early", "Expected AND."),
        ("1 < a < 3", 7, "cannot be chained", "Join two comparisons with AND."),
        ("a + 1 = 2", 5, "no arithmetic", "INTERVAL"),
        ("a * 2 = 4", 3, "no arithmetic", "INTERVAL"),
        ("a == 1", 3, "no such comparison", "Use ="),
        ("a <=> 1", 3, "no such comparison", "Use ="),
        ("a && b", 3, "operator is not known", "AND, OR and NOT"),
        ("a || b", 3, "operator is not known", "AND, OR and NOT"),
        ("a -> 'x'", 3, "no such paths", "dots"),
        ("tags[0] = 1", 5, "no such paths", "dots"),
        ("a. = 1", 2, "a dot stands between two names", "backquotes"),
        ("12abc = 1", 1, "no number", "5, 0.25 or 1e6"),
        ("a = \uff11", 5, "means nothing", "quotes"),
        ("a = 'x", 5, "not closed", "same quote"),
        ("a = `x", 5, "not closed", "twice"),
        ("nothing = 1", 1, "there is no nothing", "Try something."),
        ("'x'", 1, "a text is no condition", "Compare it"),
        ("NOW()", 1, "a time is no condition", "Compare it"),
        ("(a=1) = TRUE", 2, "a condition is no value", "names, texts, numbers and times"),
        ("a LIKE b", 8, "a pattern is a text in quotes", None),
        (r"a LIKE 'x\\'", 8, "ends with its escape character", "twice"),
        ("a LIKE 'x' ESCAPE '%'", 19, "the escape is one character", "ESCAPE '!'"),
        ("a LIKE 'x' ESCAPE 'ab'", 19, "the escape is one character", "ESCAPE '!'"),
        ("a = NOW() + INTERVAL 1 DYA", 24, "no such unit", 'Did you mean "DAY"?'),
        ("a = NOW() + INTERVAL 1.5 DAY", 22, "whole units", "smaller unit"),
        ("a = DATE_SUB(NOW())", 5, "takes a time and an interval", "INTERVAL 2 DAY"),
        ("a = DATE_SUB(INTERVAL 1 DAY, INTERVAL 1 DAY)", 14, "an interval is no value", "names"),
        ("a = DATE_SUB(5, INTERVAL 1 DAY)", 14, "only a time can be moved", "NOW()"),
        ("a = DATE_SUB('x', INTERVAL 1 DAY)", 14, "this text is no time", "RFC 3339"),
        ("a = NOW(6)", 9, "NOW takes nothing", "NOW()"),
        ("a = NWO()", 5, 'no function "NWO"', 'Did you mean "NOW"?'),
        ("a = 9223372036854775808", 5, "64 bits", "1e20"),
        ("a = -9223372036854775809", 6, "64 bits", "1e20"),
        (r"a = 'x\0'", 5, "U+0000", None),
        ("a = 'x\x00'", 7, "U+0000", None),
        ("a = 'x\ud800'", 7, "U+D800", None),
        ("select = 1", 1, "no subselects", "attributes.select"),
        ("interval = 1", 1, '"interval" cannot stand here', "attributes.interval"),
        ("status'x'", 7, """"'x'" cannot stand here""", "a comparison such as = or <"),
    ],
)
def test_faults(text: str, column: int, reason: str, hint: str | None) -> None:
    """A fault is shown where it stands, with its reason and what could stand there instead."""
    error = refused(text)
    assert reason in error.reason
    assert error.column == column
    assert error.hint == hint if hint is None else hint in (error.hint or "")
    if text.strip():
        assert error.diagram.split("\n")[1].index("^") == column - 1


LIMITED = [
    ("a='" + "x" * (LIMITS.filter_characters - 4) + "'", "characters"),
    ("(" * LIMITS.filter_depth + "a=1" + ")" * LIMITS.filter_depth, "nests deeper"),
    ("NOT " * LIMITS.filter_depth + "a=1", "nests deeper"),
    ("a = NOW()" + "+INTERVAL 1 DAY" * LIMITS.filter_depth, "nests deeper"),
    ("a=1" + " OR a=1" * (LIMITS.filter_terms - 1), "conditions"),
    ("a IN (1" + ",1" * (LIMITS.filter_terms - 2) + ")", "conditions"),
]


@pytest.mark.parametrize(("text", "what"), LIMITED)
def test_largest_condition(text: str, what: str) -> None:
    """A condition at a limit is read."""
    parse(text)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (LIMITED[0][0][:-1] + "x'", "characters"),
        (f"({LIMITED[1][0]})", "nests deeper"),
        (f"NOT {LIMITED[2][0]}", "nests deeper"),
        (f"{LIMITED[3][0]}+INTERVAL 1 DAY", "nests deeper"),
        (f"{LIMITED[4][0]} OR a=1", "conditions"),
        (f"{LIMITED[5][0][:-1]},1)", "conditions"),
    ],
)
def test_too_large_condition(text: str, what: str) -> None:
    """One character, level or term more is refused."""
    assert what in refused(text).reason


def test_message_is_short_however_long_the_text() -> None:
    """The message has at most 500 characters, whatever was written."""
    assert len(refused("a = " + "'\x1b" * 4_000).message) <= 500
    assert len(refused("x" * 20_000).message) <= 500


def test_parser_generator_is_loaded_when_first_needed() -> None:
    """Importing the module that parses does not import the parser generator."""
    code = "import sys, worklattice.lang.parsing; sys.exit('lark' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
