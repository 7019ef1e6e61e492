"""The schema, as the numbered steps that lead to it.

A step is never edited once released: a change of the schema is one more step. Steps run inside one
transaction, together with the note of the version reached. Words in braces are types, which each dialect
spells its own way (`TypeNames`).

Every key is led by the workspace: it is the unit of isolation, of locking and, in a distributed database,
of placement. Indexes are few because each costs every write; what a partial index leaves out, a query must
repeat word for word to be served by it.
"""

from __future__ import annotations

from typing import Final

from attrs import asdict, frozen


@frozen(kw_only=True)
class TypeNames:
    """How a dialect spells the types of columns, and what it appends to tables that are kept by their key."""

    text: str
    integer: str
    """64 bits."""
    number: str
    """A double, infinities included."""
    boolean: str
    json: str
    """JSON that is looked into."""
    document: str
    """JSON that is kept as it was written."""
    by_key: str
    """After a table that is best stored in the order of its primary key."""


_FIRST: Final = (
    """
    CREATE TABLE workspaces (
        workspace {text} NOT NULL PRIMARY KEY,
        stream {text} NOT NULL,
        position {integer} NOT NULL,
        settled_at {integer} NOT NULL,
        wakes_at {integer},
        definitions_at {integer} NOT NULL
    ){by_key}
    """,
    """
    CREATE TABLE tasks (
        workspace {text} NOT NULL,
        task_id {text} NOT NULL,
        seq {integer} NOT NULL,
        task_type {text} NOT NULL,
        parent_id {text},
        stage {text} NOT NULL,
        attributes {json} NOT NULL,
        version {integer} NOT NULL,
        created_at {integer} NOT NULL,
        updated_at {integer} NOT NULL,
        started_at {integer},
        completed_at {integer},
        not_before {integer},
        "join" {integer} NOT NULL,
        template_id {text},
        template_version {integer},
        superseded_by {text},
        outcome {text},
        attempt {integer} NOT NULL,
        reopened_at {integer},
        result {document},
        error {document},
        approval {document},
        artifacts {document},
        metrics {document},
        gate_waivers {document},
        series {document},
        token {integer},
        claimed_by {text},
        claimed_until {integer},
        lease {integer},
        holds {document},
        clock {document},
        alarms {document},
        status {text} NOT NULL,
        ready {boolean} NOT NULL,
        rank {number} NOT NULL,
        due_at {integer},
        breached_at {integer},
        timed {boolean} NOT NULL,
        closed {boolean} NOT NULL,
        alarm_at {integer},
        needs {text},
        run_of {text},
        next_run_at {integer},
        depth {integer} NOT NULL,
        root_id {text} NOT NULL,
        children {integer} NOT NULL,
        open_children {integer} NOT NULL,
        edges {integer} NOT NULL,
        start_edges {integer} NOT NULL,
        start_met {integer} NOT NULL,
        finish_open {integer} NOT NULL,
        holders {integer} NOT NULL,
        in_series {integer} NOT NULL,
        start_level {integer} NOT NULL,
        finish_level {integer} NOT NULL,
        moment {integer},
        PRIMARY KEY (workspace, task_id),
        FOREIGN KEY (workspace, parent_id) REFERENCES tasks (workspace, task_id)
            DEFERRABLE INITIALLY DEFERRED
    )
    """,
    "CREATE INDEX tasks_by_age ON tasks (workspace, created_at, task_id)",
    "CREATE INDEX tasks_by_status ON tasks (workspace, status, created_at, task_id)",
    "CREATE INDEX tasks_by_type ON tasks (workspace, task_type, created_at, task_id)",
    "CREATE INDEX tasks_ready ON tasks (workspace, rank, created_at, task_id) WHERE ready",
    "CREATE INDEX tasks_children ON tasks (workspace, parent_id, seq) WHERE parent_id IS NOT NULL",
    "CREATE INDEX tasks_replaced ON tasks (workspace, superseded_by, seq) WHERE superseded_by IS NOT NULL",
    "CREATE INDEX tasks_due ON tasks (workspace, moment, seq) WHERE moment IS NOT NULL",
    "CREATE INDEX tasks_alarms ON tasks (workspace, alarm_at, seq) WHERE alarm_at IS NOT NULL",
    """
    CREATE INDEX tasks_late ON tasks (workspace, due_at)
    WHERE due_at IS NOT NULL AND completed_at IS NULL
    """,
    "CREATE INDEX tasks_missed ON tasks (workspace, breached_at) WHERE breached_at IS NOT NULL",
    "CREATE INDEX tasks_timed ON tasks (workspace, seq) WHERE timed",
    "CREATE INDEX tasks_coming ON tasks (workspace, next_run_at, seq) WHERE next_run_at IS NOT NULL",
    "CREATE INDEX tasks_runs ON tasks (workspace, run_of, created_at, task_id) WHERE run_of IS NOT NULL",
    """
    CREATE INDEX tasks_templated ON tasks (workspace, template_id, template_version, seq)
        WHERE template_id IS NOT NULL
    """,
    """
    CREATE INDEX tasks_claimed ON tasks (workspace, claimed_by, created_at, task_id)
        WHERE claimed_by IS NOT NULL
    """,
    """
    CREATE TABLE edges (
        workspace {text} NOT NULL,
        task_id {text} NOT NULL,
        dependency_id {text} NOT NULL,
        type {text} NOT NULL,
        seq {integer} NOT NULL,
        mandatory {boolean} NOT NULL,
        outcome {text} NOT NULL,
        conditions {document},
        lag {integer} NOT NULL,
        artifact {text},
        description {text},
        waived_at {integer},
        waived_until {integer},
        waived_by {text},
        waive_reason {text},
        effective_id {text} NOT NULL,
        moment {integer},
        PRIMARY KEY (workspace, task_id, dependency_id, type),
        FOREIGN KEY (workspace, task_id) REFERENCES tasks (workspace, task_id)
            DEFERRABLE INITIALLY DEFERRED,
        FOREIGN KEY (workspace, dependency_id) REFERENCES tasks (workspace, task_id)
            DEFERRABLE INITIALLY DEFERRED
    ){by_key}
    """,
    "CREATE INDEX edges_awaiting ON edges (workspace, effective_id)",
    "CREATE INDEX edges_naming ON edges (workspace, dependency_id)",
    "CREATE INDEX edges_due ON edges (workspace, moment, seq) WHERE moment IS NOT NULL",
    """
    CREATE TABLE holds (
        workspace {text} NOT NULL,
        resource {text} NOT NULL,
        task_id {text} NOT NULL,
        units {integer} NOT NULL,
        capacity {integer} NOT NULL,
        PRIMARY KEY (workspace, resource, task_id),
        FOREIGN KEY (workspace, task_id) REFERENCES tasks (workspace, task_id)
            DEFERRABLE INITIALLY DEFERRED
    ){by_key}
    """,
    """
    CREATE TABLE events (
        workspace {text} NOT NULL,
        position {integer} NOT NULL,
        event_type {text} NOT NULL,
        task_id {text},
        at {integer} NOT NULL,
        actor {text},
        reason {text},
        data {document} NOT NULL,
        command {integer} NOT NULL,
        undoes {integer},
        PRIMARY KEY (workspace, position)
    ){by_key}
    """,
    "CREATE INDEX events_of_task ON events (workspace, task_id, position) WHERE task_id IS NOT NULL",
    "CREATE INDEX events_undoing ON events (workspace, undoes, command) WHERE undoes IS NOT NULL",
    """
    CREATE TABLE comments (
        workspace {text} NOT NULL,
        task_id {text} NOT NULL,
        seq {integer} NOT NULL,
        text {text} NOT NULL,
        author {text},
        at {integer} NOT NULL,
        PRIMARY KEY (workspace, task_id, seq),
        FOREIGN KEY (workspace, task_id) REFERENCES tasks (workspace, task_id) ON DELETE CASCADE
    ){by_key}
    """,
    """
    CREATE TABLE templates (
        workspace {text} NOT NULL,
        template_id {text} NOT NULL,
        version {integer} NOT NULL,
        body {document} NOT NULL,
        created_at {integer} NOT NULL,
        deleted {boolean} NOT NULL,
        PRIMARY KEY (workspace, template_id, version)
    )
    """,
    """
    CREATE TABLE task_types (
        workspace {text} NOT NULL,
        task_type {text} NOT NULL,
        lifecycle {document},
        attributes_schema {document},
        attribute_names {document},
        attribute_defaults {document},
        strict {boolean} NOT NULL,
        PRIMARY KEY (workspace, task_type)
    )
    """,
    """
    CREATE TABLE calendars (
        workspace {text} NOT NULL,
        name {text} NOT NULL,
        body {document} NOT NULL,
        PRIMARY KEY (workspace, name)
    )
    """,
    """
    CREATE TABLE idempotency_keys (
        workspace {text} NOT NULL,
        key {text} NOT NULL,
        digest {text} NOT NULL,
        answer {document} NOT NULL,
        at {integer} NOT NULL,
        PRIMARY KEY (workspace, key)
    )
    """,
    "CREATE INDEX keys_by_use ON idempotency_keys (workspace, at, key)",
    """
    CREATE TABLE consumers (
        workspace {text} NOT NULL,
        consumer {text} NOT NULL,
        position {integer} NOT NULL,
        PRIMARY KEY (workspace, consumer)
    )
    """,
    """
    CREATE TABLE deliveries (
        workspace {text} NOT NULL,
        consumer {text} NOT NULL,
        position {integer} NOT NULL,
        place {integer} NOT NULL,
        channel {text} NOT NULL,
        text {text} NOT NULL,
        attempts {integer} NOT NULL,
        taken {integer} NOT NULL,
        next_at {integer},
        dead_at {integer},
        error {text},
        PRIMARY KEY (workspace, consumer, position, place)
    )
    """,
    """
    CREATE INDEX deliveries_due ON deliveries (workspace, consumer, next_at, position, place)
        WHERE next_at IS NOT NULL
    """,
    """
    CREATE INDEX deliveries_dead ON deliveries (workspace, consumer, position, place)
        WHERE dead_at IS NOT NULL
    """,
)

_STEPS: Final = (_FIRST,)

SCHEMA_VERSION: Final = len(_STEPS)
"""The version that this code reads and writes; a database of a newer one is refused."""


def steps_from(version: int, types: TypeNames) -> list[str]:
    """The statements that lead from a version of the schema (0: nothing is there) to the present one."""
    words = asdict(types)
    return [statement.format(**words) for step in _STEPS[version:] for statement in step]
