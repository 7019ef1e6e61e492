"""The tools for a language model: a server in the way of the Model Context Protocol, over stdin and stdout.

It shows
- `tools/list` and `tools/call` as JSON-RPC, one message a line, from `tools()` and `dispatch`;
- that a refusal is an answer which the model can read and act upon, not a failure of the protocol.

Run it: `python mcp_over_stdio.py` starts the server in a process of its own, talks to it and ends. What a
client of the protocol starts is `python mcp_over_stdio.py serve`. It speaks as much of the protocol as tools
need; for resources, prompts or other transports take the `mcp` package.
"""

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from typing import IO, Any

import worklattice
from worklattice import Orchestrator

PROTOCOL = "2025-06-18"
PARSE_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND = -32700, -32600, -32601


def serve(wl: Orchestrator, lines: Iterable[str]) -> Iterator[str]:
    """The replies to JSON-RPC messages, one a line; a notification has none."""
    for line in lines:
        try:
            message = json.loads(line)
        except ValueError:
            yield reply(None, error=(PARSE_ERROR, "Not JSON."))
            continue
        if not isinstance(message, dict) or not isinstance(message.get("method"), str):
            yield reply(None, error=(INVALID_REQUEST, "Not a request."))
        elif "id" in message:
            yield respond(wl, message)


def respond(wl: Orchestrator, request: dict[str, Any]) -> str:
    """The reply to one request."""
    parameters = request.get("params") or {}
    match request["method"]:
        case "initialize":
            result: dict[str, Any] = {
                "protocolVersion": PROTOCOL,
                "capabilities": {"tools": {}},
                "serverInfo": {"name": "worklattice", "version": "1"},
            }
        case "ping":
            result = {}
        case "tools/list":
            result = {"tools": wl.tools()}
        case "tools/call":
            arguments = parameters.get("arguments") or {}
            answer = wl.dispatch({"tool": parameters.get("name"), "arguments": arguments})
            result = {
                "content": [{"type": "text", "text": json.dumps(answer)}],
                "structuredContent": answer,
                "isError": answer["status"] == "error",
            }
        case unknown:
            return reply(request["id"], error=(METHOD_NOT_FOUND, f"There is no method {unknown[:100]!r}."))
    return reply(request["id"], result=result)


def reply(number: object, *, result: object = None, error: tuple[int, str] | None = None) -> str:
    """A JSON-RPC reply as a line."""
    said = {"result": result} if error is None else {"error": {"code": error[0], "message": error[1]}}
    return json.dumps({"jsonrpc": "2.0", "id": number, **said})


class Model:
    """Plays the language model: asks a server, and reads what it says."""

    def __init__(self, to_server: IO[str], from_server: IO[str]) -> None:
        self.to_server, self.from_server = to_server, from_server
        self.asked = 0

    def ask(self, method: str, **parameters: object) -> dict[str, Any]:
        """Send a request and wait for its reply."""
        self.asked += 1
        message = {"jsonrpc": "2.0", "id": self.asked, "method": method, "params": parameters}
        self.to_server.write(json.dumps(message) + "\n")
        self.to_server.flush()
        answer: dict[str, Any] = json.loads(self.from_server.readline())
        assert answer["id"] == self.asked
        return answer

    def use(self, tool: str, **arguments: object) -> dict[str, Any]:
        """Use a tool; its answer."""
        answer = self.ask("tools/call", name=f"orchestrator_{tool}", arguments=arguments)
        structured: dict[str, Any] = answer["result"]["structuredContent"]
        return structured


def try_it(model: Model) -> None:
    """Plan something, err, and mend it."""
    print("server:", model.ask("initialize")["result"]["serverInfo"]["name"])
    tools = model.ask("tools/list")["result"]["tools"]
    print("tools:", len(tools))
    model.use(
        "create_generic_task", task_type="chapter", task_id="draft", attributes={"title": "Write a draft"}
    )
    refused = model.use("create_generic_task", task_type="chapter", parent_task_id="draff")
    print(f"refused: {refused['message']} {refused['suggestion']}")
    assert refused["error_type"] == "ParentTaskNotFoundError"
    mended = model.use("create_generic_task", task_type="chapter", parent_task_id="draft")
    print("mended:", mended["status"], "at level", mended["hierarchy_level"])
    assert mended["hierarchy_level"] == 1
    assert model.ask("no/such/method")["error"]["code"] == METHOD_NOT_FOUND


def main() -> None:
    """Serve, or start a server and try it out."""
    if sys.argv[1:] == ["serve"]:
        with worklattice.open("memory:") as wl:
            for line in serve(wl, sys.stdin):
                print(line, flush=True)
        return
    server = [sys.executable, __file__, "serve"]
    with subprocess.Popen(server, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        assert process.stdin is not None
        assert process.stdout is not None
        try_it(Model(process.stdin, process.stdout))
        process.stdin.close()
    assert process.returncode == 0


if __name__ == "__main__":
    main()
