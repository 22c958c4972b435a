"""The fund never learns: whatever it asks, it is answered as if what is hidden did not exist."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from app.domain.viewer import Role
from tests.schema.eyes import (
    HIDDEN_KINDS,
    HIDDEN_TYPES,
    KINDS,
    PLAN_TYPES,
    Step,
    differences,
    do,
    fund_sees,
    group,
    intervention,
    own_talk,
    requirement,
    talk,
)
from tests.story import member, plan_of
from tests.world import World

Story = Callable[[World, str, bool], Awaitable[None]]
"""Acts out a story for a citizen; the flag says whether the hidden step happens."""


@pytest.fixture
def world(shared_world: World) -> World:
    """One running API for the file: each story is about citizens of its own."""
    return shared_world


async def cannot_be_told_apart(
    world: World, story: Story, code: str = "UNEMPLOYMENT_BENEFIT", **facts: Any
) -> None:
    """Fails if the fund can tell a citizen with the hidden step from one without it."""
    seen: list[dict[str, Any]] = []
    for hidden in (True, False):
        citizen = await member(world, code, **facts)
        await story(world, citizen, hidden)
        seen.append(await fund_sees(world, citizen))
    assert differences(seen[0], seen[1]) == []


async def acknowledge(world: World, citizen: str, version: int) -> None:
    data = await world.ask(
        world.token(Role.CITIZEN, citizen=citizen),
        "mutation($input: AcknowledgePlanInput!) { acknowledgePlan(input: $input) { __typename } }",
        input={"citizenId": citizen, "version": version},
    )
    assert data["acknowledgePlan"]["__typename"] == "AcknowledgePlanPayload"


async def book(world: World, citizen: str) -> str:
    """A meeting at the jobcenter this morning; its id."""
    data = await world.ask(
        world.token(Role.SYSTEM),
        "mutation($input: UpsertMeetingInput!) { upsertMeeting(input: $input) {"
        " ... on UpsertMeetingPayload { meetingId } } }",
        input={
            "citizenId": citizen,
            "externalId": f"M-{citizen}",
            "authority": "JOBCENTER",
            "source": "SUMMONS",
            "startsAt": "2026-03-02T09:00:00+01:00",
            "endsAt": "2026-03-02T10:00:00+01:00",
            "mode": "IN_PERSON",
            "caseworkerName": "Rikke Sandholt",
        },
    )
    found: str = data["upsertMeeting"]["meetingId"]
    return found


AGREEMENT = "hidden agreement"
HIDDEN = (*HIDDEN_KINDS, AGREEMENT)


def hidden_step(world: World, citizen: str, what: str) -> Step:
    if what == AGREEMENT:
        return talk(world, citizen, "Vi taler om din ryg.", hiddenFromUnemploymentFund=True)
    return intervention(world, citizen, what)


@pytest.mark.parametrize("what", HIDDEN)
@pytest.mark.rule("R87", "refused")
async def test_what_is_hidden_leaves_no_trace_between_visible_steps(
    world: World, what: str
) -> None:
    async def story(world: World, citizen: str, hidden: bool) -> None:
        staff = world.token(Role.JOBCENTER)
        await do(world, staff, talk(world, citizen, "Du ringer til to vikarbureauer."))
        if hidden:
            await do(world, staff, hidden_step(world, citizen, what))
        await do(world, staff, intervention(world, citizen, "MENTOR"))

    await cannot_be_told_apart(world, story)


@pytest.mark.parametrize("what", ["AID", AGREEMENT])
async def test_a_plan_that_begins_with_something_hidden_does_not_exist_for_the_fund(
    world: World, what: str
) -> None:
    async def story(world: World, citizen: str, hidden: bool) -> None:
        if hidden:
            await do(world, world.token(Role.JOBCENTER), hidden_step(world, citizen, what))

    await cannot_be_told_apart(world, story)


@pytest.mark.parametrize("what", ["HEALTH", AGREEMENT])
@pytest.mark.parametrize("first", [True, False])
async def test_one_operation_of_something_hidden_and_something_visible_tells_of_the_latter_only(
    world: World, what: str, first: bool
) -> None:
    async def story(world: World, citizen: str, hidden: bool) -> None:
        visible = (
            intervention(world, citizen, "MENTOR")
            if what != "HEALTH"
            else talk(world, citizen, "Du ringer til to vikarbureauer.")
        )
        both = [hidden_step(world, citizen, what), visible]
        steps = (both if first else both[::-1]) if hidden else [visible]
        await do(world, world.token(Role.JOBCENTER), *steps)

    await cannot_be_told_apart(world, story)


async def test_a_hidden_step_leaves_no_task_with_the_fund_that_is_responsible(
    world: World,
) -> None:
    """Neither the task of a missing sought job nor a letter to an exempt citizen."""

    async def story(world: World, citizen: str, hidden: bool) -> None:
        staff = world.token(Role.JOBCENTER)
        if hidden:
            await do(world, staff, hidden_step(world, citizen, "SOCIAL"))

    exempt = [{"kind": "DIGITAL_POST", "from": "2026-01-01"}]
    await cannot_be_told_apart(world, story, digitalExemptions=exempt)


async def test_a_receipt_of_a_hidden_change_is_not_a_second_receipt_for_the_fund(
    world: World,
) -> None:
    async def story(world: World, citizen: str, hidden: bool) -> None:
        staff = world.token(Role.JOBCENTER)
        await do(world, staff, talk(world, citizen, "Du ringer til to vikarbureauer."))
        await acknowledge(world, citizen, 1)
        if hidden:
            await do(world, staff, hidden_step(world, citizen, "AID"))
            await acknowledge(world, citizen, 2)

    await cannot_be_told_apart(world, story)


@pytest.mark.rule("R64", "refused")
async def test_a_meeting_held_in_a_hidden_conversation_stays_as_it_was_for_the_fund(
    world: World,
) -> None:
    async def story(world: World, citizen: str, hidden: bool) -> None:
        staff = world.token(Role.JOBCENTER)
        await do(world, staff, talk(world, citizen, "Du ringer til to vikarbureauer."))
        meeting = await book(world, citizen)
        if hidden:
            step = talk(
                world,
                citizen,
                "Vi taler om din ryg.",
                meetingId=meeting,
                hiddenFromUnemploymentFund=True,
            )
            await do(world, staff, step)

    await cannot_be_told_apart(world, story)


@pytest.mark.parametrize("plan_type", HIDDEN_TYPES)
@pytest.mark.rule("R135", "refused")
@pytest.mark.rule("R88", "refused")
async def test_what_was_written_under_a_hidden_plan_type_stays_hidden_for_good(
    world: World, plan_type: str
) -> None:
    """R135, for each hidden plan type with interventions of all kinds and an agreement."""

    async def story(world: World, citizen: str, hidden: bool) -> None:
        staff = world.token(Role.JOBCENTER)
        await do(world, staff, talk(world, citizen, "Du ringer til to vikarbureauer."))
        await do(world, staff, group(citizen, PLAN_TYPES[plan_type]))
        if hidden:
            steps = [intervention(world, citizen, kind) for kind in KINDS]
            await do(world, staff, talk(world, citizen, "Vi taler om din ryg."), *steps)
        await do(world, staff, group(citizen, "UNEMPLOYMENT_BENEFIT"))
        await do(world, staff, intervention(world, citizen, "MENTOR"))

    await cannot_be_told_apart(world, story)


@pytest.mark.parametrize("plan_type", HIDDEN_TYPES)
@pytest.mark.rule("R88", "refused")
async def test_whatever_happens_under_a_hidden_plan_type_a_fund_sees_no_plan(
    world: World, plan_type: str
) -> None:
    code = PLAN_TYPES[plan_type]

    async def story(world: World, citizen: str, hidden: bool) -> None:
        staff = world.token(Role.JOBCENTER)
        await do(world, world.token(Role.FUND), own_talk(world, citizen))
        if hidden:
            steps = [intervention(world, citizen, kind) for kind in KINDS]
            await do(world, staff, talk(world, citizen, "Vi taler om din ryg."), *steps)
            await do(world, staff, group(citizen, "JOB_CLARIFICATION"))

    await cannot_be_told_apart(world, story, code)


async def test_a_fund_cannot_tell_one_hidden_group_from_another(world: World) -> None:
    seen = []
    for code in ("SICKNESS_BENEFIT", "RESOURCE_PROGRAMME", "EDU_BENEFIT_OBVIOUSLY_READY"):
        citizen = await member(world, code)
        await do(world, world.token(Role.FUND), own_talk(world, citizen))
        seen.append(await fund_sees(world, citizen))
    assert differences(seen[0], seen[1]) == []
    assert differences(seen[0], seen[2]) == []


@pytest.mark.parametrize("plan_type", ["JOB_PLAN", "COMBI_PLAN"])
@pytest.mark.rule("R87", "allowed")
@pytest.mark.rule("R64", "allowed")
async def test_of_a_visible_plan_a_fund_sees_every_kind_that_is_not_hidden(
    world: World, plan_type: str
) -> None:
    citizen = await member(world, PLAN_TYPES[plan_type])
    staff = world.token(Role.JOBCENTER)
    await do(world, staff, *(intervention(world, citizen, kind) for kind in KINDS))
    seen = await plan_of(world, world.token(Role.FUND), citizen)
    assert seen is not None and seen["type"] == plan_type
    kinds = {one["kind"] for one in seen["interventions"]}
    assert kinds == set(KINDS) - set(HIDDEN_KINDS)


async def test_a_jobcenters_requirement_is_not_the_funds_to_know(world: World) -> None:
    async def story(world: World, citizen: str, hidden: bool) -> None:
        staff = world.token(Role.JOBCENTER)
        await do(world, staff, talk(world, citizen, "Du ringer til to vikarbureauer."))
        if hidden:
            await do(world, staff, requirement(citizen))
        await do(world, staff, group(citizen, "UNEMPLOYMENT_BENEFIT"))

    await cannot_be_told_apart(world, story, "CASH_BENEFIT_JOB_READY")
