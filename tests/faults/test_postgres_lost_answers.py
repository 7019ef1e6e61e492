"""The answer of a PostgreSQL server to COMMIT gets lost on the way."""

from __future__ import annotations

import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from urllib.parse import urlencode

import psycopg

import worklattice
from tests.faults.numbers import NUMBERS, tell
from tests.faults.persistence import Persistent
from tests.stores import database, server_url


class Proxy:
    """Stands between clients and the server, and hangs up when told to instead of answering a COMMIT."""

    def __init__(self, host: str, port: int) -> None:
        self._server = (host, port)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self.loses_the_next_commit = threading.Event()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listening.close()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                server = self._connect()
                is_lost = threading.Event()
                for pair in ((client, server), (server, client)):
                    threading.Thread(target=self._pass_on, args=(*pair, is_lost), daemon=True).start()

    def _connect(self) -> socket.socket:
        host, port = self._server
        if not host.startswith("/"):
            return socket.create_connection((host, port))
        server = socket.socket(socket.AF_UNIX)
        server.connect(f"{host}/.s.PGSQL.{port}")
        return server

    def _pass_on(self, source: socket.socket, target: socket.socket, is_lost: threading.Event) -> None:
        with suppress(OSError):
            while (data := source.recv(65_536)) and not is_lost.is_set():
                if b"COMMIT\0" in data and self.loses_the_next_commit.is_set():
                    self.loses_the_next_commit.clear()
                    is_lost.set()
                target.sendall(data)
        for each in (source, target):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        source.close()


@contextmanager
def through_a_proxy() -> Generator[tuple[Proxy, str]]:
    """A proxy, and the URL of a new store behind it."""
    with psycopg.connect(server_url()) as connection:
        info = connection.info
        host, port, user, password, name = info.host, info.port, info.user, info.password, info.dbname
    proxy = Proxy(host, port)
    given = {"user": user, "dbname": name, "schema": database().schema, "sslmode": "disable"}
    if password:
        given["password"] = password
    try:
        yield proxy, f"postgresql://127.0.0.1:{proxy.port}/?{urlencode(given)}"
    finally:
        proxy.close()


def test_a_commit_whose_answer_is_lost_is_settled_by_its_key() -> None:
    """Nobody knows whether it came to pass; with the same key it happens once."""
    with through_a_proxy() as (proxy, url), worklattice.open(url) as wl:
        writer = Persistent(wl)
        for _ in range(NUMBERS.lost_answers):
            proxy.loses_the_next_commit.set()
            writer.write()
            assert not proxy.loses_the_next_commit.is_set()
        assert writer.unknown == writer.refused == NUMBERS.lost_answers
        writer.lost_nothing()
    tell("answers lost", runs=NUMBERS.lost_answers, **writer.counts())
