"""Mails over sessions that stay open: what is saved, and that nothing is lost or sent twice."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from uuid import UUID

import pytest

from app.channels.contract import Accepted, Message, SendFailure, TryAgain, Uncertain, Undeliverable
from app.channels.email import EmailChannel
from app.channels.smtp_pool import MAILS_PER_SESSION

from .mail_server import DROP, HANG, MailServer
from .servers import listening

ONE_MAIL = ["MAIL", "RCPT", "DATA"]


def message(number: int) -> Message:
    delivery_id = UUID(int=number)
    return Message(delivery_id, "a@borger.example", "Nyt", "Hej.", f"{delivery_id}.1")


def numbers(server: MailServer) -> list[int]:
    """Of the mails that the server got the text of."""
    sent = (mail.partition(b"Message-ID: <")[2].partition(b"@")[0] for mail in server.mails)
    return sorted(UUID(number.decode()).int for number in sent)


@asynccontextmanager
async def channel_to(
    server: MailServer,
    *,
    sessions: int = 20,
    idle_seconds: float = 5.0,
    connect_timeout: float = 10.0,
    reply_timeout: float = 10.0,
) -> AsyncIterator[EmailChannel]:
    async with listening(server) as port:
        channel = EmailChannel(
            smtp_url=f"smtp://127.0.0.1:{port}",
            sender="noreply@minplan.example",
            connect_timeout=connect_timeout,
            reply_timeout=reply_timeout,
            sessions=sessions,
            idle_seconds=idle_seconds,
        )
        async with aclosing(channel):
            yield channel


async def outcome(channel: EmailChannel, number: int) -> Accepted | SendFailure:
    try:
        return await channel.send(message(number))
    except SendFailure as failure:
        assert failure.__context__ is None
        return failure


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.005)


def on_the_second_mail(step: str, answer: str) -> MailServer:
    """Misbehaves once the first session is used again."""

    def answers(asked: str, connection: int, mail: int) -> str | None:
        return answer if (asked, connection, mail) == (step, 1, 2) else None

    return MailServer(answer=answers)


async def test_the_second_mail_costs_its_three_commands_and_nothing_else() -> None:
    server = MailServer()
    async with channel_to(server) as channel:
        for number in (1, 2):
            await channel.send(message(number))
    assert [server.verbs(1)] == [["EHLO", *ONE_MAIL, *ONE_MAIL, "QUIT"]]
    assert numbers(server) == [1, 2]


async def test_a_session_ends_after_its_hundredth_mail() -> None:
    server = MailServer()
    async with channel_to(server) as channel:
        for number in range(MAILS_PER_SESSION + 1):
            await channel.send(message(number))
        await until(lambda: server.verbs(1)[-1] == "QUIT")
    assert server.verbs(1) == ["EHLO", *ONE_MAIL * MAILS_PER_SESSION, "QUIT"]
    assert server.verbs(2) == ["EHLO", *ONE_MAIL, "QUIT"]


async def test_sends_at_once_share_no_session_and_open_no_more_than_allowed() -> None:
    server = MailServer()
    async with channel_to(server, sessions=5) as channel:
        accepted = await asyncio.gather(*(channel.send(message(number)) for number in range(60)))
    assert len(accepted) == 60 and numbers(server) == list(range(60))
    assert len(server.connections) == 5
    for connection in range(1, 6):
        said = server.verbs(connection)
        assert said == ["EHLO", *ONE_MAIL * (len(said) // 3), "QUIT"]


async def test_a_session_that_the_server_closed_meanwhile_is_replaced() -> None:
    server = on_the_second_mail("MAIL", DROP)
    async with channel_to(server) as channel:
        assert await outcome(channel, 1) == Accepted("4F0A1")
        assert await outcome(channel, 2) == Accepted("4F0A1")
    assert numbers(server) == [1, 2] and len(server.connections) == 2


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("trouble", [DROP, "421 closing", "rubbish", "503 bad sequence"])
async def test_a_used_session_that_fails_before_the_text_is_replaced_quietly(
    step: str, trouble: str
) -> None:
    server = on_the_second_mail(step, trouble)
    async with channel_to(server) as channel:
        for number in (1, 2, 3):
            assert await outcome(channel, number) == Accepted("4F0A1")
    assert numbers(server) == [1, 2, 3] and len(server.connections) == 2


@pytest.mark.parametrize("trouble", ["451 later", "550 sender refused", HANG])
async def test_what_only_the_used_session_meets_does_not_count(trouble: str) -> None:
    server = on_the_second_mail("MAIL", trouble)
    seconds = 2.0 if trouble == HANG else 10.0  # half of them for the session that is silent
    async with channel_to(server, connect_timeout=seconds) as channel:
        for number in (1, 2):
            assert await outcome(channel, number) == Accepted("4F0A1")
    assert numbers(server) == [1, 2]


@pytest.mark.parametrize("trouble", [DROP, "421 closing"])
async def test_a_session_is_replaced_once_and_not_for_ever(trouble: str) -> None:
    server = MailServer(
        answer=lambda step, connection, mail: (
            trouble if step == "RCPT" and (connection, mail) != (1, 1) else None
        )
    )
    async with channel_to(server) as channel:
        await channel.send(message(1))
        failure = await outcome(channel, 2)
    assert isinstance(failure, TryAgain) and failure.provider
    assert len(server.connections) == 2 and numbers(server) == [1]


@pytest.mark.parametrize("trouble", [DROP, HANG, "rubbish", "221 bye"])
async def test_a_used_session_that_fails_after_the_text_leaves_it_uncertain(trouble: str) -> None:
    server = on_the_second_mail("DOT", trouble)
    seconds = 0.5 if trouble == HANG else 10.0
    async with channel_to(server, reply_timeout=seconds) as channel:
        await channel.send(message(1))
        assert isinstance(await outcome(channel, 2), Uncertain)
        assert len(server.connections) == 1
        assert await outcome(channel, 3) == Accepted("4F0A1")
    assert numbers(server) == [1, 2, 3] and len(server.connections) == 2


@pytest.mark.parametrize("step", ["RCPT", "DATA", "DOT"])
async def test_a_refusal_of_one_mail_is_not_the_next_ones(step: str) -> None:
    server = on_the_second_mail(step, "550 5.1.1 no such user")
    async with channel_to(server) as channel:
        await channel.send(message(1))
        assert isinstance(await outcome(channel, 2), Undeliverable)
        assert await outcome(channel, 3) == Accepted("4F0A1")
    assert len(server.connections) == 1
    assert server.verbs(1)[-5:] == ["RSET", *ONE_MAIL, "QUIT"]


async def test_a_send_that_was_cancelled_leaves_no_session_behind() -> None:
    server = on_the_second_mail("RCPT", HANG)
    async with channel_to(server) as channel:
        await channel.send(message(1))
        send = asyncio.create_task(channel.send(message(2)))
        await until(lambda: server.verbs(1)[-1] == "RCPT" and len(server.connections[0]) == 6)
        send.cancel()
        with pytest.raises(asyncio.CancelledError):
            await send
        assert await outcome(channel, 3) == Accepted("4F0A1")
    assert numbers(server) == [1, 3] and len(server.connections) == 2


async def test_a_session_that_nobody_uses_ends_politely() -> None:
    server = MailServer()
    async with channel_to(server, idle_seconds=0.05) as channel:
        await asyncio.gather(*(channel.send(message(number)) for number in range(3)))
        await until(lambda: all(told[-1] == "QUIT" for told in server.connections))
        assert len(server.connections) == 3


async def test_closing_ends_all_sessions_and_sends_nothing_more() -> None:
    server = MailServer()
    async with channel_to(server) as channel:
        await asyncio.gather(*(channel.send(message(number)) for number in range(3)))
        await channel.aclose()
        assert all(told[-1] == "QUIT" for told in server.connections)
        failure = await outcome(channel, 4)
    assert isinstance(failure, TryAgain) and not failure.asked
    assert len(server.connections) == 3


async def test_a_mail_under_way_while_the_channel_closes_gets_its_verdict() -> None:
    server = MailServer()
    async with channel_to(server) as channel:
        send = asyncio.create_task(channel.send(message(1)))
        await until(lambda: bool(server.connections))
        await channel.aclose()
        assert await send == Accepted("4F0A1")


async def test_who_finds_all_sessions_taken_for_too_long_tries_again() -> None:
    server = MailServer({"DOT": HANG})
    async with channel_to(server, sessions=1, connect_timeout=1, reply_timeout=60) as channel:
        first = asyncio.create_task(channel.send(message(1)))
        await until(lambda: bool(server.mails))
        failure = await outcome(channel, 2)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
    assert isinstance(failure, TryAgain) and not failure.asked
    assert failure.reason == "smtp_busy" and numbers(server) == [1]


async def test_a_server_with_dsn_is_told_what_to_quote_in_a_bounce() -> None:
    server = MailServer({"EHLO": "250-mail.example\n250-DSN\n250 HELP"})
    async with channel_to(server) as channel:
        await channel.send(message(1))
    mail, rcpt = server.connections[0][1:3]
    assert mail == f"MAIL FROM:<noreply@minplan.example> RET=HDRS ENVID={UUID(int=1)}.1"
    assert rcpt == "RCPT TO:<a@borger.example> NOTIFY=FAILURE"


async def test_a_server_without_dsn_is_told_nothing_of_it() -> None:
    server = MailServer({"EHLO": "502 unknown", "HELO": "250 mail.example"})
    async with channel_to(server) as channel:
        await channel.send(message(1))
    assert server.connections[0][2:4] == [
        "MAIL FROM:<noreply@minplan.example>",
        "RCPT TO:<a@borger.example>",
    ]


async def test_a_reference_that_is_no_plain_word_stays_out_of_the_envelope() -> None:
    server = MailServer({"EHLO": "250-mail.example\n250 DSN"})
    async with channel_to(server) as channel:
        await channel.send(Message(UUID(int=1), "a@borger.example", "s", "b", "r ENVID=x\r\nDATA"))
    assert server.connections[0][1] == "MAIL FROM:<noreply@minplan.example> RET=HDRS"
