"""A recording SMS gateway in the shape of GatewayAPI, which misbehaves on command."""

import asyncio
import base64
import itertools
from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import orjson

from .oracle import Exchange, Message, Oracle, fingerprint


class Answer(StrEnum):
    """What the gateway does with a request; `..._ACCEPTED` have taken the message."""

    OK = "200"
    ERROR = "500"
    ERROR_ACCEPTED = "500 accepted"
    BUSY = "429"
    AWAY = "503"
    BLACKLISTED = "403 0x0215"
    NO_CREDIT = "403 0x0216"
    INVALID = "422"
    SLOW = "slow headers"
    SLOW_ACCEPTED = "slow headers accepted"
    RESET_UNREAD = "reset before body"
    RESET_READ = "reset after body"
    RESET_ACCEPTED = "answer lost accepted"
    HALF_ACCEPTED = "half an answer accepted"
    MALFORMED_ACCEPTED = "malformed JSON accepted"

    @property
    def accepts(self) -> bool:
        return self is Answer.OK or self.value.endswith("accepted")


FAST: Final = tuple(answer for answer in Answer if not answer.value.startswith("slow"))
"""All that does not make the product wait for its time-out."""
_REFUSALS: Final = {
    Answer.ERROR: (500, {"code": "0x0100", "message": "Internal error"}),
    Answer.ERROR_ACCEPTED: (500, {"code": "0x0100", "message": "Internal error"}),
    Answer.BUSY: (429, {"code": "0x0211", "message": "Too many requests"}),
    Answer.AWAY: (503, {}),
    Answer.BLACKLISTED: (403, {"code": "0x0215", "message": "Recipient is blacklisted"}),
    Answer.NO_CREDIT: (403, {"code": "0x0216", "message": "Insufficient credit"}),
    Answer.INVALID: (422, {"code": "0x0213", "message": "Unprocessable"}),
}
_RETRY_AFTER: Final = "7"


class Hold(StrEnum):
    """Where a request is kept waiting."""

    BEFORE = "before it is accepted"
    AFTER = "after it is accepted"


@dataclass(frozen=True, slots=True)
class Sms:
    """One request: who sent it, and what it asks for. `asked_at` by the test's clock."""

    worker: str
    reference: str
    address: str
    text: str
    asked_at: datetime


