import subprocess
import sys

import pytest

from worklattice.lang.condition import Comparator
from worklattice.lang.gate import (
    And,
    Between,
    Change,
    Compare,
    Gate,
    GateError,
    Metric,
    Not,
    Operand,
    Or,
    metrics_of,
)
from worklattice.lang.gate_parsing import parse_gate, parse_target
from worklattice.lang.quantity_parsing import parse_quantity, parse_range
from worklattice.types import LIMITS

A_BELOW_1 = Compare(Metric("a"), Comparator.LT, parse_quantity("1"))
B_BELOW_2 = Compare(Metric("b"), Comparator.LT, parse_quantity("2 ms"))
TO_4_HOURS = parse_range("2-4 hours")


def refused(text: str) -> GateError:
    with pytest.raises(GateError) as caught:
        parse_gate(text, LIMITS)
    return caught.value


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("search_performance < 200ms", "search_performance < 200 ms"),
        ("user_satisfaction > 4.5/5", "user_satisfaction > 4.5/5"),
        ("error_rate < 0.1%", "error_rate < 0.1%"),
        ("error_rate > 1%", "error_rate > 1%"),
        ("performance_degradation > 20%", "performance_degradation > 20%"),
        ("completeness > 95%", "completeness > 95%"),
        ("validity > 98%", "validity > 98%"),
    ],
)
def test_gates_of_the_field(text: str, canonical: str) -> None:
    """Gates as people write them are read."""
    assert str(parse_gate(text, LIMITS)) == canonical


@pytest.mark.parametrize(
    ("target", "gate"),
    [
        ("< 500ms", "m < 500 ms"),
        ("> 1000 tps", "m > 1000 tps"),
        ("99.99%", "m >= 99.99%"),
        ("at most 3 weeks", "m <= 3 w"),
        ("2-4 hours", "m between 2 h and 4 h"),
        ("between 1 and 2%", "m between 1% and 2%"),
        (90, "m >= 90"),
        (0.5, "m >= 0.5"),
    ],
)
def test_targets(target: str | float, gate: str) -> None:
    """A target without an operator is a minimum; two ends are a range."""
    assert parse_target("m", target, LIMITS) == parse_gate(gate, LIMITS)
    assert str(parse_target("m", target, LIMITS)) == gate


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("", "the target is empty"),
        ("m > 5", '"m" cannot stand here'),
        ("> 1 and < 3", '"and" cannot stand here'),
        ("4-2 h", "from the lower end to the higher"),
        (True, "true is no number"),
        (float("nan"), "NaN is no finite number"),
        ("> \0", "U+0000"),
        ("9" * 2001, "a target has at most 2,000 characters"),
    ],
)
def test_targets_refused(target: str | float, reason: str) -> None:
    """What is no target is refused with the reason."""
    with pytest.raises(GateError) as caught:
        parse_target("m", target, LIMITS)
    assert reason in caught.value.reason


@pytest.mark.parametrize(
    ("sign", "comparator"),
    [
        ("=", Comparator.EQ),
        ("==", Comparator.EQ),
        ("!=", Comparator.NE),
        ("<>", Comparator.NE),
        ("\u2260", Comparator.NE),
        ("<", Comparator.LT),
        ("<=", Comparator.LE),
        ("\u2264", Comparator.LE),
        (" At  Most ", Comparator.LE),
        (">", Comparator.GT),
        (">=", Comparator.GE),
        ("\u2265", Comparator.GE),
        (" at least ", Comparator.GE),
    ],
)
def test_comparisons(sign: str, comparator: Comparator) -> None:
    """Each sign, and each phrase, is its comparator, with and without spaces around it."""
    gate = Compare(Metric("a"), comparator, parse_quantity("-5 ms"))
    assert parse_gate(f"a{sign}-5ms", LIMITS) == parse_gate(f"a {sign} -5 ms", LIMITS) == gate


