"""URLs: which store they mean, and which are refused."""

import subprocess
import sys
from pathlib import Path

import pytest

from worklattice.errors import StoreError, ValidationError
from worklattice.opening import masked, open_store
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
        ("postgresql://host/db?password=secret&x=1", "postgresql://host/db?password=***&x=1"),
        ("postgresql://host/db?sslPassword=a%26b", "postgresql://host/db?sslPassword=***"),
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
