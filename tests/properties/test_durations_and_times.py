"""Laws of durations and times: what is written reads back, and what is read is in bounds."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import example, given
from hypothesis import strategies as st

from worklattice.lang.durations import LONGEST, DurationError, format_duration, parse_duration
from worklattice.lang.names import join_name, split_name
from worklattice.lang.times import TimeError, format_time, from_micros, parse_time, shift, to_micros

moments = st.datetimes(min_value=datetime(1, 1, 1), max_value=datetime(9999, 12, 31)).map(  # noqa: DTZ001 - naive here
    lambda moment: moment.replace(tzinfo=UTC)
)
duration_pieces = st.sampled_from(
    [*"0123456789PTWDHMSYsmhdw ._-+eE", "hours", "minutes", "days", "\uff11", "\x00"]
)


@given(st.integers(0, LONGEST))
@example(LONGEST)
def test_written_duration_reads_back(micros: int) -> None:
    """The canonical form loses nothing."""
    assert parse_duration(format_duration(micros)) == micros


@given(st.one_of(st.text(max_size=20), st.lists(duration_pieces, max_size=12).map("".join)))
def test_any_text_is_a_duration_or_refused(text: str) -> None:
    """Whatever is written, it is a duration within bounds or refused, never anything else."""
    try:
        micros = parse_duration(text)
    except DurationError as fault:
        column = fault.column
    else:
        assert 0 <= micros <= LONGEST
        return
    assert 1 <= column <= len(text) + 1


@given(moments, st.integers(-14 * 60, 14 * 60))
def test_written_time_reads_back(moment: datetime, minutes: int) -> None:
    """The canonical form loses nothing; with any offset a time is the same moment."""
    assert parse_time(format_time(moment)) == moment
    try:
        elsewhere = moment.astimezone(timezone(timedelta(minutes=minutes)))
    except OverflowError:
        return
    assert parse_time(elsewhere.isoformat()) == moment


@given(
    st.one_of(
        st.text(max_size=30),
        st.from_regex(r"\A\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?"),
    )
)
def test_any_text_is_a_time_or_refused(text: str) -> None:
    """Whatever is written, it is a time in UTC or refused, never anything else."""
    try:
        moment = parse_time(text)
    except TimeError as fault:
        column = fault.column
    else:
        assert moment.tzinfo is UTC
        return
    assert 1 <= column <= len(text) + 1


@given(
    moments,
    st.integers(-(10**6), 10**6),
    st.sampled_from(["microsecond", "second", "minute", "hour", "day", "week"]),
)
def test_moving_there_and_back(moment: datetime, amount: int, unit: str) -> None:
    """Units of fixed length can be taken back."""
    moved = shift(to_micros(moment), amount, unit)
    if moved is not None:
        assert shift(moved, -amount, unit) == to_micros(moment)
        assert from_micros(moved) - moment == amount * timedelta(**{f"{unit}s": 1})


@given(st.lists(st.text(max_size=8), min_size=1, max_size=4).map(tuple))
def test_written_name_reads_back(keys: tuple[str, ...]) -> None:
    """Any keys can be written as a dotted name."""
    assert split_name(join_name(keys)) == keys
