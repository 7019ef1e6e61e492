"""Opening a workspace: what a caller hands in is looked at before anything is done with it."""

from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

import pytest

import worklattice
from tests.unit.model.asking import make
from worklattice import DateRange, StoreError, TaskFilters, TaskUpdates, ValidationError
from worklattice.storage.memory.store import MemoryStore
from worklattice.testing import ManualClock

NAIVE = datetime(2025, 6, 16, 9)  # noqa: DTZ001 - that is the fault


class NoZone(tzinfo):
    """A time zone that cannot say how far from UTC it is, which makes its times naive."""

    def utcoffset(self, _: datetime | None) -> None:
        return None

    def dst(self, _: datetime | None) -> None:
        return None

    def tzname(self, _: datetime | None) -> None:
        return None


@pytest.mark.parametrize(
    ("given", "field", "says"),
    [
        ({"url": None}, "url", "null"),
        ({"url": 3}, "url", "3"),
        ({"url": b"memory:"}, "url", "bytes"),
        ({"url": Path("work.db")}, "url", "PosixPath"),
        ({"workspace": ""}, "workspace", '""'),
        ({"workspace": "a/b"}, "workspace", '"a/b"'),
        ({"workspace": "a\n"}, "workspace", "a\\n"),
        ({"workspace": 3}, "workspace", "3"),
        ({"workspace": None}, "workspace", "null"),
        ({"workspace": "x" * 201}, "workspace", "xxx"),
        ({"actor": ""}, "actor", '""'),
        ({"actor": 3}, "actor", "3"),
        ({"actor": "\x00"}, "actor", "u0000"),
        ({"actor": "\ud800"}, "actor", "U+D800"),
        ({"actor": "x" * 201}, "actor", "xxx"),
    ],
)
def test_what_cannot_be_opened(given: dict[str, Any], field: str, says: str) -> None:
    """The error names the argument, and shows what was given."""
    arguments: dict[str, Any] = {"url": "memory:", **given}
    with pytest.raises(ValidationError) as caught:
        worklattice.open(**arguments)
    assert caught.value.field == field
    assert says in caught.value.message


def test_a_store_of_ones_own() -> None:
    """A store may stand in place of a URL, and is closed with the orchestrator."""
    store = MemoryStore()
    with worklattice.open(store) as wl:
        make(wl, "a")
    with pytest.raises(StoreError):
        store.read("default")


@pytest.mark.parametrize("made", ["a/b", "", "x" * 201, "a\n", 7, None])
def test_a_factory_that_makes_no_ids(made: Any) -> None:
    """Its fault is raised; nothing is stored under what is no id."""
    with worklattice.open("memory:", ids=lambda: made) as wl:
        with pytest.raises(ValueError, match=r"the factory given as ids made .*, which is no id"):
            wl.create_generic_task("t")
        assert list(wl.events()) == []


@pytest.mark.parametrize("moment", [NAIVE, NAIVE.replace(tzinfo=NoZone())])
def test_a_clock_without_a_zone(moment: datetime) -> None:
    """The error says how to mend the clock."""
    with (
        worklattice.open("memory:", clock=lambda: moment) as wl,
        pytest.raises(ValueError, match=r"give an aware one, such as datetime.now\(UTC\)"),
    ):
        wl.create_generic_task("t")
    with pytest.raises(ValueError, match="no time zone"):
        ManualClock(moment)


def test_a_datetime_in_an_object_that_python_gives() -> None:
    """Where JSON has the text of a time, Python may give the time itself."""
    ahead = timedelta(days=1)
    with worklattice.open("memory:", clock=ManualClock()) as wl:
        now = wl.create_generic_task("t", task_id="a").created_at
        wl.bulk_update({"not_before": now + ahead}, task_ids=["a"])
        task = wl.get_task("a").task
        assert task is not None
        assert task.not_before == now + ahead
        assert wl.query_tasks(filters={"created_before": now}).total_results == 0
        assert wl.query_tasks(filters={"created_before": now + ahead}).total_results == 1
        assert wl.query_tasks(date_range={"start": now - ahead, "end": now}).total_results == 1
        assert (
            wl.batch_create([{"task_type": "t", "not_before": now.astimezone(UTC)}]).tasks[0].not_before
            == now
        )


def test_a_naive_datetime_in_an_object_that_python_gives() -> None:
    """Every one is named, and the error says how to mend it."""
    with worklattice.open("memory:") as wl:
        make(wl, "a")
        with pytest.raises(ValidationError, match=r"such as datetime.now\(UTC\)") as caught:
            wl.query_tasks(filters={"created_after": NAIVE, "due_before": NAIVE})
        assert [problem.field for problem in caught.value.problems] == [
            "arguments.filters.created_after",
            "arguments.filters.due_before",
        ]
        with pytest.raises(ValidationError, match=r"moment\.replace"):
            wl.bulk_update({"not_before": NAIVE}, task_ids=["a"])
        for wrong in (TaskUpdates(not_before=NAIVE), TaskUpdates(not_before=NAIVE.replace(tzinfo=NoZone()))):
            with pytest.raises(ValidationError) as caught:
                wl.bulk_update(wrong, task_ids=["a"])
            assert caught.value.field == "arguments.updates.not_before"


def test_a_datetime_in_a_value_of_texts() -> None:
    """Filters and ranges as values hold texts, and say so."""
    unchecked: Any = datetime(2025, 6, 16, tzinfo=UTC)
    with worklattice.open("memory:") as wl:
        with pytest.raises(ValidationError, match="must be text"):
            wl.query_tasks(filters=TaskFilters(created_after=unchecked))
        with pytest.raises(ValidationError, match="must be text"):
            wl.query_tasks(date_range=DateRange(start=unchecked))
