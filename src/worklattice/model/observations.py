"""What is known of the metrics of a task: what an observation adds to it, and how long that counts.

Of each metric the newest observation is kept, with the baseline of its attempt: the first value in it of
which another can be a share. What was observed before the task was reopened belongs to the attempt before.

Not here: recording (`worklattice.model.decide.metrics`), and what metrics are compared with
(`worklattice.model.gates`).
"""

from __future__ import annotations

from typing import Any, Final, cast

from worklattice.errors import shown
from worklattice.lang.judging import can_be_baseline
from worklattice.lang.times import format_time
from worklattice.model.rows import Micros, TaskRow
from worklattice.model.wire import from_wire
from worklattice.types import LIMITS, JsonObject, JsonValue, from_micros

NAME_RULE: Final = f"a name has 1 to {LIMITS.id_characters} printable characters, and no space around them"
"""What the name of a metric, or of a check, has to be."""


def is_metric_name(name: str) -> bool:
    """Whether metrics can be recorded under the name."""
    return 0 < len(name) <= LIMITS.id_characters and name.isprintable() and name.strip() == name


def value_fault(value: JsonValue) -> str | None:
    """What keeps a value from being one that can be recorded of a metric; None where nothing does."""
    if not isinstance(value, bool | int | float | str):
        return f"must be a number or a text, not {shown(value)}"
    if isinstance(value, str) and not 0 < len(value) <= LIMITS.metric_characters:
        return f"must be a text of 1 to {LIMITS.metric_characters} characters"
    return None


def news(row: TaskRow, said: JsonObject, at: Micros) -> JsonObject:
    """What is known of metrics after an event that was `said` at a time: those of which it is something else.

    What is older than what is known of its metric changes nothing of it.
    """
    observed_at = cast("str", said.get("observed_at", format_time(from_micros(at))))
    about: JsonObject = {"at": observed_at, "attempt": _attempt(row, from_wire("at", observed_at))}
    if "source" in said:
        about["source"] = said["source"]
    place = _place(about)
    known = cast("dict[str, dict[str, Any]]", row.metrics or {})
    return {
        name: _with_baseline({"value": value, **about}, known.get(name))
        for name, value in cast("JsonObject", said["metrics"]).items()
        if name not in known or _place(known[name]) <= place
    }


def _attempt(row: TaskRow, observed_at: Micros) -> int:
    is_earlier = row.reopened_at is not None and observed_at < row.reopened_at
    return row.attempt - 1 if is_earlier else row.attempt


def _place(observation: dict[str, Any]) -> tuple[int, Micros]:
    """The place of an observation among those of its metric."""
    return observation["attempt"], from_wire("at", observation["at"])


def _with_baseline(observation: dict[str, Any], before: dict[str, Any] | None) -> JsonValue:
    """The observation, with the first of its attempt where that is an earlier one that can be a baseline."""
    if before is None or before["attempt"] != observation["attempt"]:
        return observation
    if "first" in before:
        return {**observation, "first": before["first"]}
    return {**observation, "first": before["value"]} if can_be_baseline(before["value"]) else observation


def why_stale(row: TaskRow, name: str, freshness: Micros | None, now: Micros) -> str | None:
    """Why what is known of a metric counts no longer; None where it does.

    `freshness` is for how long what was observed counts, where that is not for ever.
    """
    known = cast("dict[str, dict[str, Any]]", row.metrics or {})[name]
    if known["attempt"] != row.attempt:
        return "before the task was reopened"
    if freshness is not None and from_wire("at", known["at"]) + freshness <= now:
        return "too long ago"
    return None
