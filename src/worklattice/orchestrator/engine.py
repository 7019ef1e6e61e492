"""Running commands: one transaction each, or several in one.

A write locks the workspace, settles what is due, lets the command be decided in a draft, settles the levels
of the event graph, and commits rows and events together. A read does the same in a draft that it forgets.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final, TypeVar

import attrs

from worklattice import codec
from worklattice.errors import CircularDependencyError, LimitExceededError, ValidationError, WorklatticeError
from worklattice.model.answers import Executed, Written
from worklattice.model.commands import (
    BatchCreate,
    Command,
    CreateFromTemplate,
    Execute,
    ManageLifecycle,
    Undo,
    UpdateTask,
    Write,
)
from worklattice.model.decide.common import remarks_inside, shown_events, written
from worklattice.model.event_graph import settle_levels
from worklattice.model.ports import Schemas
from worklattice.model.registrations import Registrations
from worklattice.model.rows import WorkspaceRow
from worklattice.model.settle import now_of, settle
from worklattice.model.signals import Aftermath, conclude
from worklattice.orchestrator import idempotency
from worklattice.orchestrator.publishing import Publisher, Recorded
from worklattice.orchestrator.reading import READS
from worklattice.orchestrator.retrying import until_in_order
from worklattice.orchestrator.working import PlaceholderIds, WorkingDraft
from worklattice.orchestrator.writing import DECISIONS
from worklattice.query.request import BulkUpdate
from worklattice.storage import refusals
from worklattice.storage.api import Store, StoreView, Transaction
from worklattice.storage.forks import process
from worklattice.system import TimeOrderedIds, system_clock
from worklattice.types import LIMITS, in_utc, to_micros

A = TypeVar("A")


class Engine:
    """Runs commands on one workspace of a store. Safe to share between threads."""

    def __init__(
        self,
        store: Store,
        *,
        workspace: str,
        clock: Callable[[], datetime] | None,
        ids: Callable[[], str],
        streams: Callable[[], str],
        schemas: Schemas,
        actor: str | None,
    ) -> None:
        self._store = store
        self._workspace = workspace
        self._clock = clock
        self._ids = ids
        self._streams = streams
        self._schemas = schemas
        self._actor = actor
        self._registrations = Registrations(WorkspaceRow(workspace, "", 0, 0))
        self._publisher = Publisher()
        self._generation = process.generation
        self._local = threading.local()

    # --- running --------------------------------------------------------------------------------------------

    def run(self, command: Command[A]) -> A:
        """Carry out a command; its answer.

        Raises:
            WorklatticeError: the command is refused; nothing was written.
        """
        codec.check(command)
        return self.carry_out(command)

    def carry_out(self, command: Command[A]) -> A:
        """Carry out a command whose form was checked already, when it was read from JSON."""
        answer: A = self._carry_out(command)
        return answer

    def _carry_out(self, command: Command[Any]) -> Any:  # noqa: ANN401 - `carry_out` knows the type
        under_way: WorkingDraft | None = getattr(self._local, "draft", None)
        if under_way is not None:
            if self._generation != process.generation:
                raise refusals.forked()  # the transaction is the parent's
            return self._within(under_way, command)
        if isinstance(command, Write) and not command.dry_run:
            answer, recorded = self._in_turn(lambda transaction: self._write(transaction, command))
            if recorded is not None:
                self._publisher.tell(*recorded)
            return answer
        with self._store.read(self._workspace) as view:
            draft = self._draft(view, dry_run=True, looks_ahead=not isinstance(command, Write))
            settle(draft)
            if isinstance(command, Write):
                answer = self._decide(draft, command)
                _refuse_circles(draft, command)
                return answer
            return READS[type(command)](command, draft)

    def _write(self, transaction: Transaction, command: Write[Any]) -> tuple[Any, Recorded | None]:
        """Decide and commit a command; its answer, and what is to be told of it."""
        draft = self._draft(transaction)
        settle(draft)
        answer = self._decide(draft, command)
        if not draft.is_worth_committing:
            return answer, None
        _refuse_circles(draft, command)
        transaction.commit(draft.changes())
        return answer, (self._publisher.ticket(), draft.events_recorded, draft.stream)

    def _in_turn(self, act: Callable[[Transaction], A], workspace: str | None = None) -> A:
        """What `act` comes to in a write to the workspace, tried again where others outran it."""

        def attempt() -> A:
            with self._store.write(workspace or self._workspace) as transaction:
                return act(transaction)

        return until_in_order(attempt)

    @contextmanager
    def transaction(self) -> Generator[None]:
        """Everything that this thread does inside happens in one transaction, at one time, or not at all.

        A command that is refused inside leaves no trace and the others standing; an exception that leaves
        the block undoes them all. Circles of waiting are looked for at the end, in the result. A transaction
        inside another is part of it: an exception that leaves the inner block undoes what was done in that,
        and what stays is committed with the outer one. Commands inside see what was done inside; `events`,
        `dump` and `check` show what is committed.
        """
        outer: WorkingDraft | None = getattr(self._local, "draft", None)
        if outer is not None:
            inner = outer.inner()
            with self._drawn_into(inner):
                yield
            outer.absorb(inner)
            return
        with self._store.write(self._workspace) as transaction:
            draft = self._draft(transaction)
            settle(draft)
            with self._drawn_into(draft):
                yield
            if not draft.is_worth_committing:
                return
            settle_levels(draft)
            transaction.commit(draft.changes())
            ticket = self._publisher.ticket()
        self._publisher.tell(ticket, draft.events_recorded, draft.stream)

    @contextmanager
    def _drawn_into(self, draft: WorkingDraft) -> Generator[None]:
        """Meanwhile, what this thread asks for happens in the draft."""
        before: WorkingDraft | None = getattr(self._local, "draft", None)
        self._local.draft = draft
        try:
            yield
        finally:
            self._local.draft = before

    def _within(self, outer: WorkingDraft, command: Command[Any], *, is_part: bool = False) -> Any:  # noqa: ANN401
        """Carry out a command, or a part of one, in a draft over another; a refused one leaves no trace."""
        if not isinstance(command, Write):
            return READS[type(command)](command, outer)
        ids = PlaceholderIds() if command.dry_run else None
        inner = outer.part(ids) if is_part else outer.inner(ids)
        answer = self._decide(inner, command)
        if not command.dry_run:
            outer.absorb(inner)
        return answer

    # --- deciding -------------------------------------------------------------------------------------------

    def _decide(self, draft: WorkingDraft, command: Write[Any]) -> Any:  # noqa: ANN401
        """Decide a write in `draft`, unless its idempotency key says that it was carried out before."""
        if (earlier := idempotency.earlier_use(command, draft)) is not None:
            return idempotency.answer_again(command, earlier)
        since = draft.begin(actor=command.actor, reason=_reason_of(command))
        answer: Any
        if isinstance(command, Execute):
            answer = self._execute(draft, command)
        else:
            conclusion = DECISIONS[type(command)](command, draft)
            answer = conclusion(conclude(draft, since))
        if command.dry_run and answer.events is None:
            return attrs.evolve(answer, events=shown_events(draft.events_recorded[since:], draft.stream))
        if command.idempotency_key is not None:
            idempotency.remember(command, answer, draft)
        return answer

    def _execute(self, draft: WorkingDraft, command: Execute) -> Executed:
        """Carry out commands one after the other, all or none."""
        answers: dict[str, Any] = {}
        size = 0
        for index, inner in enumerate(command.commands):
            path = f"arguments.commands[{index}]"
            if isinstance(inner, Execute | Undo):
                kind = type(inner).__name__.lower()
                hint = "Make it a call of its own."
                raise ValidationError.of(path, f"execute does not take an {kind}", hint=hint)
            try:
                answers[path] = self._within(draft, inner, is_part=True)
            except WorklatticeError as error:
                raise error.inside(path) from None
            size += codec.size_of(answers[path])
            if size > LIMITS.answer_characters:
                what = "characters in the answers of one execute"
                raise LimitExceededError(field=path, what=what, limit=LIMITS.answer_characters)
        writes = [answer for answer in answers.values() if isinstance(answer, Written)]
        unblocked = tuple(dict.fromkeys(task_id for answer in writes for task_id in answer.unblocked))
        unlisted = sum(answer.unblocked_count - len(answer.unblocked) for answer in writes)
        after = Aftermath(
            events=(),
            unblocked=unblocked[: LIMITS.unblocked_ids],
            unblocked_count=len(unblocked) + unlisted,
        )
        return Executed(results=tuple(answers.values()), **written(after, *remarks_inside(answers)))

    def _draft(
        self,
        view: StoreView,
        *,
        dry_run: bool = False,
        looks_ahead: bool = False,
        workspace: WorkspaceRow | None = None,
        now: int | None = None,
        command: int | None = None,
    ) -> WorkingDraft:
        """A draft over a view; of `workspace`, at `now`, where these are not what view and clock say.

        `command` names the command that all of it belongs to, where it is one that goes on.
        """
        workspace = workspace or view.workspace() or WorkspaceRow(self._workspace, self._streams(), 0, 0)
        registrations = self._registrations
        if not registrations.hold_for(workspace):
            registrations = self._registrations = Registrations(workspace)
        return WorkingDraft(
            view,
            workspace=workspace,
            now=self._now(view, workspace) if now is None else now,
            ids=PlaceholderIds() if dry_run else self._ids,
            ids_repeat=not isinstance(self._ids, TimeOrderedIds),
            schemas=self._schemas,
            registrations=registrations,
            actor=self._actor,
            command=command,
            looks_ahead=looks_ahead,
        )

    def _now(self, view: StoreView, workspace: WorkspaceRow) -> int:
        """The time of a call: by the clock that was given, else the store's own, else the computer's."""
        if self._clock is not None:
            return now_of(workspace, to_micros(in_utc(self._clock())))
        of_store = view.now()
        return now_of(workspace, to_micros(system_clock()) if of_store is None else of_store)


_TO_BLAME: Final[dict[type[Write[Any]], str]] = {
    BatchCreate: "arguments.tasks",
    BulkUpdate: "arguments.updates.parent_task_id",
    CreateFromTemplate: "arguments.template_id",
    Execute: "arguments.commands",
    ManageLifecycle: "arguments.superseded_by",
    Undo: "arguments.position",
    UpdateTask: "arguments.updates.parent_task_id",
}
"""The argument with which a command can close a circle of waiting, where that is not `dependencies`."""


def _refuse_circles(draft: WorkingDraft, command: Write[Any]) -> None:
    try:
        settle_levels(draft)
    except CircularDependencyError as circle:
        raise circle.at(_TO_BLAME.get(type(command), "arguments.dependencies")) from None


def _reason_of(command: Write[Any]) -> str | None:
    notes = command.notes if isinstance(command, ManageLifecycle) else None
    return notes or command.reason
