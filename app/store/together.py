"""Several things at once that are of no use without each other."""

import asyncio
from collections.abc import Coroutine
from typing import Any


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
