"""Saying what can be done with a task now, and why not what can't: the guards, asked without a transition."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from worklattice.errors import Unmet, shown
from worklattice.model.answers import Explanation, Reason
from worklattice.model.decide.claims import busy_resource, claim_sentence, unmet_to_claim
from worklattice.model.decide.common import find
from worklattice.model.decide.guards import unmet_of_stage
from worklattice.model.draft import Draft
from worklattice.model.reads import ExplainTask
from worklattice.model.rows import TaskRow


def explain_task(command: ExplainTask, draft: Draft) -> Explanation:
    """What can be done with the task.

    It can start where a transition leads to a started stage and the guards of that hold; one that is started
    has started. It can finish where a transition leads to a succeeded stage and the guards hold. It can be
    claimed where `claim_task` would take it by its name.
    """
    row = find(draft, command.task_id, "arguments.task_id")
    reasons = [
        *_against(draft, row, "start", "started"),
        *_against(draft, row, "finish", "succeeded"),
        *_against_claim(draft, row),
    ]
    against = {reason.against for reason in reasons}
    return Explanation(
        task_id=row.task_id,
        can_start="start" not in against,
        can_finish="finish" not in against,
        can_claim="claim" not in against,
        reasons=tuple(reasons),
        text=_text(row, reasons),
    )


def _against(
    draft: Draft, row: TaskRow, deed: Literal["start", "finish"], role: Literal["started", "succeeded"]
) -> Iterator[Reason]:
    """Why the task cannot go to the first stage of this role that its own stage leads to."""
    lifecycle = draft.lifecycle(row.task_type)
    leads_to = (lifecycle.stages[name] for name in lifecycle.next_stages(row.stage))
    target = next((stage for stage in leads_to if getattr(stage, role)), None)
    if deed == "start" and draft.stage(row).started:
        yield _by_stage(row, deed, "has started already")
    elif target is None:
        yield _by_stage(row, deed, f"cannot {deed} from there")
    else:
        for unmet in unmet_of_stage(draft, row, target):
            yield _reason(deed, unmet)


def _against_claim(draft: Draft, row: TaskRow) -> Iterator[Reason]:
    if row.claimed_by is not None:
        yield Reason(against="claim", kind="claimed", message=claim_sentence(row), task_ids=())
        return
    for unmet in unmet_to_claim(draft, row):
        yield _reason("claim", unmet)
    if (busy := busy_resource(draft, row)) is not None:
        holders = tuple(hold.task_id for hold in draft.holds_on(busy))
        yield Reason(
            against="claim", kind="resource", message=f"other claims hold {shown(busy)}", task_ids=holders
        )


def _by_stage(row: TaskRow, against: Literal["start", "finish"], why: str) -> Reason:
    return Reason(against=against, kind="stage", message=f"it is {row.stage} and {why}", task_ids=())


def _reason(against: Literal["start", "finish", "claim"], unmet: Unmet) -> Reason:
    return Reason(against=against, kind=unmet.kind, message=unmet.text, task_ids=unmet.task_ids)


_DEEDS = {"start": "start", "finish": "finish", "claim": "be claimed"}


def _text(row: TaskRow, reasons: Sequence[Reason]) -> str:
    """A line on the task, and one for each thing that can be done or not."""
    lines = [f"Task {shown(row.task_id)} is {row.stage}, {row.status}."]
    for against, deed in _DEEDS.items():
        why = [reason.message for reason in reasons if reason.against == against]
        lines.append(f"It cannot {deed}: {'; '.join(why)}." if why else f"It can {deed}.")
    return "\n".join(lines)
