"""Calendars by name: defining, deleting and listing them, and what a transaction knows of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import attrs
import pytest

import worklattice
from tests.stores import url_of
from tests.unit.model.asking import kinds
from worklattice import Orchestrator, ValidationError, assembly
from worklattice.calendar import NamedCalendar, parse_named
from worklattice.model.commands import DefineCalendar, DeleteCalendar
from worklattice.model.decide.calendars import define_calendar, delete_calendar
from worklattice.model.draft import Draft
from worklattice.model.registrations import Registrations
from worklattice.model.rows import CalendarRow, WorkspaceRow
from worklattice.storage.memory.store import MemoryStore
from worklattice.testing.rows import fill

OFFICE: Any = {"time_zone": "Europe/Berlin", "working_hours": {"mon-fri": ["09:00-17:00"]}}
NIGHT: Any = {"windows": {"schedule": "daily at 02:00", "duration": "1 hour"}}
STORES = ["memory", "sqlite", "postgresql"]


def listed(wl: Orchestrator) -> dict[str, Any]:
    found = wl.list_calendars()
    assert found.total == len(found.calendars)
    return {each.name: each.calendar for each in found.calendars}


# --- commands -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("store", STORES)
def test_defined_replaced_and_deleted(store: str, tmp_path: Path) -> None:
    """A name stands for what was last said of it; calendars are listed by their names."""
    with worklattice.open(url_of(store, tmp_path)) as wl:
        assert listed(wl) == {}
        assert wl.define_calendar("night", NIGHT).calendar == NIGHT
        wl.define_calendar("office", NIGHT)
        wl.define_calendar("Berlin", OFFICE)
        wl.define_calendar("office", OFFICE, actor="ann", reason="summer")
        assert list(listed(wl).items()) == [("Berlin", OFFICE), ("night", NIGHT), ("office", OFFICE)]
        assert wl.delete_calendar("night").name == "night"
        assert listed(wl) == {"Berlin": OFFICE, "office": OFFICE}
        defined = list(wl.events(kinds=["calendar.defined"]))
        assert defined[-1].data == {"name": "office", "calendar": OFFICE, "previous": {"calendar": NIGHT}}
        assert (defined[-1].actor, defined[-1].reason, defined[-1].task_id) == ("ann", "summer", None)
        (removed,) = wl.events(kinds=["calendar.removed"])
        assert removed.data == {"name": "night", "previous": {"calendar": NIGHT}}
        assert list(wl.get_history().events) == list(wl.events())
        assert wl.check(replay=True) == []


def test_dry_run_writes_nothing(wl: Orchestrator) -> None:
    """It tells the event that would come."""
    events = wl.define_calendar("office", OFFICE, dry_run=True).events
    assert [event.data for event in events or ()] == [{"name": "office", "calendar": OFFICE}]
    assert (kinds(wl), listed(wl)) == ([], {})


def test_calendar_is_the_callers_no_longer(wl: Orchestrator) -> None:
    """What is changed afterwards in what was given changes nothing here; a tuple is an array."""
    given: Any = {"working_hours": {"mon": ("9-17",)}}
    wl.define_calendar("office", given)
    given["working_hours"]["mon"] = []
    assert listed(wl) == {"office": {"working_hours": {"mon": ["9-17"]}}}


def test_every_problem_is_told(wl: Orchestrator) -> None:
    """Those of the name and those of the calendar, each with its path."""
    calendar: Any = {"time_zone": "Nowhere", "working_hours": {"mon": ["9"]}, "windows": ["soon", {}]}
    with pytest.raises(ValidationError) as caught:
        wl.define_calendar("sunday", calendar)
    assert [problem.field for problem in caught.value.problems] == [
        "arguments.name",
        "arguments.calendar.time_zone",
        "arguments.calendar.working_hours.mon[0]",
        "arguments.calendar.windows[0]",
        "arguments.calendar.windows[1]",
    ]
    assert kinds(wl) == []


@pytest.mark.parametrize("name", ["", "a b", "x" * 201, "ä"])
def test_name_that_is_no_id(wl: Orchestrator, name: str) -> None:
    """A name has the form of an id."""
    for call in (lambda: wl.define_calendar(name, OFFICE), lambda: wl.delete_calendar(name)):
        with pytest.raises(ValidationError) as caught:
            call()
        assert caught.value.field == "arguments.name"


def test_calendar_that_is_not_there(wl: Orchestrator) -> None:
    """It cannot be deleted; one with a name like it is offered."""
    wl.define_calendar("office", OFFICE)
    with pytest.raises(ValidationError, match='there is no calendar "ofice"') as caught:
        wl.delete_calendar("ofice")
    assert (caught.value.field, caught.value.suggestion) == ("arguments.name", 'Did you mean "office"?')


def test_past_has_the_calendars_of_its_time(wl: Orchestrator) -> None:
    """A workspace as of a position lists those that there were."""
    wl.define_calendar("office", OFFICE)
    wl.delete_calendar("office")
    wl.define_calendar("night", NIGHT)
    for position, expected in ((1, {"office": OFFICE}), (2, {}), (3, {"night": NIGHT})):
        with wl.as_of(position) as past:
            assert listed(past) == expected


# --- within a transaction -----------------------------------------------------------------------------------


@pytest.mark.parametrize("store", STORES)
def test_transaction_sees_what_it_defined(store: str, tmp_path: Path) -> None:
    """What is refused in it leaves no trace, nor does what was done in a part of it that was left."""
    with worklattice.open(url_of(store, tmp_path)) as wl:
        wl.define_calendar("night", NIGHT)
        with wl.transaction():
            wl.define_calendar("office", OFFICE)
            wl.delete_calendar("night")
            with pytest.raises(ValidationError):
                wl.delete_calendar("night")
            assert listed(wl) == {"office": OFFICE}
            with suppress(ZeroDivisionError), wl.transaction():
                wl.delete_calendar("office")
                assert listed(wl) == {}
                raise ZeroDivisionError
            assert listed(wl) == {"office": OFFICE}
        assert listed(wl) == {"office": OFFICE}


@pytest.fixture
def store() -> Iterator[MemoryStore]:
    store = MemoryStore()
    fill(store, calendars=[CalendarRow("office", OFFICE)])
    yield store
    store.close()


def test_draft_reads_a_calendar_once(store: MemoryStore) -> None:
    """What a name stands for is parsed when it is first asked for, and kept for others of the same time."""
    with store.read("w") as view:
        draft = _draft(view)
        named = draft.named_calendar("office")
        assert _said(named) == _said(parse_named(OFFICE))
        assert draft.named_calendar("office") is named
        assert _draft(view, draft.registrations).named_calendar("office") is named
        assert draft.named_calendar("night") is None


def test_draft_knows_what_was_defined_in_it(store: MemoryStore) -> None:
    """A calendar holds from the next line on; a draft over it sees it, and gives it back what it did."""
    with store.read("w") as view:
        draft = _draft(view)
        assert draft.named_calendar("night") is None
        assert _said(draft.named_calendar("office")) == _said(parse_named(OFFICE))
        define_calendar(DefineCalendar(name="night", calendar=NIGHT), draft)
        assert _said(draft.named_calendar("night")) == _said(parse_named(NIGHT))
        define_calendar(DefineCalendar(name="office", calendar=NIGHT), draft)
        inner = _draft(draft, draft.registrations)
        assert _said(inner.named_calendar("office")) == _said(parse_named(NIGHT))
        delete_calendar(DeleteCalendar(name="office"), inner)
        define_calendar(DefineCalendar(name="new", calendar=OFFICE), inner)
        assert inner.named_calendar("office") is None
        assert _said(draft.named_calendar("office")) == _said(parse_named(NIGHT))
        draft.absorb(inner)
        assert draft.named_calendar("office") is None
        assert _said(draft.named_calendar("new")) == _said(parse_named(OFFICE))
        assert [row.name for row in draft.calendars()] == ["new", "night"]
        assert draft.changes().calendars == {
            "night": CalendarRow("night", NIGHT),
            "office": None,
            "new": CalendarRow("new", OFFICE),
        }
        assert draft.workspace().definitions_at == draft.position


def test_calendar_that_cannot_be_read(store: MemoryStore) -> None:
    """As where a machine lacks its time zone: it is known as such, and a check tells which."""
    fill(store, calendars=[CalendarRow("far.away", {**OFFICE, "time_zone": "Mars/Olympus"})])
    with store.read("w") as view:
        draft = _draft(view)
        far_away = draft.named_calendar("far.away")
        assert far_away is not None
        assert not far_away.is_readable
        assert draft.named_calendar("nowhere") is None


def _said(calendar: NamedCalendar | None) -> dict[str, Any] | None:
    """What a calendar holds; one is only equal to itself."""
    return None if calendar is None else attrs.asdict(calendar, recurse=False)


def _draft(view: Any, registrations: Registrations | None = None) -> Draft:
    workspace = view.workspace()
    assert isinstance(workspace, WorkspaceRow)
    return Draft(
        view,
        workspace=workspace,
        now=workspace.settled_at,
        ids=lambda: "id",
        schemas=assembly._Schemas(),
        registrations=registrations or Registrations(workspace),
    )
