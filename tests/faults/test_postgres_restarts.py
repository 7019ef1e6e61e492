"""A PostgreSQL server that is taken down under load, at once, and comes back."""

from __future__ import annotations

import threading
from typing import Final

import worklattice
from tests.faults.numbers import NUMBERS, tell
from tests.faults.persistence import Persistent
from tests.stores import own_server, stop_at_once

_WRITERS: Final = 4
_MORE: Final = 5
"""How many more commands of the first one are acknowledged before the server is taken down again."""


def test_a_server_that_is_taken_down_under_load() -> None:
    """Whatever was acknowledged is there once it is up again; what was not is settled by its key."""
    server, over = own_server(), threading.Event()
    with worklattice.open(f"{server.get_uri()}&timeout=1") as wl:
        writers = [Persistent(wl, f"{letter}") for letter in "abcdefgh"[:_WRITERS]]
        threads = [threading.Thread(target=writer.write_until, args=(over,)) for writer in writers]
        for thread in threads:
            thread.start()
        try:
            for _ in range(NUMBERS.restarts):
                writers[0].wait_for_more(_MORE)
                stop_at_once(server)
                server.ensure_postgres_running()
            writers[0].wait_for_more()
        finally:
            over.set()
            for thread in threads:
                thread.join()
        for writer in writers:
            writer.lost_nothing()
    server.cleanup()
    assert sum(writer.refused for writer in writers) > 0
    totals = {name: sum(writer.counts()[name] for writer in writers) for name in writers[0].counts()}
    tell("server taken down", runs=NUMBERS.restarts, **totals)
