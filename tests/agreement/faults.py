"""Faults to plant: for each a function of the product, and what to write in it in place of what.

They are the mistakes that are easily made here: a forgotten neighbour, a wrong sign, a boundary, a moment or
a signal that is left out. `tests.agreement.test_planted_faults` shows that the machine finds every one.
"""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable
from types import CodeType, FunctionType
from typing import Any, Final, NamedTuple

from worklattice.lang import judging
from worklattice.model import (
    alarms,
    connecting,
    consequences,
    entering,
    event_graph,
    observations,
    openings,
    previous,
    project,
    resources,
    series,
    settle,
    signals,
    sla,
    surroundings,
    times,
    verdicts,
    waiting,
)
from worklattice.model import claims as model_claims
from worklattice.model.decide import (
    claims,
    common,
    create,
    delete,
    dependencies,
    guards,
    lifecycle,
    metrics,
    runs,
    undo,
    update,
)
from worklattice.model.decide.standing import Undoing, is_undone
from worklattice.model.draft import Draft
from worklattice.model.meanings import Meanings
from worklattice.orchestrator import choosing, reading
from worklattice.orchestrator.engine import Engine


class Fault(NamedTuple):
    """A function, a piece of its source, and what to put in its place."""

    function: Callable[..., Any]
    right: str
    wrong: str

    def target(self) -> FunctionType:
        """The function itself."""
        function: object = inspect.unwrap(self.function)
        assert isinstance(function, FunctionType)
        return function

    def code(self) -> CodeType:
        """The faulty function's code."""
        target = self.target()
        source = textwrap.dedent(inspect.getsource(target))
        assert source.count(self.right) == 1, f"{target.__qualname__} has changed: no {self.right!r} there"
        place: dict[str, Any] = {}
        definition = source[source.index("def ") :].replace(self.right, self.wrong)
        exec(definition, target.__globals__, place)  # noqa: S102 - the product's own source
        faulty: FunctionType = place[target.__name__]
        return faulty.__code__


