"""What the worker does when a day has passed."""

from app.settings import policy_of
from app.store.publication import Published
from app.workers.schedule import Scheduler
from tests.world import World


async def pass_of_schedule(world: World) -> None:
    """Everything that is due on the world's day, once."""

    async def announce(_published: Published) -> None:
        return None

    assert world.api.pool is not None
    clock = world.api.clock
    await Scheduler(world.api.pool, clock, policy_of(world.settings), announce).do_due()
