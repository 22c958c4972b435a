"""Workers that are killed and frozen at each point, servers that go away."""

import asyncio
from datetime import timedelta
from typing import Final

from redis.asyncio import Redis

from .gateway import Hold
from .processes import Worker
from .rounds import Fault, Play

SOON: Final = 2.0  # seconds
PAST_THE_CLAIM: Final = timedelta(minutes=3)
NO_ATTEMPT_CAN_BEGIN: Final = "lock table delivery_attempt in share row exclusive mode"
NO_ATTEMPT_CAN_END: Final = "select from delivery_attempt where outcome is null for update"
_HELD_CLAIMS: Final = "select not exists (select from delivery where status = 'CLAIMED')"


async def _kill(play: Play, victim: Worker | None) -> None:
    if victim is not None and victim in play.stage.crew.workers:
        play.losses += 1
        await play.stage.crew.kill(victim)


async def _kill_all(play: Play) -> None:
    for victim in list(play.stage.crew.workers):
        await _kill(play, victim)


async def killed_after_commit(play: Play) -> bool:
    """No worker is there when changes are committed, and nobody rings."""
    await _kill_all(play)
    await play.change(play.rng.randint(1, 4))
    play.stage.crew.start()
    return True


def killed_after_claim(*, ghost: bool) -> Fault:
    """Claimed, and the attempt not committed. ghost: the database commits it after all."""

    async def fault(play: Play) -> bool:
        stage = play.stage
        async with stage.locked(NO_ATTEMPT_CAN_BEGIN):
            await play.newcomer("SMS")
            await play.change(1)
            came = await play.blocked("begin_attempts")
            await _kill_all(play)
            if not ghost:
                await stage.end_sessions(1.0)
        stage.crew.start()
        return came

    return fault


def killed_mid_request(point: Hold, *, discard: bool) -> Fault:
    """While the gateway has the request; discard: it then forgets it."""

    async def fault(play: Play) -> bool:
        stage = play.stage
        stage.gateway.hold_at(point)
        await play.newcomer("SMS")
        await play.change(1, channel="SMS")
        came = await play.until(lambda: stage.oracle.held)
        for name in set(stage.oracle.held):
            await _kill(play, stage.crew.named(name))
        stage.gateway.release(discard=discard)
        stage.crew.start()
        return came

    return fault


async def killed_mid_mail(play: Play) -> bool:
    """While the mail server thinks about a mail that it has taken."""
    stage = play.stage
    stage.mail.hold_back()
    await play.newcomer("EMAIL")
    await play.change(1, channel="EMAIL")
    came = await play.until(lambda: stage.oracle.held)
    for name in set(stage.oracle.held):
        await _kill(play, stage.crew.named(name))
    stage.mail.release()
    stage.crew.start()
    return came


async def killed_before_settling(play: Play) -> bool:
    """The provider said 200, and the ledger does not know it yet."""
    stage = play.stage
    stage.gateway.hold_at(Hold.AFTER)
    await play.newcomer("SMS")
    await play.change(1, channel="SMS")
    if not await play.until(lambda: stage.oracle.held):
        stage.gateway.release()
        return False
    async with stage.locked(NO_ATTEMPT_CAN_END):
        victims = set(stage.oracle.held)
        stage.gateway.release()
        came = await play.blocked("settle_deliveries")
        for name in victims:
            await _kill(play, stage.crew.named(name))
    stage.crew.start()
    return came


async def _frozen(play: Play, victims: list[Worker]) -> None:
    """Past their claims, while others work."""
    stage = play.stage
    for victim in victims:
        victim.freeze()
    play.losses += len(victims)
    stage.gateway.release()
    stage.mail.release()
    stage.crew.start()
    await stage.turn(PAST_THE_CLAIM)
    await stage.within(_HELD_CLAIMS, seconds=SOON)
    if play.rng.random() < 0.5:
        await stage.turn(timedelta(minutes=16))
        await play.change()
    for victim in victims:
        victim.thaw()


async def frozen_mid_request(play: Play) -> bool:
    """SIGSTOP while the gateway has the request."""
    stage = play.stage
    stage.gateway.hold_at(play.rng.choice(list(Hold)))
    await play.newcomer("SMS")
    await play.change(1, channel="SMS")
    came = await play.until(lambda: stage.oracle.held)
    named = (stage.crew.named(name) for name in set(stage.oracle.held))
    await _frozen(play, [one for one in named if one is not None])
    return came


