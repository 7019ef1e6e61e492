"""Handlers of notifications that are coroutine functions: called from a thread, carried out in the loop.

Not here: delivering (`worklattice.orchestrator.delivering`), plain functions, which the thread calls itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import CancelledError
from inspect import iscoroutinefunction
from threading import Event
from typing import Any, Final

from worklattice.model.notifications import Notification

_LOOKED_UP: Final = 1.0
"""Seconds after which a thread that waits for the loop sees whether anybody still waits for the thread."""


class Stopped(BaseException):
    """The task that awaited the delivering was cancelled; what is in hand is left to the lease."""


def in_loop(handlers: object, loop: asyncio.AbstractEventLoop, stopped: Event) -> Any:  # noqa: ANN401 - as given
    """The handlers, with functions that wait for the loop in place of coroutine functions.

    What are no handlers by scheme is left as it is, to be refused by whoever is given it.
    """
    if not isinstance(handlers, Mapping):
        return handlers
    return {
        scheme: _waiting(handler, loop, stopped) if iscoroutinefunction(handler) else handler
        for scheme, handler in handlers.items()
    }


def _waiting(
    handler: Callable[[Notification], Coroutine[Any, Any, object]],
    loop: asyncio.AbstractEventLoop,
    stopped: Event,
) -> Callable[[Notification], object]:
    def call(notification: Notification) -> object:
        if stopped.is_set():
            raise Stopped
        handling = asyncio.run_coroutine_threadsafe(handler(notification), loop)
        while True:
            try:
                return handling.result(timeout=_LOOKED_UP)
            except CancelledError:
                raise Stopped from None
            except TimeoutError:
                if handling.done():  # it is the handler's own
                    raise
                if stopped.is_set():
                    handling.cancel()
                    raise Stopped from None

    return call
