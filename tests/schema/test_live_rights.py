"""A live view ends the moment its right does, and at the latest with its token."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain.viewer import Role
from app.schema.live_operation import LiveEnded
from app.store import live_sweep
from tests.schema.live_client import NOTICES, citizen_viewer, clients, revoke_login, staff
from tests.schema.test_live_caseload import UPSERT
from tests.story import MEMBERSHIP, hold_conversation, member, new_citizen
from tests.world import FUND, OTHER_JOBCENTER, World

CHANGES = "subscription { caseloadChanged { citizenId changed } }"


@pytest.mark.rule("R152", "refused")
async def test_a_move_ends_the_view_of_the_municipality_that_is_left(world: World) -> None:
    citizen = await new_citizen(world, civilRegistrationNumber="0107809902")
    await hold_conversation(world, citizen)
    move = {"civilRegistrationNumber": "0107809902", "municipalityCode": OTHER_JOBCENTER}
    with clients(world) as them:
        left = await them.follow(staff(), id=citizen)
        own = await them.follow(citizen_viewer(citizen), id=citizen)
        for client in them.all:
            await client.settled()
        await world.ask(world.token(Role.SYSTEM), UPSERT, input=move)
        assert await left.end() == "NOT_FOUND"
        there = await them.follow(staff(organisation=OTHER_JOBCENTER), id=citizen, after=0)
        assert there.versions(await there.next()) == [1]
        assert own.rung.is_set() and await own.pull() == []


@pytest.mark.rule("R152", "refused")
async def test_a_membership_that_ends_with_the_day_ends_the_view_at_midnight(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_sweep, "TICK_SECONDS", 0.02)
    citizen = await member(world)
    await hold_conversation(world, citizen)
    tomorrow = world.day[0] + timedelta(days=1)
    until = {"citizenId": citizen, "fundCode": FUND, "insurance": "FULL_TIME"}
    until |= {"from": "2020-01-01", "to": str(tomorrow)}
    await world.ask(world.token(Role.SYSTEM), MEMBERSHIP, input=until)
    with clients(world) as them:
        fund = await them.follow(staff(Role.FUND), id=citizen)
        jobcenter = await them.follow(staff(), id=citizen)
        for client in them.all:
            await client.settled()
        world.at(tomorrow)
        assert await fund.end() == "NOT_FOUND"
        assert not jobcenter.rung.is_set(), "nobody else is troubled"


@pytest.mark.parametrize("query", ["plan", NOTICES, CHANGES])
async def test_no_news_for_a_token_that_has_run_out(world: World, query: str) -> None:
    citizen = await new_citizen(world)
    viewer = staff() if query == CHANGES else citizen_viewer(citizen)
    asked = {"id": citizen} if query == "plan" else {}
    with clients(world) as them:
        expired = replace(viewer, expires_at=1)
        client = await them.follow(expired, *([] if asked else [query]), **asked)
        await client.rung.wait()
        with pytest.raises(LiveEnded) as ended:
            await client.pull()
    assert ended.value.errors[0].formatted["extensions"]["code"] == "UNAUTHENTICATED"


@pytest.mark.parametrize("query", ["plan", NOTICES, CHANGES])
async def test_no_news_for_a_login_that_was_revoked_while_it_began(
    world: World, query: str
) -> None:
    citizen = await new_citizen(world)
    viewer = staff() if query == CHANGES else citizen_viewer(citizen)
    asked = {"id": citizen} if query == "plan" else {}
    await revoke_login(world, viewer)
    with clients(world) as them:
        client = await them.follow(viewer, *([] if asked else [query]), **asked)
        await client.rung.wait()
        with pytest.raises(LiveEnded) as ended:
            await client.pull()
    assert ended.value.errors[0].formatted["extensions"]["code"] == "UNAUTHENTICATED"
