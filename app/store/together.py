"""Things at once that are of no use without each other, and things that are of no use when late."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

T = TypeVar("T")

_begun: Final[set[asyncio.Task[Any]]] = set()
"""Held until they have ended: the event loop does not hold them."""


async def until_one_ends(*works: Coroutine[Any, Any, Any]) -> None:
    """Runs them until the first ends, ends the others, and raises what it raised.

    No task group: one whose task fails just as it is cancelled forgets the cancellation (Python
    3.11), and then never ends.
    """
    tasks = [asyncio.create_task(work) for work in works]
    try:
        ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in ended:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def within(seconds: float, work: Coroutine[Any, Any, T]) -> T:
    """What it comes to; a TimeoutError when it is late, and then it ends by itself.

    `asyncio.timeout` waits for the end of what it has cancelled, however long that takes.
    """
    task = asyncio.create_task(work)
    _begun.add(task)
    task.add_done_callback(_ended)
    try:
        await asyncio.wait({task}, timeout=seconds)
        if task.done():
            return task.result()
        raise TimeoutError
    finally:
        task.cancel()


def _ended(task: asyncio.Task[Any]) -> None:
    _begun.discard(task)
    if not task.cancelled():
        task.exception()  # who was late has nobody who hears of it
