"""A way to PostgreSQL that falls silent: nothing arrives any more, and nobody is told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import parse_qs, urlsplit

from tests.channels.servers import listening


class Line:
    """Carries whatever is said, both ways, until it falls silent."""

    def __init__(self, socket: str) -> None:
        self._socket = socket
        self._speaks = asyncio.Event()
        self._speaks.set()
        self.url = ""

    def fall_silent(self) -> None:
        """Connections stay open, and new ones are taken."""
        self._speaks.clear()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._speaks.wait()
        server, to_server = await asyncio.open_unix_connection(self._socket)
        try:
            await asyncio.gather(self._pass(reader, to_server), self._pass(server, writer))
        finally:
            to_server.close()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while said := await reader.read(65_536):
            await self._speaks.wait()
            writer.write(said)
            await writer.drain()
        writer.close()


@asynccontextmanager
async def line_to(database_url: str) -> AsyncIterator[Line]:
    """A line to the test's database; at the end all that it carried is hung up."""
    asked = urlsplit(database_url)
    [folder] = parse_qs(asked.query)["host"]
    line = Line(f"{folder}/.s.PGSQL.5432")
    async with listening(line.carry) as port:
        line.url = f"postgresql://{asked.username}@127.0.0.1:{port}{asked.path}"
        yield line
