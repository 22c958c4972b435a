"""An SMS gateway that answers after 50 ms, at next to no CPU: `python -m bench.gateway PORT`.

`GET /accepted` tells what it accepted when, `[[userref, unix seconds], ...]`, and forgets it.
"""

import asyncio
import itertools
import json
import re
import sys
import time
from typing import Final, cast

import uvloop

from bench.client import HOST

ANSWER_SECONDS: Final = 0.05
_LENGTH: Final = re.compile(rb"content-length: *([0-9]+)", re.IGNORECASE)
_REFERENCE: Final = re.compile(rb'"userref":"([^"]+)"')


class Gateway(asyncio.Protocol):
    """One connection; requests on it come one after the other."""

    accepted: Final[list[tuple[str, float]]] = []
    ids: Final = itertools.count(1)

    def __init__(self) -> None:
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's own class is none of asyncio's
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, rest = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return
        length = _LENGTH.search(head)
        if len(rest) < (int(length[1]) if length else 0):
            return
        self._buffer = b""
        if head.startswith(b"GET"):
            body = json.dumps(self.accepted).encode()
            self.accepted.clear()
            self._answer(body)
        else:
            reference = _REFERENCE.search(rest)
            assert reference is not None
            asyncio.get_running_loop().call_later(ANSWER_SECONDS, self._accept, reference[1])

    def _accept(self, reference: bytes) -> None:
        self.accepted.append((reference.decode(), time.time()))
        self._answer(b'{"ids":[%d]}' % next(self.ids))

    def _answer(self, body: bytes) -> None:
        self._transport.write(
            b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s"
            % (len(body), body)
        )


async def serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Gateway, HOST, port, backlog=1024)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
