"""Whose trouble a refusal is, by its codes."""

import re

import pytest
from hypothesis import given, strategies as st

from app.channels import smtp_reply
from app.channels.contract import Accepted, SendFailure, TryAgain, Uncertain, Undeliverable

from .mail_server import MailServer
from .servers import listening
from .test_email import ADDRESS, outcome, outcome_at


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ("550 5.1.1 <x@y.example> unknown", "smtp_550_5_1_1"),
        ("550-5.1.1 unknown\n550 5.1.1 really", "smtp_550_5_1_1"),
        ("550 unknown", "smtp_550"),
        ("550 4.1.1 contradicts itself", "smtp_550"),
        ("550 5.9.1.4 is an address of a machine", "smtp_550"),
        ("550 5.1.1000 is no status", "smtp_550"),
    ],
)
async def test_the_reason_is_made_of_the_codes(reply: str, reason: str) -> None:
    failure = await outcome(RCPT=reply)
    assert isinstance(failure, Undeliverable) and failure.reason == reason
    assert not failure.provider


@pytest.mark.parametrize("step", ["RCPT", "DATA", "DOT"])
@pytest.mark.parametrize(
    ("reply", "kind", "provider"),
    [
        ("552 over quota", TryAgain, False),
        ("552 5.2.2 mailbox full", TryAgain, False),
        ("554 5.2.2 mailbox full", TryAgain, False),
        ("452 4.2.2 mailbox full", TryAgain, False),
        ("552 5.3.4 too big", Undeliverable, False),
        ("552 5.7.0 looks dangerous", Undeliverable, False),
        ("554 5.7.1 looks like spam", Undeliverable, False),
        ("450 4.7.1 greylisted", TryAgain, False),
        ("451 later", TryAgain, False),
        ("452 out of storage", TryAgain, True),
        ("452 4.3.1 out of storage", TryAgain, True),
        ("451 4.3.2 going down", TryAgain, True),
        ("421 4.7.0 closing", TryAgain, True),
        ("503 bad sequence", TryAgain, True),
        ("530 5.7.0 authentication required", TryAgain, True),
    ],
)
async def test_a_refusal_is_the_mails_or_the_servers(
    step: str, reply: str, kind: type[SendFailure], provider: bool
) -> None:
    failure = await outcome(**{step: reply})
    assert isinstance(failure, kind) and failure.provider is provider
    assert failure.asked


@pytest.mark.parametrize(
    "changed",
    [
        {"GREETING": "554 not you"},
        {"GREETING": "450 busy"},
        {"EHLO": "421 busy"},
        {"MAIL": "451 later"},
        {"MAIL": "553 5.7.1 not your sender"},
    ],
)
async def test_a_refusal_before_the_recipient_is_the_servers(changed: dict[str, str]) -> None:
    failure = await outcome(**changed)
    assert isinstance(failure, TryAgain) and failure.provider


async def test_a_refused_login_is_the_operators() -> None:
    server = MailServer({"EHLO": "250-mail.example\n250 AUTH PLAIN", "AUTH": "535 5.7.8 no"})
    async with listening(server) as port:
        failure = await outcome_at(port, login="u:p@")
    assert isinstance(failure, TryAgain) and failure.provider and failure.operator
    assert failure.reason == "smtp_535_5_7_8"


@given(st.integers(-1, 999), st.text() | st.from_regex(r"[245]\.[0-9]{1,4}\.[0-9]{1,4} .*"))
def test_no_reply_brings_its_words_along(code: int, words: str) -> None:
    words = f"{words} {ADDRESS}"
    for outcome_of in (
        smtp_reply.verdict(code, words),
        smtp_reply.refusal_of_mail(code, words),
        smtp_reply.refusal_of_session(code, words),
    ):
        if isinstance(outcome_of, SendFailure):
            assert re.fullmatch(r"[a-z_]+|smtp_\d{3}(_[245]_\d{1,3}_\d{1,3})?", outcome_of.reason)


@given(st.integers(-1, 999), st.text())
def test_only_250_is_an_acceptance_and_only_a_refusal_a_refusal(code: int, words: str) -> None:
    outcome_of = smtp_reply.verdict(code, words)
    assert isinstance(outcome_of, Accepted) is (code == 250)
    assert isinstance(outcome_of, Uncertain) is not (code == 250 or 400 <= code < 600)
