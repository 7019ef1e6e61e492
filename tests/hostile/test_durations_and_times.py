"""Hostile and malformed durations and times: each is refused with what is wrong and where."""

from typing import Any

import pytest

import worklattice
from worklattice.lang.durations import DurationError, parse_duration
from worklattice.lang.times import TimeError, format_time, parse_time

DURATIONS = pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("P", "without a length", id="109 P"),
        pytest.param("PT", "without a length", id="109 PT"),
        pytest.param("-P1D", "no sign", id="110 -P1D"),
        pytest.param("P-1D", "no sign", id="110 P-1D"),
        pytest.param("P1Y", "no fixed span", id="111 P1Y"),
        pytest.param("P1M", "no fixed span", id="111 P1M"),
        pytest.param("2 years", "no fixed span", id="111 2 years"),
        pytest.param("9" * 400 + "s", "at most 100 characters", id="112 400 digits"),
        pytest.param("9" * 99 + "s", "100 years", id="112 99 digits"),
        pytest.param("PT" + "9" * 90 + "S", "100 years", id="112 90 digits in ISO 8601"),
        pytest.param("0." + "0" * 90 + "1s", "finer than a microsecond", id="112 90 decimals"),
        pytest.param("1e308s", "no unit of time", id="113 1e308s"),
        pytest.param("nan", "expected a number", id="113 nan"),
        pytest.param("inf seconds", "expected a number", id="113 inf"),
        pytest.param("\uff11\uff15 minutes", "only the digits 0 to 9 count", id="97 full-width digits"),
        pytest.param("1_000 s", "no unit of time", id="97 1_000"),
        pytest.param("5 minutes\n", "expected a number", id="104 a trailing newline"),
        pytest.param("\x1b[31m5s", "expected a number", id="38 an escape sequence"),
    ],
)


@DURATIONS
def test_duration_is_refused(text: str, reason: str) -> None:
    """The message says why, and shows no control character."""
    with pytest.raises(DurationError, match=reason) as caught:
        parse_duration(text)
    assert len(str(caught.value)) <= 500
    assert not any(character < " " and character != "\n" for character in str(caught.value))


TIMES = pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("0001-01-01T00:00+14:00", "outside the years 1 to 9999", id="114 before year 1 in UTC"),
        pytest.param(
            "9999-12-31T23:59-14:00", "outside the years 1 to 9999", id="114 after year 9999 in UTC"
        ),
        pytest.param("\uff12025-06-16T09:00:00Z", "no time", id="97 full-width digits"),
        pytest.param("2025-06-16T09:00:00Z\n", "no time", id="104 a trailing newline"),
        pytest.param("2025-06-16T09:00:00." + "1" * 1_000 + "Z", "no time", id="112 1,000 decimals"),
        pytest.param("2025-06-16T09:00:00 Europe/Berlin", "no time", id="106 a time zone by name"),
    ],
)


@TIMES
def test_time_is_refused(text: str, reason: str) -> None:
    """The message says why, in few words."""
    with pytest.raises(TimeError, match=reason) as caught:
        parse_time(text)
    assert len(str(caught.value)) <= 500


@pytest.mark.parametrize("text", [pytest.param("2025-06-16T09:00:00", id="115 a time without zone")])
def test_time_without_zone(text: str) -> None:
    """It is read as UTC, and whoever asks is told."""
    told: list[bool] = []
    assert format_time(parse_time(text, without_zone=lambda: told.append(True))) == "2025-06-16T09:00:00Z"
    assert told == [True]


# --- in payloads --------------------------------------------------------------------------------------------


def create(**arguments: Any) -> Any:
    """The answer to a call that would create a task."""
    with worklattice.open("memory:") as wl:
        wl.create_generic_task("t", task_id="other")
        return wl.dispatch(
            {"tool": "orchestrator_create_generic_task", "arguments": {"task_type": "t", **arguments}}
        )


@DURATIONS
def test_duration_is_refused_when_dispatched(text: str, reason: str) -> None:
    """The field leads to it, and the answer says how to write one."""
    answer = create(dependencies=[{"dependency_task_id": "other", "lag": text}])
    assert answer["error_type"] == "ValidationError"
    assert answer["field"] == "arguments.dependencies[0].lag"
    assert reason in answer["message"]
    assert answer["suggestion"]
    assert answer["message"].isprintable()


@TIMES
def test_time_is_refused_when_dispatched(text: str, reason: str) -> None:
    """The field leads to it, and the answer says how to write one."""
    for tool, arguments, path in (
        ("create_generic_task", {"task_type": "t", "not_before": text}, "not_before"),
        ("query_tasks", {"filters": {"created_after": text}}, "filters.created_after"),
        ("query_tasks", {"date_range": {"start": text}}, "date_range.start"),
    ):
        with worklattice.open("memory:") as wl:
            answer: Any = wl.dispatch({"tool": f"orchestrator_{tool}", "arguments": arguments})
        assert answer["error_type"] == "ValidationError"
        assert answer["field"] == f"arguments.{path}"
        assert reason in answer["message"]
        assert answer["suggestion"]
        assert answer["message"].isprintable()


def test_time_without_zone_when_dispatched() -> None:
    """It is taken for UTC, and the answer warns of it (115)."""
    answer = create(not_before="2999-06-16T09:00:00")
    assert answer["task"]["not_before"] == "2999-06-16T09:00:00Z"
    assert "has no time zone and was read as UTC" in answer["warnings"][0]
