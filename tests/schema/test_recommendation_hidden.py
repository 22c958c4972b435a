"""What a fund does not learn of the decision of its own recommendation."""

import pytest

from app.domain.viewer import Role
from tests.schema.eyes import HIDDEN_KINDS, differences, do, fund_sees, group, talk
from tests.schema.test_recommendation import (
    decide,
    events,
    recommendations,
    sent,
    waits,
    wanted_of,
)
from tests.story import MEMBERSHIP, member
from tests.world import FUND, OTHER_FUND, World


@pytest.fixture
def world(shared_world: World) -> World:
    """One running API for the file: each story is about citizens of its own."""
    return shared_world


async def test_a_fund_that_the_citizen_left_hears_nothing_of_the_decision(world: World) -> None:
    citizen = await member(world)
    wanted = await sent(world, citizen)
    moved = {"citizenId": citizen, "fundCode": OTHER_FUND, "insurance": "FULL_TIME"}
    system = world.token(Role.SYSTEM)
    await world.ask(system, MEMBERSHIP, input={**moved, "from": str(world.day[0])})
    await decide(world, citizen, wanted)
    assert await events(world, citizen) == []
    for fund in (FUND, OTHER_FUND):
        assert await waits(world, Role.FUND, citizen, fund) == []


@pytest.mark.rule("R87", "refused")
@pytest.mark.parametrize("kind", HIDDEN_KINDS)
async def test_a_fund_cannot_tell_whether_its_recommendation_was_granted_with_something_hidden(
    world: World, kind: str
) -> None:
    seen = []
    for kinds in (("MENTOR", kind), ("MENTOR",)):
        citizen = await member(world)
        wanted = await sent(world, citizen)
        await decide(world, citizen, wanted, interventions=wanted_of(world, citizen, *kinds))
        (own,) = await recommendations(world, Role.JOBCENTER, citizen)
        assert len(own["interventions"]) == len(kinds)
        seen.append((await fund_sees(world, citizen), await events(world, citizen)))
    assert differences(seen[0][0], seen[1][0]) == []
    assert seen[0][1] == seen[1][1]


@pytest.mark.rule("R88", "refused")
async def test_of_a_decision_under_a_hidden_plan_type_the_fund_learns_nothing(
    world: World,
) -> None:
    seen = []
    staff = world.token(Role.JOBCENTER)
    for decides in (True, False):
        citizen = await member(world)
        wanted = await sent(world, citizen)
        await do(world, staff, group(citizen, "RESOURCE_PROGRAMME"))
        if decides:
            inputs = wanted_of(world, citizen, "MENTOR")
            answer = await decide(world, citizen, wanted, interventions=inputs)
            assert answer["__typename"] == "DecideRecommendationPayload"
        seen.append((await fund_sees(world, citizen), await events(world, citizen)))
    assert differences(seen[0][0], seen[1][0]) == []
    assert seen[0][1] == seen[1][1] == []


@pytest.mark.rule("R135", "refused")
@pytest.mark.parametrize("granted", [True, False])
async def test_nor_does_it_learn_of_it_when_it_sees_the_plan_again(
    world: World, granted: bool
) -> None:
    seen = []
    staff = world.token(Role.JOBCENTER)
    for decides in (True, False):
        citizen = await member(world)
        wanted = await sent(world, citizen)
        await do(world, staff, group(citizen, "RESOURCE_PROGRAMME"))
        if decides:
            inputs = wanted_of(world, citizen, "MENTOR") if granted else []
            await decide(world, citizen, wanted, granted=granted, interventions=inputs)
        await do(world, staff, group(citizen, "UNEMPLOYMENT_BENEFIT"))
        await do(world, staff, talk(world, citizen, "Du søger to job."))
        (own,) = await recommendations(world, Role.FUND, citizen)
        assert (own["status"], own["decidedBy"], own["decidedAt"]) == ("SENT", None, None)
        (own,) = await recommendations(world, Role.CITIZEN, citizen)
        assert (own["status"] != "SENT") == decides == bool(own["decidedBy"])
        seen.append((await fund_sees(world, citizen), await events(world, citizen)))
    assert differences(seen[0][0], seen[1][0]) == []


@pytest.mark.rule("R135", "allowed")
async def test_a_decision_under_a_visible_plan_type_stays_the_funds_to_see(world: World) -> None:
    citizen = await member(world)
    staff = world.token(Role.JOBCENTER)
    wanted = await sent(world, citizen)
    await decide(world, citizen, wanted, interventions=wanted_of(world, citizen, "MENTOR"))
    await do(world, staff, group(citizen, "RESOURCE_PROGRAMME"))
    await do(world, staff, group(citizen, "UNEMPLOYMENT_BENEFIT"))
    (own,) = await recommendations(world, Role.FUND, citizen)
    assert (own["status"], bool(own["decidedBy"]), len(own["interventions"])) == (
        *("GRANTED", True, 1),
    )
