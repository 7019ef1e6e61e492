"""A program that calls a server: `python requesting.py PORT COUNT CONNECTIONS`.

Over so many connections at a time it creates so many tasks, with a read after every few. It prints the
ids that were acknowledged, as JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

PATIENCE = 120


class Connection:
    """One connection that is kept open, over which one request is sent at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def to(cls, port: int) -> Connection:
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def call(self, path: str, document: object = None) -> tuple[int, Any]:
        """GET, or POST where there is a document; the status and the answer."""
        body = b"" if document is None else json.dumps(document).encode()
        method = "GET" if document is None else "POST"
        head = f"{method} {path} HTTP/1.1\r\nHost: test\r\nContent-Length: {len(body)}\r\n\r\n"
        self._writer.write(head.encode() + body)
        status = int((await self._reader.readline()).split()[1])
        length = 0
        while line := (await self._reader.readline()).strip():
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        return status, json.loads(await self._reader.readexactly(length))

    async def close(self) -> None:
        self._writer.close()
        await self._writer.wait_closed()


def payload(tool: str, **arguments: object) -> dict[str, object]:
    return {"tool": f"orchestrator_{tool}", "arguments": arguments}


async def create(connection: Connection, task_ids: list[str]) -> list[str]:
    """Create tasks one after the other; those that were acknowledged."""
    acknowledged: list[str] = []
    for number, task_id in enumerate(task_ids):
        status, answer = await connection.call(
            "/dispatch", payload("create_generic_task", task_type="t", task_id=task_id)
        )
        assert (status, answer["status"]) == (200, "success"), answer
        acknowledged.append(answer["task_id"])
        if number % 5 == 0:
            status, answer = await connection.call("/dispatch", payload("get_task", task_id=task_id))
            assert answer["task"]["task_id"] == task_id
    return acknowledged


async def main(port: int, count: int, connections: int) -> None:
    async with asyncio.timeout(PATIENCE):
        opened = [await Connection.to(port) for _ in range(connections)]
        mine = [[f"t{number}" for number in range(first, count, connections)] for first in range(connections)]
        done = await asyncio.gather(*(create(*each) for each in zip(opened, mine, strict=True)))
        for connection in opened:
            await connection.close()
    json.dump([task_id for each in done for task_id in each], sys.stdout)


if __name__ == "__main__":
    asyncio.run(main(*map(int, sys.argv[1:])))
