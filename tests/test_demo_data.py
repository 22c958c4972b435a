"""What the demo plans hold beside their view: sought jobs, requirements, steps, responsibility."""

from typing import Any

import pytest

from app.dev.demo.examples import day, moment
from app.domain.viewer import Role
from tests.demo_view import EXAMPLES, Json, ids, snake
from tests.world import World

DATA = """
query($id: ID!) { citizen(id: $id) {
  name { given surname } targetGroup { code } municipalityCode rightAndDuty firstBenefitDate
  registrationOpen
  soughtJobs { occupation { label } addedDuring approvedBy }
  memberships { fund insurance validFrom validTo }
  responsibilities { authority organisation basis validFrom validTo }
  digitalExemptions { kind validFrom validTo }
  plan { type
    requirements { issuer organisation caseworker occupations { label } industries
      geographicAreas { municipalityCode label } agreementText otherExpectations expectedCount
      fullTime unsolicited validFrom validTo }
    contract { fileName signedOn danishGoal validUntil }
    educationOrder { currentStep startDate
      steps { step openedBy caseworker deadline status sentAt late
        educationProposals { priority educationName reason }
        institutionProposals { goal institution } institutionReason }
      applications { goal institution sent answer } admittedApplication { goal institution }
      supportNeed { assessedOn hasNeed text } institutionContact { name phone email }
      handover { institution otherEssentialInformation releasedAt receivedAt } }
  } } }
"""


@pytest.mark.parametrize("number", EXAMPLES)
async def test_an_example_is_stored_as_it_is_written(shared_demo: World, number: str) -> None:
    example = EXAMPLES[number]
    shared_demo.at(day(example.case["today"]))
    citizen_id = str((await ids(shared_demo))[number][0])
    token = shared_demo.token(Role.JOBCENTER, organisation=example.citizen["municipality_code"])
    found = snake((await shared_demo.ask(token, DATA, id=citizen_id))["citizen"])
    known, data, plan = example.citizen, example.data, found["plan"]
    assert found["name"] == {"given": known["given_name"], "surname": known["surname"]}
    assert found["target_group"]["code"] == example.case["target_group"]
    assert plan["type"] == example.case["plan_type"]
    for key in ("municipality_code", "right_and_duty", "first_benefit_date"):
        assert found[key] == known[key]
    assert found["registration_open"] is False
    assert [written_job(job) for job in found["sought_jobs"]] == [
        {key: job[key] for key in ("occupation", "added_during", "approved_by")}
        for job in data["sought_jobs"]
    ]
    membership = known["membership"]
    assert [written_period(one, "fund", "fund_name") for one in found["memberships"]] == (
        [membership] if membership else []
    )
    periods = [written_period(one) for one in found["responsibilities"]]
    assert periods == example.case["responsibility_periods"]
    exemption = known["digital_exemption"]
    assert [one["kind"] for one in found["digital_exemptions"]] == (
        [exemption["kind"]] if exemption else []
    )
    assert [written_requirement(one) for one in plan["requirements"]] == [
        {key: value for key, value in one.items() if key != "id"} for one in data["requirements"]
    ]
    assert plan["contract"] == data["contract"]


def written_job(job: Json) -> dict[str, Any]:
    return {**job, "occupation": job["occupation"]["label"]}


def written_period(stored: Json, name: str = "", as_name: str = "") -> dict[str, Any]:
    """A stored period under the names of the example."""
    names = {"valid_from": "from", "valid_to": "to", name: as_name}
    return {names.get(key, key): value for key, value in stored.items()}


def written_requirement(stored: Json) -> dict[str, Any]:
    issued_by = {
        "authority": stored["issuer"],
        "organisation": stored["organisation"],
        "caseworker": stored["caseworker"],
    }
    rest = {k: v for k, v in stored.items() if k not in ("issuer", "organisation", "caseworker")}
    occupations = [one["label"] for one in stored["occupations"]]
    return {"issued_by": issued_by, **rest, "occupations": occupations}


ORDERS = [number for number, example in EXAMPLES.items() if example.data["education_order"]]


@pytest.mark.parametrize("number", ORDERS)
async def test_an_education_order_went_the_way_of_the_example(
    shared_demo: World, number: str
) -> None:
    example = EXAMPLES[number]
    shared_demo.at(day(example.case["today"]))
    citizen_id = str((await ids(shared_demo))[number][0])
    token = shared_demo.token(Role.JOBCENTER, organisation=example.citizen["municipality_code"])
    found = snake(
        (await shared_demo.ask(token, DATA, id=citizen_id))["citizen"]["plan"]["educationOrder"]
    )
    wanted = example.data["education_order"]
    assert found["current_step"] == wanted["current_step"]
    for step, written in zip(found["steps"], wanted["steps"], strict=True):
        # staff do not see that something is saved
        status = "OPEN" if written["status"] == "SAVED" else written["status"]
        assert step["status"] == status
        for key in ("step", "opened_by", "caseworker", "deadline", "late"):
            assert step[key] == written[key]
        assert at(step["sent_at"]) == at(written["sent_at"])
        if step["step"] == 1:
            assert step["education_proposals"] == wanted["step_1"]["proposals"]
        if step["step"] == 2 and status != "OPEN":
            assert step["institution_proposals"] == wanted["step_2"]["proposals"]
            assert step["institution_reason"] == wanted["step_2"]["reason"]
    assert found["applications"] == wanted["applications"]
    if admission := wanted.get("step_4"):
        check_admission(found, admission)


def check_admission(found: Json, wanted: Json) -> None:
    assert found["start_date"] == wanted["start_date"]
    assert found["admitted_application"] == wanted["admitted_application"]
    assert found["institution_contact"] == wanted["institution_contact"]
    need = {key: wanted["support_need"][key] for key in ("assessed_on", "has_need", "text")}
    assert found["support_need"] == need
    handover, package = found["handover"], wanted["handover"]
    assert at(handover["released_at"]) == at(package["released_at"])
    for key in ("institution", "other_essential_information", "received_at"):
        assert handover[key] == package[key]


def at(written: str | None) -> object:
    return written and moment(written)
