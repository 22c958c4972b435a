"""Providers that misbehave, and the night."""

from datetime import date, datetime, time, timedelta
from typing import Final

from app.store.work import COPENHAGEN

from .gateway import FAST as ANSWERS, Answer
from .mail import FAST as VERDICTS, Verdict
from .rounds import Fault, Play
from .stage import Stage

SOON: Final = 2.0  # seconds
GIVE_UP: Final = timedelta(seconds=35)
"""Longer than the product waits for a provider."""


def sms_answer(answer: Answer) -> Fault:
    """The gateway gives an answer one to three times."""

    async def fault(play: Play) -> bool:
        stage, times = play.stage, play.rng.randint(1, 3)
        await play.forgive()
        stage.gateway.script.extend([answer] * times)
        before = stage.gateway.played[answer]
        for _ in range(times):
            await play.newcomer("SMS")
        came = await play.until(lambda: stage.gateway.played[answer] > before)
        if answer in (Answer.SLOW, Answer.SLOW_ACCEPTED):
            await _until_given_up(stage)
        return came

    return fault


async def _until_given_up(stage: Stage) -> None:
    """The workers have waited long enough for each that the provider keeps."""
    for _ in range(6):
        stage.clock.turn(GIVE_UP)
        if await stage.oracle.until(lambda: not stage.oracle.under_way, SOON / 10):
            return


def mail_verdict(verdict: Verdict) -> Fault:
    """The mail server treats one to three mails in a way."""

    async def fault(play: Play) -> bool:
        stage, times = play.stage, play.rng.randint(1, 3)
        await play.forgive()
        stage.mail.script.extend([verdict] * times)
        before = stage.mail.played[verdict]
        for _ in range(times):
            await play.newcomer("EMAIL")
        came = await play.until(lambda: stage.mail.played[verdict] > before)
        if verdict in (Verdict.SLOW, Verdict.SLOW_ACCEPTED):
            await _until_given_up(stage)
        return came

    return fault


async def storm(play: Play) -> bool:
    """Every second answer of both providers is a bad one, of any kind that is quick."""
    stage, rng = play.stage, play.rng
    stage.gateway.choose = lambda: rng.choice(ANSWERS) if rng.random() < 0.5 else Answer.OK
    stage.mail.choose = lambda: rng.choice(VERDICTS) if rng.random() < 0.5 else Verdict.OK
    before = stage.gateway.played.total() + stage.mail.played.total()
    for _ in range(6):
        await play.change()
        await stage.turn(timedelta(seconds=play.rng.choice((0, 0, 61, 400))))
    return await play.until(
        lambda: stage.gateway.played.total() + stage.mail.played.total() >= before + 3
    )


async def night(play: Play) -> bool:
    """Changes shortly before ten in the evening, after it, and before nine in the morning."""
    stage, clock = play.stage, play.stage.clock
    for hour, minute in ((21, 59), (22, 0), (8, 59)):
        day = clock().today + timedelta(days=hour < 12)
        await stage.turn_to(
            clock.wall(day, hour, minute) + timedelta(seconds=play.rng.randint(50, 59))
        )
        await play.change(2)
    return True


async def clocks_change(play: Play) -> bool:
    """The night in which summer time begins or ends, with changes on both sides of it."""
    stage, clock = play.stage, play.stage.clock
    sunday = _next_change(clock().today)
    await stage.turn_to(clock.wall(sunday - timedelta(days=1), 21, 59) + timedelta(seconds=58))
    await play.change(2)
    await stage.turn_to(clock.wall(sunday, 1, 30))
    await play.change(2)
    await stage.turn_to(clock.wall(sunday, 8, 59) + timedelta(seconds=59))
    await play.change(1)
    return True


def _next_change(after: date) -> date:
    """The next Sunday on which the clocks of Copenhagen change.

    >>> _next_change(date(2026, 3, 3)), _next_change(date(2026, 3, 29))
    (datetime.date(2026, 3, 29), datetime.date(2026, 10, 25))
    """
    day = after + timedelta(days=2)
    while _offset(day) == _offset(day + timedelta(days=1)):
        day += timedelta(days=1)
    return day


def _offset(day: date) -> timedelta | None:
    return datetime.combine(day, time(), COPENHAGEN).utcoffset()


PROVIDER_FAULTS: Final = {
    **{f"sms: {answer.value}": sms_answer(answer) for answer in Answer if answer is not Answer.OK},
    **{
        f"mail: {verdict.value}": mail_verdict(verdict)
        for verdict in Verdict
        if verdict is not Verdict.OK
    },
    "storm of answers": storm,
    "night": night,
    "summer time begins or ends": clocks_change,
}
