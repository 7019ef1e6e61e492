"""Restoring a dump: its lines in portions, each decided in a draft of its own, all in one transaction.

The dump is read twice. First what must be known beforehand is gathered; nothing is locked meanwhile. Then it
is judged line by line and written, portion by portion, so that no more than one of them is held in memory.

Not here: what a line does (`worklattice.model.decide.restore`), the transaction (`upkeep`).
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterable, Iterator
from typing import IO, Final, TypeAlias, cast

from attrs import frozen

from worklattice import codec
from worklattice.errors import CircularDependencyError, TemplateValidationError, ValidationError
from worklattice.lang.times import LATEST, read_micros
from worklattice.model.decide.restore import (
    edge_key_of,
    restore_calendar,
    restore_comment,
    restore_dependency,
    restore_links,
    restore_task,
    restore_template,
    restore_type,
)
from worklattice.model.draft import Draft
from worklattice.model.dump_lines import END, HEADER, DumpLine, place
from worklattice.model.event_graph import settle_levels
from worklattice.model.imported import LINKS
from worklattice.model.rows import Micros
from worklattice.model.wire import TIMES
from worklattice.orchestrator.files import Lines
from worklattice.orchestrator.working import WorkingDraft
from worklattice.storage.api import Transaction
from worklattice.templates.parse import parse_template
from worklattice.types import JsonObject

Progress: TypeAlias = Callable[[int, int | None], object]
"""Told how much is done, and of how much; None where that is not known."""

PORTION: Final = 5_000
"""Lines that are written at a time, at most."""
_PORTION_BYTES: Final = 8 * 1024 * 1024
"""What they come to, at most, unless one alone is longer."""
TOLD_EVERY: Final = 10_000
"""Lines after which progress is told, by dumps too."""


@frozen(kw_only=True)
class Survey:
    """What is known of a dump before it is written."""

    lines: int
    latest: Micros
    """The latest moment of which it says that something happened."""
    token: int
    """The largest number that it says was a position in the log."""
    first_expiry: Micros
    """The first moment at which a claim in it runs out; one that never comes where there is none."""


def surveyed(lines: Lines, progress: Progress) -> Survey:
    """Look through a dump. What is wrong with a line within it is left to be found when it is written.

    Raises:
        ValidationError: there is no line, the first one is no header, or some are missing.
    """
    number, latest, token, first_expiry, is_ended = 0, 0, 0, LATEST, False
    for number, text in enumerate(lines, 1):
        if number == 1:
            codec.read_line(text, number)
        document = _parsed(text)
        if document.get("kind") == END:
            is_ended = True
            if type(said := document.get("lines")) is int and said > number:
                raise _miscounted(number, said)
        for name in _HAPPENED & document.keys():
            latest = max(latest, read_micros(str(document[name])) or 0)
        if "claimed_until" in document:
            first_expiry = min(first_expiry, read_micros(str(document["claimed_until"])) or LATEST)
        if type(held := document.get("token")) is int:
            token = max(token, held)
        if number % TOLD_EVERY == 0:
            progress(0, number)
    if not number:
        hint = "It has at least one line, its header; perhaps the file was never written."
        raise ValidationError.of(place(1), "the dump is empty", hint=hint)
    if not is_ended:
        hint = "Its last line is of the kind end. Copy the file again, or take the dump again."
        raise ValidationError.of(place(number), "the dump ends early, after this line", hint=hint)
    return Survey(lines=number, latest=latest, token=token, first_expiry=first_expiry)


def _miscounted(number: int, said: int) -> ValidationError:
    """The error that the last line, which is at `number`, says another number of lines."""
    hint = (
        f"Copy the file again, or take the dump again; if it was changed on purpose, let lines be {number}."
    )
    what = f"the dump had {said:,} lines and has {number:,}"
    return ValidationError.of(f"{place(number)}.lines", what, hint=hint)


def _parsed(text: bytes) -> dict[str, object]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


_HAPPENED: Final = TIMES - {"not_before", "waived_until", "claimed_until", "started_at", "completed_at"}
"""Fields that hold a moment that lies behind. A task's beginning and end are no later than its update."""


