"""The form of cron expressions."""

import pytest

from worklattice.lang.cron import CronError, is_cron, parse_cron


def test_form_is_canonical() -> None:
    """Capitals, and single spaces."""
    assert parse_cron("  0   9 * jan-mar,7  fri#2 ").text == "0 9 * JAN-MAR,7 FRI#2"


@pytest.mark.parametrize(
    ("text", "is_periodic"),
    [("* 2 * * *", True), ("5 * * * *", True), ("0 */2 * * *", True), ("0 2 * * *", False)],
)
def test_star_makes_it_periodic(text: str, *, is_periodic: bool) -> None:
    """An hour or a minute that begins with a star goes on and on."""
    assert parse_cron(text).is_periodic is is_periodic


@pytest.mark.parametrize(
    ("text", "meant"), [("0 2 * * *", True), ("H * * * *", True), ("daily", False), ("", False)]
)
def test_cron_is_told_from_words(text: str, *, meant: bool) -> None:
    """It begins with a digit, or has a star."""
    assert is_cron(text) is meant


@pytest.mark.parametrize(
    ("text", "reason", "column"),
    [
        ("", "5 fields and this has 0", 1),
        ("1-0", "5 fields and this has 1", 1),
        ("0 0 1 1 1 2025", "5 fields and this has 6", 11),
        ("0 2 * * *\n", "means nothing", 10),
        ("0\t2 * * *", "means nothing", 2),
        ("0 2 ? * *", "means nothing", 5),
        ("H 2 * * *", "no random fields", 1),
        ("0 R/5 * * *", "no random fields", 3),
        ("*/60 * * * *", "a step here is 1 to 59", 3),
        ("0 0 */0 * *", "a step here is 1 to 31", 7),
        ("*/100000000000000000000 * * * *", "a step here is 1 to 59", 3),
        ("1," * 2_500, "at most 200 characters", 1),
    ],
)
def test_form_is_refused(text: str, reason: str, column: int) -> None:
    """What has not the form is refused with the reason, where it stands."""
    with pytest.raises(CronError, match=reason) as caught:
        parse_cron(text)
    assert caught.value.column == column
