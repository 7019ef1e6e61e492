"""Hostile and mistaken store URLs: refused at their field, with no password, and no file is touched."""

import os
import sqlite3
import traceback
from pathlib import Path

import pytest

import worklattice
from worklattice import StoreError, ValidationError
from worklattice.storage.sql.migrations import SCHEMA_VERSION


def refused(url: str) -> worklattice.WorklatticeError:
    with pytest.raises((ValidationError, StoreError)) as caught:
        worklattice.open(url)
    error = caught.value
    assert error.suggestion
    shown = "".join(traceback.format_exception(error)) + repr(error)
    assert "hunter2" not in shown
    assert len(error.message) <= 500
    return error


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("postgresql://me:hunter2@host/db", id="116 of a store that is not there"),
        pytest.param("sqlite://me:hunter2@host/work.db", id="116 where none belongs"),
        pytest.param("sqlite:///work.db?password=hunter2", id="116 as a parameter"),
        pytest.param("hunter2", id="116 alone"),
        pytest.param("me:hunter2@host", id="116 in a scheme's place"),
        pytest.param("sqlite:///work.db?nolock=1", id="117 nolock"),
        pytest.param("sqlite:///work.db?immutable=1", id="117 immutable"),
        pytest.param("sqlite:///work.db?vfs=unix-none", id="117 vfs"),
        pytest.param("sqlite:///file:work.db%3Fvfs=unix-none/x", id="117 a URI inside"),
        pytest.param("sqlite:///work.db?%76fs=x", id="117 written with percent signs"),
        pytest.param("postgresql://me:hunter2@host/db?options=-csearch_path=x", id="120 options"),
        pytest.param("postgresql://me:hunter2@host/db?service=x", id="120 service"),
        pytest.param("postgresql://me:hunter2@host/db?passfile=/etc/passwd", id="120 passfile"),
        pytest.param("postgresql://me:hunter2@host/db?sslpassword=hunter2", id="120 another password"),
        pytest.param("mysql://host/db", id="121 mysql"),
        pytest.param("file:///work.db", id="121 file"),
        pytest.param("http://host/work.db", id="121 http"),
        pytest.param("javascript:alert(1)", id="121 javascript"),
        pytest.param("sqlite+pysqlite:///work.db", id="121 of another library"),
        pytest.param(":", id="121 none"),
        pytest.param("\x00", id="121 U+0000"),
        pytest.param("sqlite:///" + "a/" * 100_000 + "b", id="119 200 KB"),
        pytest.param("sqlite:///" + "a" * 5_000, id="119 a name too long"),
        pytest.param("sqlite:///a%00b", id="119 U+0000 in a name"),
        pytest.param("sqlite:///%FF%ED%A0%80/x", id="119 a name that is not UTF-8"),
        pytest.param("sqlite:///\ud800", id="119 half a surrogate in a name"),
        pytest.param("sqlite:///absent/work.db", id="119 a folder that is not there"),
    ],
)
def test_a_url_that_is_refused(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says what would do, and no file is made."""
    monkeypatch.chdir(tmp_path)
    error = refused(url)
    if isinstance(error, ValidationError):
        assert (error.field or "").startswith("url")
    else:
        assert error.details["kind"] == "unavailable"
    assert not list(tmp_path.iterdir())


def test_a_password_is_not_shown_by_what_was_opened(tmp_path: Path) -> None:
    """What is opened shows where, and never more of a URL than that (116)."""
    with worklattice.open(f"sqlite:///{tmp_path}/work.db") as wl:
        assert "work.db" in repr(wl)


@pytest.mark.parametrize(
    "content", [b"no database", b"SQLite format 3\x00" + b"\xff" * 5_000, b"PK\x03\x04", b"\x00" * 4_096]
)
def test_a_file_that_is_no_database(content: bytes, tmp_path: Path) -> None:
    """It is left as it is (118)."""
    path = tmp_path / "work.db"
    path.write_bytes(content)
    error = refused(f"sqlite:///{path}")
    assert isinstance(error, StoreError)
    assert error.kind == "incompatible"
    assert path.read_bytes() == content
    assert [entry.name for entry in tmp_path.iterdir()] == ["work.db"]


def test_a_directory_or_a_device(tmp_path: Path) -> None:
    """Neither is a file to keep a database in (119)."""
    os.mkfifo(tmp_path / "pipe")
    for url in (
        f"sqlite:///{tmp_path}",
        "sqlite:////dev/null",
        "sqlite:////dev/zero",
        f"sqlite:///{tmp_path}/pipe",
    ):
        assert isinstance(refused(url), StoreError)


def test_a_newer_version(tmp_path: Path) -> None:
    """It is refused, and not one byte of it is changed (122)."""
    path = tmp_path / "work.db"
    worklattice.open(f"sqlite:///{path}").close()
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    connection.close()
    content = path.read_bytes()
    error = refused(f"sqlite:///{path}")
    assert isinstance(error, StoreError)
    assert error.kind == "incompatible"
    assert path.read_bytes() == content
