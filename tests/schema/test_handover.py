"""The handover to the place of education: a snapshot, released by the jobcenter, received once."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from app.domain.viewer import Role
from tests.schema.handed_over import FACTS, NEED, confirm, mentor, packages, released
from tests.schema.youth import (
    CONTACT,
    PRIVATE,
    SCHOOL,
    act,
    admitted,
    codes,
    done,
    mutation,
    open_schools,
    plan,
    sql,
    youth,
)
from tests.world import World


@pytest.mark.rule("R104", "allowed")
@pytest.mark.rule("R153", "allowed")
async def test_an_institution_reads_what_was_agreed_and_nothing_else(world: World) -> None:
    await open_schools(world)
    citizen = await admitted(world, **FACTS)
    chosen = await mentor(world, citizen, "Du vil have en at spørge.")
    await mentor(world, citizen, "Skolen får intet at vide om denne.")
    await done(world, "assessSupportNeed", citizen, **NEED, interventionIds=[chosen])
    assert await packages(world) == []
    answer = await done(
        world,
        "releaseHandover",
        citizen,
        institutionCode=SCHOOL,
        otherEssentialInformation="Læsetesten viste over middel.",
    )
    (package,) = await packages(world)
    assert package == {
        "id": answer["handoverPackageId"],
        "institution": "Erhvervsskolen Stjerneurt",
        "citizenName": {"full": "Signe Lindhave"},
        "civilRegistrationNumber": FACTS["civilRegistrationNumber"],
        "citizenContact": {"phone": FACTS["phone"], "email": FACTS["email"]},
        "admission": {"goal": "Smed", "institution": "Stjerneurt", "startDate": "2026-08-10"},
        "supportNeed": {
            "assessedOn": str(world.day[0]),
            "hasNeed": True,
            "text": "Tydelige ugeplaner.",
            "interventions": [
                {
                    "label": "Mentorstøtte",
                    "headline": "Din mentor",
                    "what": "Indsatsen mentor.",
                    "why": "Du vil have en at spørge.",
                }
            ],
        },
        "institutionContact": CONTACT | {"phone": "00154269"},
        "otherEssentialInformation": "Læsetesten viste over middel.",
        "releasedAt": package["releasedAt"],
        "receivedAt": None,
    }
    handover = (await plan(world, citizen, Role.CITIZEN, PRIVATE))["educationOrder"]["handover"]
    assert handover["id"] == package["id"]
    assert handover["otherEssentialInformation"] == "Læsetesten viste over middel."


@pytest.mark.rule("R104", "refused")
async def test_what_the_plan_says_later_does_not_reach_the_institution(world: World) -> None:
    """Only releasing again does, and the institution is to receive it again."""
    citizen, package = await released(world, **FACTS)
    (before,) = await packages(world)
    await confirm(world, package)
    await done(
        world,
        "assessSupportNeed",
        citizen,
        hasNeed=True,
        text="Skriftlige beskeder.",
        interventionIds=[await mentor(world, citizen, "Ny aftale.")],
        contact={"name": "Asta Møllegård"},
    )
    await done(world, "openEducationStep", citizen, admission={"startDate": "2026-09-01"})
    await sql(world, "update citizen set phone = '00001111' where citizen_id = $1", citizen)
    (after,) = await packages(world)
    assert after | {"receivedAt": None} == before
    assert after["receivedAt"]
    again = await done(world, "releaseHandover", citizen, institutionCode=SCHOOL)
    assert again["handoverPackageId"] == package
    (anew,) = await packages(world)
    assert anew["receivedAt"] is None
    assert anew["supportNeed"]["text"] == "Skriftlige beskeder."
    assert [i["why"] for i in anew["supportNeed"]["interventions"]] == ["Ny aftale."]
    assert anew["admission"]["startDate"] == "2026-09-01"
    assert anew["citizenContact"]["phone"] == "00001111"
    assert anew["institutionContact"]["name"] == "Asta Møllegård"


@pytest.mark.rule("R104", "refused")
@pytest.mark.rule("R103", "refused")
async def test_nothing_is_handed_over_before_admission_assessment_and_contact(
    world: World,
) -> None:
    await open_schools(world)
    citizen = await youth(world, 3)
    package = {"institutionCode": SCHOOL}
    refused = await act(world, "releaseHandover", citizen, **package)
    assert codes(refused) == [
        *("HANDOVER_TOO_EARLY", "SUPPORT_NEED_REQUIRED", "CONTACT_PERSON_REQUIRED"),
    ]
    citizen = await admitted(world)
    await done(world, "assessSupportNeed", citizen, hasNeed=False)
    refused = await act(world, "releaseHandover", citizen, **package)
    assert codes(refused) == ["CONTACT_PERSON_REQUIRED"]
    assert await packages(world) == []


@pytest.mark.rule("R153", "allowed")
async def test_a_receipt_is_seen_by_youth_and_jobcenter_and_counts_once(world: World) -> None:
    citizen, package = await released(world)
    before = await plan(world, citizen, Role.JOBCENTER, PRIVATE)
    first = await confirm(world, package)
    assert first["__typename"] == "ConfirmHandoverPayload"
    for role in (Role.CITIZEN, Role.JOBCENTER):
        seen = await plan(world, citizen, role, PRIVATE)
        assert seen["version"] == before["version"] + 1
        received = seen["educationOrder"]["handover"]["receivedAt"]
        assert datetime.fromisoformat(received) == datetime.fromisoformat(first["receivedAt"])
    assert await confirm(world, package) == first
    assert (await plan(world, citizen, Role.CITIZEN))["version"] == before["version"] + 1
    (read,) = await packages(world)
    assert read["receivedAt"] == first["receivedAt"]


@pytest.mark.rule("R12", "refused")
async def test_a_receipt_after_the_plan_was_closed_changes_no_plan(world: World) -> None:
    """Who starts an education often leaves the effort before the institution answers."""
    citizen, package = await released(world)
    await done(world, "closePlan", citizen)
    counts = (
        "select (select count(*) from plan_version) || ' ' || (select count(*) from notice)"
        " || ' ' || (select received_at is not null from handover_package)"
    )
    before = await sql(world, counts)
    assert before.endswith("false")
    received = await confirm(world, package)
    assert received["__typename"] == "ConfirmHandoverPayload"
    assert await sql(world, counts) == before.replace("false", "true")
    assert (await packages(world))[0]["receivedAt"]


async def test_it_is_received_between_its_release_and_now(world: World) -> None:
    _, package = await released(world)
    (read,) = await packages(world)
    at = datetime.fromisoformat(read["releasedAt"])
    token = world.token(Role.INSTITUTION)
    for wrong in (at - timedelta(microseconds=1), at + timedelta(hours=1)):
        answer = await world.post(
            token,
            mutation("confirmHandover"),
            input={"handoverPackageId": package, "receivedAt": wrong.isoformat()},
        )
        assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    received = await confirm(world, package, receivedAt=at.isoformat())
    assert datetime.fromisoformat(received["receivedAt"]) == at


async def test_a_package_goes_to_an_institution_that_is_known(world: World) -> None:
    citizen = await admitted(world)
    await done(world, "assessSupportNeed", citizen, **NEED)
    answer = await world.post(
        world.token(Role.JOBCENTER),
        mutation("releaseHandover"),
        input={"citizenId": citizen, "institutionCode": "INST-UNKNOWN"},
    )
    error = answer["errors"][0]["extensions"]
    assert (error["code"], error["path"]) == ("BAD_USER_INPUT", ["input", "institutionCode"])


async def test_support_is_of_interventions_of_the_own_plan(world: World) -> None:
    citizen, other = await admitted(world), await admitted(world)
    foreign = await mentor(world, other, "En andens.")
    for chosen in (foreign, str(uuid4()), "no id"):
        answer = await act(world, "assessSupportNeed", citizen, **NEED, interventionIds=[chosen])
        assert answer["__typename"] == "NotFound"
