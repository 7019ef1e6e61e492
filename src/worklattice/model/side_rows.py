"""What is kept beside tasks and edges, with changes laid over it: comments, templates, keys, deliveries.

Not here: tasks and edges (`worklattice.model.overlay`); task types and calendars, on which hangs what rows
mean (`worklattice.model.draft`).
"""

from __future__ import annotations

from collections.abc import Sequence

from worklattice.model.overlay import BY_SEQ, Overlay
from worklattice.model.rows import (
    CommentKey,
    CommentRow,
    DeliveryKey,
    DeliveryRow,
    KeyRow,
    Micros,
    TemplateKey,
    TemplateRow,
)
from worklattice.model.view import View


class SideRows(Overlay):
    """An overlay that also shows what is kept beside tasks and edges, with changed rows laid over it."""

    def __init__(self, view: View) -> None:
        super().__init__(view)
        self._comments: dict[CommentKey, CommentRow | None] = {}
        self._templates: dict[TemplateKey, TemplateRow | None] = {}
        self._keys: dict[str, KeyRow | None] = {}
        self._deliveries: dict[DeliveryKey, DeliveryRow | None] = {}

    # --- changing -----------------------------------------------------------------------------------------

    def put_comment(self, row: CommentRow) -> None:
        """Add a comment, or bring one back."""
        self._comments[row.key] = row

    def drop_comment(self, key: CommentKey) -> None:
        """Take a comment away."""
        self._comments[key] = None

    def _drop_comments(self, task_id: str) -> None:
        """Forget the comments that came: the task's row, which goes, takes along those that were there."""
        if self._comments:
            self._comments = {key: row for key, row in self._comments.items() if key[0] != task_id or not row}

    def put_template(self, row: TemplateRow) -> None:
        """Add a version of a template, or what became of one."""
        self._templates[row.template_id, row.version] = row

    def drop_template(self, key: TemplateKey) -> None:
        """Take a version of a template away, as if it had never been."""
        self._templates[key] = None

    def add_key(self, row: KeyRow) -> None:
        """Remember the use of an idempotency key."""
        self._keys[row.key] = row

    def drop_key(self, key: str) -> None:
        """Forget the use of an idempotency key."""
        self._keys[key] = None

    def put_delivery(self, row: DeliveryRow) -> None:
        """Put a delivery in place of the one before."""
        self._deliveries[row.key] = row

    # --- reading ------------------------------------------------------------------------------------------

    def template(self, template_id: str, version: int | None = None) -> TemplateRow | None:
        """That version of a template, or the newest."""
        if version is None:
            versions = [number for name, number in self._templates if name == template_id]
            stored = self.view.template(template_id)
            newest = max([*versions, 0 if stored is None else stored.version])
            numbered = (self.template(template_id, number) for number in range(newest, 0, -1))
            return next((row for row in numbered if row is not None), None)
        if (template_id, version) in self._templates:
            return self._templates[template_id, version]
        return self.view.template(template_id, version)

    def templates(self) -> Sequence[TemplateRow]:
        """The newest version of every template."""
        rows = {row.template_id: row for row in self.view.templates()}
        for template_id in dict.fromkeys(template_id for template_id, _ in self._templates):
            row = self.template(template_id)
            if row is None:
                rows.pop(template_id, None)
            else:
                rows[template_id] = row
        return [rows[template_id] for template_id in sorted(rows)]

    def comments(self, task_id: str) -> Sequence[CommentRow]:
        """The task's comments, oldest first."""
        is_stored = self.task(task_id) is not None and not self.is_born(task_id)
        stored = self.view.comments(task_id) if is_stored else ()
        if not self._comments:
            return stored
        rows: dict[CommentKey, CommentRow | None] = {row.key: row for row in stored}
        rows.update((key, row) for key, row in self._comments.items() if key[0] == task_id)
        return sorted((row for row in rows.values() if row is not None), key=BY_SEQ)

    def key(self, key: str) -> KeyRow | None:
        """The use of an idempotency key."""
        return self._keys[key] if key in self._keys else self.view.key(key)

    def keys_used_before(self, moment: Micros, limit: int) -> Sequence[str]:
        """Keys that were used before the moment, without those that this transaction used or forgot."""
        keys = self.view.keys_used_before(moment, limit + len(self._keys))
        return [key for key in keys if key not in self._keys][:limit]

    def delivery(self, key: DeliveryKey) -> DeliveryRow | None:
        """A notification that was not delivered yet."""
        return self._deliveries[key] if key in self._deliveries else self.view.delivery(key)

    def dead_letters(self, consumer: str, after: tuple[int, int], limit: int) -> Sequence[DeliveryRow]:
        """Deliveries that were given up, without those that this transaction has put on their way again."""
        rows = self.view.dead_letters(consumer, after, limit + len(self._deliveries))
        return [row for row in rows if row.key not in self._deliveries][:limit]
