"""URLs: which store they mean, and which are refused."""

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

import worklattice
from tests.stores import server_url, store_url, with_parameters
from worklattice.errors import StoreError, ValidationError
from worklattice.opening import check_schema, create_schema, masked, open_store
from worklattice.storage.sql.postgres import PostgresStore
from worklattice.testing.rows import fill, task_row


def test_memory_is_a_fresh_store_each_time() -> None:
    """What is written to one is not in the next."""
    first, second = open_store("memory:"), open_store("memory:")
    fill(first, tasks=[task_row("t")])
    with second.read("w") as view:
        assert view.count(None) == 0
    first.close()
    second.close()


def test_three_slashes_are_relative_and_four_absolute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in SQLAlchemy; a relative path counts from the working directory at the time of opening."""
    monkeypatch.chdir(tmp_path)
    relative = open_store("sqlite:///work%20%3F.db?timeout=0.5&synchronous=FULL")
    fill(relative, tasks=[task_row("t")])
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    absolute = open_store(f"sqlite:///{tmp_path}/work ?.db".replace("?", "%3F"))
    with absolute.read("w") as view, relative.read("w") as other:
        assert view.count(None) == other.count(None) == 1
    absolute.close()
    relative.close()
    assert (tmp_path / "work ?.db").is_file()


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("", "no store URL"),
        ("work.db", "no store URL"),
        ("mysql://user:secret@host/db", '"mysql"'),
        ("memory:x", "nothing may follow"),
        ("memory:?synchronous=full", "no parameter"),
        ("sqlite:work.db", "three slashes"),
        ("sqlite://work.db", "three slashes"),
        ("sqlite://user:secret@host/work.db", "three slashes"),
        ("sqlite:///", "names a file"),
        ("sqlite:///:memory:", "names a file"),
        ("sqlite:///a%00b", "names a file"),
        ("sqlite:///work.db?nolock=1", '"nolock"'),
        ("sqlite:///work.db?immutable=1", '"immutable"'),
        ("sqlite:///work.db?vfs=unix-none", '"vfs"'),
        ("sqlite:///work.db?mode=ro&cache=shared", "1 more problem"),
        ("sqlite:///work.db?password=secret", '"password"'),
        ("sqlite:///work.db?timeout=1&timeout=2", "given twice"),
        ("sqlite:///work.db?timeout=", "number of seconds"),
        ("sqlite:///work.db?timeout=-1", "number of seconds"),
        ("sqlite:///work.db?timeout=nan", "number of seconds"),
        ("sqlite:///work.db?timeout=1e3", "number of seconds"),
        ("sqlite:///work.db?timeout=1_000", "number of seconds"),
        ("sqlite:///work.db?timeout=3601", "number of seconds"),
        ("sqlite:///work.db?synchronous=off", "normal or full"),
    ],
)
def test_urls_that_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, says: str) -> None:
    """The error says what is wrong, names the field, shows no password, and no file is made."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValidationError) as caught:
        open_store(url)
    assert says in caught.value.message
    assert (caught.value.field or "").startswith("url")
    assert "secret" not in str(caught.value) + repr(caught.value)
    assert not list(tmp_path.iterdir())


def test_a_mistyped_parameter_is_corrected() -> None:
    """The closest known name is offered."""
    with pytest.raises(ValidationError) as caught:
        open_store("sqlite:///work.db?timout=3")
    assert caught.value.suggestion == 'Did you mean "timeout"?'


def test_a_directory_is_no_store(tmp_path: Path) -> None:
    """The store's own refusal comes through."""
    with pytest.raises(StoreError, match="directory"):
        open_store(f"sqlite:///{tmp_path}")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://me:secret@host/db", "postgresql://me:***@host/db"),
        ("postgresql://me:se/cr@et@host/db?sslmode=require", "postgresql://me:***@host/db?sslmode=require"),
        ("postgresql://host/db?password=se&cr=et&port=1", "postgresql://host/db?password=***&***&port=1"),
        ("postgresql://host/db?sslPassword=a%26b", "postgresql://host/db?***"),
        ("sqlite:///work.db", "sqlite:///work.db"),
        ("memory:", "memory:"),
    ],
)
def test_passwords_are_masked(url: str, shown: str) -> None:
    """What is shown of a URL has stars in place of each password."""
    assert masked(url) == shown


