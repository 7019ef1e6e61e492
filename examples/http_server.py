"""An HTTP server around `dispatch`, and a client that calls it: nothing but the standard library.

It shows
- `POST /dispatch` with a tool payload as JSON: the answer as JSON, refusals with a fitting status;
- `GET /tools`: the catalogue, as MCP clients read it;
- one orchestrator shared by all threads of the server.

Run it: `python http_server.py` starts a server on a free port of this machine, calls it and ends;
`python http_server.py 8080` serves `work.db` on port 8080 until it is interrupted. There is no
authentication: keep it on the loopback interface, or put it behind something that has some.
"""

import json
import sys
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

import worklattice
from worklattice import Orchestrator

LARGEST_BODY = 1_048_576
"""Bytes; `dispatch` takes no more either."""

STATUS = {
    "UnknownToolError": 404,
    "TaskNotFoundError": 404,
    "ParentTaskNotFoundError": 404,
    "DependencyNotFoundError": 404,
    "TemplateNotFoundError": 404,
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


class Server(ThreadingHTTPServer):
    """Serves one orchestrator, a thread for each request."""

    daemon_threads = True

    def __init__(self, wl: Orchestrator, port: int) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.wl = wl


class Handler(BaseHTTPRequestHandler):
    """Answers one connection."""

    protocol_version = "HTTP/1.1"
    timeout = 30

    @property
    def wl(self) -> Orchestrator:
        """What is served."""
        assert isinstance(self.server, Server)
        return self.server.wl

    def do_GET(self) -> None:
        """The catalogue of tools."""
        if self.path == "/tools":
            self.answer(200, self.wl.tools())
        else:
            self.answer(404, {"status": "error", "message": "Use GET /tools or POST /dispatch."})

    def do_POST(self) -> None:
        """A tool call."""
        length = self.headers.get("Content-Length", "")
        if self.path != "/dispatch":
            self.leave(404, "Use GET /tools or POST /dispatch.")
        elif not (length.isascii() and length.isdigit()):
            self.leave(411, "Say the Content-Length.")
        elif len(length) > 9 or int(length) > LARGEST_BODY:
            self.leave(413, f"A payload has at most {LARGEST_BODY} bytes.")
        else:
            answer = self.wl.dispatch(self.rfile.read(int(length)))
            refused = answer["status"] == "error"
            self.answer(STATUS.get(str(answer["error_type"]), 422) if refused else 200, answer)

    def leave(self, status: int, message: str) -> None:
        """Refuse without reading the body, after which the connection cannot go on."""
        self.close_connection = True
        self.answer(status, {"status": "error", "message": message})

    def answer(self, status: int, document: object) -> None:
        """Send a JSON document."""
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as in the base class
        """Say nothing of each request."""


class Client:
    """Calls a server."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.open = build_opener(ProxyHandler({})).open  # straight, whatever proxies the machine has

    def tools(self) -> list[dict[str, Any]]:
        """The catalogue."""
        with self.open(f"{self.url}/tools", timeout=10) as response:
            catalogue: list[dict[str, Any]] = json.load(response)
        return catalogue

    def call(self, tool: str, **arguments: object) -> tuple[int, dict[str, Any]]:
        """Call a tool; the HTTP status and the answer."""
        payload = {"tool": f"orchestrator_{tool}", "arguments": arguments}
        return self.post(json.dumps(payload).encode())

    def post(self, body: bytes) -> tuple[int, dict[str, Any]]:
        """Send a body as it is; the HTTP status and the answer."""
        request = Request(f"{self.url}/dispatch", data=body, headers={"Content-Type": "application/json"})  # noqa: S310
        try:
            with self.open(request, timeout=10) as response:
                return response.status, json.load(response)
        except HTTPError as refusal:
            with refusal:
                return refusal.code, json.load(refusal)


def try_it(client: Client) -> None:
    """Call the server as an application would, and as one that errs."""
    names = [tool["name"] for tool in client.tools()]
    print(f"{len(names)} tools, among them {names[0]}")

    client.call("create_generic_task", task_type="release", task_id="v1", attributes={"title": "Version 1"})
    client.call("create_generic_task", task_type="step", task_id="build", parent_task_id="v1")
    status, made = client.call(
        "create_generic_task",
        task_type="step",
        task_id="ship",
        parent_task_id="v1",
        dependencies=[{"dependency_task_id": "build"}],
    )
    print(status, made["task_id"], made["task"]["status"])
    assert (status, made["task"]["status"]) == (200, "blocked")

    status, refusal = client.call("manage_lifecycle", task_id="ship", lifecycle_stage="active")
    print(status, refusal["error_type"], refusal["message"])
    assert status == 409

    client.call("manage_lifecycle", task_id="build", lifecycle_stage="active")
    status, done = client.call("manage_lifecycle", task_id="build", lifecycle_stage="completed")
    print(status, "released", done["unblocked"])
    assert done["unblocked"] == ["ship"]

    status, refusal = client.call("manage_lifecycle", task_id="shipp", lifecycle_stage="active")
    print(status, refusal["message"], refusal["suggestion"])
    assert status == 404

    status, refusal = client.post(b'{"tool": ')
    print(status, refusal["message"])
    assert status == 422


def serve(port: int) -> None:
    """Serve `work.db` until interrupted."""
    with (
        suppress(KeyboardInterrupt),
        worklattice.open("sqlite:///work.db") as wl,
        Server(wl, port) as server,
    ):
        server.serve_forever()


def main() -> None:
    """Serve a port that is named, or try the server out."""
    if len(sys.argv) > 1:
        serve(int(sys.argv[1]))
        return
    with worklattice.open("memory:") as wl, Server(wl, 0) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            try_it(Client(f"http://127.0.0.1:{server.server_port}"))
        finally:
            server.shutdown()
            thread.join()


if __name__ == "__main__":
    main()
