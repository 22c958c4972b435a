"""Servers and processes fail, logins and memberships end, while many follow what one writes."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from uuid import UUID

import asyncpg
import httpx

from app.dev.issuer import DevelopmentIssuer
from app.domain.viewer import Role
from tests.faults.servers import own_servers
from tests.live.crowd import REFUSED, Subscriber
from tests.live.processes import Remote, api_processes
from tests.story import MEMBERSHIP, hold_conversation, member
from tests.world import FUND

CITIZENS = 25
CROWD = {Role.CITIZEN: 8, Role.JOBCENTER: 7, Role.FUND: 5}
"""Subscribers of each citizen: 500 in all."""
SHORT = 12
"""Seconds that the first logins of the citizens themselves last."""
PATIENCE = 60.0


class Writer:
    """Registers conversations without an end; some of them a fund may not see."""

    def __init__(self, remote: Remote, citizens: list[str]) -> None:
        self._remote = remote
        self._citizens = citizens
        self._numbers = count(1)
        self.written = 0

    async def run(self) -> None:
        while True:
            for citizen in self._citizens:
                await self.write(citizen)

    async def write(self, citizen: str) -> None:
        number = next(self._numbers)
        try:
            answer = await hold_conversation(
                self._remote,
                citizen,
                f"{citizen} {number}",
                hiddenFromUnemploymentFund=number % 3 == 0,
            )
        except httpx.TransportError:  # its process was killed: perhaps it is written, perhaps not
            return
        assert answer["__typename"] == "RegisterConversationPayload"
        self.written += 1


def token_of(remote: Remote, citizen: str, role: Role) -> Callable[[], str]:
    """Logins; the citizens' first ones were issued nearly an hour ago."""
    own = UUID(citizen) if role is Role.CITIZEN else None
    old = DevelopmentIssuer(remote.settings, clock=lambda: time.time() - 3600 + SHORT)
    issued = iter([old.issue(role, citizen_id=own, minutes=60)] if own else [])
    return lambda: next(issued, None) or remote.token(role, citizen=own)


@asynccontextmanager
async def crowd(remote: Remote, citizens: list[str]) -> AsyncIterator[list[Subscriber]]:
    def up() -> list[str]:
        return [process.url for process in remote.processes if process.alive]

    everybody = [
        Subscriber(citizen, role, token_of(remote, citizen, role), up)
        for citizen in citizens
        for role, many in CROWD.items()
        for _ in range(many)
    ]
    tasks = [asyncio.create_task(one.run()) for one in everybody]
    try:
        async with asyncio.timeout(PATIENCE):
            await asyncio.gather(*(one.listening.wait() for one in everybody))
        yield everybody
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def newest(remote: Remote) -> dict[tuple[str, str], int]:
    """Citizen and audience -> the number of the newest version."""
    connection = await asyncpg.connect(remote.settings.database_url)
    try:
        rows = await connection.fetch(
            "select citizen_id::text, audience, number from plan_document where active"
        )
    finally:
        await connection.close()
    return {(row["citizen_id"], row["audience"]): row["number"] for row in rows}


async def everybody_has(remote: Remote, followers: list[Subscriber]) -> list[Subscriber]:
    """Waits until all have seen the newest version; who has not when patience ends.

    What is newest is asked each time: the writer's last request may be committed after it went.
    """

    async def behind() -> list[Subscriber]:
        numbers = await newest(remote)
        return [
            one
            for one in followers
            if one.version != numbers[one.citizen, "FUND" if one.role is Role.FUND else "FULL"]
        ]

    deadline = asyncio.get_running_loop().time() + PATIENCE
    while (lost := await behind()) and asyncio.get_running_loop().time() < deadline:
        await asyncio.sleep(0.05)
    return lost


async def test_whatever_fails_everybody_ends_with_the_newest_version_they_may_see(
    tmp_path: Path,
) -> None:
    async with own_servers() as servers, api_processes(servers, tmp_path, 2) as remote:
        citizens = [await member(remote) for _ in range(CITIZENS)]
        writer = Writer(remote, citizens)
        for citizen in citizens:
            await writer.write(citizen)
        async with crowd(remote, citizens) as everybody:
            writing = asyncio.create_task(writer.run())

            await asyncio.to_thread(servers.stop_valkey)
            await rounds(writer, 1)
            await asyncio.to_thread(servers.start_valkey)
            await rounds(writer, 1)

            first, second = remote.processes
            remote.processes[:] = [second, first]  # the writer's requests go to the one that lives
            await first.kill()
            await rounds(writer, 1)
            await first.start()

            own = [one for one in everybody if one.role is Role.CITIZEN]
            async with asyncio.timeout(PATIENCE):  # their logins run out, or their process did
                while not all(one.closes for one in own):
                    await asyncio.sleep(0.05)

            left = citizens[:5]
            for citizen in left:
                await end_membership(remote, citizen)
            await rounds(writer, 1)
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)

            gone = [one for one in everybody if one.citizen in left and one.role is Role.FUND]
            staying = [one for one in everybody if one not in gone]
            lost = await everybody_has(remote, staying)
            async with asyncio.timeout(PATIENCE):
                while not all(one.ended for one in gone):
                    await asyncio.sleep(0.05)
        assert sum(REFUSED in one.closes for one in own) >= len(own) / 3
        assert [one.wrong for one in everybody if one.wrong] == []
        assert [(one.role, one.version) for one in lost] == []
        assert Counter(one.ended for one in staying) == {None: len(staying)}
        assert Counter(one.ended for one in gone) == {"NOT_FOUND": len(gone)}


async def rounds(writer: Writer, many: int) -> None:
    """Waits until every citizen's plan has had so many more versions."""
    goal = writer.written + many * CITIZENS
    async with asyncio.timeout(PATIENCE):
        while writer.written < goal:
            await asyncio.sleep(0.02)


async def end_membership(remote: Remote, citizen: str) -> None:
    today = datetime.now(UTC).date()
    given = {
        "citizenId": citizen,
        "fundCode": FUND,
        "insurance": "FULL_TIME",
        "from": "2020-01-01",
        "to": str(today),
    }
    await remote.ask(remote.token(Role.SYSTEM), MEMBERSHIP, input=given)
