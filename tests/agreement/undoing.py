"""Undoing, by the contract and without the code under test: copies of the world are kept, and compared.

A command that is undone leaves what it was about as it stood in the copy from before it. Which later commands
stand on it is worked out from what they told, and from everything that follows before and after.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import attrs

from tests.agreement.connecting import Change, Refused, Traces, refuse_if
from tests.agreement.deciding import Decision
from tests.agreement.facts import Facts
from tests.agreement.world import CLAIM, Said, StageOf, World
from worklattice.model.decide.standing import BY_TICKS
from worklattice.model.project import SIGNALS

_WHOLE = {"task.created", "task.deleted"}
_STAYS = ("token", *CLAIM, "alarms")
"""What is said of a task that no undo changes."""
_COMMENT = {"comment.added"}
_MOVED = {"task.created", "task.deleted", "task.stage_changed", "task.moved"}

UNDOING = "(undoing)"
"""Stands for the kind of an event that takes another one back."""


@attrs.define
class Done:
    """A command that has changed something."""

    before: World
    after: World
    kinds: dict[str, set[str]]
    """Of each task the kinds of the events about it."""
    counts: Counter[str]
    """Of each task the number of the events about it."""
    back: Traces
    again: Traces
    entered: list[tuple[str, str]]
    """Tasks that came to a stage, all guards checked, and the stage."""
    came_from: list[tuple[str, str]]
    """Tasks that left a stage, and the stage."""
    came_to: list[tuple[str, str]]
    """Tasks that came to a stage, whatever was checked, and the stage."""
    gone: dict[str, int]
    """The versions with which tasks went."""
    registered: list[str]
    calendars: set[str]
    series_changed: list[tuple[str, str]] = attrs.Factory(list)
    """Tasks whose series was changed, but for ticks, and how."""
    series_replaced: dict[str, tuple[Said | None, Said | None]] = attrs.Factory(dict)
    """Of tasks that got another schedule, the series before that and after it."""
    by_tick: bool = False
    """Whether it is a tick, which is not what is undone where nothing is named."""
    undoes: Done | None = None
    by_time: bool = False
    """Whether nobody did it: a claim has expired, and the task was given back."""
    position: int | None = None
    """That of its first event, once it is known."""

    @property
    def is_simple(self) -> bool:
        """Whether the order of what it did is no matter to an undo of it.

        No task came and went in it, no type was registered twice, nor one beside stages of its tasks, and
        no series was changed more than once.
        """
        series = [task_id for task_id, _ in self.series_changed]
        if len(set(series)) < len(series):
            return False
        twice = len(set(self.registered)) < len(self.registered)
        beside = {task_type for task_type, _, _ in (*self.back.stages, *self.again.stages)}
        came_and_went = any(kinds >= _WHOLE for kinds in self.kinds.values())
        return not twice and beside.isdisjoint(self.registered) and not came_and_went


def done(before: World, decisions: Sequence[Change]) -> Done | None:
    """What came of one command, or of several that count as one; None where nothing did."""
    kinds: dict[str, set[str]] = {}
    counts: Counter[str] = Counter()
    for decision in decisions:
        if isinstance(decision, Undoing) and decision.undoes is not None:
            return _undone(before, decision)
        for event, times in decision.told.items():
            if event[0] not in SIGNALS | BY_TICKS:
                kinds.setdefault(event[1], set()).add(event[0])
                counts[event[1]] += times
    by_tick = any(event[0] in BY_TICKS for decision in decisions for event in decision.told)
    if not kinds and not by_tick:
        return None
    return Done(
        before=before,
        after=decisions[-1].world,
        kinds=kinds,
        counts=counts,
        back=Traces(
            needs={n for d in decisions for n in d.back.needs},
            stages=[s for d in decisions for s in d.back.stages],
        ),
        again=Traces(
            needs={n for d in decisions for n in d.again.needs},
            stages=[s for d in decisions for s in d.again.stages],
        ),
        entered=[each for d in decisions for each in d.entered],
        came_from=[each for d in decisions for each in d.came_from],
        came_to=[each for d in decisions for each in d.came_to],
        gone={name: version for d in decisions for name, version in d.gone.items()},
        registered=[each for d in decisions for each in d.registered],
        calendars={each for d in decisions for each in d.calendars},
        series_changed=[each for d in decisions for each in d.series_changed],
        series_replaced={name: both for d in decisions for name, both in d.series_replaced.items()},
        by_tick=by_tick,
    )


def given_back(world: World, task_ids: Sequence[str]) -> Done:
    """That claims have expired, and these tasks were given back."""
    return Done(
        before=world,
        after=world,
        kinds={task_id: {"task.stage_changed"} for task_id in task_ids},
        counts=Counter(task_ids),
        back=Traces(),
        again=Traces(),
        entered=[],
        came_from=[],
        came_to=[],
        gone={},
        registered=[],
        calendars=set(),
        by_time=True,
    )


_TAKEN_BACK = {"paused": "resumed", "resumed": "paused"}


def _undone(before: World, decision: Undoing) -> Done | None:
    """What came of an undo: it is about the same as the other one was, with both ways exchanged."""
    one: Done = decision.undoes
    if not decision.changed:
        return None
    return attrs.evolve(
        one,
        before=before,
        after=decision.world,
        back=one.again,
        again=one.back,
        entered=one.came_from,
        came_from=one.came_to,
        came_to=one.came_from,
        gone=decision.gone,
        series_changed=[(task_id, _TAKEN_BACK.get(how, how)) for task_id, how in one.series_changed],
        series_replaced=decision.series_replaced,
        by_tick=False,
        undoes=one,
        position=None,
    )


def standing(history: Sequence[Done]) -> list[Done]:
    """Those that were not undone, without the undoings: an undoing and what it undid cancel each other.

    An undoing of what is not in the history, which is a part of the whole one, stands.
    """
    undone: list[Done] = []
    left: list[Done] = []
    for each in reversed(history):
        if any(each is other for other in undone):
            continue
        if any(each.undoes is other for other in history):
            assert each.undoes is not None
            undone.append(each.undoes)
        else:
            left.append(each)
    return left[::-1]


def last_of(history: Sequence[Done]) -> Done | None:
    """The one that is undone where none is named: the last that somebody did and that is no claim."""
    left = [each for each in standing(history) if not (each.by_time or each.by_tick or _is_claim(each))]
    return left[-1] if left else None


def is_undone(history: Sequence[Done], one: Done) -> bool:
    """Whether it was undone, and not done again."""
    undone: list[Done] = []
    for each in reversed(history):
        if each.undoes is not None and not any(each is other for other in undone):
            undone.append(each.undoes)
    return any(one is other for other in undone)


def _is_claim(one: Done) -> bool:
    """Whether it has to do with claims, which are never undone."""
    return any(kind.startswith("claim.") for kinds in one.kinds.values() for kind in kinds)


class Undoing(Decision):
    """A command that undoes another one."""

    def undo(self, history: Sequence[Done], position: int | None) -> None:
        """Put everything back as it was before the command at the position, or before the last one."""
        one = self._wanted(history, position)
        index = next(number for number, each in enumerate(history) if each is one)
        later = standing(history[index + 1 :])
        problems = {"ConflictError"} if is_undone(history, one) or _is_touched(one, later) else set()
        if any("task.stage_changed" in kinds and self._is_claimed(name) for name, kinds in one.kinds.items()):
            problems.add("ConflictError")
        if _is_claim(one):
            problems.add("ConflictError")
        refuse_if(problems)
        was, facts = self.world.copy(), Facts(self.world.copy(), self.now)
        self._put_back(one)
        problems |= {"ConflictError"} if self._lacks(one, was) or self._is_inside_itself() else set()
        stranded = self._strands(one, problems)
        problems |= {"ConflictError"} if self._clash(one) else set()
        if problems or stranded:
            kinds = {*problems, *(["PrerequisitesNotMetError"] if stranded else [])}
            raise Refused(*kinds, unmet=["stranded"] if stranded else [])
        if any(self._relied_on(one, later, was, facts)):
            raise Refused("ConflictError")
        for task_id, times in one.counts.items():
            self.told[UNDOING, task_id] += times
        self.changed = bool(one.counts)
        self.undoes = one

    @staticmethod
    def _wanted(history: Sequence[Done], position: int | None) -> Done:
        if position is None:
            last = last_of(history)
            if last is None:
                raise Refused("ConflictError")
            return last
        return next(each for each in history if each.position == position)

    def _put_back(self, one: Done) -> None:
        """Of what the command was about, everything as it was; versions go on."""
        world, before, after = self.world, one.before, one.after
        for task_id, kinds in one.kinds.items():
            if task_id == "None":
                continue
            was, here = before.tasks.get(task_id), world.tasks.get(task_id)
            if was is None and here is not None:
                self.gone[task_id] = here["version"] + (one.counts[task_id] > 1)
                del world.tasks[task_id]
            elif was is not None and here is None:
                version = one.gone[task_id] + 1
                unclaimed = dict.fromkeys(CLAIM)
                world.tasks[task_id] = {**was, **unclaimed, "version": version, "updated_at": self.now}
                world.born[task_id] = before.born[task_id]
            elif was is not None and here is not None:
                said = here if kinds <= _COMMENT else {**was, **{name: here[name] for name in _STAYS}}
                said = {**said, "series": self._series_before(one, task_id, was, here)}
                world.tasks[task_id] = {**said, "version": here["version"] + 1, "updated_at": self.now}
        for key in {**before.edges, **after.edges}:
            if before.edges.get(key) != after.edges.get(key) or before.added.get(key) != after.added.get(key):
                world.edges.pop(key, None)
                if key in before.edges:
                    world.edges[key], world.added[key] = before.edges[key], before.added[key]
        numbers = {c["number"] for c in before.comments}, {c["number"] for c in after.comments}
        world.comments = [c for c in world.comments if c["number"] not in numbers[1] - numbers[0]]
        world.comments += [c for c in before.comments if c["number"] in numbers[0] - numbers[1]]
        world.in_order()

    def _series_before(self, one: Done, task_id: str, was: Said, here: Said) -> Said | None:
        """What is left of a series: what was handled stays so, and what is changed back goes on."""
        series: Said | None = here["series"]
        match dict(one.series_changed).get(task_id):
            case "changed":
                replaced, left = one.series_replaced[task_id]
                replaced = self._not_handled_again(replaced, left, series)
                self.series_replaced[task_id] = series, replaced
                return replaced
            case "reopened":
                return self._not_handled_again(was["series"], one.after.tasks[task_id]["series"], series)
            case "paused":
                return {"until": self.now}
            case "resumed":
                return {**(series or {}), "paused": True}
            case _:
                return series

    def _not_handled_again(self, before: Said | None, left: Said | None, now: Said | None) -> Said | None:
        """The series before a change that left it at `left`, with what has been handled since then."""
        if before is None or now is None or now["until"] == (left or {})["until"]:
            return before
        return {**before, "until": max(before["until"], now["until"])}

    def _is_claimed(self, task_id: str) -> bool:
        return task_id in self.world.tasks and self.world.tasks[task_id]["claimed_by"] is not None

    def _lacks(self, one: Done, was: World) -> bool:
        """Whether something would refer to what is not there, or be in a stage that is none."""
        world, there = self.world, self.world.tasks
        refers = {task[name] for task in there.values() for name in ("parent_id", "superseded_by")} - {None}
        refers |= {end for key in world.edges for end in key[:2]}
        if refers - there.keys() or one.back.needs - there.keys() - was.tasks.keys():
            return True
        for task_type, name, outcome in one.back.stages:
            stage = was.lifecycle(task_type).stages.get(name)
            if stage is None or not _can_end_so(stage, outcome):
                return True
        return False

    def _is_inside_itself(self) -> bool:
        """Or superseded by itself, in the end."""
        for name in ("parent_id", "superseded_by"):
            for task_id in self.world.tasks:
                seen = {task_id}
                following = self.world.tasks[task_id][name]
                while following is not None:
                    if following in seen:
                        return True
                    seen.add(following)
                    following = self.world.tasks[following][name]
        return False

    def _strands(self, one: Done, problems: set[str]) -> bool:
        """Put registrations back: whether tasks would be in stages that they know no longer."""
        stranded = False
        for name in one.registered:
            if self.world.types.get(name) != one.after.types.get(name):
                problems.add("ConflictError")
            for task_id, task in self.world.tasks.items() if not problems else ():
                stages = one.before.lifecycle(name).stages
                if task["task_type"] == name and stages.get(task["stage"]) != self.world.stage(task_id):
                    stranded = True
            self.world.types.pop(name, None)
            self.world.lifecycles.pop(name, None)
            if name in one.before.types:
                self.world.types[name] = one.before.types[name]
                self.world.lifecycles[name] = one.before.lifecycles[name]
            if not stranded and not problems:
                self.read_anew(name)
        return stranded

    def _clash(self, one: Done) -> bool:
        """Put calendars back: whether something else was said of their names since."""
        said_since = any(self.world.calendars.get(c) != one.after.calendars.get(c) for c in one.calendars)
        for name in one.calendars:
            self.world.calendars.pop(name, None)
            if name in one.before.calendars:
                self.world.calendars[name] = one.before.calendars[name]
        return said_since

    def _relied_on(self, one: Done, later: Sequence[Done], was: World, facts: Facts) -> Iterator[bool]:
        """Whether others went on since as they could not have without the command."""
        now = Facts(self.world, self.now)
        for task_id, task in self.world.tasks.items():
            here = was.tasks.get(task_id)
            if here is not None:
                if _is_held(now, task_id) and not _is_held(facts, task_id):
                    yield task["claimed_by"] is not None and task["token"] > (one.position or 0)
                    yield self._has_entered(later, task_id, {"started", "succeeded"})
                if _finish_open(now, task_id) and not _finish_open(facts, task_id):
                    yield self._has_entered(later, task_id, {"succeeded"})
            is_new = here is None or here["outcome"] is not None or here["parent_id"] != task["parent_id"]
            if task["outcome"] is None and is_new and self._completed_ancestor(task["parent_id"]):
                yield any(
                    each.kinds.get(ancestor, set()) & _MOVED
                    for ancestor in self._ended_ancestors(task)
                    for each in later
                )

    def _ended_ancestors(self, task: Said) -> Iterator[str]:
        parent = task["parent_id"]
        while parent is not None and self.world.tasks[parent]["outcome"] is not None:
            yield parent
            parent = self.world.tasks[parent]["parent_id"]

    def _has_entered(self, later: Sequence[Done], task_id: str, roles: set[str]) -> bool:
        stages = self.world.lifecycle(self.world.tasks[task_id]["task_type"]).stages
        return any(
            entered == task_id and stage in stages and stages[stage].roles & roles
            for each in later
            for entered, stage in each.entered
        )


def _is_touched(one: Done, later: Sequence[Done]) -> bool:
    """Whether a later command was about the same thing."""
    for task_id, kinds in one.kinds.items():
        for each in later:
            others = each.kinds.get(task_id, set()) if task_id != "None" else set()
            if others & _WHOLE or (others and kinds & _WHOLE):
                return True
            if others - _COMMENT and kinds - _COMMENT:
                return True
    return False


def _can_end_so(stage: StageOf, outcome: str | None) -> bool:
    if stage.status == "archived":
        return outcome is not None
    ends = stage.roles & {"succeeded", "failed", "withdrawn"}
    return outcome == (next(iter(ends), "ended") if stage.ended else None)


def _is_held(facts: Facts, task_id: str) -> bool:
    return not facts.joins[task_id] or bool(facts.holders(task_id))


def _finish_open(facts: Facts, task_id: str) -> bool:
    return bool(set(facts.holding(task_id, "finish")) - {"satisfied", "waived"})