@pytest.mark.parametrize(
    ("text", "gate", "canonical"),
    [
        ("a<1 AND b<2ms", And((A_BELOW_1, B_BELOW_2)), "a < 1 and b < 2 ms"),
        ("Not a<1", Not(A_BELOW_1), "not a < 1"),
        ("not not a<1", Not(Not(A_BELOW_1)), "not not a < 1"),
        (
            "a<1 or b<2ms and a<1",
            Or((A_BELOW_1, And((B_BELOW_2, A_BELOW_1)))),
            "a < 1 or b < 2 ms and a < 1",
        ),
        (
            "(a<1 or b<2ms) and a<1",
            And((Or((A_BELOW_1, B_BELOW_2)), A_BELOW_1)),
            "(a < 1 or b < 2 ms) and a < 1",
        ),
        ("not (a<1 and b<2ms)", Not(And((A_BELOW_1, B_BELOW_2))), "not (a < 1 and b < 2 ms)"),
        (
            "(a<1 and b<2ms) and a<1",
            And((And((A_BELOW_1, B_BELOW_2)), A_BELOW_1)),
            "(a < 1 and b < 2 ms) and a < 1",
        ),
        ("((a<1))", A_BELOW_1, "a < 1"),
        ("m between 2 and 4 h", Between(Metric("m"), TO_4_HOURS), "m between 2 h and 4 h"),
        ("m not between 2h and 4h", Not(Between(Metric("m"), TO_4_HOURS)), "not m between 2 h and 4 h"),
    ],
)
def test_connectives(text: str, gate: Gate, canonical: str) -> None:
    """`not` binds tighter than `and`, that tighter than `or`; no parentheses are written needlessly."""
    assert parse_gate(text, LIMITS) == gate
    assert str(gate) == canonical
    assert parse_gate(canonical, LIMITS) == gate


@pytest.mark.parametrize(
    ("text", "operand", "canonical"),
    [
        ("p95.read-path", Metric("p95.read-path"), "p95.read-path"),
        ("größe", Metric("größe"), "größe"),
        ("`odd ``name`", Metric("odd `name"), "`odd ``name`"),
        ("`plain`", Metric("plain"), "plain"),
        ("`And`", Metric("And"), "`And`"),
        ("`P2D`", Metric("P2D"), "`P2D`"),
        ("P95", Metric("P95"), "P95"),
        ("change", Metric("change"), "change"),
        ("at", Metric("at"), "at"),
        ("android", Metric("android"), "android"),
        ("change(sales)", Change("sales"), "change(sales)"),
        ("Change ( `a b` )", Change("a b"), "change(`a b`)"),
    ],
)
def test_metrics_and_changes(text: str, operand: Operand, canonical: str) -> None:
    """A metric has any name; in backquotes only where it needs them."""
    gate = Compare(operand, Comparator.GT, parse_quantity("20%"))
    assert parse_gate(f"{text} > 20%", LIMITS) == gate
    assert str(gate) == f"{canonical} > 20%"
    assert parse_gate(str(gate), LIMITS) == gate
    assert str(operand) == canonical


@pytest.mark.parametrize("text", ["x < PT2H", "x < 2h", "x < 1 h 60 m", "x\n<\n2\nhours"])
def test_thresholds_of_several_words(text: str) -> None:
    """A quantity runs up to a keyword, a comparison, a parenthesis or the end."""
    gate = parse_gate(f"({text}) and y < 5 story points or z < 1 hour 30 minutes", LIMITS)
    assert str(gate) == "x < 2 h and y < 5 story_points or z < 90 min"


