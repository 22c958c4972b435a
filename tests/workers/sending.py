"""Everything that waits is sent, by SMS and by e-mail, over sockets."""

from uuid import UUID

from app.dev.sinks import SentMessage, Sink
from app.domain.notice import Channel
from app.store.contact_codes import CodeSeal
from app.workers.codes import CodeDeliverer
from app.workers.deliver import Deliverer

from .gateway import Gateway
from .place import Place, mail_providers, sms_providers

SEAL = CodeSeal(b"s" * 32)


async def send_all(
    place: Place,
    gateway: Gateway,
    *,
    sms: str,
    email: str,
    code: bool = False,
    mails: list[SentMessage] | None = None,
) -> tuple[UUID, ...]:
    """A citizen with these addresses is told of a change; the citizen and the messages.

    code: a one-time code is asked for by SMS, too. mails: filled with what the mail server got.
    """
    citizen = await place.citizen(sms=sms, email=email)
    told = await place.notice(citizen)
    if code:
        told += (await ask_for_code(place, citizen),)
    sink = Sink()
    port = await sink.start_smtp()
    try:
        async with sms_providers(gateway.url) as sms_way, mail_providers(port) as mail_way:
            for deliverer in (
                Deliverer(place.pool, Channel.SMS, sms_way, place.clock),
                Deliverer(place.pool, Channel.EMAIL, mail_way, place.clock),
                CodeDeliverer(place.pool, Channel.SMS, sms_way, place.clock, seal=SEAL),
            ):
                await deliverer.deliver_due()
                await deliverer.drain()
    finally:
        await sink.stop()
    received = sink.messages()
    assert [mail["to"] for mail in received] == [email]
    if mails is not None:
        mails += received
    return citizen, *told


async def ask_for_code(place: Place, citizen: UUID) -> UUID:
    delivery: UUID = await place.pool.fetchval(
        "with code as (insert into contact_code (citizen_id, channel, asked_at)"
        " values ($1, 'SMS', $2) returning contact_code_id)"
        " insert into delivery (contact_code_id, citizen_id, channel, ready_at, due_at)"
        " select contact_code_id, $1, 'SMS', $2, $2 from code returning delivery_id",
        *(citizen, place.clock.now),
    )
    return delivery
