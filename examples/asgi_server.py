"""An ASGI application around `worklattice.aio`: no framework, nothing but a callable.

It shows
- a store that is opened when the server starts and closed when it stops (`lifespan`);
- `POST /dispatch` with a tool payload as JSON: the answer as JSON, refusals with a fitting status;
- `POST /orders`: several commands of one request as one transaction;
- `GET /events?after=0`: the log behind a position, waiting for what comes if there is nothing yet;
- `GET /health`, which is answered whatever the store is doing, since nothing waits in the loop's thread.

Run it: `python asgi_server.py` starts a server on a free port of this machine, calls it and ends;
`uvicorn asgi_server:app` serves `work.db`, or the store named by `WORKLATTICE_URL`, until it is interrupted.
There is no authentication: keep it on the loopback interface, or put it behind something that has some.
"""

import asyncio
import json
import os
import socket
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import aclosing, suppress
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qs
from urllib.request import ProxyHandler, build_opener

import uvicorn

from worklattice import WorklatticeError, aio
from worklattice.aio import AsyncOrchestrator

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

LARGEST_BODY = 1_048_576
"""Bytes; `dispatch` takes no more either."""
MOST_EVENTS = 1_000
"""Events that one answer has."""
LONGEST_WAIT = 20.0
"""Seconds for which a request for events waits for the first."""

STATUS = {
    "TaskNotFoundError": 404,
    "ParentTaskNotFoundError": 404,
    "DependencyNotFoundError": 404,
    "TemplateNotFoundError": 404,
    "UnknownToolError": 404,
    "DuplicateTaskError": 409,
    "ConflictError": 409,
    "ClaimError": 409,
    "InvalidTransitionError": 409,
    "PrerequisitesNotMetError": 409,
    "CircularDependencyError": 409,
    "LimitExceededError": 413,
    "StoreError": 503,
}
"""The HTTP status of a refusal by its error type; of all others, 422."""


class Application:
    """Serves one workspace of a store."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.opened: AsyncOrchestrator | None = None

    @property
    def wl(self) -> AsyncOrchestrator:
        """What is served, between startup and shutdown."""
        assert self.opened is not None
        return self.opened

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one connection, or the life of the server."""
        if scope["type"] == "lifespan":
            await self.live(receive, send)
        elif scope["type"] == "http":
            status, document = await self.answer(scope, receive)
            body = json.dumps(document).encode()
            headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
            await send({"type": "http.response.start", "status": status, "headers": headers})
            await send({"type": "http.response.body", "body": body})

    async def live(self, receive: Receive, send: Send) -> None:
        """Open the store when the server starts, close it when it stops."""
        await receive()
        try:
            self.opened = await aio.open(self.url)
        except WorklatticeError as error:
            await send({"type": "lifespan.startup.failed", "message": error.message})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.wl.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def answer(self, scope: Message, receive: Receive) -> tuple[int, object]:
        """The status and the document that a request is answered with."""
        match scope["method"], scope["path"]:
            case "GET", "/health":
                return 200, {"status": "ok"}
            case "GET", "/tools":
                return 200, await self.wl.tools()
            case "GET", "/events":
                return await self.events(parse_qs(scope["query_string"].decode("latin-1")))
            case "POST", "/dispatch" | "/orders":
                body = await whole(receive)
                if body is None:
                    return 413, {"status": "error", "message": f"A body has at most {LARGEST_BODY} bytes."}
                if scope["path"] == "/orders":
                    return await self.order(body)
                answer = await self.wl.dispatch(body)
                return status_of(answer.get("error_type")), answer
            case _:
                return 404, {
                    "status": "error",
                    "message": "Use /dispatch, /orders, /events, /tools, /health.",
                }

    async def order(self, body: bytes) -> tuple[int, object]:
        """Create an order with a task for each of its steps, all or none: they are one transaction."""
        try:
            order = json.loads(body)
            name, steps = str(order["order"]), [str(step) for step in order["steps"]]
        except (ValueError, TypeError, KeyError):
            return 422, {"status": "error", "message": 'Send {"order": "…", "steps": ["…"]}.'}
        try:
            async with self.wl.transaction():
                await self.wl.create_generic_task("order", task_id=name)
                before: list[str] = []
                for number, step in enumerate(steps):
                    made = await self.wl.create_generic_task(
                        step, task_id=f"{name}-{number}", parent_task_id=name, dependencies=before
                    )
                    before = [made.task_id]
        except WorklatticeError as error:
            return status_of(error.error_type), {"status": "error", "message": error.message}
        return 200, {"status": "success", "order": name, "steps": len(steps)}

    async def events(self, query: dict[str, list[str]]) -> tuple[int, object]:
        """What the log has behind a position; the first of it is waited for."""
        try:
            after = int(query.get("after", ["0"])[0])
            found = (await self.wl.get_history(after=after, limit=MOST_EVENTS)).events
            if not found:
                with suppress(TimeoutError):
                    async with asyncio.timeout(LONGEST_WAIT), aclosing(self.wl.follow(after)) as events:
                        first = await anext(events, None)  # None: the server stops
                        found = () if first is None else (first,)
        except (ValueError, WorklatticeError):
            return 422, {"status": "error", "message": "Give a position: /events?after=0"}
        told = [
            {"position": event.position, "event_type": event.event_type, "task_id": event.task_id}
            for event in found
        ]
        return 200, {"status": "success", "events": told}


