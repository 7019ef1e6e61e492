"""Claiming tasks for a worker, and keeping, or giving up, what was claimed.

Not here: which tasks are tried in which order (`worklattice.orchestrator.choosing`), and how claims run out
(`worklattice.model.settle`).
"""

from __future__ import annotations

from collections.abc import Sequence

from worklattice.errors import ClaimError, Unmet, ValidationError, shown
from worklattice.lang.durations import format_duration, parse_duration
from worklattice.lang.times import format_time
from worklattice.model.answers import ClaimReleased, ClaimRenewed
from worklattice.model.claims import hand_back
from worklattice.model.commands import ReleaseClaim, RenewClaim
from worklattice.model.decide import Conclude
from worklattice.model.decide.common import show, subject, written
from worklattice.model.decide.guards import LISTED, refusal, unmet_by_time, unmet_to_start
from worklattice.model.draft import Draft
from worklattice.model.openings import opening_of
from worklattice.model.project import record
from worklattice.model.resources import Need, as_said, has_room, needs_of
from worklattice.model.rows import Micros, TaskRow
from worklattice.model.series import is_scheduled
from worklattice.model.task import Claim, claim_of
from worklattice.types import JsonObject, from_micros

_LEASE = "arguments.lease"


# --- claiming ---------------------------------------------------------------------------------------------


def claim_named(draft: Draft, row: TaskRow, worker: str, lease: JsonObject) -> Claim:
    """Claim this very task; `lease` is as `leased` says it.

    Raises:
        ClaimError: somebody has it, or a resource that it needs is held.
        PrerequisitesNotMetError: it is not ready.
    """
    path = "arguments.task_id"
    if row.claimed_by is not None:
        raise _taken(row, path, _until_it_ends(row, worker))
    if not row.ready:
        unmet = unmet_to_claim(draft, row)
        raise refusal(row.task_id, "be claimed", unmet, field=path, hint=_until_it_is_ready(draft, row))
    if busy := busy_resource(draft, row):
        held_by = [hold.task_id for hold in draft.holds_on(busy)]
        listed = ", ".join(map(shown, held_by[:LISTED]))
        raise ClaimError(
            field=path,
            reason=f"Task {shown(row.task_id)} needs {shown(busy)}, which other claims hold.",
            hint=f"Try again when a claim on one of the holders ends ({listed}), or claim another task.",
            facts={"task_id": row.task_id, "resource": busy, "held_by": held_by},
        )
    return acquire(draft, row, worker, lease)


def _until_it_ends(row: TaskRow, worker: str) -> str:
    """What a worker can do who wants a task that is claimed."""
    assert row.claimed_until is not None
    until = format_time(from_micros(row.claimed_until))
    if worker == row.claimed_by:
        return f"Go on with the token of that claim; without it, wait until the lease ends at {until}."
    return f"Wait until the lease ends at {until}, unless it is renewed, or claim another task."


def _until_it_is_ready(draft: Draft, row: TaskRow) -> str:
    """What a worker can do who wants a task that is not ready: about its stage first, then its waiting."""
    lifecycle, stage = draft.lifecycle(row.task_type), draft.stage(row)
    if not stage.startable:
        leads_to = lifecycle.next_stages(row.stage)
        back = next((name for name in leads_to if lifecycle.stages[name].startable), None)
        if back is not None:
            return f"Take it to {shown(back)} with manage_lifecycle, then claim it."
        ways = ", ".join(leads_to) if leads_to else "no other stage"
        return f"Claim another task: from {shown(row.stage)} this one may go to {ways}."
    if row.in_series:
        return "Claim a run of it: get_ready_tasks offers those that are ready."
    if unmet_to_start(draft, row):
        return "Claim it when that is over, which explain_task tells, or claim another task."
    if row.not_before is not None and row.not_before > draft.now:
        return f"Claim it from {format_time(from_micros(row.not_before))} on, or claim another task."
    opening = opening_of(row, draft, draft.now)
    if opening is None:
        return "Claim another task; the window of this one is over."
    when = f"{'at' if opening.is_found else 'after'} {format_time(from_micros(opening.at))}"
    return f"Claim it when its window opens, {when}, or claim another task."


def acquire(draft: Draft, row: TaskRow, worker: str, lease: JsonObject) -> Claim:
    """Claim a task that is ready, and for whose resources there is room."""
    data: JsonObject = {
        "token": draft.position + 1,
        "worker": worker,
        **lease,
        "version": draft.bump(row),
    }
    if needs := needs_of(draft.meant(row)):
        data["resources"] = as_said(needs)
    record(draft, "claim.acquired", row.task_id, data)
    return _live(draft, row.task_id)


def busy_resource(draft: Draft, row: TaskRow) -> str | None:
    """The first resource that the task needs and others hold; None where there is room in all of them."""
    return next((name for name, _ in lacking_room(draft, row)), None)


