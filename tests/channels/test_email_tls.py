"""The e-mail channel over TLS: a trusted certificate is demanded, from the first byte or later."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from uuid import UUID

import pytest
from aiosmtpd.smtp import SMTP

from app.channels.contract import Message, TryAgain
from app.channels.email import EmailChannel
from app.dev.sinks import Sink

MESSAGE = Message(UUID(int=1), "borger@borger.example", "Nyt i Min Plan", "Hej.", "r")


@asynccontextmanager
async def tls_server(sink: Sink, certificate: Path, *, upgrade: bool) -> AsyncIterator[str]:
    """A mail server with TLS; yields the address to reach it at."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(
            sink,
            hostname="localhost",
            loop=loop,
            tls_context=context if upgrade else None,
            require_starttls=upgrade,
        ),
        "127.0.0.1",
        0,
        ssl=None if upgrade else context,
    )
    port = server.sockets[0].getsockname()[1]
    try:
        yield f"smtp://localhost:{port}?starttls=true" if upgrade else f"smtps://localhost:{port}"
    finally:
        server.close()
        await server.wait_closed()


@pytest.mark.parametrize("upgrade", [True, False])
async def test_a_server_with_a_trusted_certificate_gets_the_mails(
    upgrade: bool, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    sink = Sink()
    async with tls_server(sink, certificate, upgrade=upgrade) as url:
        channel = EmailChannel(smtp_url=url, sender="noreply@minplan.example")
        async with aclosing(channel):
            await channel.send(MESSAGE)
            await channel.send(MESSAGE)
    assert [message["to"] for message in sink.messages()] == [MESSAGE.address] * 2


@pytest.mark.parametrize("upgrade", [True, False])
async def test_a_server_nobody_vouches_for_gets_nothing_and_the_operator_hears_of_it(
    upgrade: bool, certificate: Path
) -> None:
    sink = Sink()
    async with tls_server(sink, certificate, upgrade=upgrade) as url:
        with pytest.raises(TryAgain) as caught:
            await EmailChannel(smtp_url=url, sender="noreply@minplan.example").send(MESSAGE)
    assert caught.value.operator and caught.value.provider
    assert sink.messages() == []
