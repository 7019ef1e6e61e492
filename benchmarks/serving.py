"""What an event loop costs: `worklattice.aio`, and a server around it, beside calls in one thread.

    python -m benchmarks.serving [--url URL] [--rounds N] [--json FILE]

Without a URL, it is an SQLite file in a temporary folder. The server is `examples/asgi_server.py` under
uvicorn in a process of its own, on the same machine; the client takes its share of the processor too.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from itertools import count
from pathlib import Path

import worklattice
from benchmarks.limits import ATTRIBUTES
from benchmarks.pairs import Pair, measure, table
from worklattice import aio

_MANY = 200
"""Calls of one round."""
_TOGETHER = 20
"""Calls, or connections, at a time."""
_EXAMPLES = Path(__file__).parent.parent / "examples"


def main() -> None:
    """Measure, print the table, keep the numbers where asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--url")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = options.url or f"sqlite:///{folder}/work.db"
        lines = [measure(pair, rounds=options.rounds) for pair in pairs(url)]
    print(f"µs a call, beside the same call in one thread without a loop\n\n{table(lines)}")
    print("\nrequests a second: " + ", ".join(f"{line.name}: {1e6 / line.ours:,.0f}" for line in lines))
    if options.json:
        options.json.write_text(json.dumps({"lines": [asdict(line) for line in lines]}))


def pairs(url: str) -> Iterator[Pair]:
    """What is measured: the same creates and reads, called in three ways."""
    numbers = count()

    def new() -> str:
        return f"task-{next(numbers):08}"

    with asyncio.Runner() as runner, worklattice.open(url) as plain:
        plain.create_generic_task("story", task_id="known", attributes=ATTRIBUTES)

        async def opened() -> aio.AsyncOrchestrator:
            return await aio.open(url)

        wl = runner.run(opened())

        def create(_: int) -> None:
            for _ in range(_MANY):
                plain.create_generic_task("story", task_id=new(), attributes=ATTRIBUTES)

        def read(_: int) -> None:
            for _ in range(_MANY):
                plain.get_task("known")

        def create_awaited() -> Awaitable[object]:
            return wl.create_generic_task("story", task_id=new(), attributes=ATTRIBUTES)

        def read_awaited() -> Awaitable[object]:
            return wl.get_task("known")

        for name, awaited, limit in (("create", create_awaited, create), ("read", read_awaited, read)):
            yield _pair(f"{name}, awaited one by one", runner, awaited, limit, together=1)
            yield _pair(f"{name}, {_TOGETHER} awaited at a time", runner, awaited, limit, together=_TOGETHER)
        with served(url) as port, called(port, runner) as request:

            def create_over_http() -> Awaitable[object]:
                arguments = {"task_type": "story", "task_id": new(), "attributes": ATTRIBUTES}
                return request({"tool": "orchestrator_create_generic_task", "arguments": arguments})

            def read_over_http() -> Awaitable[object]:
                return request({"tool": "orchestrator_get_task", "arguments": {"task_id": "known"}})

            yield _pair("create over HTTP", runner, create_over_http, create, together=_TOGETHER)
            yield _pair("read over HTTP", runner, read_over_http, read, together=_TOGETHER)
        runner.run(wl.close())


def _pair(
    name: str,
    runner: asyncio.Runner,
    call: Callable[[], Awaitable[object]],
    limit: Callable[[int], None],
    *,
    together: int,
) -> Pair:
    async def one_by_one(times: int) -> None:
        for _ in range(times):
            await call()

    async def all_of_them() -> None:
        await asyncio.gather(*(one_by_one(_MANY // together) for _ in range(together)))

    return Pair(name, lambda _: runner.run(all_of_them()), limit, 1, per=_MANY)


@contextmanager
def called(port: int, runner: asyncio.Runner) -> Generator[Callable[[object], Awaitable[None]]]:
    """A client with some connections: sends a payload over one that is free."""
    clients = [runner.run(Client.to(port)) for _ in range(_TOGETHER)]
    free = list(clients)

    async def request(payload: object) -> None:
        client = free.pop()
        await client.call(payload)
        free.append(client)

    yield request
    for client in clients:
        runner.run(client.close())


class Client:
    """One connection to the server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def to(cls, port: int) -> Client:
        """Connect."""
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def call(self, payload: object) -> None:
        """Send a payload and read its answer, which must be a success."""
        body = json.dumps(payload).encode()
        head = f"POST /dispatch HTTP/1.1\r\nHost: bench\r\nContent-Length: {len(body)}\r\n\r\n"
        self._writer.write(head.encode() + body)
        answer = await self._reader.readuntil(b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 200"), answer
        (length,) = (
            int(line.partition(b":")[2])
            for line in answer.splitlines()
            if line.lower().startswith(b"content-length")
        )
        await self._reader.readexactly(length)

    async def close(self) -> None:
        """Disconnect."""
        self._writer.close()
        await self._writer.wait_closed()


@contextmanager
def served(url: str) -> Generator[int]:
    """The example's server for the store; its port."""
    command = [sys.executable, "-m", "uvicorn", "asgi_server:app", "--app-dir", str(_EXAMPLES), "--port", "0"]
    server = subprocess.Popen(  # noqa: S603 - a program of ours
        [*command, "--no-access-log", "--no-use-colors"],
        env={**os.environ, "WORKLATTICE_URL": url},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert server.stderr is not None
    try:
        line = next(line for line in server.stderr if "running on" in line)
        yield int(line.partition("127.0.0.1:")[2].split()[0])
    finally:
        server.send_signal(signal.SIGINT)
        server.communicate(timeout=60)


if __name__ == "__main__":
    main()
