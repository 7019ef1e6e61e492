"""Looking after a workspace as a whole: dumps and restores, backups, checks and repairs.

Not here: what a dump holds (`dumping`), how one is read back (`restoring`), what is counted again
(`worklattice.model.recount`).
"""

from __future__ import annotations

from collections.abc import Iterator
from os import PathLike
from typing import Final

from worklattice.errors import ConflictError, StoreError, ValidationError
from worklattice.model.draft import Draft
from worklattice.model.log import PAGE, events_behind
from worklattice.model.recount import Recount
from worklattice.model.registrations import Registrations
from worklattice.model.replay import replay
from worklattice.model.replay_comparison import ReplayComparison
from worklattice.model.rows import Changes, EventRow, WorkspaceRow
from worklattice.model.soundness import THE_LOG, Discrepancy, Rows, log_end_faults, log_faults, row_faults
from worklattice.orchestrator import dumping
from worklattice.orchestrator.engine import Engine
from worklattice.orchestrator.files import Lines, Source, file_at, lines_of, write_all, written_whole
from worklattice.orchestrator.publishing import Recorded
from worklattice.orchestrator.restoring import TOLD_EVERY, Progress, Restoring, Survey, surveyed
from worklattice.orchestrator.working import WorkingDraft
from worklattice.storage.api import CopyingStore, StoreView, Transaction
from worklattice.types import LIMITS

_NOWHERE: Final = ""
"""What no workspace is called, so that nothing was ever written there."""


def _unheard(_done: int, _total: int | None) -> None:
    """Progress that nobody asked for."""


