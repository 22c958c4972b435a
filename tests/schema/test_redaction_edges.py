"""The fund never learns, at the edges: live views, letters, filters, statuses, the notice."""

import asyncio
import json
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from app.domain.viewer import Role
from tests.schema.eyes import HIDDEN_KINDS, do, group, intervention, operation, own_talk, talk
from tests.schema.test_redaction import HIDDEN, hidden_step
from tests.story import member
from tests.world import World


async def next_event(world: World, citizen: str, after: int) -> dict[str, Any]:
    """The first event that the fund's live view gets after a version."""
    subscription = (
        "subscription($id: ID!, $after: Int) { planUpdated(citizenId: $id, afterVersion: $after)"
        " { version changedElements trigger plan { version interventions { kind } } } }"
    )
    async with world.client.stream(
        "POST",
        f"{world.base_url}/graphql",
        json={"query": subscription, "variables": {"id": citizen, "after": after}},
        headers={
            "authorization": f"Bearer {world.token(Role.FUND)}",
            "accept": "text/event-stream",
        },
    ) as response:
        async for line in response.aiter_lines():
            if line.startswith("data:") and "changedElements" in line:
                event: dict[str, Any] = json.loads(line.removeprefix("data:"))
                return event
    raise AssertionError("the view ended without an event")


@pytest.mark.parametrize("what", HIDDEN)
@pytest.mark.rule("R130", "refused")
async def test_a_live_view_of_a_fund_tells_nothing_of_what_is_hidden(
    shared_world: World, what: str
) -> None:
    """The first event after a hidden and a visible step is that of the visible one alone."""
    seen = []
    for hidden in (True, False):
        citizen = await member(shared_world)
        staff = shared_world.token(Role.JOBCENTER)
        await do(
            shared_world, staff, talk(shared_world, citizen, "Du ringer til to vikarbureauer.")
        )
        event = asyncio.create_task(next_event(shared_world, citizen, 1))
        if hidden:
            await do(shared_world, staff, hidden_step(shared_world, citizen, what))
        await do(shared_world, staff, intervention(shared_world, citizen, "MENTOR"))
        async with asyncio.timeout(10):
            seen.append(await event)
    assert seen[0] == seen[1]
    assert '"version": 2' in json.dumps(seen[0])


async def test_an_order_that_is_no_part_of_the_plan_today_is_not_found_by_its_deadline(
    world: World,
) -> None:
    """A step opened under a hidden plan type, of a citizen who then gets a job plan (R88, R132)."""
    citizen = await member(world, "EDU_BENEFIT_EDU_READY")
    await do(world, world.token(Role.JOBCENTER), talk(world, citizen, "Vi ses."))
    connection = await asyncpg.connect(world.settings.database_url)
    try:
        await connection.execute(
            "with w as (select caseworker_id from caseworker limit 1), p as (select plan_id from"
            " plan), o as (insert into education_order (plan_id, current_step)"
            " select plan_id, 2 from p)"
            " insert into education_step (plan_id, step, opened_at, opened_by, caseworker_id,"
            " deadline, status) select plan_id, 2, now(), caseworker_id, caseworker_id,"
            " '2026-04-01', 'OPEN' from p, w"
        )
    finally:
        await connection.close()
    page = (
        '{ caseload(first: 5, filter: { deadlineBefore: "2026-05-01" }) { edges { node { id } } } }'
    )
    found = {"edges": [{"node": {"id": citizen}}]}
    assert await world.ask(world.token(Role.JOBCENTER), page) == {"caseload": found}
    assert await world.ask(world.token(Role.FUND), page) == {"caseload": {"edges": []}}
    await do(world, world.token(Role.JOBCENTER), group(citizen, "UNEMPLOYMENT_BENEFIT"))
    for role in (Role.JOBCENTER, Role.FUND):
        assert await world.ask(world.token(role), page) == {"caseload": {"edges": []}}