@pytest.mark.parametrize(
    ("text", "column", "reason", "hint"),
    [
        # 88
        ("__import__('os')", 11, "no such function", "change(metric)"),
        ("x < __import__('os')", 5, '"__import__" cannot stand here', "a quantity such as 200ms"),
        # 89
        ("9**9**9", 1, "the metric stands before the quantity", "error_rate < 1%"),
        ("x < 9**9**9", 6, "no arithmetic", None),
        # 90: 26 digits are exact, more than 50 are refused
        ("x < " + "1" * 51, 5, "at most 50 digits", None),
        # 94
        ("x < 1%%", 7, "one unit is enough", None),
        # 95
        ("0<x<1", 1, "the metric stands before the quantity", "Write x > 0 and x < 1."),
        ("0 <= x", 1, "the metric stands before the quantity", "Write x >= 0."),
        ("x < 5 < 7", 7, "cannot be chained", "x > 0 and x < 1"),
        # 96
        ("x < 1e999%", 5, "too large", None),
        # 97
        ("x < \uff11", 5, "only the digits 0 to 9", None),
        ("x < 1\uff11", 6, "only the digits 0 to 9", None),
        ("x < 1_000", 6, "not put in groups", "as in 1000"),
        ("x < 1,000", 6, "not put in groups", "as in 1000"),
        # 98
        ("x < " + "-" * 1_000 + "1", 5, "expected a number behind the sign", "one sign at most"),
        ("-" * 1_000_000, 2_001, "at most 2,000 characters, and this has 1,000,000", None),
        # and others
        ("", 1, "the gate is empty", "error_rate < 1%"),
        ("x", 2, "ends too early", "a comparison such as <"),
        ("x <", 4, "ends too early", "a quantity such as 200ms"),
        ("x < fast", 5, '"fast" cannot stand here', "a quantity such as 200ms"),
        ("x < nan", 5, '"nan" cannot stand here', "a quantity such as 200ms"),
        ("x < 5 not y < 3", 7, '"not" cannot stand here', "and, or or the end"),
        ("x < 5 and", 10, "ends too early", "a comparison such as error_rate"),
        ("(x < 5", 7, "ends too early", "a closing parenthesis"),
        ("x < 5)", 6, '")" cannot stand here', "the end"),
        ("x < 5 ms nad y", 10, '"nad" cannot stand behind', "underscores"),
        ("x < 2-4 h", 6, "this is a range", None),
        ("x between 4 and 2", 11, "from the lower end to the higher", None),
        ("x between 1 ms and 2%", 11, "ms cannot be compared with %", None),
        ("x between 1 or 2", 13, '"or" cannot stand here', "Expected and."),
        ("x not < 5", 7, '"<" cannot stand here', "Expected between."),
        ("change(x > 5", 10, '">" cannot stand here', "a closing parenthesis"),
        ("change() > 5", 8, '")" cannot stand here', "the name of a metric"),
        ("change(x) > 5", 13, "a change is a share", "20%"),
        ("change(x) between 1 and 2 ms", 19, "a change is a share", "20%"),
        ("P5D < 3", 1, "the metric stands before the quantity", "backquotes"),
        ("x = 'a'", 5, "no texts in quotes", "backquotes"),
        ("`x", 1, "not closed, or nothing", "twice"),
        ("`` < 3", 1, "not closed, or nothing", "twice"),
        ("x =< 3", 3, "no such comparison", "Use <"),
        ("x<1&&y<2", 4, "operator is not known", "as words"),
        ("x < $", 5, "expected a number behind the currency", "$2M"),
        ("x*2 < 3", 2, "no arithmetic", "change(metric)"),
        ("x < 5;", 6, "no statements after it", "semicolon"),
        ("x < [5]", 5, "means nothing in a gate", "backquotes"),
        ("x < 5\0", 6, "U+0000", None),
        ("x < 5\ud800", 6, "U+D800", None),
    ],
    ids=lambda value: value[:20] if isinstance(value, str) else None,
)
def test_faults(text: str, column: int, reason: str, hint: str | None) -> None:
    """A fault is shown where it stands, with its reason and what could stand there instead."""
    error = refused(text)
    assert reason in error.reason
    assert error.column == column
    if hint is not None:
        assert hint in (error.hint or "")
    assert len(error.diagram) <= 150


def test_turned_comparison_that_is_too_long_to_repeat() -> None:
    """The hint stays general where the text itself is too long for it."""
    assert refused(f"0 < {'x' * 200}").hint == "Expected a comparison such as error_rate < 1%."


def test_long_numbers_are_exact() -> None:
    """A number of 26 digits differs from its neighbour."""
    one, other = (
        parse_gate("x < 12345678901234567890123456", LIMITS),
        parse_gate("x < 12345678901234567890123457", LIMITS),
    )
    assert one != other
    assert parse_gate(str(one), LIMITS) == one


LIMITED = [
    ("x<1" + " " * (LIMITS.gate_characters - 3), "characters", " "),
    ("(" * LIMITS.gate_depth + "x<1" + ")" * LIMITS.gate_depth, "nests deeper", ")"),
    ("not " * LIMITS.gate_depth + "x<1", "nests deeper", ""),
    ("x<1" + " or x<1" * (LIMITS.gate_terms - 1), "comparisons", " or x<1"),
]


@pytest.mark.parametrize(("text", "what", "more"), LIMITED, ids=["long", "deep", "many nots", "wide"])
def test_largest_gate(text: str, what: str, more: str) -> None:
    """A gate at a limit is read; one character, level or comparison more is refused."""
    parse_gate(text, LIMITS)
    before = {")": "(", "": "not "}.get(more, "")
    assert what in refused(f"{before}{text}{more}").reason


def test_metrics_of_a_gate() -> None:
    """Each metric is named once, in the order in which they stand."""
    gate = parse_gate("b < 1 and (change(a) > 5% or not b > 3) and `c d` between 1 and 2", LIMITS)
    assert metrics_of(gate) == ("b", "a", "c d")


def test_gate_without_a_text_is_not_built() -> None:
    """A conjunction of nothing, or of one, has no text; nor has a metric without a name."""
    with pytest.raises(ValueError, match="must be >= 2"):
        And((A_BELOW_1,))
    with pytest.raises(ValueError, match="must be >= 2"):
        Or(())
    for operand in (Metric, Change):
        with pytest.raises(ValueError, match="must be >= 1"):
            operand("")


def test_parser_generator_is_loaded_when_first_needed() -> None:
    """Importing the modules that parse and judge does not import the parser generator."""
    code = (
        "import sys, worklattice.lang.gate_parsing, worklattice.lang.judging; sys.exit('lark' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