def status_of(error_type: object) -> int:
    """The HTTP status for an answer's `error_type`; None where it is a success."""
    return 200 if error_type is None else STATUS.get(str(error_type), 422)


async def whole(receive: Receive) -> bytes | None:
    """The body of a request; None where it is too large."""
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > LARGEST_BODY:
            return None
        if not message.get("more_body", False):
            return bytes(body)


app = Application(os.environ.get("WORKLATTICE_URL", "sqlite:///work.db"))


class Client:
    """Calls a server, as a program without a loop would."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.open = build_opener(ProxyHandler({})).open  # straight, whatever proxies the machine has

    async def call(self, path: str, document: object = None) -> tuple[int, dict[str, Any]]:
        """GET, or POST where there is a document; the status and the answer."""
        return await asyncio.to_thread(self._call, path, document)

    def _call(self, path: str, document: object) -> tuple[int, dict[str, Any]]:
        body = None if document is None else json.dumps(document).encode()
        try:
            with self.open(f"{self.url}{path}", body, timeout=30) as response:
                return response.status, json.load(response)
        except HTTPError as refusal:
            with refusal:
                return refusal.code, json.load(refusal)


def payload(tool: str, **arguments: object) -> dict[str, object]:
    """A tool payload."""
    return {"tool": f"orchestrator_{tool}", "arguments": arguments}


async def try_it(client: Client) -> None:
    """Call the server as an application would, and as one that errs."""
    print(await client.call("/health"))

    waiting = asyncio.create_task(client.call("/events?after=0"))
    status, made = await client.call("/orders", {"order": "o1", "steps": ["pick", "pack", "ship"]})
    print(status, made)
    assert (status, made["steps"]) == (200, 3)
    status, told = await waiting
    print(status, told["events"][0])
    assert told["events"][0]["task_id"] == "o1"

    status, refused = await client.call("/orders", {"order": "o2", "steps": ["pick", ""]})
    print(status, refused["message"])
    assert status == 422
    status, found = await client.call("/dispatch", payload("get_task", task_id="o2"))
    print(status, found["message"])  # the order went with its faulty step
    assert status == 404

    names = [f"o{number}" for number in range(100, 150)]
    answers = await asyncio.gather(
        *(client.call("/dispatch", payload("create_generic_task", task_type="t", task_id=n)) for n in names)
    )
    assert [status for status, _ in answers] == [200] * len(names)
    status, found = await client.call("/dispatch", payload("query_tasks", filters={"task_type": "t"}))
    print(status, found["total_results"], "tasks created at the same time")
    assert found["total_results"] == len(names)


async def main() -> None:
    """Serve a store in memory on a free port, and try it out."""
    server = uvicorn.Server(uvicorn.Config(Application("memory:"), log_level="warning"))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            await try_it(Client(f"http://127.0.0.1:{listening.getsockname()[1]}"))
        finally:
            server.should_exit = True
            await serving


if __name__ == "__main__":
    asyncio.run(main())
