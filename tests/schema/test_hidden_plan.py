"""What a fund reads and writes beside a plan that it may not see, be it open or closed."""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

import pytest

from app.domain.viewer import Role
from tests.schema.eyes import differences, do, fund_sees, group, own_talk, requirement, talk
from tests.schema.test_closed_plan import close
from tests.schema.test_live_caseload import watching
from tests.schema.test_operation import count_rows
from tests.schema.test_recommendation import sent
from tests.schema.test_redaction import book
from tests.story import MEMBERSHIP, hold_conversation, member, new_citizen
from tests.world import FUND, OTHER_FUND, World

History = Callable[[World, str], Awaitable[Any]]
"""What happened before the plan was closed, or was not."""

HIDDEN = "RESOURCE_PROGRAMME"
OWN = (
    "query($id: ID!) { citizen(id: $id) { plan { version } conversations { agreementText }"
    " requirements { otherExpectations } meetings { id } } }"
)
ROWS = (
    "{ caseload(first: 5) { edges { node { conversations { agreementText }"
    " requirements { otherExpectations } meetings { id } plan { version } } } } }"
)


async def nothing(world: World, citizen: str) -> None:
    """No history at all."""


async def one_talk(world: World, citizen: str) -> None:
    await do(world, world.token(Role.FUND), own_talk(world, citizen, "Før."))


async def many_talks(world: World, citizen: str) -> None:
    for number in range(3):
        await do(world, world.token(Role.FUND), own_talk(world, citizen, f"Før, {number}."))
        await hold_conversation(world, citizen, "Kun mellem os.")
    await book(world, citizen)


async def a_visible_time(world: World, citizen: str) -> None:
    """The plan was the fund's to read, write and send letters about."""
    staff, fund = world.token(Role.JOBCENTER), world.token(Role.FUND)
    await do(world, staff, group(citizen, "UNEMPLOYMENT_BENEFIT"))
    await do(world, fund, own_talk(world, citizen, "Før."), requirement(citizen))
    await sent(world, citizen)
    await do(world, staff, talk(world, citizen, "Du ringer til to vikarbureauer."))
    await do(world, staff, group(citizen, HIDDEN))


@pytest.mark.rule("R88", "refused")
@pytest.mark.parametrize("history", [nothing, one_talk, many_talks, a_visible_time])
async def test_a_fund_cannot_tell_a_closed_hidden_plan_from_one_that_is_open(
    world: World, history: History
) -> None:
    """As it is closed, after the next writes of fund and jobcenter, and closed once more."""
    seen: list[list[Any]] = []
    for closes in (True, False):
        exempt = [{"kind": "DIGITAL_POST", "from": "2026-01-01"}]
        citizen = await member(world, HIDDEN, digitalExemptions=exempt)
        await history(world, citizen)
        await hold_conversation(world, citizen, "Den første.")
        told: list[Any] = [await fund_sees(world, citizen)]
        for number in range(2):
            if closes:
                assert (await close(world, citizen))["__typename"] == "ClosePlanPayload"
            told.append(await fund_sees(world, citizen))
            await hold_conversation(world, citizen, "Kun mellem os.")
            told.append(await fund_sees(world, citizen))
            step = own_talk(world, citizen, f"Efter, {number}.")
            told.append(await do(world, world.token(Role.FUND), step))
            told.append(await fund_sees(world, citizen))
        seen.append(told)
    assert differences(seen[0], seen[1]) == []


@pytest.mark.rule("R88", "refused")
@pytest.mark.parametrize("history", [one_talk, many_talks, a_visible_time])
async def test_a_fund_is_not_woken_when_a_hidden_plan_is_closed(
    world: World, history: History
) -> None:
    """Not by the letters either that the plan's visible time left open."""
    exempt = [{"kind": "DIGITAL_POST", "from": "2026-01-01"}]
    citizen = await member(world, HIDDEN, digitalExemptions=exempt)
    await history(world, citizen)
    async with watching(world, Role.FUND) as watch:
        await close(world, citizen)
        marker = await new_citizen(world, "UNEMPLOYMENT_BENEFIT", fund=FUND)
        await watch.until(marker, "CITIZEN")
    assert citizen not in watch.heard


@pytest.mark.rule("R88", "refused")
async def test_a_letter_about_a_plan_that_became_hidden_lies_with_the_jobcenter(
    world: World,
) -> None:
    """Also while the fund is responsible: its closing would take the letter from the inbox."""
    exempt = [{"kind": "DIGITAL_POST", "from": "2026-01-01"}]
    citizen = await member(world, digitalExemptions=exempt)
    await do(world, world.token(Role.FUND), own_talk(world, citizen))
    assert [await letters(world, role) for role in (Role.FUND, Role.JOBCENTER)] == [1, 0]
    await do(world, world.token(Role.JOBCENTER), group(citizen, HIDDEN))
    period = {"authority": "UNEMPLOYMENT_FUND", "organisationCode": FUND}
    await world.ask(
        world.token(Role.SYSTEM),
        "mutation($i: SetResponsibilityInput!) { setResponsibility(input: $i) { __typename } }",
        i={
            "citizenId": citizen,
            "periods": [{**period, "basis": "OTHER_GROUP", "from": str(world.day[0])}],
        },
    )
    assert [await letters(world, role) for role in (Role.FUND, Role.JOBCENTER)] == [0, 2]


