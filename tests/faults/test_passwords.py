"""The password of a store's URL, whatever goes wrong: no error, answer, event or log shows it."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from urllib.parse import quote

import psycopg
import pytest

import worklattice
from tests.stores import server_url, store_url
from worklattice import WorklatticeError, opening

SECRET = "Pa55/w@rd:%?&x"  # noqa: S105 - nobody's
"""With everything in it that is special in a URL."""
WRITTEN = quote(SECRET, safe="")


def told(call: Callable[[], object]) -> str:
    """All that an error says, with what it came from."""
    with pytest.raises(WorklatticeError) as caught:
        call()
    error = caught.value
    return f"{error!r} {error} {error.suggestion} {error.details}" + "".join(
        traceback.format_exception(error)
    )


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://me:{WRITTEN}@127.0.0.1:1/none?timeout=0.1",
        f"postgresql://me:{WRITTEN}@127.0.0.1:1/none?timeout=x",
        f"postgresql://me:{WRITTEN}@127.0.0.1:1/none?pasword=1",
        f"postgresql://me@127.0.0.1:1/none?timeout=0.1&password={WRITTEN}",
        f"postgresql://me:{WRITTEN}@no host/none",
        f"postgres:me:{WRITTEN}@host/none",
        f"mysql://me:{WRITTEN}@host/none",
        f"sqlite://me:{WRITTEN}@host/work.db",
    ],
)
def test_a_store_that_cannot_be_opened(url: str, caplog: pytest.LogCaptureFixture) -> None:
    """Neither in its own spelling nor in that of the URL."""
    with caplog.at_level(logging.DEBUG):
        text = told(lambda: worklattice.open(url)) + told(lambda: opening.check_schema(url))
    assert SECRET not in text + caplog.text
    assert WRITTEN not in text + caplog.text


_PIECE = "sswordX"


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:Pa?sswordX@127.0.0.1:1/none?timeout=0.1",
        "postgresql://me:Pa@sswordX@127.0.0.1:1/none?timeout=0.1",
        "postgresql://me:Pa/sswordX@127.0.0.1:1/none?timeout=0.1",
        "postgresql://me@127.0.0.1:1/none?password=Pa&sswordX&timeout=0.1",
        "postgresql://me@127.0.0.1:1/none?timeout=0.1&pass%77ord=sswordX",
    ],
)
def test_a_password_that_was_not_written_as_urls_want_it(url: str) -> None:
    """No piece of it is taken for something that may be shown."""
    assert _PIECE not in told(lambda: worklattice.open(url)) + opening.masked(url)


def test_a_store_that_fails_while_it_is_open(caplog: pytest.LogCaptureFixture) -> None:
    """Nor do its log, its dump, its answers, its own description, nor the pool's notes about connections."""
    with caplog.at_level(logging.DEBUG):
        url = store_url(password=WRITTEN, application_name="with_a_password")
        with worklattice.open(url) as wl:
            wl.create_generic_task("t", task_id="a")
            answers = [repr(wl), repr(wl._store), wl.dump(), str(list(wl.events()))]
            schema = url.partition("schema=")[2].partition("&")[0]
            with psycopg.connect(server_url(), autocommit=True) as connection:
                connection.execute(f"ALTER SCHEMA {schema} RENAME TO gone_{schema}".encode())
            payload = {"tool": "orchestrator_get_task", "arguments": {"task_id": "a"}}
            for _ in range(3):
                with psycopg.connect(server_url(), autocommit=True) as connection:
                    connection.execute(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                        "WHERE application_name = 'with_a_password'"
                    )
                answers.append(str(wl.dispatch(payload)))
                answers.append(told(lambda: wl.create_generic_task("t")))
        answers.append(told(wl.dump))
    everything = " ".join(answers) + caplog.text
    assert "StoreError" in everything
    assert SECRET not in everything
    assert WRITTEN not in everything
