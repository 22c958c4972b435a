"""The parser of HTTP requests, deaf to every `Upgrade` but a WebSocket's (RFC 9110, 7.8)."""

from typing import Any, Protocol

import httptools


class Upgrading(Protocol):
    """Who hears what is parsed."""

    def head_without_upgrade(self) -> bytes | None:
        """The head that was read last, to be read again; None where its upgrade is wanted."""


class RequestParser(httptools.HttpRequestParser):
    """llhttp, by httptools, which takes what follows an upgrade for the other protocol's.

    Also where it is a body: so a head whose upgrade is passed over is read once more without it.
    """

    def __init__(self, protocol: Upgrading) -> None:
        super().__init__(protocol)
        self._protocol = protocol
        # as uvicorn: the first of several requests is answered even where it is the last to be
        self.set_dangerous_leniencies(lenient_data_after_close=True)

    def feed_data(self, data: Any) -> None:
        """Raises HttpParserError, and HttpParserUpgrade."""
        while True:
            try:
                super().feed_data(data)
                return
            except httptools.HttpParserUpgrade as upgrade:
                head = self._protocol.head_without_upgrade()
                if head is None:
                    raise
                data = memoryview(data)[upgrade.args[0] :]
                super().feed_data(head)
