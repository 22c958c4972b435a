"""What runs together ends together, and whoever cancels it is heard."""

import asyncio

import pytest

from app.store.together import until_one_ends


async def test_the_failure_of_one_ends_the_others_and_is_told() -> None:
    ended = asyncio.Event()

    async def forever() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async def fails() -> None:
        await asyncio.sleep(0)
        raise ValueError

    with pytest.raises(ValueError):
        await until_one_ends(forever(), fails())
    assert ended.is_set()


@pytest.mark.parametrize("steps", range(8))
async def test_a_cancellation_is_never_lost_to_a_failure_at_the_same_moment(steps: int) -> None:
    """Not at any step of the loop between the failure and the end."""
    gate = asyncio.Event()

    async def fails() -> None:
        await gate.wait()
        raise ValueError

    task = asyncio.create_task(until_one_ends(fails(), asyncio.Event().wait()))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    gate.set()
    for _ in range(steps):
        await asyncio.sleep(0)
    was_running = task.cancel()
    await asyncio.wait({task})
    assert task.cancelled() is was_running
    assert was_running or isinstance(task.exception(), ValueError)
