"""The ASGI application of the examples, under a real server, called by a second process."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

import worklattice
from tests.processes.requesting import PATIENCE, Connection, payload
from tests.stores import url_of

HERE = Path(__file__).parent
EXAMPLES = HERE.parent.parent / "examples"
WRITERS = 40
"""More than the server has threads."""


@contextmanager
def served(url: str) -> Generator[int]:
    """A server of its own for the store; its port. It must end well."""
    command = [sys.executable, "-m", "uvicorn", "asgi_server:app", "--app-dir", str(EXAMPLES)]
    server = subprocess.Popen(
        [*command, "--port", "0", "--no-access-log", "--no-use-colors"],
        env={**os.environ, "WORKLATTICE_URL": url},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert server.stderr is not None
    said: list[str] = []
    try:
        for line in server.stderr:
            said.append(line)
            if running := re.search(r"running on http://127\.0\.0\.1:(\d+)", line):
                yield int(running[1])
                break
        else:
            pytest.fail("".join(said))
    finally:
        server.send_signal(signal.SIGINT)
        _, rest = server.communicate(timeout=PATIENCE)
    assert "Finished server process" in rest, rest
    assert "Traceback" not in rest, rest


@pytest.mark.parametrize("store", ["sqlite", "postgresql"])
def test_what_a_server_acknowledged_under_load_is_there(store: str, tmp_path: Path) -> None:
    """A second process has hundreds of requests answered over many connections; each took place, once."""
    url = url_of(store, tmp_path, timeout=60)
    with served(url) as port:
        client = subprocess.run(
            [sys.executable, HERE / "requesting.py", str(port), "400", "50"],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
            timeout=PATIENCE,
        )
    acknowledged = json.loads(client.stdout)
    assert sorted(acknowledged) == sorted(f"t{number}" for number in range(400))
    with worklattice.open(url) as wl:
        events = list(wl.events())
        made = Counter(event.task_id for event in events if event.event_type == "task.created")
        assert made == Counter(acknowledged)
        assert [event.position for event in events] == list(range(1, len(events) + 1))
        assert wl.check() == []


@pytest.mark.parametrize("store", ["sqlite", "postgresql"])
def test_the_loop_is_free_while_writers_wait(store: str, tmp_path: Path) -> None:
    """While another process holds the lock no writer is answered, and every other request is."""
    url = url_of(store, tmp_path, timeout=PATIENCE)

    async def call(port: int) -> None:
        async with asyncio.timeout(PATIENCE):
            writers = [await Connection.to(port) for _ in range(WRITERS)]
            reader = await Connection.to(port)
            with worklattice.open(url) as wl, wl.transaction():
                wl.create_generic_task("t", task_id="of-the-other-process")
                writing = [
                    asyncio.create_task(writer.call("/orders", {"order": f"o{number}", "steps": ["a", "b"]}))
                    if number % 2
                    else asyncio.create_task(
                        writer.call(
                            "/dispatch", payload("create_generic_task", task_type="t", task_id=f"o{number}")
                        )
                    )
                    for number, writer in enumerate(writers)
                ]
                for _ in range(100):
                    assert await reader.call("/health") == (200, {"status": "ok"})
                status, found = await reader.call("/dispatch", payload("query_tasks"))
                assert (status, found["total_results"]) == (200, 0)
                status, told = await reader.call("/tools")
                assert (status, len(told) > 20) == (200, True)
                assert not any(each.done() for each in writing)
            assert [status for status, _ in await asyncio.gather(*writing)] == [200] * WRITERS
            for connection in (reader, *writers):
                await connection.close()

    with served(url) as port:
        asyncio.run(call(port))
    with worklattice.open(url) as wl:
        assert wl.query_tasks().total_results == 1 + WRITERS + 2 * (WRITERS // 2)
        assert wl.check() == []
