"""The same commands for programs with an event loop: nothing here waits in the loop's thread.

    from worklattice import aio

    async with aio.open("sqlite:///work.db") as wl:
        await wl.create_generic_task("sprint", task_id="sprint_23", attributes={"title": "Sprint 23"})

- `opening`: `open`, which gives an `AsyncOrchestrator`;
- `orchestrator`: its methods, each the twin of one of `worklattice.Orchestrator`;
- `calling`: how a method becomes an awaitable one;
- `blocks`: transactions, and which of an asyncio program's calls belong to which;
- `handling`: handlers of notifications, and awaiting what they give;
- `following`: the log, read on and on;
- `lanes`: the threads in which all of it happens.

Not here: what any command does. `worklattice` never imports this room, so who needs no loop loads none.
"""

from worklattice.aio.opening import open  # noqa: A004 - the verb of the module, as in gzip.open
from worklattice.aio.orchestrator import AsyncOrchestrator

__all__ = ["AsyncOrchestrator", "open"]