async def letters(world: World, role: Role) -> int:
    """How many letters wait in an inbox."""
    query = "{ inbox(first: 10) { edges { node { kind } } } }"
    edges = (await world.ask(world.token(role), query))["inbox"]["edges"]
    return [edge["node"]["kind"] for edge in edges].count("LETTER_TASK")


@pytest.mark.rule("R88", "refused")
async def test_beside_a_hidden_plan_a_fund_writes_for_version_0_alone(world: World) -> None:
    citizen = await member(world, HIDDEN)
    field, given = own_talk(world, citizen)
    query = f"mutation($i: RegisterConversationInput!) {{ answer: {field % 'i'} }}"
    fund = world.token(Role.FUND)
    for closes in (False, True):
        if closes:
            await close(world, citizen)
        for expected in (0, 1, 2):
            wanted = {**given, "expectedVersion": expected}
            answer = (await world.ask(fund, query, i=wanted))["answer"]
            if expected:
                assert (answer["__typename"], answer["currentVersion"]) == ("VersionConflict", 0)
            else:
                assert answer["version"] == 0


@pytest.mark.rule("R88", "allowed")
@pytest.mark.parametrize("visible_after", [False, True])
async def test_a_fund_keeps_its_own_of_every_closed_plan_that_it_may_not_see(
    world: World, visible_after: bool
) -> None:
    """Newest first, in the list of its members too; also when the next plan is one it reads."""
    citizen = await member(world)
    staff, fund = world.token(Role.JOBCENTER), world.token(Role.FUND)
    await do(world, fund, own_talk(world, citizen, "Nummer 1."), requirement(citizen))
    await do(world, staff, group(citizen, HIDDEN))
    meetings = [await book(world, citizen)]
    await close(world, citizen)
    for number in (2, 3):
        await do(world, fund, own_talk(world, citizen, f"Nummer {number}."))
        await hold_conversation(world, citizen, "Kun mellem os.")
        await close(world, citizen)
    if visible_after:
        await do(world, staff, group(citizen, "UNEMPLOYMENT_BENEFIT"))
    await do(world, fund, own_talk(world, citizen, "Nummer 4."))
    read = (await world.ask(fund, OWN, id=citizen))["citizen"]
    ((row,),) = [(await world.ask(fund, ROWS))["caseload"]["edges"]]
    assert row["node"] == read
    assert read == {
        "plan": {"version": 1} if visible_after else None,
        "conversations": [{"agreementText": f"Nummer {number}."} for number in (4, 3, 2, 1)],
        "requirements": [{"otherExpectations": "To ansøgninger om ugen."}],
        "meetings": [{"id": meeting} for meeting in meetings],
    }


@pytest.mark.rule("R12", "refused")
async def test_a_closed_plan_that_a_fund_may_see_is_read_as_an_earlier_plan(world: World) -> None:
    """Its agreements are not said once more beside the plan that follows."""
    citizen = await member(world)
    fund = world.token(Role.FUND)
    await do(world, fund, own_talk(world, citizen, "Nummer 1."))
    await close(world, citizen)
    await do(world, fund, own_talk(world, citizen, "Nummer 2."))
    read = (await world.ask(fund, OWN, id=citizen))["citizen"]
    assert read["conversations"] == [{"agreementText": "Nummer 2."}]
    own = (await world.ask(world.token(Role.JOBCENTER), OWN, id=citizen))["citizen"]
    assert own["conversations"] == [{"agreementText": "Nummer 2."}]


@pytest.mark.rule("R88", "allowed")
@pytest.mark.rule("R88", "refused")
async def test_beside_a_hidden_plan_a_fund_reads_its_own_and_not_an_earlier_funds(
    world: World,
) -> None:
    """Also where a later membership is known already."""
    citizen = await new_citizen(world, "RESOURCE_PROGRAMME", fund=OTHER_FUND)
    other = world.token(Role.FUND, organisation=OTHER_FUND)
    await do(world, other, own_talk(world, citizen, "Hos den første a-kasse."))
    for fund, first in ((FUND, "2026-03-03"), (OTHER_FUND, "2026-05-01")):
        await world.ask(
            world.token(Role.SYSTEM),
            MEMBERSHIP,
            input={
                "citizenId": citizen,
                "fundCode": fund,
                "insurance": "FULL_TIME",
                "from": first,
            },
        )
    world.at(date(2026, 3, 3))
    await do(world, world.token(Role.FUND), own_talk(world, citizen, "Hos den anden."))
    data = await world.ask(
        world.token(Role.FUND),
        "query($id: ID!) { citizen(id: $id) { plan { id } conversations { agreementText } } }",
        id=citizen,
    )
    assert data["citizen"] == {"plan": None, "conversations": [{"agreementText": "Hos den anden."}]}


async def test_a_fund_that_writes_beside_a_hidden_plan_is_told_that_it_gets_no_plan(
    world: World,
) -> None:
    citizen = await member(world, "RESOURCE_PROGRAMME")
    before = await count_rows(world)
    field, given = own_talk(world, citizen)
    query = f"mutation($i: RegisterConversationInput!) {{ {field % 'i'} }}"
    with_plan = query.replace("version", "version plan { id }", 1)
    answer = await world.post(world.token(Role.FUND), with_plan, i=given)
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert await count_rows(world) == before
    done = await world.ask(world.token(Role.FUND), query, i=given)
    assert done["registerConversation"]["version"] == 0
