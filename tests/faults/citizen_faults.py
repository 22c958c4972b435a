"""Citizens and offices that change their minds while messages are under way, and many at once."""

import asyncio
from datetime import datetime, time, timedelta
from typing import Final

from app.store.work import COPENHAGEN
from app.workers.wake import Waker

from .gateway import Answer, Hold
from .office import CHANNELS
from .rounds import Fault, Play

SOON: Final = 2.0  # seconds
CROWD: Final = 100
_NOTHING_WAITS: Final = """
select not exists (select from delivery where citizen_id = $1
    and status in ('PENDING', 'RETRYING', 'CLAIMED'))"""


async def opted_out(play: Play) -> bool:
    """A channel is turned off while a message for it waits, or is with the gateway."""
    citizen = play.anyone()
    channel = play.rng.choice([one for one in CHANNELS if citizen.ever(one)])
    if play.rng.random() < 0.5:
        play.stage.gateway.hold_at(Hold.BEFORE)
    await asyncio.gather(
        play.stage.change(citizen), play.stage.opt_out(citizen, channel), play.change()
    )
    play.stage.gateway.release()
    await play.stage.change(citizen)
    return True


async def moved(play: Play) -> bool:
    """The address changes while a message for the old one waits, or is with the gateway."""
    citizen = play.anyone()
    channel = play.rng.choice([one for one in CHANNELS if citizen.ever(one)])
    if play.rng.random() < 0.5:
        play.stage.gateway.hold_at(Hold.BEFORE)
    await asyncio.gather(play.stage.change(citizen), play.stage.move(citizen, channel))
    play.stage.gateway.release()
    await play.stage.change(citizen)
    return True


async def crowd(play: Play) -> bool:
    """A hundred changes of one citizen's plan at the same time."""
    citizen = play.anyone()
    await asyncio.gather(*(play.stage.change(citizen) for _ in range(CROWD)))
    return True


async def many_at_once(play: Play) -> bool:
    """Four workers, two relays that ring all the time, and changes by several at once."""
    stage = play.stage
    await stage.crew.man(4)
    relays = [Waker(stage.servers.redis_url) for _ in range(2)]
    try:
        for _ in range(5):
            for relay in relays:
                relay.ring()
            await asyncio.gather(*(play.change() for _ in range(4)))
    finally:
        for relay in relays:
            await relay.close()
    return True


async def meeting_moved(play: Play) -> bool:
    """A meeting is booked, moved and cancelled while nobody may be told: at night."""
    stage, citizen = play.stage, play.anyone()
    clock = stage.clock
    await stage.turn_to(clock.wall(clock().today, 22, 30))
    name = f"M-{play.rng.random()}"
    begins = datetime.combine(clock().today + timedelta(days=9), time(10), COPENHAGEN)
    await stage.book(citizen, name, starts_at=begins)
    await stage.book(citizen, name, starts_at=begins + timedelta(hours=1))
    if play.rng.random() < 0.5:
        await stage.book(citizen, name, starts_at=begins + timedelta(hours=1), status="CANCELLED")
    return True


async def _booked(play: Play) -> datetime:
    """Somebody knows of a new meeting; when the reminder of it is due."""
    stage, citizen = play.stage, play.anyone("SMS")
    clock = stage.clock
    begins = datetime.combine(clock().today + timedelta(days=3), time(10), COPENHAGEN)
    await stage.book(citizen, f"R-{play.rng.random()}", starts_at=begins)
    await stage.within(_NOTHING_WAITS, citizen.citizen_id, seconds=SOON)
    return clock.wall(begins.date() - timedelta(days=1), 9, 30)


async def reminder_in_doubt(play: Play) -> bool:
    """A reminder of tomorrow's meeting may have been accepted: it is sent once more."""
    stage = play.stage
    doubt = play.rng.choice((Answer.RESET_ACCEPTED, Answer.RESET_READ, Answer.ERROR_ACCEPTED))
    eve = await _booked(play)
    before = stage.gateway.played[doubt]
    stage.gateway.choose = lambda: doubt
    await stage.turn_to(eve)
    came = await play.until(lambda: stage.gateway.played[doubt] > before)
    await stage.calm()
    stage.gateway.choose = lambda: Answer.OK
    return came


async def reminder_sent_again_beside(play: Play) -> bool:
    """The worker of a reminder is frozen until another one sends it again; then both go on."""
    stage = play.stage
    eve = await _booked(play)
    await stage.turn_to(eve - timedelta(hours=10))
    stage.gateway.hold_at(play.rng.choice(list(Hold)))
    await stage.turn_to(eve)
    came = await play.until(lambda: stage.oracle.held)
    victims = [one for one in map(stage.crew.named, set(stage.oracle.held)) if one is not None]
    for victim in victims:
        victim.freeze()
    play.losses += len(victims)
    stage.crew.start()
    await stage.turn(timedelta(minutes=3))
    await stage.turn(timedelta(minutes=16))
    first = len(stage.oracle.held)
    again = await play.until(lambda: len(stage.oracle.held) > first)
    for victim in victims:
        victim.thaw()
    if play.rng.random() < 0.5:
        stage.gateway.script.append(play.rng.choice((Answer.AWAY, Answer.RESET_ACCEPTED)))
    stage.gateway.release(discard=play.rng.random() < 0.5)
    return came and again


CITIZEN_FAULTS: Final[dict[str, Fault]] = {
    "opted out in flight": opted_out,
    "address changed in flight": moved,
    "100 changes of one citizen": crowd,
    "two relays and four workers": many_at_once,
    "meeting moved and cancelled": meeting_moved,
    "reminder in doubt": reminder_in_doubt,
    "reminder sent again beside a frozen worker": reminder_sent_again_beside,
}