def lacking_room(draft: Draft, row: TaskRow) -> Sequence[tuple[str, Need]]:
    """What the task needs, by the resource's name, and for which the claims of others leave no room."""
    needs = needs_of(draft.meant(row))
    return [(name, need) for name, need in needs.items() if not has_room(need, draft.holds_on(name))]


def unmet_to_claim(draft: Draft, row: TaskRow) -> list[Unmet]:
    """Why a task that nobody has claimed is not ready; empty where it is."""
    unmet: list[Unmet] = []
    if not draft.stage(row).startable:
        unmet.append(
            Unmet(kind="stage", text=f"it is {row.stage}, and only tasks that may start are claimed")
        )
    if row.in_series:
        unmet.append(_repeated(draft, row))
    return [*unmet, *unmet_to_start(draft, row), *unmet_by_time(draft, row)]


def _repeated(draft: Draft, row: TaskRow) -> Unmet:
    """That runs of the task are worked on, and not it itself."""
    series = next(each for each in (row, *draft.ancestors(row)) if is_scheduled(each))
    whose = "it is" if series is row else f"it is inside {shown(series.task_id)}, which is"
    return Unmet(
        kind="schedule",
        text=f"{whose} scheduled: the runs that tick makes are worked on",
        task_ids=(series.task_id,),
    )


# --- what was claimed -------------------------------------------------------------------------------------


def renew_claim(command: RenewClaim, draft: Draft) -> Conclude[ClaimRenewed]:
    """Let the lease of a claim begin anew."""
    row = subject(command, draft)
    check_token(row, command.token, "arguments.token")
    assert row.lease is not None
    lease = row.lease if command.lease is None else read_lease(command.lease)
    data: JsonObject = {"token": row.token, **leased(draft, lease), "version": draft.bump(row)}
    record(draft, "claim.renewed", row.task_id, data)
    return lambda after: ClaimRenewed(
        task_id=row.task_id,
        claim=_live(draft, row.task_id),
        task=show(draft, row.task_id),
        **written(after),
    )


def release_claim(command: ReleaseClaim, draft: Draft) -> Conclude[ClaimReleased]:
    """Give a task back that was claimed."""
    row = subject(command, draft)
    check_token(row, command.token, "arguments.token")
    claim = _live(draft, row.task_id)
    data: JsonObject = {"token": row.token, "worker": row.claimed_by, "version": draft.bump(row)}
    record(draft, "claim.released", row.task_id, data)
    hand_back(draft, row.task_id)
    return lambda after: ClaimReleased(
        task_id=row.task_id, claim=claim, task=show(draft, row.task_id), **written(after)
    )


def check_token(row: TaskRow, token: int | None, path: str) -> None:
    """Refuse to touch a task whose claim is somebody else's, and a token whose claim has ended.

    Raises:
        ClaimError: the task is claimed and no token is shown, or the token is not that of its live claim.
    """
    if token is None:
        if row.claimed_by is not None:
            hint = "Pass the token of the claim, or wait until the claim ends."
            raise _taken(row, path, hint)
        return
    if row.claimed_by is not None and token == row.token:
        return
    now = "nobody has claimed it now" if row.claimed_by is None else f"{claim_sentence(row)} now"
    raise ClaimError(
        field=path,
        reason=f"Token {token} is not that of a live claim on task {shown(row.task_id)}: {now}.",
        hint="Stop working on the task; claim it anew to go on.",
        facts={"task_id": row.task_id, "token": token, **_whose(row)},
    )


def _taken(row: TaskRow, path: str, hint: str) -> ClaimError:
    return ClaimError(
        field=path,
        reason=f"Task {shown(row.task_id)}: {claim_sentence(row)}.",
        hint=hint,
        facts={"task_id": row.task_id, **_whose(row)},
    )


def claim_sentence(row: TaskRow) -> str:
    """Who has claimed a task, which somebody has, and until when."""
    assert row.claimed_until is not None
    return (
        f"worker {shown(row.claimed_by)} has claimed it until {format_time(from_micros(row.claimed_until))}"
    )


def _whose(row: TaskRow) -> JsonObject:
    if row.claimed_until is None:
        return {"worker": None, "expires_at": None}
    return {"worker": row.claimed_by, "expires_at": format_time(from_micros(row.claimed_until))}


# --- leases -----------------------------------------------------------------------------------------------


def read_lease(text: str) -> Micros:
    """A caller's lease."""
    lease = parse_duration(text)
    if lease <= 0:
        raise ValidationError.of(_LEASE, "a claim needs a lease longer than nothing")
    return lease


def leased(draft: Draft, lease: Micros) -> JsonObject:
    """A lease that begins now, and when it runs out, as events say it."""
    try:
        expires_at = format_time(from_micros(draft.now + lease))
    except OverflowError:
        raise ValidationError.of(_LEASE, "runs beyond the year 9999") from None
    return {"lease": format_duration(lease), "expires_at": expires_at}


def _live(draft: Draft, task_id: str) -> Claim:
    claim = claim_of(draft.known(task_id))
    assert claim is not None
    return claim
