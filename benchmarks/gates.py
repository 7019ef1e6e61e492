"""What gates cost, beside the nearest thing that a caller could do instead, in turn in one run.

    python -m benchmarks.gates [--size N] [--rounds N] [--json FILE]

The language is measured alone: reading a gate from text beside reading a `custom_filter` of the same length
and the same number of comparisons, judging one beside the same expression in Python over decimals. No text is
read twice, so nothing that is remembered helps. Then whole calls in memory, each beside the call that is
nearest to it. `--size` is how many tasks are there before anything is measured.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import Final

from benchmarks.__main__ import filled
from benchmarks.limits import ATTRIBUTES
from benchmarks.pairs import Measured, Pair, measure, table
from worklattice import NewTask, Orchestrator
from worklattice.lang.gate_parsing import parse_gate
from worklattice.lang.judging import Observation, judge
from worklattice.query.parse import parse_custom_filter
from worklattice.types import LIMITS, JsonObject

_MANY: Final = 1_000
_GATES: Final[JsonObject] = {
    "success_metrics": ["error_rate < 0.5%", "p95 <= 200ms"],
    "performance_targets": {"throughput": "> 1000 tps"},
    "rollback_triggers": ["error_rate > 5%"],
}
_GOOD: Final[JsonObject] = {"error_rate": "0.2%", "p95": "150ms", "throughput": "1200 tps"}


def main() -> None:
    """Measure, print the table, keep the numbers where asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    lines: list[Measured] = []
    for pair in (*language_pairs(), *memory_pairs(options.size, options.rounds)):
        lines.append(measure(pair, rounds=options.rounds))
        print(f"{lines[-1].name}: {lines[-1].ours:.1f} µs, {lines[-1].ratio:.1f} ×", flush=True)
    print(f"\n{options.size:,} tasks, µs a call\n\n{table(lines)}")
    if options.json:
        options.json.write_text(json.dumps({"size": options.size, "lines": [asdict(line) for line in lines]}))


# --- the language alone -------------------------------------------------------------------------------------


def language_pairs() -> Iterator[Pair]:
    """Reading a gate, and judging it."""
    if len(_gate_text(0)) != len(_filter_text(0)):
        raise ValueError("both texts are to be of the same length")
    yield Pair(
        "read a gate from text, over a custom_filter of the same length",
        lambda n: parse_gate(_gate_text(n), LIMITS),
        lambda n: parse_custom_filter(_filter_text(n)),
        _MANY,
    )
    gate = parse_gate("error_rate < 0.005 and (p95 <= 0.2 or not users < 1000)", LIMITS)
    yield Pair(
        "judge numbers by a gate of three comparisons, over Python's decimals",
        lambda n: judge(gate, _observed(n)),
        lambda n: _by_hand(_observed(n)),
        _MANY,
    )


def _gate_text(number: int) -> str:
    return f"error_rate < {number:06}% and (p95_latency <= 200ms or not active_accounts at least 1000)"


def _filter_text(number: int) -> str:
    return f"attributes.rate < {number:06} AND (attributes.p95 <= 200 OR NOT attributes.users >= 1000)"


def _observed(number: int) -> dict[str, Observation]:
    values = {"error_rate": number / 1e6, "p95": 0.25, "users": 1_200 + number}
    return {name: Observation(value=value, observed_at=number) for name, value in values.items()}


_RATE, _LATENCY, _USERS = Decimal("0.005"), Decimal("0.2"), Decimal(1_000)


def _by_hand(observed: dict[str, Observation]) -> bool:
    rate, latency, users = (Decimal(str(observed[name].value)) for name in ("error_rate", "p95", "users"))
    return rate < _RATE and (latency <= _LATENCY or not users < _USERS)


# --- whole calls --------------------------------------------------------------------------------------------


def memory_pairs(size: int, rounds: int) -> Iterator[Pair]:
    """Recording, evaluating and completing, beside updating, reading and completing without gates."""
    wl = filled("memory:", size)
    count = (rounds + 1) * _MANY
    _make(wl, "gated", ATTRIBUTES | _GATES, count)
    _make(wl, "plain", ATTRIBUTES, count)
    yield Pair(
        "memory: record three metrics that a trigger looks at, over an update of three attributes",
        lambda n: wl.record_metrics(f"gated-{n:07}", _GOOD),
        lambda n: wl.update_task(f"plain-{n:07}", attributes=_GOOD),
        _MANY,
    )
    yield Pair(
        "memory: evaluate three gates and a trigger, over reading the task",
        lambda n: wl.evaluate_gates(f"gated-{n:07}"),
        lambda n: wl.get_task(f"gated-{n:07}"),
        _MANY,
    )
    yield Pair(
        "memory: complete a task with three gates, over one without",
        lambda n: wl.manage_lifecycle(f"gated-{n:07}", "completed"),
        lambda n: wl.manage_lifecycle(f"plain-{n:07}", "completed"),
        _MANY,
    )


def _make(wl: Orchestrator, name: str, attributes: JsonObject, count: int) -> None:
    """So many tasks that are under way."""
    ids = [f"{name}-{number:07}" for number in range(count)]
    for first in range(0, count, LIMITS.batch_tasks):
        some = ids[first : first + LIMITS.batch_tasks]
        wl.batch_create([NewTask(task_type="story", task_id=id_, attributes=attributes) for id_ in some])
    for id_ in ids:
        wl.manage_lifecycle(id_, "active")


if __name__ == "__main__":
    main()
