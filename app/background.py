"""What a process does beside its requests, from its start to its end."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack
from typing import Any, Final

log = logging.getLogger("minplan")

_AGAIN_SECONDS: Final = 1.0


class Errands:
    """Short things that are done after a request was answered; the end waits for them."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, errand: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(errand)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def finish(self) -> None:
        await asyncio.gather(*self._tasks)


def keep_up(stack: AsyncExitStack, run: Callable[[], Awaitable[None]]) -> None:
    """Runs until the stack ends; a defect in it is told, and it begins again."""
    stack.push_async_callback(_cancelled, asyncio.create_task(_kept_up(run)))


async def _kept_up(run: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await run()
        except Exception as error:
            log.error("%s ended: %s", run.__qualname__, type(error).__name__)
        await asyncio.sleep(_AGAIN_SECONDS)


async def _cancelled(task: "asyncio.Task[None]") -> None:
    # a client library under it may swallow one cancellation, so it is repeated
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=1)
