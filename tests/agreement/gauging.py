"""Gates as the oracle judges them: by a table of the few conditions that are drawn, without reading any."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from operator import gt, lt
from typing import Final

from tests.agreement.world import Said

CONDITIONS: Final[Mapping[str, tuple[str, Callable[[int, int], bool], int]]] = {
    "m > 1": ("m", gt, 1),
    "n < 5": ("n", lt, 5),
    "m > 5": ("m", gt, 5),
}
"""The conditions that are drawn: the metric, how it is compared, and with what."""


def gates_in(attributes: Said) -> list[str]:
    """The gates that attributes make, in their order."""
    return [*attributes.get("success_metrics", ()), *attributes.get("quality_checks", ())]


def judged(task: Said, gate: str, now: datetime) -> str:
    """What became of a gate."""
    waiver = (task["gate_waivers"] or {}).get(gate)
    is_waived = waiver is not None and ("until" not in waiver or now < waiver["until"])
    return "waived" if is_waived else shown_by(task, gate)


def shown_by(task: Said, gate: str) -> str:
    """What became of a gate, or a trigger, by what was recorded."""
    name, holds, number = CONDITIONS.get(gate, (gate, None, None))
    said = (task["metrics"] or {}).get(name)
    if said is None:
        return "unknown"
    if said["attempt"] != task["attempt"]:
        return "stale"
    passed = said["value"] == "passed" if holds is None or number is None else holds(said["value"], number)
    return "passed" if passed else "failed"
