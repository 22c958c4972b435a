"""The e-mail channel against the development sink and against mail servers that misbehave."""

import doctest
import logging
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from uuid import UUID

import pytest

from app.channels import mail, smtp_reply
from app.channels.contract import Accepted, Message, SendFailure, TryAgain, Uncertain, Undeliverable
from app.channels.email import EmailChannel
from app.channels.mail import mailbox
from app.dev.sinks import Sink

from .mail_server import DROP, HANG, MailServer
from .servers import listening, unused_port

ADDRESS = "c-b1-1@borger.example"
MESSAGE = Message(
    delivery_id=UUID("6f7a3b1e-58a4-4c1d-9d3f-0c6ff4a4a002"),
    address=ADDRESS,
    subject="Ændret aftale på Jobnet",
    body="Hej. Der er en ændring i din Min Plan.\n.\n.. Beskeden kan ikke besvares.",
    reference="delivery-2",
)


PATIENT, HURRIED = 10.0, 0.5
"""Seconds; hurried only where a server's silence is played: a busy computer looks like one."""


def email_channel(port: int, login: str, connect: float, reply: float) -> EmailChannel:
    return EmailChannel(
        smtp_url=f"smtp://{login}127.0.0.1:{port}",
        sender="noreply@minplan.example",
        unsubscribe_url="https://minplan.example/besked",
        connect_timeout=connect,
        reply_timeout=reply,
    )


async def outcome_at(
    port: int,
    message: Message = MESSAGE,
    *,
    login: str = "",
    connect: float = PATIENT,
    reply: float = PATIENT,
) -> Accepted | SendFailure:
    async with aclosing(email_channel(port, login, connect, reply)) as channel:
        try:
            return await channel.send(message)
        except SendFailure as failure:
            assert failure.__context__ is None
            assert ADDRESS not in repr(failure)
            return failure


async def outcome(**changed: str) -> Accepted | SendFailure:
    silent = {step for step, answer in changed.items() if answer == HANG}
    connect = HURRIED if silent - {"DOT", "QUIT"} else PATIENT
    reply = HURRIED if "DOT" in silent else PATIENT
    async with listening(MailServer(changed)) as port:
        return await outcome_at(port, connect=connect, reply=reply)


async def received(message: Message) -> EmailMessage:
    """The mail as a server gets it, dot-stuffing undone."""
    server = MailServer()
    async with listening(server) as port:
        assert isinstance(await outcome_at(port, message), Accepted)
    plain = server.mails[0].removesuffix(b".\r\n").replace(b"\r\n..", b"\r\n.")
    return message_from_bytes(plain, _class=EmailMessage, policy=policy.default)


@asynccontextmanager
async def running_sink() -> AsyncIterator[tuple[Sink, int]]:
    sink = Sink()
    port = await sink.start_smtp()
    try:
        yield sink, port
    finally:
        await sink.stop()


def test_the_examples_in_the_documentation_hold() -> None:
    assert doctest.testmod(mail).failed == 0
    assert doctest.testmod(smtp_reply).failed == 0


async def test_the_sink_takes_a_mail_and_shows_it_as_it_was_written() -> None:
    async with running_sink() as (sink, port):
        accepted = await outcome_at(port)
        assert isinstance(accepted, Accepted) and accepted.provider_id
    (record,) = sink.messages()
    assert record["at"].endswith("+00:00")
    assert (record["channel"], record["to"], record["reference"]) == (
        "EMAIL",
        ADDRESS,
        "delivery-2",
    )
    assert (record["subject"], record["body"]) == (MESSAGE.subject, MESSAGE.body)


async def test_the_headers_say_who_writes_and_how_to_unsubscribe() -> None:
    mail = await received(MESSAGE)
    assert mail["From"] == "Jobnet <noreply@minplan.example>"
    assert mail["To"] == ADDRESS
    assert mail["Message-ID"] == f"<{MESSAGE.delivery_id}@minplan.example>"
    assert mail["List-Unsubscribe"] == "<https://minplan.example/besked>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"] is not None
    assert mail.get_content_type() == "text/plain"
    assert mail.get_content_charset() == "utf-8"
    assert mail.get_content().splitlines() == MESSAGE.body.splitlines()


async def test_every_attempt_has_the_same_message_id() -> None:
    first, second = await received(MESSAGE), await received(MESSAGE)
    assert first["Message-ID"] == second["Message-ID"]


@pytest.mark.parametrize("line_break", ["\r\n", "\n", "\r", "\u2028", "\x85"])
async def test_no_value_can_add_a_header_or_a_recipient(line_break: str) -> None:
    evil = f"Hej{line_break}Bcc: anden@borger.example{line_break}{line_break}Tekst"
    mail = await received(Message(MESSAGE.delivery_id, ADDRESS, evil, evil, evil))
    assert mail["Bcc"] is None
    assert mail["Subject"] == "Hej Bcc: anden@borger.example Tekst"
    assert mail.get_all("To") == [ADDRESS]