FAULTS: Final[dict[str, Fault]] = {
    # --- what attributes mean
    "a type registered anew leaves its tasks as they were read": Fault(
        project._read_anew, "if draft.meanings(task_type) == before:", "if True:"
    ),
    "a type's own name is read beside the usual one": Fault(
        Meanings._said,
        "for name, value in attributes.items() if name not in self.names",
        "for name, value in attributes.items()",
    ),
    "a default comes before what the task says": Fault(
        Meanings.meant, "{**self.defaults, **said}", "{**said, **self.defaults}"
    ),
    "gates are judged by the names of conventions": Fault(
        guards._unmet_by_gates, "draft.meant(row)", "row.attributes"
    ),
    "a change of type keeps what followed from attributes": Fault(
        entering.update_changes,
        'if "attributes" not in data and "task_type" not in data:',
        'if "attributes" not in data:',
    ),
    # --- counts
    "holding is not carried down": Fault(consequences._carry_holding, "if change and", "if False and"),
    "holding is carried with the wrong sign": Fault(
        consequences._carry, "row.holders + change", "row.holders - change"
    ),
    "a cancelled task lets its inside go": Fault(
        consequences.holds_inside,
        "stage.holds_inside if row.outcome is not None else not join_met(row)",
        "not join_met(row)",
    ),
    "a moved subtree keeps its old holders": Fault(consequences.move_task, "holders=row.holders + held,", ""),
    "a moved task keeps counting for its old parent": Fault(
        consequences.move_task, "if old.parent_id is not None:", "if False:"
    ),
    "deleting leaves the count of open children": Fault(
        consequences.remove_task, "0 if row.outcome is not None else -1", "0"
    ),
    "reopening leaves the count of open children": Fault(
        consequences.change_task, "1 if new.outcome is None else -1", "0 if new.outcome is None else -1"
    ),
    "new attributes do not bring conditions into question": Fault(
        consequences.change_task, "new.attributes is not old.attributes", "False"
    ),
    "the end of a task is not told to its dependants": Fault(
        consequences.change_task, "_points(new) != _points(old)", "False"
    ),
    "a start is not told to dependants": Fault(consequences._points, "row.started_at", "None"),
    # --- edges
    "any and all are swapped": Fault(waiting.needed_of, "row.join == JOIN_ALL", "row.join != JOIN_ALL"),
    "a join is not bounded by the number of edges": Fault(
        waiting.needed_of, "min(row.join, edges)", "row.join"
    ),
    "waivers never expire": Fault(
        waiting.edge_state, "(edge.waived_until is None or now < edge.waived_until)", "True"
    ),
    "a waived edge does not count as met": Fault(
        waiting.share_of, "_START_MET if state in MET", "_START_MET if state is EdgeState.SATISFIED"
    ),
    "a lag is over a moment too late": Fault(
        waiting.edge_state, "reached + edge.lag > now", "reached + edge.lag >= now"
    ),
    "a lag's end is not noted": Fault(waiting.next_change, "None if reached is None", "None if True"),
    "a failure satisfies who waits for success": Fault(
        waiting._point, 'other.outcome == "succeeded"', "other.outcome is not None"
    ),
    "optional edges hold back": Fault(waiting.share_of, "or not edge.mandatory ", ""),
    "conditions are ignored": Fault(waiting.applies, "if not edge.conditions:", "if True:"),
    "true is taken for 1": Fault(waiting.same, "value is wanted", "value == wanted"),
    # --- the event graph
    "levels are not raised": Fault(event_graph.settle_levels, "if not falling:", "if True:"),
    "moved tasks are not looked at for circles": Fault(
        Draft.placed, "or before.parent_id != row.parent_id", ""
    ),
    "optional edges close circles": Fault(waiting.arc_of, "or not edge.mandatory", ""),
    "a child's finish may come after its parent's": Fault(
        event_graph._new_arcs, "yield (row.task_id, FINISH), (row.parent_id, FINISH)", "pass"
    ),
    # --- what events do
    "dependants do not follow a replacement": Fault(
        project._task_superseded, "edge.but(effective_id=target)", "edge"
    ),
    "archiving makes another outcome": Fault(
        entering.entry, "row.outcome is None or stage.status != ARCHIVED", "True"
    ),
    "reopening is no new attempt": Fault(
        entering.entry, '"attempt": row.attempt + 1', '"attempt": row.attempt'
    ),
    "a later start overwrites the first": Fault(entering.entry, "row.started_at is None and ", ""),
    "a reopening keeps the approval": Fault(entering.entry, '"approval": None,', ""),
    "a rejection is an approval": Fault(waiting._point, "!= APPROVED", '== "undecided"'),
    "artifacts are not told to dependants": Fault(consequences._points, ", row.artifacts", ""),
    "edges outlive their task": Fault(
        project._task_deleted, "draft.edges_touching(task_id)", "draft.edges_of(task_id)"
    ),
    "a version goes up with every event": Fault(Draft.bump, "row.task_id in self._bumped", "False"),
    "comments outlive their task": Fault(Draft._drop_comments, "if self._comments:", "if False:"),
    "a task created anew is taken for the one before": Fault(
        Draft.is_born, "task_id in self._once_gone or ", ""
    ),
    "a registration is not noticed": Fault(
        Draft._registered, "self._definitions_at = self._position", "pass"
    ),
    "a calendar is not noticed": Fault(
        Draft._calendar_defined, "self._definitions_at = self._position", "pass"
    ),
    # --- time
    "nothing is settled": Fault(
        settle._record_what_came, "if not edges and not tasks and not late:", "if True:"
    ),
    "the workspace oversleeps": Fault(Draft._wake_at, "moment < self.wakes_at", "moment > self.wakes_at"),
    "the workspace does not sleep again": Fault(
        settle._record_what_came, "draft.wakes_at = draft.next_moment(now)", "draft.wakes_at = None"
    ),
    "reads do not settle": Fault(
        Engine._carry_out,
        "settle(draft)",
        "settle(draft) if isinstance(command, Write) else None",
    ),
    "time goes back with the clock": Fault(settle.now_of, "max(clock, workspace.settled_at)", "clock"),
    "not_before is never over": Fault(times._fields, " and at > now", ""),
    "tasks are ready before their time": Fault(
        times.may_start, "row.not_before is None or row.not_before <= now", "True"
    ),
    # --- times of tasks
    "an alarm is not told": Fault(
        settle._gone_off, "alarm.at <= end", 'alarm.at <= end and alarm.name != "overran"'
    ),
    "an alarm is told again and again": Fault(times.pending, "or alarm.at > last", "or alarm.at >= last"),
    "alarms go off after the end": Fault(times.pending, "if row.outcome is not None:", "if False:"),
    "an alarm goes off a moment too late": Fault(settle._gone_off, "alarm.at <= end", "alarm.at < end"),
    "a pause does not stop the clock": Fault(
        sla._sla_in_stage, "runs = stage.name not in timing.sla_pauses_in", "runs = True"
    ),
    "what was used before a pause is forgotten": Fault(
        sla._sla_in_stage, "used + (at - since if hours is None", "used + (0 if hours is None"
    ),
    "a time limit goes on when the task is given back": Fault(
        sla._begun, "not stage.started and (stage.startable or row.outcome is not None)", "False"
    ),
    "a time limit goes on over a reopening": Fault(
        sla._begun, "is_new = row.outcome is not None or clock.begun is None", "is_new = clock.begun is None"
    ),
    "a new time limit counts from now": Fault(sla._begun, "is_under_way and row.attempt == 1", "False"),
    "calendars come before windows of ancestors": Fault(
        surroundings.windows_meant,
        "around.named_calendar(window) if of_ancestor is None else of_ancestor",
        "around.named_calendar(window) or of_ancestor",
    ),
    "a reopening does not begin anew": Fault(sla._sla_in_stage, "if row.outcome is not None:", "if False:"),
    "a missed due time stays missed when it is put off": Fault(
        alarms.breached_at, "missed is None or (due_at is not None and due_at > missed)", "missed is None"
    ),
    "the latest due time counts": Fault(times.times_of, "min(dues, default=None)", "max(dues, default=None)"),
    "a window never opens": Fault(times._fields, "times.turns_at if may_turn else None", "None"),
    "a window is not looked at again when it turns": Fault(
        settle._may_have_turned,
        "return row.timed and not WINDOWS.isdisjoint(draft.meant(row))",
        "return False",
    ),
    "windows do not guard": Fault(guards.unmet_by_time, "if row.timed and times_of", "if False and times_of"),
    "tasks are ready before their window": Fault(times.may_start, " or row.closed", ""),
    "one open window is enough": Fault(
        openings.closing_of,
        "any(each.is_closed for each in found)",
        "bool(found) and all(each.is_closed for each in found)",
    ),
    "what counts from an anchor does not hear that it has moved": Fault(
        consequences._refresh_times_inside, "if row.timed:", "if False:"
    ),
    "a moved task is due as it was": Fault(
        consequences.move_task, "if old.timed or moved.in_series != old.in_series:", "if False:"
    ),
    "what is inside of a moved task is due as it was": Fault(
        consequences.move_task, "if row.timed or in_series:", "if in_series:"
    ),
    "a calendar does not open windows": Fault(
        consequences.refresh_times_by_calendar, "if calendar in calendars_of(draft.meant(row)):", "if False:"
    ),
    "a scheduled task is late": Fault(times.times_of, "if row.in_series:", "if False:"),
    "an undo lets alarms go off anew": Fault(
        entering.stage_changes, '{"stage": said["to"], **', '{"stage": said["to"], "alarms": None, **'
    ),
    "an undo leaves the clock as it was": Fault(
        previous._stage, "name not in _NOT_OF_STAGES", 'name not in {*_NOT_OF_STAGES, "clock"}'
    ),
    # --- signals
    "readiness is not told": Fault(
        signals.conclude, "elif after.ready and not", "elif after.ready and False and not"
    ),
    "edges are told satisfied that were so before": Fault(
        signals._edge_signals, "after is not before and ", ""
    ),
    "cancelled tasks are listed as unblocked": Fault(
        signals.conclude, "and not waiting and after.outcome is None", "and not waiting"
    ),
    # --- guards
    "a task may complete before its children": Fault(
        guards._unmet_to_finish, "if row.open_children:", "if False:"
    ),
    "finish edges do not guard": Fault(guards._unmet_to_finish, "if row.finish_open:", "if False:"),
    "a waiting ancestor does not guard": Fault(guards.unmet_to_start, "if row.holders:", "if False:"),
    "not_before does not guard": Fault(guards.unmet_by_time, "row.not_before is not None and", "False and"),
    "completed tasks are given open children": Fault(
        guards.unmet_by_ancestors, 'ancestor.outcome == "succeeded"', "False"
    ),
    "any stage leads to any": Fault(lifecycle._target, "not lifecycle.allows(row.stage, name)", "False"),
    "guards of a batch run before its dependencies": Fault(
        create.create_together,
        "_connected(draft, new, task_id, path=path)",
        "_connected(draft, new, task_id, path=path)\n        if checks: _guarded(draft, task_id, path=path)",
    ),
    # --- commands
    "expected versions are ignored": Fault(common.check_version, "expected != row.version", "False"),
    "a followed replacement may be deleted": Fault(delete._refuse_if_followed, "if followers:", "if False:"),
    "a needed task may be deleted": Fault(delete.delete_task, "if needed and not command.detach", "if False"),
    "replace leaves the other edges": Fault(dependencies._replace, "remove_dependency(draft, edge)", "pass"),
    "a merge patch replaces what is nested": Fault(update.merge_patch, "isinstance(value, dict)", "False"),
    "skipped guards are not recorded": Fault(
        lifecycle._data, "if not command.validation_checks:", "if False:"
    ),
    "a waiver stays": Fault(
        dependencies.manage_dependencies, "if edge.waived_at is not None:", "if edge.waived_at is None:"
    ),
    "every attribute that is patched counts as changed": Fault(
        update._attributes, "if identical(now, was):", "if False:"
    ),
    # --- claims
    "a claim is no secret to the next worker": Fault(times.may_start, "row.claimed_by is not None or ", ""),
    "an expired claim is not noticed": Fault(settle._record_what_came, "row.claimed_until <= now", "False"),
    "an alarm that a claim's end sets off waits": Fault(
        settle._record_what_came, "() if draft.looks_ahead else ran_out", "()"
    ),
    "a started task stays with a dead worker": Fault(
        model_claims.expire, "hand_back(draft, row.task_id, since=row.claimed_until)", "pass"
    ),
    "a task in review is handed out again": Fault(
        model_claims.hand_back, "if lifecycle.stages[name].startable:", "if True:"
    ),
    "stale tokens open": Fault(claims.check_token, "and token == row.token", ""),
    "a claimed task is open to everybody": Fault(
        claims.check_token, "if row.claimed_by is not None:\n            hint", "if False:\n            hint"
    ),
    "a released task keeps its resources": Fault(consequences._change_holds, "draft.drop_hold(hold)", "pass"),
    "a deleted task keeps its resources": Fault(consequences.remove_task, "draft.drop_hold(hold)", "pass"),
    "resources of a transaction are not seen": Fault(Draft.holds_on, "if not self._holds:", "if True:"),
    "resources are not asked for by name": Fault(
        claims.claim_named, "if busy := busy_resource(draft, row):", "if False:"
    ),
    "the largest capacity counts": Fault(resources.has_room, "capacity = min(", "capacity = max("),
    "units are counted as one": Fault(resources.units_of, "sum(hold.units for", "sum(1 for"),
    "an ended task keeps its claim": Fault(entering.entry, "changes |= UNCLAIMED", "pass"),
    "a renewal makes a lease of its own length": Fault(
        claims.renew_claim, "row.lease if command.lease is None", "300_000_000 if command.lease is None"
    ),
    "containers are handed out": Fault(
        choosing._claim_first, "leaves_only=command.leaves_only", "leaves_only=False"
    ),
    "whoever needs nothing is passed over": Fault(
        resources.needs_none_of, "Or((IsNull(_NEEDS), lacks))", "lacks"
    ),
    "what is held is handed out again": Fault(
        claims.lacking_room, "if not has_room(need, draft.holds_on(name))", "if False"
    ),
    # --- gates
    "gates do not guard": Fault(guards._unmet_by_gates, "if gate.state not in LETS_PASS", "if False"),
    "waivers of gates never expire": Fault(verdicts._holds, "now < until", "True"),
    "a reopening keeps the waivers of gates": Fault(entering.entry, '"gate_waivers": None,', ""),
    "what an earlier attempt has shown counts": Fault(
        observations.why_stale, 'if known["attempt"] != row.attempt:', "if False:"
    ),
    "a late observation replaces a newer one": Fault(
        observations.news, "if name not in known or _place(known[name]) <= place", ""
    ),
    "the first observation is forgotten": Fault(
        observations._with_baseline, 'if "first" in before:', "if False:"
    ),
    "what was observed before a reopening counts": Fault(
        observations._attempt, "observed_at < row.reopened_at", "False"
    ),
    "zero is a baseline": Fault(judging.baseline_of, "if not baseline.magnitude:", "if False:"),
    "triggers fire in ended tasks": Fault(metrics._fire, "if row.outcome is not None:", "if False:"),
    "triggers fire whatever is recorded": Fault(
        metrics.record_metrics, " if not kept.isdisjoint(trigger.metrics)", ""
    ),
    "triggers fire because of what changes nothing": Fault(
        metrics.record_metrics, "kept.isdisjoint(", "command.metrics.keys().isdisjoint("
    ),
    "waivers mute triggers": Fault(metrics._fire, "watched(", "judged("),
    "gates that stay as they are are told": Fault(metrics._signal, "gate.state != was.state and", "True and"),
    "what was known of metrics does not come back": Fault(previous._metrics, "known.get(name)", "None"),
    # --- schedules
    "a scheduled task is worked on": Fault(times.may_start, " or row.in_series", ""),
    "what is inside does not hear that a task is scheduled": Fault(
        consequences._carry_series, "row.in_series + change", "row.in_series"
    ),
    "a moved subtree stays in its old series": Fault(
        consequences.move_task, "(0 if row.task_id in in_runs else in_series)", "0"
    ),
    "runs belong to the series that they are inside of": Fault(
        consequences._place_under, "0 if row.run_of is not None else ", ""
    ),
    "a changed schedule goes on where it was": Fault(
        series.series_after,
        "series_from(attributes, at, paused=is_paused(row)) if begins_anew(row, attributes) else row.series",
        "row.series or series_from(attributes, at)",
    ),
    "a changed schedule is resumed": Fault(series.series_after, "paused=is_paused(row)", "paused=False"),
    "a paused schedule comes": Fault(series._next_run_at, " or is_paused(row)", ""),
    "an ended task makes runs": Fault(series._next_run_at, " or row.outcome is not None", ""),
    "a reopened task has missed what came meanwhile": Fault(
        entering.entry, 'changes["series"] = handled_until(row.series, at)', "pass"
    ),
    "runs go on inside of what is over": Fault(
        guards.unmet_by_what_is_over, "a.outcome is not None and holds_inside(a, draft.stage(a))", "False"
    ),
    "what was missed is caught up": Fault(series.due_of, 'plan.missed == "catch_up"', "True"),
    "what is as old as the grace is missed": Fault(series.due_of, "now - plan.grace - 1", "now - plan.grace"),
    "what was withdrawn is repeated": Fault(runs._inside, "each.outcome != _WITHDRAWN and ", ""),
    "runs inside are copied": Fault(runs._inside, " and each.run_of is None", ""),
    "a copy is scheduled": Fault(create._born, "attributes.pop(SCHEDULE, None)", "pass"),
    "a change of a schedule that is undone counts from now": Fault(
        entering.update_changes, 'restored.get("series") or ', ""
    ),
    "a tick is somebody's command": Fault(undo._last, " and not is_by_tick(events)", ""),
    "a tick forgets what time has brought": Fault(
        vars(Draft)["is_worth_committing"].fget, "0 if self._came.is_kept else ", ""
    ),
    # --- reads
    "the dependants of a replacement are not found": Fault(
        reading.get_dependencies, "draft.edges_on,", "draft.edges_naming,"
    ),
    # --- transactions
    "a refused command leaves its beginning": Fault(
        Engine._within, "outer.part(ids) if is_part else outer.inner(ids)", "outer"
    ),
    "a dry run in earnest": Fault(Engine._carry_out, " and not command.dry_run", ""),
    "removed edges come back in a transaction": Fault(Draft.absorb, "self.drop_edge(key)", "pass"),
    "a dry run takes ids": Fault(Engine._draft, "PlaceholderIds() if dry_run else self._ids", "self._ids"),
    "idempotency keys are forgotten": Fault(
        Engine._decide, "if command.idempotency_key is not None:", "if False:"
    ),
    # --- undo
    "what was done since is overlooked": Fault(
        Undoing.refuse_where_changed_since, "if _touches(kinds, event.event_type):", "if False:"
    ),
    "a dependant that went on is overlooked": Fault(
        Undoing._refuse_if_went_on, "if _is_held_up(after) and not _is_held_up(before):", "if False:"
    ),
    "what was undone cannot be done again": Fault(
        is_undone, "undone, by = not undone, draft.undone_by(by)", "return True"
    ),
    "what was undone since still stands": Fault(
        Undoing._is_cancelled, "undoes_later or is_undone(self.draft, event.command)", "False"
    ),
    "an undo of something earlier does not stand": Fault(
        Undoing._is_cancelled,
        "event.undoes is not None and event.undoes > self.command",
        "event.undoes is not None",
    ),
    "events are taken back in the order they came": Fault(
        undo.undo, "reversed(undoing.said)", "undoing.said"
    ),
    "a task that was never started keeps its start": Fault(
        previous._stage, "name not in _NOT_OF_STAGES", 'name not in {*_NOT_OF_STAGES, "started_at"}'
    ),
    "a task comes back as the youngest": Fault(
        project._task_restored, "**read(data, TASK_SAID)}", '**read(data, TASK_SAID), "seq": event.position}'
    ),
    "a task comes back without what was said about it": Fault(
        previous._task, "for comment in draft.comments(task_id)]", "for comment in ()]"
    ),
    "others follow a replacement that was taken back": Fault(
        project._task_superseded, "for edge in followers:", "for edge in followers if replacement else ():"
    ),
    "a waiver that came back is another one": Fault(
        connecting.dependency_waived, 'if "waived_at" in data:', "if False:"
    ),
}
"""What to plant, by what is wrong then."""