async def frozen_after_claim(play: Play) -> bool:
    """SIGSTOP after the claim: its attempt is committed, and it does not know it."""
    stage = play.stage
    async with stage.locked(NO_ATTEMPT_CAN_BEGIN):
        await play.change(2)
        came = await play.blocked("begin_attempts")
        victims = list(stage.crew.workers)
        for victim in victims:
            victim.freeze()
    await _frozen(play, victims)
    return came


async def frozen_anywhere(play: Play) -> bool:
    """SIGSTOP at any moment of its work."""
    stage = play.stage
    await play.change(3)
    await asyncio.sleep(play.rng.random() * 0.02)
    await _frozen(play, [play.rng.choice(stage.crew.workers)])
    return True


async def killed_anywhere(play: Play) -> bool:
    """SIGKILL at any moment of its work, and another worker comes."""
    for _ in range(3):
        await play.change(2)
        await asyncio.sleep(play.rng.random() * 0.02)
        await _kill(play, play.rng.choice(play.stage.crew.workers))
        play.stage.crew.start()
    return True


async def stopped(play: Play) -> bool:
    """SIGTERM at any moment: what it holds is finished or handed back."""
    stage = play.stage
    await play.change(3)
    stage.crew.dismiss(play.rng.choice(stage.crew.workers))
    stage.crew.start()
    return True


async def flushed(play: Play) -> bool:
    """FLUSHALL while changes wake the workers."""
    redis = Redis.from_url(play.stage.servers.redis_url)
    try:
        for _ in range(3):
            await play.change(1)
            await redis.flushall()
    finally:
        await redis.aclose()
    return True


async def valkey_restarted(play: Play) -> bool:
    """Away while changes are committed, then back with nothing in it."""
    servers = play.stage.servers
    await play.change(1)
    await asyncio.to_thread(servers.stop_valkey)
    await play.change(2)
    await asyncio.to_thread(servers.start_valkey)
    await play.change(1)
    return True


async def postgres_restarted(play: Play) -> bool:
    """In the middle of changes and deliveries; now and then it does not even say goodbye."""
    servers, crashes = play.stage.servers, play.rng.random() < 0.5
    play.losses += 3
    await play.change(2)
    stop = servers.crash_postgres if crashes else servers.stop_postgres
    going = asyncio.create_task(play.change(2))
    await asyncio.to_thread(stop)
    await asyncio.to_thread(servers.start_postgres)
    await going
    return True


async def backends_terminated(play: Play) -> bool:
    """`pg_terminate_backend` for some of the workers' connections, again and again."""
    for _ in range(4):
        await play.change(1)
        await play.stage.end_sessions(play.rng.choice((0.3, 1.0)))
    play.losses += 3
    return True


async def out_for_a_day(play: Play) -> bool:
    """No worker for more than a day, with changes before, in and after it."""
    stage = play.stage
    await play.change(2)
    await _kill_all(play)
    await play.change(2)
    await stage.turn(timedelta(hours=12))
    await play.change(1)
    await stage.turn(timedelta(hours=play.rng.randint(12, 30)))
    stage.crew.start()
    await play.change(1)
    return True


PROCESS_FAULTS: Final[dict[str, Fault]] = {
    "SIGKILL after commit": killed_after_commit,
    "SIGKILL after claim": killed_after_claim(ghost=False),
    "SIGKILL after claim, attempt committed": killed_after_claim(ghost=True),
    "SIGKILL mid-request, then accepted": killed_mid_request(Hold.BEFORE, discard=False),
    "SIGKILL mid-request, never accepted": killed_mid_request(Hold.BEFORE, discard=True),
    "SIGKILL mid-request, already accepted": killed_mid_request(Hold.AFTER, discard=False),
    "SIGKILL mid-mail": killed_mid_mail,
    "SIGKILL after the 200, before settling": killed_before_settling,
    "SIGKILL at any moment": killed_anywhere,
    "SIGTERM at any moment": stopped,
    "SIGSTOP mid-request": frozen_mid_request,
    "SIGSTOP after claim": frozen_after_claim,
    "SIGSTOP at any moment": frozen_anywhere,
    "FLUSHALL": flushed,
    "Valkey restarted empty": valkey_restarted,
    "PostgreSQL restarted": postgres_restarted,
    "pg_terminate_backend": backends_terminated,
    "24 h outage": out_for_a_day,
}
