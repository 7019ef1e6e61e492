"""Handlers of notifications: called in a thread, and awaited in the loop where they give something to await.

Not here: delivering (`worklattice.orchestrator.delivering`), which calls handlers, and knows no loop.
"""

from __future__ import annotations

import asyncio
from asyncio import AbstractEventLoop
from collections.abc import Awaitable, Mapping
from concurrent import futures
from inspect import isawaitable
from threading import Event
from typing import Any, Final

from worklattice.model.notifications import Notification
from worklattice.orchestrator.delivering import NotificationHandler

_LOOKED_UP: Final = 1.0
"""Seconds after which a thread that waits for the loop sees whether anybody still waits for the thread."""


class Stopped(BaseException):
    """The task that awaited the delivering was cancelled; what is in hand is left to the lease."""


def in_loop(handlers: object, loop: AbstractEventLoop, stopped: Event) -> Any:  # noqa: ANN401 - as given
    """The handlers, with functions in their place that wait for what they give to await, in the loop.

    What are no handlers by scheme is left as it is, to be refused by whoever is given it.
    """
    if not isinstance(handlers, Mapping):
        return handlers
    return {
        scheme: _waiting(handler, loop, stopped) if callable(handler) else handler
        for scheme, handler in handlers.items()
    }


def _waiting(handler: NotificationHandler, loop: AbstractEventLoop, stopped: Event) -> NotificationHandler:
    def call(notification: Notification) -> object:
        if stopped.is_set():
            raise Stopped
        try:
            answer = handler(notification)
            return _awaited(answer, loop, stopped) if isawaitable(answer) else answer
        except (asyncio.CancelledError, futures.CancelledError):
            if stopped.is_set():
                raise Stopped from None
            raise futures.CancelledError from None  # the handler's own, which is an error like others

    return call


def _awaited(answer: Awaitable[object], loop: AbstractEventLoop, stopped: Event) -> object:
    """What it comes to, awaited in the loop; cancelled when the delivering is stopped."""

    async def coming() -> object:
        return await answer

    handling = asyncio.run_coroutine_threadsafe(coming(), loop)
    while not futures.wait([handling], _LOOKED_UP).done:
        if stopped.is_set():
            handling.cancel()
            break
    return handling.result()
