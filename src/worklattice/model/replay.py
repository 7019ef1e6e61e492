"""Replay: the state that follows from a log, event by event."""

from __future__ import annotations

from collections.abc import Iterable

from worklattice.model.draft import Draft
from worklattice.model.event_graph import settle_levels
from worklattice.model.project import project
from worklattice.model.rows import EventRow


def replay(draft: Draft, events: Iterable[EventRow]) -> None:
    """Project the events of a log, from its first, into a draft over an empty workspace."""
    for event in events:
        if event.at != draft.now:
            draft.settled_at, draft.now = draft.now, event.at
        draft.touched.clear()
        draft.edge_states_before.clear()
        draft.events_recorded.append(event)
        project(draft, event)
    settle_levels(draft)
