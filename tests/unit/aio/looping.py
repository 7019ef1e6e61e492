"""Tests that run in an event loop of their own."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import ParamSpec

import pytest

from worklattice import Event
from worklattice.aio import AsyncOrchestrator

P = ParamSpec("P")

PATIENCE = 60
"""Seconds after which a test that hangs gives up."""

STORES = pytest.mark.parametrize("store", ["memory", "sqlite", "postgresql"])


class MeantError(Exception):
    """Raised by a test."""


def in_a_loop(test: Callable[P, Awaitable[None]]) -> Callable[P, None]:
    """The test as a plain function."""

    @wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        async def within_patience() -> None:
            async with asyncio.timeout(PATIENCE):
                await test(*args, **kwargs)

        asyncio.run(within_patience())

    return run


async def ids(wl: AsyncOrchestrator) -> list[str]:
    """The ids of all tasks, by age."""
    return [hit.task_id for hit in (await wl.query_tasks(sort="created_at", limit=1000)).tasks]


async def log(wl: AsyncOrchestrator) -> list[Event]:
    """All events."""
    return [event async for event in wl.events()]


async def make(wl: AsyncOrchestrator, *task_ids: str) -> None:
    for task_id in task_ids:
        await wl.create_generic_task("t", task_id=task_id)
