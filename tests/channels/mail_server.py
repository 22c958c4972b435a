"""A mail server that keeps to a script, and remembers what it was told."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

ANSWERS: Final = {
    "GREETING": "220 mail.example",
    "EHLO": "250 mail.example",
    "MAIL": "250 ok",
    "RCPT": "250 ok",
    "DATA": "354 go on",
    "DOT": "250 2.0.0 Ok: queued as 4F0A1",
    "RSET": "250 ok",
    "QUIT": "221 bye",
}
DROP: Final = "drop"
HANG: Final = "hang"


def nothing_else(_step: str, _connection: int, _mail: int) -> str | None:
    return None


@dataclass
class MailServer:
    """To be given to `listening`. `answer` may overrule the script.

    It is asked with the step, the number of the connection, and how many mails it began.
    """

    changed: dict[str, str] = field(default_factory=dict)
    answer: Callable[[str, int, int], str | None] = nothing_else
    mails: list[bytes] = field(default_factory=list)
    connections: list[list[str]] = field(default_factory=list)
    """Each with the lines it was told, apart from texts."""

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        told: list[str] = []
        self.connections.append(told)
        number, mail = len(self.connections), 0
        step = "GREETING"
        while True:
            scripted = (ANSWERS | self.changed).get(step, "502 unknown")
            answer = self.answer(step, number, mail) or scripted
            if answer == DROP:
                return
            if answer == HANG:
                await reader.read()
                return
            writer.write(answer.replace("\n", "\r\n").encode() + b"\r\n")
            await writer.drain()
            if step == "QUIT" and answer.startswith("221"):
                return
            if step == "DATA" and answer.startswith("354"):
                self.mails.append(await reader.readuntil(b"\r\n.\r\n"))
                step = "DOT"
            else:
                told.append((await reader.readuntil(b"\r\n")).decode().strip())
                step = told[-1].split()[0].upper()
                mail += step == "MAIL"

    def verbs(self, connection: int) -> list[str]:
        """The commands of one connection, counted from 1."""
        return [line.split()[0].upper() for line in self.connections[connection - 1]]