async def test_a_text_cannot_end_the_mail_early() -> None:
    smuggled = "a\n.\nMAIL FROM:<x@y.example>\r.\r\n.\r\nb"
    mail = await received(Message(MESSAGE.delivery_id, ADDRESS, "s", smuggled, "r"))
    assert mail.get_content().splitlines() == smuggled.splitlines()


@pytest.mark.parametrize(
    "address",
    [
        "",
        "borger",
        "a b@borger.example",
        "a@borger.example\r\nRCPT TO:<x@y.example>",
        "a@borger.example\n",
        "<a@borger.example>",
        "a@borger.example, b@borger.example",
        "a..b@borger.example",
        "a@-borger.example",
        "a@borger..example",
        "æ@borger.example",
        "a" * 65 + "@borger.example",
        "a@" + "x" * 64 + ".example",
    ],
)
async def test_what_is_not_one_address_is_undeliverable_without_asking_anybody(
    address: str,
) -> None:
    message = Message(MESSAGE.delivery_id, address, "s", "b", "r")
    async with unused_port() as port:
        assert isinstance(await outcome_at(port, message), Undeliverable)


async def test_a_text_that_cannot_be_encoded_is_undeliverable() -> None:
    message = Message(MESSAGE.delivery_id, ADDRESS, "s", "\ud800", "r")
    async with unused_port() as port:
        assert isinstance(await outcome_at(port, message), Undeliverable)


@pytest.mark.parametrize("local", ["x" * 64, "fornavn.mellemnavn+maerke"])
async def test_a_long_address_arrives_in_one_piece(local: str) -> None:
    address = f"{local}@{'lang-' * 8}adresse.borger.example"
    mail = await received(Message(MESSAGE.delivery_id, address, "s", "b", "r"))
    assert mail["To"] == address


def test_a_domain_with_danish_letters_is_written_in_ascii() -> None:
    written = mailbox("a@ærø.example")
    assert written is not None and written.isascii()
    assert written.encode().partition(b"@")[2].decode("idna") == "ærø.example"


@pytest.mark.parametrize("step", ["GREETING", "MAIL", "RCPT", "DATA", "DOT"])
@pytest.mark.parametrize("code", [421, 451])
async def test_a_temporary_refusal_is_tried_again(step: str, code: int) -> None:
    failure = await outcome(**{step: f"{code} later, {ADDRESS}"})
    assert isinstance(failure, TryAgain) and not failure.operator


@pytest.mark.parametrize("step", ["RCPT", "DATA", "DOT"])
@pytest.mark.parametrize("code", [550, 553, 554])
async def test_a_permanent_refusal_of_recipient_or_text_is_undeliverable(
    step: str, code: int
) -> None:
    failure = await outcome(**{step: f"{code} never, {ADDRESS}"})
    assert isinstance(failure, Undeliverable)
    assert failure.reason == f"smtp_{code}"


@pytest.mark.parametrize(
    "changed",
    [
        {"GREETING": "554 not you"},
        {"EHLO": "554 not you", "HELO": "554 not you"},
        {"MAIL": "550 sender refused"},
        {"MAIL": "530 authentication required"},
    ],
)
async def test_a_refusal_that_any_mail_would_meet_is_the_operators(changed: dict[str, str]) -> None:
    failure = await outcome(**changed)
    assert isinstance(failure, TryAgain) and failure.operator


@pytest.mark.parametrize("step", ["GREETING", "EHLO", "MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("trouble", [DROP, HANG, "rubbish"])
async def test_what_fails_before_the_text_is_tried_again(step: str, trouble: str) -> None:
    assert isinstance(await outcome(**{step: trouble}), TryAgain)


@pytest.mark.parametrize("trouble", [DROP, HANG, "rubbish", "354 again", "221 bye"])
async def test_what_fails_after_the_final_dot_is_uncertain(trouble: str) -> None:
    assert isinstance(await outcome(DOT=trouble), Uncertain)


@pytest.mark.parametrize("trouble", [DROP, HANG, "rubbish", "500 no"])
async def test_a_broken_farewell_takes_nothing_back(trouble: str) -> None:
    assert await outcome(QUIT=trouble) == Accepted("4F0A1")


async def test_an_acceptance_may_come_without_a_number() -> None:
    assert await outcome(DOT="250 ok") == Accepted(None)


async def test_a_server_that_is_down_is_tried_again() -> None:
    async with unused_port() as port:
        failure = await outcome_at(port)
    assert isinstance(failure, TryAgain) and not failure.operator


@pytest.mark.parametrize("url", ["smtp://127.0.0.1:{}?starttls=true", "smtp://u:p@127.0.0.1:{}"])
async def test_missing_tls_or_login_on_the_server_is_the_operators(url: str) -> None:
    async with listening(MailServer()) as port:
        channel = EmailChannel(smtp_url=url.format(port), sender="noreply@minplan.example")
        with pytest.raises(TryAgain) as caught:
            await channel.send(MESSAGE)
    assert caught.value.operator and caught.value.provider


async def test_neither_address_nor_text_reaches_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        async with running_sink() as (_, port):
            await outcome_at(port)
        await outcome(RCPT=f"550 {ADDRESS} unknown")
    assert "borger.example" not in caplog.text and "Min Plan" not in caplog.text
