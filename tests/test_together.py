"""What runs together ends together, what is late is left, and whoever cancels it is heard."""

import asyncio
import gc
from collections.abc import Callable

import pytest

from app.store.together import until_one_ends, within


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


class Stubborn:
    """Work that goes on when it is cancelled, as a client library does that first says goodbye."""

    def __init__(self) -> None:
        self.began, self.may_end, self.ended = (asyncio.Event() for _ in range(3))

    async def work(self) -> None:
        self.began.set()
        try:
            await asyncio.Event().wait()
        finally:
            await self.may_end.wait()
            self.ended.set()
            raise ValueError


async def test_what_is_in_time_is_answered_and_fails_as_ever() -> None:
    async def says(answer: Callable[[], int]) -> int:
        await asyncio.sleep(0)
        return answer()

    assert await within(60, says(lambda: 7)) == 7
    with pytest.raises(ZeroDivisionError):
        await within(60, says(lambda: 7 // 0))


async def test_what_is_late_is_told_to_end_and_not_waited_for(
    caplog: pytest.LogCaptureFixture,
) -> None:
    late = Stubborn()
    with pytest.raises(TimeoutError):
        await within(0.01, late.work())
    gc.collect()  # which would take a task that nobody holds
    assert not late.ended.is_set()
    late.may_end.set()
    async with asyncio.timeout(10):
        await late.ended.wait()
    await asyncio.sleep(0)
    gc.collect()
    assert not caplog.records


async def test_who_is_cancelled_does_not_wait_for_what_was_to_be_in_time() -> None:
    left = Stubborn()
    task = asyncio.create_task(within(60, left.work()))
    await left.began.wait()
    task.cancel()
    async with asyncio.timeout(10):
        await asyncio.wait({task})
    assert task.cancelled() and not left.ended.is_set()
    left.may_end.set()
    await left.ended.wait()