def _read(lines: Lines) -> Iterator[DumpLine]:
    """The lines, each of them of the documented form, and at its place among the others."""
    kinds, last = {kind: place for place, kind in enumerate(codec.KINDS)}, codec.KINDS[0]
    for number, text in enumerate(lines, 1):
        line = codec.read_line(text, number)
        if kinds[line.kind] < kinds[last] or last == END:
            raise line.refusal(f"a line of the kind {line.kind} cannot stand behind one of the kind {last}")
        if line.kind == END and (said := cast("int", line.told["lines"])) != number:
            raise _miscounted(number, said)
        last = line.kind
        yield line


class Restoring:
    """One try at writing a dump into a transaction."""

    def __init__(
        self,
        transaction: Transaction,
        begin: Callable[[Draft | None], WorkingDraft],
        *,
        total: int,
        progress: Progress,
    ) -> None:
        self._transaction = transaction
        self._begin = begin
        """Makes the draft of the next portion, given that of the one before."""
        self._draft: WorkingDraft | None = None
        self._total = total
        self._done = 0
        self._progress = progress

    def restore(self, lines: Lines) -> WorkingDraft | None:
        """Write all of the dump but the commit; the last draft, or None where there is nothing to write."""
        with tempfile.TemporaryFile(prefix="worklattice-") as late:
            kind = ""
            for portion in _portions(_read(lines)):
                if kind == "task" and portion[0].kind != "task":
                    self._restore_late_links(late)
                kind = portion[0].kind
                self._write(portion, late)
                self._done += len(portion)
                self._progress(self._done, self._total)
            if kind == "task":
                self._restore_late_links(late)
        return self._draft

    def _restore_late_links(self, late: IO[bytes]) -> None:
        """Add what tasks refer to that came after them."""
        late.seek(0)
        for portion in _portions(DumpLine(*json.loads(text)) for text in late):
            self._write(portion, late)

    def _write(self, portion: list[DumpLine], late: IO[bytes]) -> None:
        """Decide a portion of lines of one kind, and write what follows."""
        if portion[0].kind in {HEADER, END}:
            return
        draft = self._begin(self._draft)
        draft.begin()
        draft.prefetch(
            cast("str", told[name])
            for line in portion
            for name in _NAMES_TASKS
            if name in (told := line.told)
        )
        for line in portion:
            if left := _RESTORES[line.kind](draft, line):
                kept = line._replace(kind=_LATE, told={"task_id": line.told["task_id"], **left})
                late.write(json.dumps(kept).encode() + b"\n")
        try:
            settle_levels(draft)
        except CircularDependencyError as circle:
            raise _blamed(draft, portion, circle) from None
        self._transaction.write(draft.changes())
        self._draft = draft


_NAMES_TASKS: Final = ("task_id", *LINKS, "dependency_id")
_LATE: Final = "links"


def _portions(lines: Iterable[DumpLine]) -> Iterator[list[DumpLine]]:
    """The lines, those of one kind that stand together put together, up to what is written at a time."""
    portion: list[DumpLine] = []
    size = 0
    for line in lines:
        size += line.size
        if portion and (portion[0].kind != line.kind or len(portion) == PORTION or size > _PORTION_BYTES):
            yield portion
            portion, size = [], line.size
        portion.append(line)
    if portion:
        yield portion


def _template(draft: Draft, line: DumpLine) -> None:
    body = cast("JsonObject", line.told["body"])
    if body.get("template_id") != line.told["template_id"]:
        raise line.refusal("must be the template_id of the line", "body.template_id")
    try:
        parse_template(body, None, version=cast("int", line.told["version"]), at=f"{place(line.number)}.body")
    except TemplateValidationError as faulty:
        raise ValidationError.all(faulty.problems) from None
    restore_template(draft, line)


_RESTORES: Final[dict[str, Callable[[Draft, DumpLine], JsonObject | None]]] = {
    "task_type": restore_type,
    "calendar": restore_calendar,
    "template": _template,
    "task": restore_task,
    _LATE: restore_links,
    "dependency": restore_dependency,
    "comment": restore_comment,
}
"""What is done with each kind of line."""


def _blamed(draft: Draft, portion: list[DumpLine], circle: CircularDependencyError) -> ValidationError:
    """The error of the last line that is a part of the circle."""
    links = set(zip(circle.cycle, (*circle.cycle[1:], circle.cycle[0]), strict=True))
    guilty = portion[-1]
    for line in portion:
        edge = draft.edge(edge_key_of(line))
        if edge is not None and (edge.task_id, edge.effective_id) in links:
            guilty = line
    return guilty.refusal(circle.message, hint="Leave out one of the lines that make the circle.")
