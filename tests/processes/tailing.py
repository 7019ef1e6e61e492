"""A program that reads the log of a shared store as it grows: `python tailing.py URL WAY`.

It ends when the task `end` was created, and prints the positions that it saw, in that order.
"""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import aclosing
from time import sleep

import worklattice
from worklattice import Event, aio

PAUSE = 0.002


def is_last(event: Event) -> bool:
    return event.event_type == "task.ready" and event.task_id == "end"


def by_events(url: str) -> list[int]:
    seen: list[int] = []
    with worklattice.open(url) as wl:
        while True:
            for event in wl.events(seen[-1] if seen else 0):
                seen.append(event.position)
                if is_last(event):
                    return seen
            sleep(PAUSE)


async def by_following(url: str) -> list[int]:
    seen: list[int] = []
    async with aio.open(url) as wl, aclosing(wl.follow(poll=PAUSE)) as events:
        async for event in events:
            seen.append(event.position)
            if is_last(event):
                break
    return seen


def main(url: str, way: str) -> None:
    json.dump(by_events(url) if way == "events" else asyncio.run(by_following(url)), sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
