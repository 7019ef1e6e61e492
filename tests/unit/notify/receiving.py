"""A real HTTP receiver on this machine, which keeps what it is sent."""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import attrs


@attrs.define
class Receiver:
    """Where it is, what it got, and what it answers."""

    port: int = 0
    paths: list[str] = attrs.field(factory=list)
    bodies: list[Any] = attrs.field(factory=list)
    status: int = 200
    headers: dict[str, str] = attrs.field(factory=dict)
    text: str = "ok"


@contextmanager
def receiver() -> Generator[Receiver]:
    """A receiver that listens until the block is left."""
    got = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.paths.append(self.path)
            got.bodies.append(json.loads(body))
            self.send_response(got.status)
            for name, value in got.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(got.text.encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as it is there
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        got.port = server.server_address[1]
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield got
        finally:
            server.shutdown()
            thread.join()