def test_drivers_are_imported_when_asked_for() -> None:
    """Whoever works in memory does not load SQLite."""
    script = (
        "import sys\nfrom worklattice.opening import open_store\nopen_store('memory:').close()\n"
        "assert 'worklattice.storage.sql.sqlite' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        ("schema=", "url.schema"),
        ("schema=Upper", "url.schema"),
        ('schema=a"b', "url.schema"),
        ("schema=" + "a" * 64, "url.schema"),
        ("connections=0", "url.connections"),
        ("connections=1001", "url.connections"),
        ("connections=many", "url.connections"),
        ("timeout=-1", "url.timeout"),
        ("application=x", "application_name"),
    ],
)
def test_parameters_of_postgresql_are_checked(parameters: str, says: str) -> None:
    """Before anybody is asked for a connection."""
    with pytest.raises(ValidationError) as caught:
        open_store(f"postgresql://nobody:secret@127.0.0.1:1/none?{parameters}")
    assert says in f"{caught.value.field} {caught.value} {caught.value.suggestion}"
    assert "secret" not in str(caught.value)


def test_a_schema_is_created_beforehand() -> None:
    """By whoever may; to check it changes nothing, and to create it again neither."""
    url = store_url()
    with pytest.raises(StoreError, match="version 0"):
        check_schema(url)
    create_schema(url)
    check_schema(url)
    create_schema(url)
    with pytest.raises(ValidationError, match="only a PostgreSQL database"):
        create_schema("sqlite:///work.db")


def test_a_role_of_few_rights_needs_no_more_than_is_said() -> None:
    """It opens a schema that is there, reads and writes, and can make none of its own."""
    schema = parse_qs(urlsplit(store_url()).query)["schema"][0]
    role = f"app_{schema}"
    create_schema(with_parameters(schema=schema))
    with psycopg.connect(server_url(), autocommit=True) as owner:
        for statement in (
            f"CREATE ROLE {role} LOGIN",
            f"GRANT USAGE ON SCHEMA {schema} TO {role}",
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role}",
        ):
            owner.execute(statement.encode())
    with worklattice.open(with_parameters(user=role, schema=schema)) as wl:
        wl.create_generic_task("t", task_id="a")
        assert wl.get_task("a").task is not None
    with pytest.raises(StoreError) as caught:
        worklattice.open(with_parameters(user=role, schema=f"{schema}_of_its_own"))
    assert caught.value.kind == "incompatible"


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:secret%zz@host/db",
        "postgresql://me:secret%00@host/db",
        "postgresql://me:secret\ud800@host/db",
        "postgresql://me:secret@[::1/db",
        "postgresql:me:secret@host/db",
        f"postgresql://me:secret@{'a' * 300}.example/db",
    ],
)
def test_a_url_that_cannot_be_taken_apart_is_not_repeated(url: str) -> None:
    """Nobody knows which part of it is the password."""
    with pytest.raises(ValidationError) as caught:
        open_store(url)
    assert caught.value.field == "url"
    assert "secret" not in f"{caught.value} {caught.value.suggestion} {caught.value.__cause__}"


def test_parameters_mean_to_libpq_what_they_say() -> None:
    """A space is a space, and a plus sign a plus sign."""
    store = open_store(store_url(application_name="my%20app+1%2B1"))
    assert isinstance(store, PostgresStore)
    with store._database.connect() as connection:
        record = connection.execute("SELECT current_setting('application_name')").fetchone()
    store.close()
    assert record == ("my app+1+1",)


def test_what_the_server_says_of_a_connection_is_told() -> None:
    """Not only that it failed."""
    with pytest.raises(StoreError, match="does not exist"):
        check_schema(store_url(dbname="nowhere"))


def test_a_role_without_the_right_to_create_schemas_uses_one_that_it_was_given() -> None:
    """It makes the tables in it, and needs no right on the database."""
    schema = f"given_{os.getpid()}"
    with psycopg.connect(server_url(), autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {schema} LOGIN".encode())
        connection.execute(f"CREATE SCHEMA {schema} AUTHORIZATION {schema}".encode())
    url = with_parameters(schema=schema, user=schema)
    create_schema(url)
    check_schema(url)
