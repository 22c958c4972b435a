"""Connections that are kept between messages, and gateways that close them."""

import asyncio
import json
import socket
import ssl
import threading
from pathlib import Path

import aiohttp
import pytest

from app.channels.contract import Accepted, Message, TryAgain, Uncertain
from app.channels.sms import SmsChannel
from app.channels.web import IDLE_SECONDS

from .servers import listening
from .sms_gateway import MESSAGE, QUICK, channel, http_answer, outcome_by, read_request

ANSWER = http_answer(200, b'{"ids": [1]}', close=False)


class RudeGateway:
    """A gateway in a thread of its own: it answers once a connection, and disturbs it when told to.

    The event loop of the test need not turn for a connection to be closed, or spoken on, under it.
    """

    def __init__(self, *, close: bool, tls: ssl.SSLContext | None = None) -> None:
        """close: whether it closes the connection, or else answers a second time."""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._tls = tls
        self.port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.requests = 0
        self._close = close
        self._disturb, self._disturbed = threading.Event(), threading.Event()
        self._connections: list[socket.socket] = []
        self._thread = threading.Thread(target=self._serve)

    def disturb(self) -> None:
        """Disturb the idle connection; returns when that is done, without turning the loop."""
        self._disturb.set()
        assert self._disturbed.wait(10)
        self._disturbed.clear()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            if self._tls is not None:
                connection = self._tls.wrap_socket(connection, server_side=True)
            self._connections.append(connection)
            received = b""
            while not received.endswith(b"}"):
                received += connection.recv(65536)
            self.requests += 1
            answer = http_answer(200, b'{"ids": [%d]}' % self.requests, close=False)
            connection.sendall(answer)
            assert self._disturb.wait(10)
            self._disturb.clear()
            if self._close:
                connection.close()
            else:
                connection.sendall(answer)
            self._disturbed.set()

    def __enter__(self) -> "RudeGateway":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._disturb.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()
        for connection in self._connections:
            connection.close()


async def test_messages_after_each_other_share_a_connection() -> None:
    connections = 0

    async def session(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        while True:
            await read_request(reader)
            writer.write(ANSWER)

    async with listening(session) as port, channel(f"http://127.0.0.1:{port}") as sms_channel:
        for _ in range(5):
            assert isinstance(await outcome_by(sms_channel), Accepted)
    assert connections == 1


@pytest.mark.parametrize("close", [True, False], ids=["closed", "spoken on"])
async def test_a_connection_disturbed_while_idle_makes_nothing_uncertain(close: bool) -> None:
    with RudeGateway(close=close) as gateway:
        async with channel(gateway.url) as sms_channel:
            for number in range(1, 21):
                assert await outcome_by(sms_channel) == Accepted(str(number), parts=1)
                # The loop has not read of it when the next message goes.
                gateway.disturb()
            assert await outcome_by(sms_channel) == Accepted("21", parts=1)
        assert gateway.requests == 21


async def test_a_connection_under_tls_is_kept_and_closed_like_any_other(certificate: Path) -> None:
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(certificate)
    trusting = aiohttp.TCPConnector(ssl=ssl.create_default_context(cafile=certificate))
    with RudeGateway(close=True, tls=server) as gateway:
        async with aiohttp.ClientSession(connector=trusting) as client:
            url = f"https://localhost:{gateway.port}"
            sms_channel = SmsChannel(client, url=url, token="t", sender="JOBNET")
            for number in range(1, 6):
                assert await outcome_by(sms_channel) == Accepted(str(number), parts=1)
                gateway.disturb()


async def test_a_gateway_with_an_unknown_certificate_hears_nothing(certificate: Path) -> None:
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(certificate)
    heard = b""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal heard
        heard += await reader.read()
        writer.close()

    listener = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=server)
    async with listener:
        port = listener.sockets[0].getsockname()[1]
        async with channel(f"https://localhost:{port}") as sms_channel:
            failure = await outcome_by(sms_channel)
    assert isinstance(failure, TryAgain) and failure.provider and heard == b""


async def test_a_gateway_that_hangs_up_without_a_word_gets_no_message_twice() -> None:
    heard: list[object] = []
    accepted = 0

    async def session(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append((await read_request(reader))[1]["userref"])
        writer.write(ANSWER)

    async with listening(session) as port, channel(f"http://127.0.0.1:{port}") as sms_channel:
        for round_number in range(30):
            messages = [
                Message(MESSAGE.delivery_id, MESSAGE.address, None, "Ny", f"{round_number}.{n}")
                for n in range(10)
            ]
            outcomes = await asyncio.gather(*(outcome_by(sms_channel, one) for one in messages))
            # what was lost at the very moment of sending may be uncertain, and is not sent again
            assert all(isinstance(one, Accepted | Uncertain) for one in outcomes)
            accepted += sum(isinstance(one, Accepted) for one in outcomes)
    assert len(set(heard)) == len(heard) >= accepted > 0


async def test_an_answer_to_nothing_is_not_taken_for_the_answer_to_the_next_message() -> None:
    answered, repeated = asyncio.Event(), asyncio.Event()

    async def session(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reference = (await read_request(reader))[1]["userref"]
        answer = http_answer(200, json.dumps({"ids": [reference]}).encode(), close=False)
        writer.write(answer)
        if reference == "first":
            await answered.wait()
            writer.write(answer)
            repeated.set()
        await reader.read()

    def message(reference: str) -> Message:
        return Message(MESSAGE.delivery_id, MESSAGE.address, None, "Ny", reference)

    async with listening(session) as port, channel(f"http://127.0.0.1:{port}") as sms_channel:
        assert await outcome_by(sms_channel, message("first")) == Accepted("first", parts=1)
        answered.set()
        await repeated.wait()
        for _ in range(10):
            # the client's end reads it as well
            await asyncio.sleep(0)
        assert await outcome_by(sms_channel, message("second")) == Accepted("second", parts=1)


async def test_no_connection_idles_as_long_as_common_servers_let_it() -> None:
    ended = asyncio.Event()

    async def session(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(ANSWER)
        assert await reader.read() == b""
        ended.set()

    assert IDLE_SECONDS < 2
    async with listening(session) as port, channel(f"http://127.0.0.1:{port}") as sms_channel:
        assert isinstance(await outcome_by(sms_channel), Accepted)
        async with asyncio.timeout(4 * IDLE_SECONDS):
            await ended.wait()


async def test_waiting_for_a_connection_in_vain_is_not_uncertain() -> None:
    """The backlog is full: the connection is never made, and nothing can have left."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as server:
        port = server.getsockname()[1]
        crowd = [socket.socket() for _ in range(8)]
        for one in crowd:
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", port))
        try:
            async with channel(
                f"http://127.0.0.1:{port}", QUICK._replace(connect=0.2)
            ) as sms_channel:
                failure = await outcome_by(sms_channel)
        finally:
            for one in crowd:
                one.close()
    assert isinstance(failure, TryAgain) and failure.provider
