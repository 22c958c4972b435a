"""An answer is told again only to who may still see it, and nobody else can read what is kept."""

import pytest

from app.domain.viewer import Role
from tests.schema.eyes import do, group
from tests.schema.test_closed_plan import close
from tests.schema.test_operation import count_rows
from tests.story import CONVERSATION, conversation, hold_conversation, member, new_citizen, plan_of
from tests.wire.test_idempotency import KEY, LONG, data_of, query, refused_as, send
from tests.world import TODAY, World

OWN = CONVERSATION.replace("latestAgreement(authority: JOBCENTER) { ", "agreements { ")


async def test_a_fund_whose_membership_ended_is_not_shown_the_plan_again(world: World) -> None:
    citizen = await member(world)
    token = world.token(Role.FUND)
    given = conversation(world, citizen, LONG) | {"authority": "UNEMPLOYMENT_FUND"}
    first = await send(world, token, given, query=OWN)
    assert LONG in first.text
    assert data_of(await send(world, token, given, query=OWN)) == data_of(first)
    await query(world, "update membership set valid_to = $1", TODAY)
    before = await count_rows(world)
    response = await send(world, token, given, query=OWN)
    status, code = refused_as(response)
    assert (status, code) == (400, "NOT_FOUND") and LONG not in response.text
    assert await count_rows(world) == before


@pytest.mark.parametrize(
    "change",
    [
        "delete from case_responsibility where authority = 'UNEMPLOYMENT_FUND'",
        "update plan_document set visible = false where audience = 'FUND'",
    ],
    ids=["responsibility ended", "plan hidden"],
)
async def test_a_fund_that_may_read_less_of_a_plan_is_not_shown_the_earlier_answer(
    world: World, change: str
) -> None:
    citizen = await member(world)
    token = world.token(Role.FUND)
    given = conversation(world, citizen, LONG) | {"authority": "UNEMPLOYMENT_FUND"}
    await send(world, token, given, query=OWN)
    await query(world, change)
    assert refused_as(await send(world, token, given, query=OWN))[1] == "NOT_FOUND"


@pytest.mark.rule("R88", "refused")
async def test_a_fund_is_not_shown_a_hidden_plan_again_once_another_is_open_to_it(
    world: World,
) -> None:
    citizen = await member(world)
    staff, token = world.token(Role.JOBCENTER), world.token(Role.FUND)
    await hold_conversation(world, citizen, "Du ringer til to vikarbureauer.")
    given = conversation(world, citizen, LONG) | {"authority": "UNEMPLOYMENT_FUND"}
    assert "vikarbureauer" in (await send(world, token, given, query=OWN)).text
    await do(world, staff, group(citizen, "RESOURCE_PROGRAMME"))
    assert refused_as(await send(world, token, given, query=OWN))[1] == "NOT_FOUND"
    await close(world, citizen)
    assert refused_as(await send(world, token, given, query=OWN))[1] == "NOT_FOUND"
    await do(world, staff, group(citizen, "UNEMPLOYMENT_BENEFIT"))
    await hold_conversation(world, citizen, "En ny plan.")
    assert await plan_of(world, token, citizen)
    response = await send(world, token, given, query=OWN)
    assert refused_as(response)[1] == "NOT_FOUND" and "vikarbureauer" not in response.text


async def test_a_jobcenter_the_citizen_moved_from_is_not_shown_the_plan_again(
    world: World,
) -> None:
    citizen = await new_citizen(world)
    token = world.token(Role.JOBCENTER)
    given = conversation(world, citizen, LONG)
    await send(world, token, given)
    await query(world, "update citizen set municipality_code = '751'")
    assert refused_as(await send(world, token, given))[1] == "NOT_FOUND"


async def test_nobody_finds_the_answer_the_key_or_the_client_in_the_database(world: World) -> None:
    citizen = await new_citizen(world)
    token = world.token(Role.JOBCENTER, name="Troels Agerskov")
    await send(world, token, conversation(world, citizen, LONG))
    (row,) = await query(world, "select * from kept_answer")
    held = b"\n".join(bytes(row[name]) for name in ("claim", "request", "answer"))
    for told in (KEY, "søger", "registerConversation", "Troels", citizen):
        assert told.encode() not in held
    assert [str(one) for one in (*row["citizens"], *row["shown"])] == [citizen] * 2
