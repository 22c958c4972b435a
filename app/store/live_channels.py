"""Sharded channels of Valkey: this process hears what it has asked for, and nothing else.

redis-py's asyncio client knows no SSUBSCRIBE, so its `PubSub` carries the commands as they are. A
connection has one task that writes and one that reads; when either fails both end, and a new one
asks for all channels anew. Valkey is one primary: in a cluster each channel would need its node.
"""

import asyncio
import logging
import random
from collections.abc import Callable, Iterable
from contextlib import suppress
from itertools import islice
from typing import Any, Final

from redis.asyncio import Redis
from redis.asyncio.client import PubSub

from app.store.together import until_one_ends

log = logging.getLogger("minplan.live")

RECONNECT_SECONDS: Final = 0.2
"""The least time between two connections; half as much again at random."""
CONNECT_SECONDS: Final = 2.0
"""How long Valkey may take for a new connection; nobody else gets one meanwhile."""
QUIET_SECONDS: Final = 10.0
"""After so long without a word Valkey is asked for one; after twice that it counts as away."""
AT_ONCE: Final = 1000
"""Channels asked for by one command."""

Heard = Callable[[str, str], None]


class Channels:
    """The channels of one process. A channel is *confirmed* while no message of it can be missed.

    of: whose wake-ups, for the log. heard: called with channel and message. confirmed: with a
    channel, each time from which on its messages arrive: what came before may have been missed.
    lost: the connection has ended.
    """

    def __init__(
        self,
        redis: Redis,
        of: str,
        *,
        heard: Heard,
        confirmed: Callable[[str], None],
        lost: Callable[[], None],
    ) -> None:
        self._redis, self._of = redis, of
        self._heard, self._on_confirmed, self._lost = heard, confirmed, lost
        self._wanted: set[str] = set()
        self._sent: set[str] = set()
        self._confirmed: set[str] = set()
        self._changed: dict[str, None] = {}
        self._rung = asyncio.Event()
        self._told: set[str] = set()
        self.connected = asyncio.Event()

    def want(self, *channels: str) -> None:
        """Asks for channels; each is confirmed a little later."""
        self._wanted.update(channels)
        self._change(channels)

    def drop(self, *channels: str) -> None:
        self._wanted.difference_update(channels)
        self._change(channels)

    def is_confirmed(self, channel: str) -> bool:
        return channel in self._confirmed

    def __len__(self) -> int:
        return len(self._wanted)

    async def run(self) -> None:
        """Listens until cancelled; comes back by itself when Valkey does."""
        while True:
            try:
                await self._connect_once()
            except Exception as error:
                self._tell(type(error).__name__)
            finally:
                self.connected.clear()
                self._sent.clear()
                self._confirmed.clear()
                self._lost()
            await asyncio.sleep(RECONNECT_SECONDS * random.uniform(1, 1.5))  # noqa: S311 - no secret

    def _tell(self, reason: str) -> None:
        """Once until Valkey answers again: it may take each connection and refuse what is asked."""
        if reason not in self._told:
            self._told.add(reason)
            log.warning("wake-ups of %s are away: %s", self._of, reason)

    async def _connect_once(self) -> None:
        async with self._redis.pubsub() as pubsub:
            async with asyncio.timeout(CONNECT_SECONDS):
                await pubsub.connect()
            self._change(self._wanted)
            self.connected.set()
            await until_one_ends(self._write(pubsub), self._read(pubsub))

    def _change(self, channels: Iterable[str]) -> None:
        self._changed.update(dict.fromkeys(channels))
        self._rung.set()

    async def _write(self, pubsub: PubSub) -> None:
        """Brings what Valkey was asked for in line with what is wanted, a batch at a time."""
        while True:
            await self._rung.wait()
            self._rung.clear()
            while self._changed:
                batch = list(islice(self._changed, AT_ONCE))
                for channel in batch:
                    del self._changed[channel]
                more = [c for c in batch if c in self._wanted and c not in self._sent]
                less = [c for c in batch if c not in self._wanted and c in self._sent]
                self._sent.update(more)
                self._sent.difference_update(less)
                self._confirmed.difference_update(less)
                if more:
                    await pubsub.execute_command("SSUBSCRIBE", *more)
                if less:
                    await pubsub.execute_command("SUNSUBSCRIBE", *less)

    async def _read(self, pubsub: PubSub) -> None:
        quiet = False
        while True:
            message = await pubsub.parse_response(block=False, timeout=QUIET_SECONDS)
            if message is not None:
                quiet = False
                self._told.clear()
                self._take(message)
            elif quiet:
                raise ConnectionError("Valkey does not answer")
            else:
                quiet = True
                async with asyncio.timeout(QUIET_SECONDS):  # it may not even take it
                    await pubsub.execute_command("PING")

    def _take(self, message: Any) -> None:
        if not isinstance(message, list) or len(message) != 3:  # the answer to a ping
            return
        kind, channel = message[0], message[1].decode()
        if kind == b"smessage":
            with suppress(ValueError):  # not one of ours
                self._heard(channel, message[2].decode())
        elif kind == b"ssubscribe" and channel in self._sent:
            self._confirmed.add(channel)
            self._on_confirmed(channel)
