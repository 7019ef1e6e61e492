"""What is sent to PostgreSQL: nothing that a database lacks that spreads tables over servers by workspace.

docs/how-to/use-postgresql.md has the list.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from psycopg import RawCursor, RawServerCursor

import worklattice
from tests.faults.commands import COMMANDS, opened, prepare
from tests.stores import store_url
from worklattice.model.commands import BatchCreate, CreateTask, NewTask
from worklattice.storage.sql.migrations import steps_from
from worklattice.storage.sql.postgres_schema import _TYPES
from worklattice.testing import ManualClock

PLAYBOOK = Path(__file__).parents[3] / "data" / "playbook.jsonl"

LACKING = re.compile(
    r"\b(LISTEN|NOTIFY|TRIGGER|pg_(try_)?advisory\w*|SERIAL|BIGSERIAL|SEQUENCE|nextval|GENERATED|IDENTITY|"
    r"SKIP\s+LOCKED|NOWAIT|TEMP|TEMPORARY|UNLOGGED|LOCK\s+TABLE|SAVEPOINT|PREPARE\s+TRANSACTION|"
    r"SERIALIZABLE|RULE|FUNCTION|EXTENSION|TRUNCATE|now|random|gen_random_uuid|timeofday|"
    r"(clock|statement|transaction)_timestamp|CURRENT_(DATE|TIME|TIMESTAMP)|LOCALTIME|LOCALTIMESTAMP)\b",
    re.IGNORECASE,
)
TABLES = "|".join(re.findall(r"CREATE TABLE (\w+)", " ".join(steps_from(0, _TYPES))))
OF_TRANSACTIONS = re.compile(
    r"BEGIN ISOLATION LEVEL (REPEATABLE READ READ ONLY|READ COMMITTED)|SET LOCAL \w+ TO \w+|COMMIT|ROLLBACK"
)
THE_CLOCK = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint"
"""Stands alone, so that the server's time decides nothing that a statement does."""
OF_ALL = {"SELECT workspace FROM workspaces WHERE position > 0 ORDER BY workspace"}
"""Statements that are asked of all workspaces, on purpose."""


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Every statement that the driver is given, whoever gives it."""
    statements: set[str] = set()

    def noting(cursor: type[Any], name: str) -> None:
        method: Callable[..., Any] = getattr(cursor, name)

        def noted(self: Any, query: str | bytes, *arguments: Any, **options: Any) -> Any:
            statements.add(query if isinstance(query, str) else query.decode())
            return method(self, query, *arguments, **options)

        monkeypatch.setattr(cursor, name, noted)

    for cursor, names in {
        RawCursor: ("execute", "executemany", "stream", "copy"),
        RawServerCursor: ("execute", "executemany"),
    }.items():
        for name in names:
            noting(cursor, name)
    return statements


def failing(_: worklattice.Notification) -> None:
    raise OSError


def names_the_workspace(statement: str) -> bool:
    """Whether each table in the statement is narrowed down to a workspace."""
    if statement.startswith(("INSERT INTO", "COPY")):
        return re.match(r'(INSERT INTO|COPY) \w+ \("?workspace"?, ', statement) is not None
    parts = re.split(r"\bFROM\b|\bUPDATE\b|\bJOIN\b", statement.replace("FROM new ", ""))[1:]
    tables = [part for part in parts if re.match(rf'\s*"?({TABLES})\b', part)]
    return bool(tables) and all(re.search(r'"?workspace"? = ', part) for part in tables)


def test_everything_that_is_sent_is_portable(sent: set[str]) -> None:
    """The playbook, every command, a bulk load, looks at the whole: each statement is of one workspace."""
    clock = ManualClock()
    with worklattice.open(store_url(), clock=clock) as wl:
        for line in PLAYBOOK.read_text(encoding="utf-8").splitlines():
            wl.dispatch(json.loads(line)["payload"])
        clock.advance("1 hour")
        for consumer in ("one", "other"):
            assert wl.deliver({"slack": str}, consumer=consumer).delivered > 0
            assert wl.deliver({}, consumer=consumer).delivered == 0
        wl.create_generic_task("t", task_id="told")
        wl.manage_lifecycle("told", "active", notify_channels=["#a", "@b"])
        assert wl.deliver({"slack": failing}).dead == 1
        assert len(wl.list_dead_letters().dead_letters) == 1
        wl.get_ready_tasks()
        wl.run(BatchCreate(tasks=tuple(NewTask(task_type="t") for _ in range(60))))
        wl.run(CreateTask(task_type="t", idempotency_key="k"))
        assert wl.check() == []
        wl.dump()
        list(wl.events())
        wl.workspaces()
        wl.drop_workspace("default")
    for command in COMMANDS:
        with opened(store_url()) as wl:
            prepare(wl)
            wl.run(command)
    assert len(sent) > 60
    assert {"COMMIT", "ROLLBACK", THE_CLOCK} <= sent
    assert any(each.startswith("COPY") for each in sent)
    sent -= {THE_CLOCK, *OF_ALL}
    assert [each for each in sent if LACKING.search(each)] == []
    assert [
        each
        for each in sent
        if not (OF_TRANSACTIONS.fullmatch(each) or names_the_workspace(" ".join(each.split())))
    ] == []


def test_the_schema_is_portable() -> None:
    """No keys are generated, and every key, index and reference begins with the workspace."""
    for statement in steps_from(0, _TYPES):
        assert LACKING.search(statement) is None
        led = re.findall(r"(?:PRIMARY KEY|FOREIGN KEY|REFERENCES \w+|INDEX \w+ ON \w+) \((\w+)", statement)
        assert set(led) <= {"workspace"}
