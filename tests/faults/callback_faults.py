"""Reports of the gateway: twice, out of order, before its answer, forged, replayed, unknown."""

import asyncio
from datetime import timedelta
from typing import Final
from uuid import uuid4

from .gateway import Answer, Sms
from .oracle import Message
from .rounds import Fault, Play

TRANSIENT: Final = ("ENROUTE", "BUFFERED", "SCHEDULED")
NOT_ARRIVED: Final = ("UNDELIVERABLE", "EXPIRED", "REJECTED")


async def _taken(play: Play, *answers: Answer) -> list[Message]:
    """SMS of the round's citizens that the gateway has accepted, some of them just now."""
    stage = play.stage
    await play.forgive()
    stage.gateway.script.extend(answers)
    before = len(stage.oracle.accepted)
    await play.change(2, channel="SMS")
    await play.until(lambda: any(_of(play, one) for one in stage.oracle.accepted[before:]))
    return [one for one in stage.oracle.accepted if _of(play, one)]


def _of(play: Play, message: Message) -> bool:
    known = {address for one in play.stage.citizens for address in one.ever("SMS")}
    return message.channel == "SMS" and message.address in known


async def told_twice_and_in_any_order(play: Play) -> bool:
    """Delivered, on its way, delivered again: in any order, some at the same time."""
    told = await _taken(play)
    tell = play.stage.callbacks.tell
    for message in told:
        words = [*play.rng.sample(TRANSIENT, 2), "DELIVERED", "DELIVERED"]
        play.rng.shuffle(words)
        await asyncio.gather(*(tell(message.reference, word) for word in words))
    return bool(told)


def told_before_the_answer(answer: Answer) -> Fault:
    """The report is there before the gateway's own answer, which may never come."""

    async def fault(play: Play) -> bool:
        stage = play.stage
        told: list[str] = []

        async def tell(sms: Sms) -> None:
            told.append(sms.reference)
            await stage.callbacks.tell(sms.reference, "DELIVERED")

        stage.gateway.before_answer = tell
        await _taken(play, answer)
        stage.gateway.before_answer = None
        return bool(told)

    return fault


async def told_after_the_answer_was_lost(play: Play) -> bool:
    """Nobody knows whether it was accepted, until the gateway reports it."""
    told = await _taken(play, Answer.RESET_ACCEPTED, Answer.MALFORMED_ACCEPTED)
    await play.stage.turn(timedelta(minutes=play.rng.choice((1, 14, 16))))
    for message in told:
        await play.stage.callbacks.tell(
            message.reference, play.rng.choice(("ENROUTE", "DELIVERED"))
        )
    return bool(told)


async def told_that_it_did_not_arrive(play: Play) -> bool:
    """Accepted, and refused later."""
    told = await _taken(play)
    for message in told:
        assert message.delivery_id is not None
        play.denied.add(message.delivery_id)
        await play.stage.callbacks.tell(message.reference, play.rng.choice(NOT_ARRIVED))
        if play.rng.random() < 0.3:
            await play.stage.callbacks.tell(message.reference, "DELIVERED")
    return bool(told)


async def forged(play: Play) -> bool:
    """Somebody else says that messages arrived which the gateway has not even accepted."""
    stage, callbacks = play.stage, play.stage.callbacks
    await play.forgive()
    stage.gateway.script.extend([Answer.RESET_READ] * 2)
    before = stage.gateway.played[Answer.RESET_READ]
    await play.change(2, channel="SMS")
    await play.until(lambda: stage.gateway.played[Answer.RESET_READ] > before)
    for one in [e for e in stage.oracle.exchanges if e.answer == Answer.RESET_READ]:
        payload = callbacks.payload(one.reference, "DELIVERED")
        tokens = (
            callbacks.token(payload, b"somebody else's secret"),
            callbacks.token(payload, alg="none"),
            callbacks.token(payload)[:-4] + "AAAA",
            "",
        )
        for token in tokens:
            status = await callbacks.post(token, payload)
            if status not in (0, 401):
                play.wrongs.append(f"a forged report was answered {status}")
    return stage.gateway.played[Answer.RESET_READ] > before


async def replayed(play: Play) -> bool:
    """Old tokens once more, hours later."""
    told = await _taken(play)
    for message in told:
        await play.stage.callbacks.tell(
            message.reference, play.rng.choice(("ENROUTE", "DELIVERED"))
        )
    await play.stage.turn(timedelta(hours=play.rng.choice((1, 2))))
    for token in play.stage.callbacks.sent[-12:]:
        await play.stage.callbacks.post(token)
    return bool(told)


async def unknown(play: Play) -> bool:
    """References that are not ours are answered as those that are."""
    callbacks = play.stage.callbacks
    await play.change(1)
    for reference in (f"{uuid4()}.1", "somebody-else", "", f"{uuid4()}.99999"):
        status = await callbacks.post(callbacks.token(callbacks.payload(reference, "DELIVERED")))
        if status not in (0, 200, 204):
            play.wrongs.append(f"an unknown reference was answered {status}")
    return True


CALLBACK_FAULTS: Final[dict[str, Fault]] = {
    "receipts twice and in any order": told_twice_and_in_any_order,
    "receipt before the answer": told_before_the_answer(Answer.OK),
    "receipt before an answer that is lost": told_before_the_answer(Answer.RESET_ACCEPTED),
    "receipt after the answer was lost": told_after_the_answer_was_lost,
    "receipt that it did not arrive": told_that_it_did_not_arrive,
    "receipts forged": forged,
    "receipts replayed": replayed,
    "receipts of unknown messages": unknown,
}
