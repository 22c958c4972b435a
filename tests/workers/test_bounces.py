"""A bounce of a mail that had been accepted, from the mailbox into the ledger."""

import re

import pytest

from app.channels.bounce import Bounce, read_bounce
from app.domain.notice import Channel
from app.store.receipts import note_receipt
from app.workers.deliver import Deliverer
from tests.channels.mail_server import DROP, MailServer
from tests.channels.servers import listening

from .place import Place, mail_providers

ADDRESS = "anna@example.dk"
REPORT = """\
From: MAILER-DAEMON@mail.example
To: minplan@example.dk
Content-Type: multipart/report; report-type=delivery-status; boundary=x

--x
Content-Type: text/plain

Kunne ikke leveres til {address}.

--x
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example
Original-Envelope-Id: {envelope}

Final-Recipient: rfc822; {address}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 {address} unknown

--x
Content-Type: text/rfc822-headers

{headers}
--x--
"""


def server() -> MailServer:
    return MailServer({"EHLO": "250-mail.example\n250 DSN"})


async def deliver(place: Place, server: MailServer) -> None:
    async with listening(server) as port, mail_providers(port) as providers:
        made = Deliverer(place.pool, Channel.EMAIL, providers, place.clock)
        await made.deliver_due()
        await made.drain()


def report_of(server: MailServer, action: str, status: str) -> Bounce:
    """What the server would tell of the only mail, made of what it was told itself."""
    envelope = re.search(r"ENVID=(\S+)", server.connections[0][1])
    assert envelope is not None
    raw = REPORT.format(
        address=ADDRESS,
        envelope=envelope[1],
        action=action,
        status=status,
        headers=server.mails[0].decode().replace("\r\n", "\n").partition("\n\n")[0],
    )
    found = read_bounce(raw.encode())
    assert found is not None and found.reference is not None
    return found


async def note(place: Place, bounce: Bounce) -> bool:
    assert bounce.reference is not None
    async with place.pool.acquire() as connection:
        return await note_receipt(
            connection,
            reference=bounce.reference,
            provider="email",
            status=bounce.action.name,
            verdict=bounce.verdict,
            code=bounce.status,
            at=None,
            now=place.clock.now,
        )


@pytest.mark.parametrize(
    ("action", "status", "becomes", "outcome"),
    [
        ("failed", "5.1.1", "FAILED", "5.1.1"),
        ("failed", "4.4.7", "EXPIRED", "4.4.7"),
        ("delayed", "4.4.1", "SENT", None),
        ("delivered", "2.1.5", "DELIVERED", None),
    ],
)
async def test_a_report_settles_the_delivery_it_is_about(
    place: Place, action: str, status: str, becomes: str, outcome: str | None
) -> None:
    postbox = server()
    other, mail = [
        delivery
        for address in ("bent@example.dk", ADDRESS)
        for delivery in await place.notice(await place.citizen(sms=None, email=address))
    ]
    await place.pool.execute(
        "update delivery set due_at = 'infinity' where delivery_id = $1", other
    )
    await deliver(place, postbox)
    report = report_of(postbox, action, status)
    assert report.reference == f"{mail}.1"
    assert await note(place, report)
    row = await place.row(mail)
    assert row["status"] == becomes
    if outcome is not None:
        assert row["outcome"] == outcome
    assert (await place.row(other))["status"] == "PENDING"


async def test_a_report_that_is_read_twice_is_noted_once(place: Place) -> None:
    postbox = server()
    await place.notice(await place.citizen(sms=None, email=ADDRESS))
    await deliver(place, postbox)
    for _ in range(2):
        assert await note(place, report_of(postbox, "failed", "5.1.1"))
    assert await place.pool.fetchval("select count(*) from delivery_receipt") == 1
    assert await place.statuses() == ["FAILED"]


async def test_a_bounce_tells_what_became_of_a_mail_without_a_verdict(place: Place) -> None:
    postbox = server()
    postbox.changed["DOT"] = DROP
    await place.notice(await place.citizen(sms=None, email=ADDRESS))
    await deliver(place, postbox)
    assert await place.statuses() == ["UNCERTAIN"]
    await note(place, report_of(postbox, "failed", "5.1.1"))
    assert await place.statuses() == ["FAILED"]