class Upkeep(Engine):
    """What can be done with a workspace, or its store, as a whole."""

    # --- dumps ----------------------------------------------------------------------------------------------

    def dump(self) -> str:
        """The workspace's canonical dump, as JSON Lines: what was said, and nothing that follows from it.

        Workspaces that were told the same have equal dumps, on every store.
        """
        return "".join(line + "\n" for line in self.dump_lines())

    def dump_lines(self) -> Iterator[str]:
        """The lines of the dump, one by one, of one state. In memory, writes wait until they are all read."""
        with self._store.read(self._workspace) as view:
            yield from dumping.dump_lines(view)

    def dump_to(self, path: str | PathLike[str], *, progress: Progress = _unheard) -> int:
        """Write the dump to a file, of one state, while others write; how many lines it has.

        What was at `path` is replaced when the new file is whole and on the disk, and left alone where that
        fails. No more than a few tasks are held in memory, except by a store in memory.

        Args:
            path: where the dump is to be.
            progress: called as `progress(lines, None)` after each 10,000 lines, and as
                `progress(lines, lines)` at the end.

        Raises:
            StoreError: the file cannot be written, or the store not be read.
        """
        lines, name = 0, file_at(path).name
        with written_whole(path) as file:
            for line in self.dump_lines():
                write_all(file, line.encode() + b"\n", name)
                lines += 1
                if lines % TOLD_EVERY == 0:
                    progress(lines, None)
        progress(lines, lines)
        return lines

    def restore(self, source: Source, *, progress: Progress = _unheard) -> int:
        """Write a dump into this workspace, which must be empty; how many lines it had.

        All of it is restored, in one transaction, or nothing: not even the end of the process leaves a part.
        The dump is read twice; what is not a file is put down in a temporary one. No more than a few thousand
        lines are held in memory, except by a store in memory.

        The log begins anew: its events say what the dump says, at the present time, or that of the last thing
        in the dump where that is later. `deliver` tells nobody of them. Whatever is derived is worked out
        again.

        Args:
            source: the path of a dump, or its lines, such as another workspace's `dump_lines()`.
            progress: called as `progress(0, lines)` after each 10,000 lines while the dump is looked through,
                as `progress(lines, total)` after each portion, of 5,000 lines at most, that was written, and
                so once more at the end.

        Raises:
            ConflictError: something was written to the workspace before.
            ValidationError: the dump is faulty; the error names the line, and what is wrong with it.
            StoreError: the dump cannot be read, or the store not be written.
        """
        with self._store.read(self._workspace) as view:
            _refuse_unless_empty(view)
        with lines_of(source) as lines:
            survey = surveyed(lines, progress)
            recorded = self._in_turn(lambda transaction: self._restore(transaction, lines, survey, progress))
            if recorded is not None:
                self._publisher.tell(*recorded)
        return survey.lines

    def _restore(
        self, transaction: Transaction, lines: Lines, survey: Survey, progress: Progress
    ) -> Recorded | None:
        _refuse_unless_empty(transaction)
        first = WorkspaceRow(self._workspace, self._streams(), survey.token, 0)
        now = max(min(self._now(transaction, first), survey.first_expiry - 1), survey.latest)

        def begin(before: Draft | None) -> WorkingDraft:
            workspace = first if before is None else before.workspace()
            return self._draft(transaction, workspace=workspace, now=now, command=first.position + 1)

        draft = Restoring(transaction, begin, total=survey.lines, progress=progress).restore(lines)
        if draft is None:
            return None
        transaction.commit(begin(draft).changes())
        log = (event for event, _ in self._log(first.position, upto=draft.position))
        return self._publisher.ticket(), log, draft.stream

    def _log(self, after: int, *, upto: int | None = None) -> Iterator[tuple[EventRow, str]]:
        """The events behind a position, as far as another one, or as there are now; each with its stream.

        Each page is a read of its own, so that a slow reader holds up nobody.
        """
        while True:
            with self._store.read(self._workspace) as view:
                workspace = view.workspace()
                if workspace is None:
                    return
                upto = workspace.position if upto is None else upto
                size = min(PAGE, upto - after)
                page = view.events(after, size) if size > 0 else ()
            for event in page:
                if event.position > upto:
                    return
                yield event, workspace.stream
            if not page or len(page) < size:
                return
            after = page[-1].position

    def backup(self, path: str | PathLike[str], *, progress: Progress = _unheard) -> None:
        """Copy the store, all of its workspaces as of one moment, into a new file, while others write.

        For SQLite stores. The copy is there when it is whole, checked by SQLite and on the disk, and not
        before; a file that is there already is left alone.

        Args:
            path: the new file, from which the copy can be opened.
            progress: called as `progress(pages, total)` after each 1,000 pages, and at the end.

        Raises:
            StoreError: there is a file already, it cannot be made, or the store cannot copy itself (kind
                `incompatible`).
        """
        if not isinstance(self._store, CopyingStore):
            raise StoreError(
                kind="incompatible",
                reason="A store of this kind has no backup of its own.",
                hint="Write a dump with wl.dump_to(path). Of a PostgreSQL database, pg_dump makes backups.",
            )
        self._store.copy_to(file_at(path), progress)

    # --- checks and repairs ---------------------------------------------------------------------------------

    def check(self, *, replay: bool = False) -> list[Discrepancy]:
        """Count everything again that is derived, and see whether rows and log are whole; what is wrong.

        Nothing is, in a sound store. Judged as of the last write. Where the rows contradict one another, they
        are told and not counted. Cost: linear in the workspace, which is held in memory.

        Args:
            replay: read the whole log besides, see whether it is in order, and compare what it tells with
                the rows.
        """
        with self._store.read(self._workspace) as view:
            workspace = view.workspace()
            if workspace is None:
                return []
            found = list(self._unsound(view, workspace))
            if replay:
                found += self._untold(view, workspace)
        return found

    def _unsound(self, view: StoreView, workspace: WorkspaceRow) -> Iterator[Discrepancy]:
        draft, rows = self._draft(view), Rows(view)
        is_broken = False
        for fault in row_faults(view, rows, draft):
            is_broken = True
            yield fault
        if not is_broken:
            yield from Recount(rows, draft, workspace).discrepancies()
        yield from log_end_faults(view, rows)

    def _untold(self, view: StoreView, workspace: WorkspaceRow) -> Iterator[Discrepancy]:
        yield from log_faults(view, Rows(view))
        try:
            told = self._replayed(view)
        except (ValidationError, AssertionError, LookupError, TypeError, ValueError) as error:
            yield Discrepancy(
                subject=THE_LOG, field="the replay", stored=str(error) or repr(error), expected="a state"
            )
            return
        yield from ReplayComparison(view, told, workspace).discrepancies()

    def _replayed(self, view: StoreView) -> Changes:
        """All that follows from the log, from nothing."""
        with self._store.read(_NOWHERE) as nothing:
            draft = self._draft(nothing)
            replay(draft, events_behind(view, 0))
            return draft.changes()

    def repair(self, *, rows: bool = False) -> list[Discrepancy]:
        """Put right what `check` finds; what was wrong and is right now.

        Whatever is derived is rebuilt from what was said. That records no event, for nothing is said by it,
        and nobody is told.

        Args:
            rows: rebuild first what was said, from the log, by telling all of it again
                (`check(replay=True)` shows what that would change).

        Raises:
            ConflictError: the rows contradict one another, and need `rows`, or, with it, the log does.
            ValidationError: the log cannot be told again.
        """
        return self._in_turn(lambda transaction: self._repair(transaction, rows=rows))

    def _repair(self, transaction: Transaction, *, rows: bool) -> list[Discrepancy]:
        found: list[Discrepancy] = []
        workspace = transaction.workspace()
        if workspace is None:
            return []
        if rows:
            comparison = ReplayComparison(transaction, self._replayed(transaction), workspace)
            found += comparison.discrepancies()
            if found:
                transaction.write(comparison.changes())
                self._registrations = Registrations(workspace)
        all_rows, draft = Rows(transaction), self._draft(transaction)
        if faults := list(row_faults(transaction, all_rows, draft)):
            raise _cannot_be_counted(faults, rows=rows)
        counted = Recount(all_rows, draft, workspace)
        found += counted.discrepancies()
        if found:
            transaction.commit(counted.changes() or Changes.of_nothing(workspace))
        return found


def _cannot_be_counted(faults: list[Discrepancy], *, rows: bool) -> ConflictError:
    hint = "Restore a backup or a dump." if rows else "Rebuild the rows from the log: wl.repair(rows=True)."
    return ConflictError(
        reason=f"The rows contradict one another: {faults[0]}.",
        hint=hint,
        facts={"faults": [str(fault) for fault in faults[: LIMITS.problems]]},
    )


def _refuse_unless_empty(view: StoreView) -> None:
    if view.workspace() is not None:
        raise ConflictError(
            reason="A dump can only be restored into an empty workspace.",
            hint="Open a new store, or another workspace.",
        )
