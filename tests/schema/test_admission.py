"""The admission that the jobcenter recorded: the citizen's later list does not take it back."""

from typing import Any

import pytest

from app.domain.viewer import Role
from tests.schema.handed_over import NEED, packages
from tests.schema.youth import SCHOOL, act, codes, done, open_schools, plan, sql, youth
from tests.world import World

SMITH: dict[str, Any] = {
    "goal": "Smed",
    "institution": "Stjerneurt",
    "sent": True,
    "answer": "ADMITTED",
}
COOK = {**SMITH, "goal": "Kok", "institution": "Kornblomst"}


async def recorded(world: World) -> tuple[str, str]:
    """A youth at step 3 whom the jobcenter recorded as admitted; the application's id."""
    citizen = await youth(world, 3)
    answer = await done(
        world,
        "openEducationStep",
        citizen,
        applications=[SMITH],
        admission={"startDate": "2026-08-10"},
    )
    return citizen, answer["applicationIds"][0]


async def order(world: World, citizen: str) -> dict[str, Any]:
    found: dict[str, Any] = (await plan(world, citizen, Role.JOBCENTER))["educationOrder"]
    return found


@pytest.mark.rule("R97", "allowed")
async def test_the_recorded_admission_stays_when_the_citizen_sends_another_application(
    world: World,
) -> None:
    citizen, application = await recorded(world)
    await done(world, "sendEducationStep", citizen, step=3, applications=[{"goal": "Kok"}])
    found = await order(world, citizen)
    assert (found["admittedApplication"], found["startDate"]) == ({"goal": "Smed"}, "2026-08-10")
    assert [item["goal"] for item in found["applications"]] == ["Kok", "Smed"]
    assert found["applications"][1] == {**SMITH, "id": application}
    await done(world, "openEducationStep", citizen, step=4, deadline="2026-08-01")
    assert (await order(world, citizen))["admittedApplication"] == {"goal": "Smed"}


@pytest.mark.rule("R97", "allowed")
async def test_the_citizen_cannot_rewrite_the_recorded_admission(world: World) -> None:
    """Neither by naming it with another answer nor by what was saved before it was recorded."""
    citizen, application = await recorded(world)
    mine = {"id": application, "goal": "Bager", "answer": "REJECTED"}
    await done(world, "saveEducationStep", citizen, step=3, applications=[mine])
    own = (await plan(world, citizen, Role.CITIZEN))["educationOrder"]
    assert own["applications"] == [{**SMITH, "id": application}]
    await done(world, "sendEducationStep", citizen, step=3)
    assert (await order(world, citizen))["applications"] == [{**SMITH, "id": application}]
    await done(world, "openEducationStep", citizen, admission={"startDate": None})
    await done(
        world,
        "openEducationStep",
        citizen,
        applications=[{"id": application, "answer": "REJECTED"}],
    )
    taken_back = await order(world, citizen)
    assert (taken_back["admittedApplication"], taken_back["startDate"]) == (None, None)


@pytest.mark.rule("R97", "allowed")
async def test_what_was_saved_without_the_admission_is_sent_with_it(world: World) -> None:
    """The jobcenter names an application that the citizen had struck out in the draft."""
    citizen = await youth(world, 3)
    waiting = {**SMITH, "answer": "AWAITING"}
    await done(world, "sendEducationStep", citizen, step=3, applications=[waiting])
    await done(world, "reopenEducationStep", citizen, deadline="2026-03-30")
    await done(world, "saveEducationStep", citizen, step=3, applications=[{"goal": "Kok"}])
    application = (await order(world, citizen))["applications"][0]["id"]
    answered = [{"id": application, "answer": "ADMITTED"}]
    await done(world, "openEducationStep", citizen, applications=answered)
    await done(world, "saveEducationStep", citizen, step=3, applications=[{"goal": "Kok"}])
    admission = {"applicationId": application, "startDate": "2026-08-10"}
    await done(world, "openEducationStep", citizen, admission=admission)
    await done(world, "sendEducationStep", citizen, step=3)
    found = await order(world, citizen)
    assert found["admittedApplication"] == {"goal": "Smed"}
    assert [item["goal"] for item in found["applications"]] == ["Kok", "Smed"]


@pytest.mark.rule("R104", "refused")
async def test_no_institution_reads_the_date_of_another_education(world: World) -> None:
    """What the citizen says of another admission is no admission, and never gets its date."""
    await open_schools(world)
    citizen, _ = await recorded(world)
    await done(world, "sendEducationStep", citizen, step=3, applications=[COOK])
    await done(world, "assessSupportNeed", citizen, **NEED)
    await done(world, "releaseHandover", citizen, institutionCode=SCHOOL)
    told = {"goal": "Smed", "institution": "Stjerneurt", "startDate": "2026-08-10"}
    assert (await packages(world))[0]["admission"] == told
    await sql(world, "update education_order set admitted_application_id = null")
    await done(world, "releaseHandover", citizen, institutionCode=SCHOOL)
    assert (await packages(world))[0]["admission"]["startDate"] is None


@pytest.mark.rule("R97", "refused")
async def test_without_a_recorded_admission_the_citizens_list_is_the_whole_list(
    world: World,
) -> None:
    citizen = await youth(world, 3)
    await done(world, "openEducationStep", citizen, applications=[{**SMITH, "answer": "REJECTED"}])
    await done(world, "sendEducationStep", citizen, step=3, applications=[{"goal": "Kok"}])
    assert [item["goal"] for item in (await order(world, citizen))["applications"]] == ["Kok"]
    refused = await act(world, "openEducationStep", citizen, step=4, deadline="2026-08-01")
    assert codes(refused) == ["ADMISSION_REQUIRED"]