@dataclass(eq=False)
class Gateway:
    """Answers with the next of `script`, then as `choose` says.

    While `hold` is set, requests are read and wait at that point until `release`. before_answer:
    awaited between accepting and answering. ids, numbers: the message numbers and the telephone
    number of each reference. played: how often each answer was given.
    """

    oracle: Oracle
    url: str = ""
    script: deque[Answer] = field(default_factory=deque)
    choose: Callable[[], Answer] = lambda: Answer.OK
    hold: Hold | None = None
    ids: dict[str, list[int]] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    before_answer: Callable[[Sms], Awaitable[None]] | None = None
    played: Counter[Answer] = field(default_factory=Counter)
    _discards: bool = False
    _patience: asyncio.Event = field(default_factory=asyncio.Event)
    _released: asyncio.Event = field(default_factory=asyncio.Event)
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(421_332_671))

    def hold_at(self, point: Hold) -> None:
        self.hold = point
        self._released = asyncio.Event()

    def release(self, *, discard: bool = False) -> None:
        """Let go of all that is held, and hold nothing any more.

        discard: what was held before it was accepted never is.
        """
        self.hold = None
        self._discards = discard
        self._released.set()

    def behave(self) -> None:
        """Healthy from now on."""
        self.script.clear()
        self.choose = lambda: Answer.OK
        self.before_answer = None
        self._patience.set()
        self._patience = asyncio.Event()
        self.release()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, request after request."""
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while await self._exchange(reader, writer):
                await writer.drain()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One request; False when the connection has ended with it."""
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            return False
        async with self.oracle.busy():
            answer = self.script.popleft() if self.script else self.choose()
            self.played[answer] += 1
            self.oracle.tell()
            if answer is Answer.RESET_UNREAD:
                writer.transport.abort()
                return False
            headers = _headers(head)
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            return await self._answer(answer, headers, orjson.loads(body), reader, writer)

    async def _answer(
        self,
        answer: Answer,
        headers: dict[str, str],
        order: dict[str, Any],
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> bool:
        sms = self._read(headers, order)
        if await self._wait(Hold.BEFORE, sms) and self._discards:
            writer.transport.abort()
            return False
        number = next(self._numbers)
        self._record(sms, answer, number)
        if self.before_answer is not None and answer.accepts:
            await self.before_answer(sms)
        await self._wait(Hold.AFTER, sms)
        if answer in (Answer.SLOW, Answer.SLOW_ACCEPTED):
            await _either(reader.read(), self._patience.wait())  # the client has had enough
            writer.transport.abort()
            return False
        if answer in (Answer.RESET_READ, Answer.RESET_ACCEPTED):
            writer.transport.abort()
            return False
        full = _response(answer, number)
        if answer is Answer.HALF_ACCEPTED:
            writer.write(full[: len(full) - 9])
            await writer.drain()
            writer.transport.abort()
            return False
        writer.write(full)
        return True

    def _read(self, headers: dict[str, str], order: dict[str, Any]) -> Sms:
        scheme, _, token = headers.get("authorization", "").partition(" ")
        worker = base64.b64decode(token).decode().partition(":")[0] if scheme == "Basic" else ""
        reference = str(order["userref"])
        address = str(order["recipients"][0]["msisdn"])
        self.numbers[reference] = int(address)
        return Sms(worker, reference, address, order["message"], self.oracle.now())

    def _record(self, sms: Sms, answer: Answer, number: int) -> None:
        address = fingerprint(sms.address)
        if answer.accepts:
            self.ids.setdefault(sms.reference, []).append(number)
            text = fingerprint(sms.text)
            at = self.oracle.now()
            self.oracle.accept(
                Message("SMS", sms.reference, text, address, sms.worker, sms.asked_at, at)
            )
        self.oracle.note(
            Exchange("SMS", sms.reference, address, sms.worker, answer),
            refused=answer is Answer.BLACKLISTED,
        )

    async def _wait(self, point: Hold, sms: Sms) -> bool:
        """Whether it was held there."""
        if self.hold is not point:
            return False
        self.oracle.held.append(sms.worker)
        self.oracle.tell()
        try:
            await self._released.wait()
        finally:
            self.oracle.held.remove(sms.worker)
        return True


@asynccontextmanager
async def listening_gateway(oracle: Oracle) -> AsyncIterator[Gateway]:
    """The gateway on a free port of the loopback."""
    gateway = Gateway(oracle)
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await gateway.serve(reader, writer)
        finally:
            writer.close()
            tasks.discard(task)

    server = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=1000)
    gateway.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield gateway
    finally:
        gateway.release()
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)  # the connections end in the next turn of the loop


async def _either(*events: Coroutine[Any, Any, object]) -> None:
    tasks = [asyncio.create_task(event) for event in events]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _headers(head: bytes) -> dict[str, str]:
    lines = head.decode("latin-1").split("\r\n")[1:]
    pairs = (line.partition(":") for line in lines if line)
    return {name.lower(): value.strip() for name, _, value in pairs}


def _response(answer: Answer, number: int) -> bytes:
    status, body = _REFUSALS.get(answer, (200, {"ids": [number]}))
    content = b'{"ids": [42' if answer is Answer.MALFORMED_ACCEPTED else orjson.dumps(body)
    retry = f"Retry-After: {_RETRY_AFTER}\r\n" if answer is Answer.BUSY else ""
    head = (
        f"HTTP/1.1 {status} Answer\r\nContent-Type: application/json\r\n{retry}"
        f"Content-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content