@pytest.mark.parametrize("kind", ["MENTOR", *HIDDEN_KINDS])
async def test_a_fund_tells_no_status_of_an_intervention_that_does_not_exist_for_it(
    shared_world: World, kind: str
) -> None:
    citizen = await member(shared_world)
    (created,) = await do(
        shared_world, shared_world.token(Role.JOBCENTER), intervention(shared_world, citizen, kind)
    )
    field, given = own_talk(shared_world, citizen)
    answers = [
        await shared_world.ask(
            shared_world.token(Role.FUND),
            operation([(field, given)]),
            i0={**given, "statuses": [{"interventionId": wanted, "text": "Det går godt."}]},
        )
        for wanted in (created["interventionId"], str(uuid4()))
    ]
    assert answers[1]["f0"]["__typename"] == "NotFound"
    assert (answers[0] == answers[1]) == (kind in HIDDEN_KINDS)


async def test_a_letter_about_something_hidden_lies_with_the_jobcenter(world: World) -> None:
    """Also while the fund is responsible; a letter about what the fund knows is the fund's."""
    exempt = [{"kind": "DIGITAL_POST", "from": "2026-01-01"}]
    citizen = await member(world, digitalExemptions=exempt)
    staff = world.token(Role.JOBCENTER)
    letters = "{ inbox(first: 10) { edges { node { kind } } } }"

    async def waiting(role: Role) -> int:
        page = await world.ask(world.token(role), letters)
        kinds = [edge["node"]["kind"] for edge in page["inbox"]["edges"]]
        return kinds.count("LETTER_TASK")

    await do(world, staff, intervention(world, citizen, "AID"))
    assert (await waiting(Role.FUND), await waiting(Role.JOBCENTER)) == (0, 1)
    await do(world, staff, intervention(world, citizen, "MENTOR"))
    assert (await waiting(Role.FUND), await waiting(Role.JOBCENTER)) == (1, 1)


@pytest.mark.rule("R89", "allowed")
async def test_the_notice_of_hidden_parts_is_the_same_whether_or_not_there_are_any(
    shared_world: World,
) -> None:
    query = (
        "query($id: ID!) { citizen(id: $id) { hiddenPartsNotice targetGroup { code }"
        " plan { hiddenPartsNotice } } }"
    )
    found = []
    for code, what in (
        ("UNEMPLOYMENT_BENEFIT", None),
        ("UNEMPLOYMENT_BENEFIT", "AID"),
        ("RESOURCE_PROGRAMME", None),
    ):
        citizen = await member(shared_world, code)
        await do(
            shared_world, shared_world.token(Role.JOBCENTER), talk(shared_world, citizen, "Vi ses.")
        )
        if what:
            await do(
                shared_world,
                shared_world.token(Role.JOBCENTER),
                hidden_step(shared_world, citizen, what),
            )
        found.append(
            (await shared_world.ask(shared_world.token(Role.FUND), query, id=citizen))["citizen"]
        )
    visible, with_aid, hidden = found
    assert visible == with_aid and visible["targetGroup"] == {"code": "UNEMPLOYMENT_BENEFIT"}
    assert hidden["plan"] is None and hidden["targetGroup"] is None
    assert hidden["hiddenPartsNotice"] == visible["plan"]["hiddenPartsNotice"] is not None
    own = await shared_world.ask(shared_world.token(Role.JOBCENTER), query, id=citizen)
    assert own["citizen"]["hiddenPartsNotice"] is None


@pytest.mark.rule("R64", "refused")
@pytest.mark.rule("R82", "allowed")
async def test_a_status_told_in_a_hidden_conversation_is_news_of_a_status_only(
    world: World,
) -> None:
    citizen = await member(world)
    staff = world.token(Role.JOBCENTER)
    await do(world, staff, intervention(world, citizen, "MENTOR"))
    found = await world.ask(
        staff, "query($id: ID!) { citizen(id: $id) { plan { interventions { id } } } }", id=citizen
    )
    status = {
        "interventionId": found["citizen"]["plan"]["interventions"][0]["id"],
        "text": "Det går godt.",
    }
    field, given = talk(world, citizen, "Kun mellem os.")
    hidden = {**given, "hiddenFromUnemploymentFund": True, "statuses": [status]}
    await do(world, staff, (field, hidden))
    told = await world.ask(
        world.token(Role.FUND),
        "query($id: ID!) { citizen(id: $id) { plan { agreements { id }"
        " changesSince(version: 1) { version trigger changedElements } } } }",
        id=citizen,
    )
    assert told["citizen"]["plan"] == {
        "agreements": [],
        "changesSince": [{"version": 2, "trigger": "STATUS", "changedElements": ["TIMELINE"]}],
    }
