"""Kinds, schemes and plan types that have ended: nothing new is of them, and what was stays."""

from typing import Any

import pytest

from app.domain.viewer import Role
from tests.schema.companies import LONG, send, shorten, whole
from tests.schema.eyes import GROUP, intervention
from tests.schema.interventions import act, codes, create, seen, update
from tests.schema.youth import sql
from tests.story import BREACHES, cpr, new_citizen
from tests.world import JOBCENTER, World

UPSERT = (
    "mutation($input: UpsertCitizenInput!) { upsertCitizen(input: $input) { __typename"
    f" {BREACHES} }} }}"
)
YESTERDAY = "2026-03-01"


async def over(world: World, table: str, code: str, column: str = "valid_to") -> None:
    """Yesterday was its last day, or with `valid_from` its first day is far ahead."""
    day = YESTERDAY if column == "valid_to" else "2027-01-01"
    await sql(world, f"update {table} set {column} = '{day}' where code = $1 returning code", code)


@pytest.mark.rule("R84", "refused")
@pytest.mark.parametrize("column", ["valid_to", "valid_from"])
async def test_a_scheme_that_is_not_in_force_is_not_created(world: World, column: str) -> None:
    citizen = await new_citizen(world)
    await over(world, "education_scheme", "ORDINARY_EDUCATION", column)
    step = intervention(world, citizen, "EDUCATION", scheme="ORDINARY_EDUCATION")
    answer = await act(world, *step)
    assert codes(answer) == [("R84", "FORBIDDEN_KIND")]
    assert answer["breaches"][0]["path"] == ["input", "intervention", "education", "scheme"]
    await act(world, *intervention(world, citizen, "EDUCATION"))
    assert [one["kind"] for one in await seen(world, citizen)] == ["EDUCATION"]


@pytest.mark.rule("R84", "allowed")
@pytest.mark.rule("R84", "refused")
@pytest.mark.parametrize("kind", ["MENTOR", "EDUCATION"])
async def test_an_ended_kind_or_scheme_is_not_created_and_the_existing_one_is_still_written(
    world: World, kind: str
) -> None:
    citizen = await new_citizen(world)
    number = await create(world, citizen, kind)
    await over(world, "intervention_kind", kind)
    await over(world, "education_scheme", "SIX_WEEK_JOB_TRAINING")
    refused = codes(await act(world, *intervention(world, citizen, kind)))
    assert set(refused) == {("R84", "FORBIDDEN_KIND")}
    changed = await act(world, *update(world, citizen, number, kind, why="Du vil i gang."))
    assert changed["__typename"] == "UpdateInterventionPayload"
    (stored,) = await seen(world, citizen)
    assert stored["why"] == "Du vil i gang."


@pytest.mark.rule("R81", "allowed")
@pytest.mark.rule("R84", "refused")
async def test_vitas_still_changes_what_it_brought_of_an_ended_kind_and_brings_no_more(
    world: World,
) -> None:
    citizen = await new_citizen(world)
    first = await send(world, citizen)
    waiting = await send(world, citizen, externalId="V-2", why=LONG)
    assert waiting["heldImportId"]
    await over(world, "intervention_kind", "WAGE_SUBSIDY")
    again = await send(world, citizen, why="Du kan svejse aluminium.")
    assert again["interventionId"] == first["interventionId"]
    (stored,) = (await whole(world, citizen))["interventions"]
    assert stored["why"] == "Du kan svejse aluminium."
    for more in ({}, {"why": LONG}):
        refused = await send(world, citizen, externalId="V-3", **more)
        assert codes(refused) == [("R84", "FORBIDDEN_KIND")]
    # what was sent in time comes into the plan when it is shortened
    shortened = await shorten(world, citizen, waiting["heldImportId"])
    assert shortened["__typename"] == "UpdateInterventionPayload"


async def move(world: World, citizen: str, **given: Any) -> dict[str, Any]:
    wanted = {"citizenId": citizen, "targetGroup": "FLEXJOB_REFERRED", **given}
    return await act(world, GROUP, wanted)


async def plan_type(world: World, citizen: str) -> Any:
    return await sql(
        world,
        "select plan_type from target_group_period"
        " where citizen_id = $1::text::uuid and valid_to is null",
        citizen,
    )


@pytest.mark.rule("R131", "allowed")
@pytest.mark.rule("R131", "refused")
async def test_an_ended_plan_type_is_given_to_nobody_and_the_next_one_is_the_default(
    world: World,
) -> None:
    stays = await new_citizen(world, "FLEXJOB_REFERRED")
    citizen = await new_citizen(world)
    await over(world, "plan_type", "OTHER_INTERVENTIONS_PLAN")
    refused = await move(world, citizen, planType="OTHER_INTERVENTIONS_PLAN")
    assert codes(refused) == [("R131", "INVALID_PLAN_TYPE")]
    assert (await move(world, citizen))["__typename"] == "SetTargetGroupPayload"
    assert await plan_type(world, citizen) == "JOB_PLAN"
    # who has one of that type keeps it
    for given in ({}, {"planType": "OTHER_INTERVENTIONS_PLAN"}):
        assert (await move(world, stays, **given))["__typename"] == "SetTargetGroupPayload"
    assert await plan_type(world, stays) == "OTHER_INTERVENTIONS_PLAN"


@pytest.mark.rule("R131", "refused")
async def test_a_group_without_a_plan_type_in_force_takes_nobody(world: World) -> None:
    citizen = await new_citizen(world)
    for code in ("OTHER_INTERVENTIONS_PLAN", "JOB_PLAN"):
        await over(world, "plan_type", code)
    assert codes(await move(world, citizen)) == [("R131", "INVALID_PLAN_TYPE")]
    given = {
        "civilRegistrationNumber": cpr(9002),
        "name": {"given": "Signe", "surname": "Lindhave"},
        "municipalityCode": JOBCENTER,
        "targetGroup": "FLEXJOB_REFERRED",
    }
    answer = await world.ask(world.token(Role.SYSTEM), UPSERT, input=given)
    (breach,) = answer["upsertCitizen"]["breaches"]
    assert breach["code"] == "INVALID_PLAN_TYPE"
    assert breach["path"] == ["input", "targetGroup"]
