"""Live caseloads over WebSocket: who of an organisation's citizens changed, and nothing else."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import pytest
import websockets
from gql import gql
from gql.transport.exceptions import TransportQueryError
from redis.asyncio import Redis

from app.dev.issuer import DevelopmentIssuer
from app.domain.authority import Authority
from app.domain.viewer import Role
from app.store import live_sweep
from app.store.live_caseload import MOST_CITIZENS
from app.store.publication import Published, Version
from tests.schema.eyes import HIDDEN_KINDS, do, group, intervention
from tests.schema.live_hub import Desk, at_desk, running, without_valkey
from tests.schema.test_live import Listener, socket
from tests.schema.test_recommendation import decide, sent
from tests.story import MEMBERSHIP, hold_conversation, member, new_citizen
from tests.world import FUND, JOBCENTER, OTHER_FUND, OTHER_JOBCENTER, World

CHANGES = gql("subscription { caseloadChanged { citizenId changed } }")
UPSERT = (
    "mutation($input: UpsertCitizenInput!) { upsertCitizen(input: $input) { __typename"
    " ... on UpsertCitizenPayload { citizenId } } }"
)
EVERYTHING = {"citizenId": None, "changed": ["PLAN", "CITIZEN", "INBOX"]}


class Watching:
    """One live caseload, gathered: citizen -> the parts that changed."""

    def __init__(self, listener: Listener) -> None:
        self.listener = listener
        self.heard: dict[str | None, set[str]] = {}
        self.first = ""

    async def one(self) -> dict[str, Any]:
        event: dict[str, Any] = (await self.listener.next())["caseloadChanged"]
        if event["citizenId"] != self.first:
            self.heard.setdefault(event["citizenId"], set()).update(event["changed"])
        return event

    async def settled(self, citizen: str) -> None:
        """Returns when somebody new was heard of, and so what was under way before."""
        self.first = citizen
        while (await self.one())["citizenId"] != citizen:
            pass
        self.heard.clear()

    async def until(self, citizen: str, *parts: str) -> None:
        """Returns when so much has been heard of a citizen."""
        while not set(parts) <= self.heard.get(citizen, set()):
            await self.one()


@asynccontextmanager
async def watching(
    world: World, role: Role, organisation: str | None = None
) -> AsyncIterator[Watching]:
    """A live caseload that has been told to look at everything, and what happened till now."""
    office = {"fund": organisation or FUND} if role is Role.FUND else {}
    office = office or {"municipality": organisation or JOBCENTER}
    async with socket(world, world.token(role, organisation=organisation)) as session:
        watch = Watching(Listener(session, CHANGES))
        assert await watch.one() == EVERYTHING
        await watch.settled(await new_citizen(world, "UNEMPLOYMENT_BENEFIT", **office))
        yield watch


async def test_a_view_begins_with_everything_and_hears_of_whom_something_changed(
    world: World,
) -> None:
    citizen = await new_citizen(world)
    async with watching(world, Role.JOBCENTER) as watch:
        await hold_conversation(world, citizen)
        await watch.until(citizen, "PLAN", "INBOX")
    assert watch.heard == {citizen: {"PLAN", "INBOX"}}


async def test_new_facts_and_new_citizens_are_told(world: World) -> None:
    async with watching(world, Role.JOBCENTER) as watch:
        citizen = await new_citizen(world)
        await watch.until(citizen, "CITIZEN")
    assert watch.heard == {citizen: {"CITIZEN"}}


async def test_another_organisation_hears_nothing(world: World) -> None:
    citizen = await member(world)
    last = await new_citizen(world, "UNEMPLOYMENT_BENEFIT", fund=OTHER_FUND, municipality="751")
    other_jobcenter = watching(world, Role.JOBCENTER, OTHER_JOBCENTER)
    async with other_jobcenter as there, watching(world, Role.FUND, OTHER_FUND) as fund:
        await hold_conversation(world, citizen)
        elsewhere = world.token(Role.JOBCENTER, organisation=OTHER_JOBCENTER)
        await do(world, elsewhere, intervention(world, last, "MENTOR"))
        await there.until(last, "PLAN")
        await fund.until(last, "PLAN")
    assert set(there.heard) == set(fund.heard) == {last}


@pytest.mark.rule("R87", "refused")
@pytest.mark.parametrize("kind", HIDDEN_KINDS)
async def test_a_fund_hears_nothing_of_what_is_hidden(world: World, kind: str) -> None:
    citizen = await member(world)
    staff = world.token(Role.JOBCENTER)
    async with watching(world, Role.JOBCENTER) as jobcenter, watching(world, Role.FUND) as fund:
        await do(world, staff, intervention(world, citizen, kind))
        await jobcenter.until(citizen, "PLAN")
        await hold_conversation(world, citizen := await member(world))
        await fund.until(citizen, "PLAN")
    assert set(fund.heard) == {citizen}


@pytest.mark.rule("R88", "refused")
async def test_a_fund_hears_nothing_of_a_change_from_one_hidden_group_to_another(
    world: World,
) -> None:
    citizen = await member(world, "SICKNESS_BENEFIT_CAT2")
    staff = world.token(Role.JOBCENTER)
    async with watching(world, Role.JOBCENTER) as jobcenter, watching(world, Role.FUND) as fund:
        await do(world, staff, group(citizen, "RESOURCE_PROGRAMME"))
        await jobcenter.until(citizen, "CITIZEN")
        await hold_conversation(world, last := await member(world))
        await fund.until(last, "PLAN")
    assert set(fund.heard) == {last}


async def test_what_comes_into_an_inbox_is_told_to_whose_it_is(world: World) -> None:
    citizen = await member(world)
    await hold_conversation(world, citizen)
    async with watching(world, Role.JOBCENTER) as jobcenter, watching(world, Role.FUND) as fund:
        wanted = await sent(world, citizen)
        await jobcenter.until(citizen, "PLAN", "INBOX")
        await fund.until(citizen, "PLAN")
        await decide(world, citizen, wanted, granted=False)
        await fund.until(citizen, "INBOX")


async def test_a_citizen_who_moves_leaves_one_caseload_and_comes_into_another(
    world: World,
) -> None:
    citizen = await new_citizen(world, civilRegistrationNumber="0107809902")
    move = {"civilRegistrationNumber": "0107809902", "municipalityCode": OTHER_JOBCENTER}
    there = watching(world, Role.JOBCENTER, OTHER_JOBCENTER)
    async with watching(world, Role.JOBCENTER) as old, there as new:
        await world.ask(world.token(Role.SYSTEM), UPSERT, input=move)
        await old.until(citizen, "LEFT")
        await new.until(citizen, "CITIZEN")
    assert old.heard == {citizen: {"LEFT"}}


async def test_a_member_who_changes_fund_leaves_one_caseload_and_comes_into_another(
    world: World,
) -> None:
    citizen = await member(world)
    moved = {"citizenId": citizen, "fundCode": OTHER_FUND, "insurance": "FULL_TIME"}
    async with (
        watching(world, Role.FUND) as old,
        watching(world, Role.FUND, OTHER_FUND) as new,
    ):
        system = world.token(Role.SYSTEM)
        await world.ask(system, MEMBERSHIP, input={**moved, "from": str(world.day[0])})
        await old.until(citizen, "LEFT")
        await new.until(citizen, "CITIZEN")
        # what happens from now on is none of the old fund's business
        await hold_conversation(world, citizen)
        await new.until(citizen, "PLAN")
        await hold_conversation(world, last := await member(world))
        await old.until(last, "PLAN")
    assert old.heard[citizen] == {"LEFT"}


async def test_the_view_ends_with_its_token(world: World) -> None:
    issuer = DevelopmentIssuer(world.settings, clock=lambda: time.time() - 3598)
    token = issuer.issue(Role.JOBCENTER, organisation=JOBCENTER, minutes=60)
    async with socket(world, token) as session:
        ended = await Listener(session, CHANGES).ended()
        closed = ended.__cause__ if ended else None
    assert isinstance(closed, websockets.ConnectionClosed)
    assert closed.rcvd is not None and closed.rcvd.code == 4403


@pytest.mark.parametrize("role", [Role.CITIZEN, Role.SYSTEM, Role.INSTITUTION])
async def test_only_caseworkers_have_a_caseload(world: World, role: Role) -> None:
    citizen = uuid4() if role is Role.CITIZEN else None
    async with socket(world, world.token(role, citizen=citizen)) as session:
        ended = await Listener(session, CHANGES).ended()
    assert isinstance(ended, TransportQueryError)
    assert ended.errors is not None
    assert ended.errors[0]["extensions"]["code"] == "FORBIDDEN"


async def test_too_many_citizens_for_a_slow_reader_become_everything() -> None:
    desk = Desk()
    news = desk.news
    assert news.take(50).everything
    for _ in range(MOST_CITIZENS):
        news.add(uuid4(), "PLAN")
    assert await desk.wait()
    assert len(news.take(50).citizens) == 50
    assert news, "the rest is still unheard"
    for _ in range(51):
        news.add(uuid4(), "PLAN")
    taken = news.take(50)
    assert (taken.everything, len(taken.citizens)) == (True, 0)
    assert not news


async def test_what_could_not_be_told_is_news_again() -> None:
    news, citizen = Desk().news, uuid4()
    news.give_back(news.take(50))
    assert news.take(50).everything
    news.add(citizen, "PLAN")
    taken = news.take(50)
    news.add(citizen, "INBOX")
    news.give_back(taken)
    assert news.take(50).citizens == {citizen: {"PLAN", "INBOX"}}


async def test_without_valkey_what_this_process_published_is_told_at_once(world: World) -> None:
    citizen = UUID(await new_citizen(world))
    async with without_valkey(world) as live:
        with at_desk(live, "JOBCENTER", JOBCENTER) as desk:
            assert await desk.told()
            version = Version(uuid4(), citizen, "FULL", 1, (), "GOALS")
            await live.publish(
                Published(versions=(version,), inboxes=((citizen, Authority.JOBCENTER),))
            )
            assert await desk.wait()
            assert desk.news.take(50).citizens == {citizen: {"PLAN", "INBOX"}}


async def test_without_valkey_the_sweep_says_to_look_at_everything(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_sweep, "POLL_SECONDS", 0.05)
    async with without_valkey(world) as live:
        with at_desk(live, "UNEMPLOYMENT_FUND", FUND) as desk:
            assert await desk.told()
            assert await desk.told()


async def test_after_a_lost_connection_to_valkey_everything_is_looked_at(world: World) -> None:
    assert world.settings.redis_url is not None
    name = f"hub-{uuid4().hex}"
    redis = Redis.from_url(world.settings.redis_url, client_name=name)
    async with running(world, redis) as live:
        await asyncio.wait_for(live.connected.wait(), 5)
        with at_desk(live, "JOBCENTER", JOBCENTER) as desk:
            assert await desk.told()
            clients = await redis.client_list(_type="pubsub")
            (own,) = [client["id"] for client in clients if client["name"] == name]
            await redis.client_kill_filter(_id=own)
            assert await desk.told()


async def test_nobody_is_looked_up_while_nobody_listens(world: World) -> None:
    citizen = await new_citizen(world)
    async with without_valkey(world) as live:
        live.caseloads.hear(UUID(citizen), ["FULL"])
        with at_desk(live, "JOBCENTER", JOBCENTER) as desk:
            assert await desk.told()
            assert not await desk.wait(0.1)
