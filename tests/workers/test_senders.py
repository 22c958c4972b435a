"""The providers that a worker makes of its settings, against gateways on real sockets."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import pytest
from prometheus_client import REGISTRY
from pydantic import SecretStr

from app.callbacks import PATH as CALLBACK_PATH
from app.channels.contract import Message, SendFailure
from app.channels.providers import Providers
from app.domain.notice import Channel
from app.settings import Settings, SettingsError, load_settings
from app.workers.senders import open_providers
from tests.channels.servers import listening
from tests.channels.sms_gateway import http_answer, read_request

MESSAGE = Message(
    delivery_id=UUID("6f7a3b1e-58a4-4c1d-9d3f-0c6ff4a4a001"),
    address="00141762",
    subject=None,
    body="Der er nyt i Min Plan.",
    reference="6f7a3b1e.1",
)


class Gateway:
    """Answers by `status`, and remembers what it was asked."""

    def __init__(self) -> None:
        self.status = 200
        self.asked: list[dict[str, object]] = []

    @asynccontextmanager
    async def open(self) -> AsyncIterator[str]:
        async def session(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while True:
                self.asked.append((await read_request(reader))[1])
                body = json.dumps({"ids": [len(self.asked)]} if self.status == 200 else {})
                writer.write(http_answer(self.status, body.encode(), close=False))

        async with listening(session) as port:
            yield f"http://127.0.0.1:{port}"


def settings(url: str, **more: object) -> Settings:
    options: dict[str, object] = {
        "sms_url": url,
        "sms_sender": "JOBNET",
        "smtp_url": "smtp://127.0.0.1:9",
        "public_base_url": "https://minplan.example",
    }
    return Settings(**options | more)  # type: ignore[arg-type]  # the keywords vary


async def send(providers: Providers, now: float) -> str:
    """Send one message the way a worker does; the name of who was asked."""
    choice = providers.choose(now)
    assert choice is not None
    failed: SendFailure | None = None
    try:
        await choice.provider.channel.send(MESSAGE)
    except SendFailure as failure:
        failed = failure
    providers.report(choice, failed, now)
    return choice.provider.name


def state(provider: str) -> float | None:
    return REGISTRY.get_sample_value("minplan_provider_state", {"provider": provider})


async def test_a_gateway_without_credit_is_left_for_the_second_one_until_it_recovers() -> None:
    first, second = Gateway(), Gateway()
    async with first.open() as url, second.open() as fallback_url:
        whole = settings(
            url,
            sms_fallback_url=fallback_url,
            sms_fallback_token=SecretStr("t"),
            sms_fallback_sender="RESERVE",
        )
        async with open_providers(whole) as channels:
            sms = channels[Channel.SMS]
            assert state("sms") == state("sms_fallback") == 0
            first.status = 403
            assert await send(sms, 0) == "sms" and state("sms") == 2
            assert await send(sms, 1) == "sms_fallback"
            assert await send(sms, 5) == "sms" and state("sms") == 2
            assert await send(sms, 6) == "sms_fallback"
            first.status = 200
            assert await send(sms, 15) == "sms" and state("sms") == 0
            assert await send(sms, 16) == "sms"
    assert {one["sender"] for one in first.asked} == {"JOBNET"}
    assert [one["sender"] for one in second.asked] == ["RESERVE", "RESERVE"]


async def test_a_gateway_that_may_have_taken_a_message_is_not_followed_by_the_second_one() -> None:
    first, second = Gateway(), Gateway()
    first.status = 500
    async with first.open() as url, second.open() as fallback_url:
        whole = settings(url, sms_fallback_url=fallback_url, sms_fallback_token=SecretStr("t"))
        async with open_providers(whole) as channels:
            assert await send(channels[Channel.SMS], 0) == "sms"
    assert len(first.asked) == 1 and not second.asked


@pytest.mark.parametrize("secret", [None, "a secret of 16 characters"])
async def test_status_reports_are_asked_for_when_they_can_be_checked(secret: str | None) -> None:
    gateway = Gateway()
    async with gateway.open() as url:
        more = {} if secret is None else {"sms_callback_secret": SecretStr(secret)}
        async with open_providers(settings(url, **more)) as channels:
            await send(channels[Channel.SMS], 0)
    (asked,) = gateway.asked
    expected = None if secret is None else "https://minplan.example/callbacks/sms"
    assert asked.get("callback_url") == expected


async def test_a_slash_at_the_end_of_our_address_costs_no_status_report(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gateway = Gateway()
    async with gateway.open() as url:
        monkeypatch.setenv("MINPLAN_PUBLIC_BASE_URL", "https://minplan.example/")
        monkeypatch.setenv("MINPLAN_SMS_URL", f"{url}/")
        monkeypatch.setenv("MINPLAN_SMS_CALLBACK_SECRET", "a secret of 16 characters")
        whole = load_settings(smtp_url="smtp://127.0.0.1:9")
        async with open_providers(whole) as channels:
            await send(channels[Channel.SMS], 0)
    (asked,) = gateway.asked
    assert asked["callback_url"] == "https://minplan.example" + CALLBACK_PATH


async def test_limits_and_names_are_those_of_the_settings() -> None:
    whole = settings(
        "http://127.0.0.1:9", sms_at_once=3, sms_per_second=2.5, email_at_once=4, email_per_second=1
    )
    async with open_providers(whole) as channels:
        told = [
            (one.name, one.at_once, one.per_second)
            for providers in channels.values()
            for one in providers
        ]
    assert told == [("sms", 3, 2.5), ("email", 4, 1.0)]


@pytest.mark.parametrize(
    "more",
    [
        {"smtp_url": None},
        {"smtp_url": "smtp://u:hemmeligt@mail.example:x"},
        {"sms_url": "https://u:hemmeligt@gateway.example"},
        {"sms_sender": "   "},
    ],
)
async def test_channels_that_cannot_be_made_stop_the_start_without_repeating_a_value(
    more: dict[str, object],
) -> None:
    with pytest.raises(SettingsError) as caught:
        async with open_providers(settings("http://127.0.0.1:9", **more)):
            raise AssertionError("opened")
    assert "hemmeligt" not in str(caught.value)
