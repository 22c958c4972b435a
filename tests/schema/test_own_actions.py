"""The citizen's facts and own actions through GraphQL: who may, and what is answered."""

from typing import Any

import asyncpg
import pytest

from app.domain.viewer import Role
from tests.world import FUND, JOBCENTER, World

UPSERT = """mutation($i: UpsertCitizenInput!) { upsertCitizen(input: $i) {
  ... on UpsertCitizenPayload { citizenId warnings { code } }
  ... on RuleBreaches { breaches { code path rule } } ... on NotFound { message } } }"""
MEMBERSHIP = """mutation($i: SetMembershipInput!) { setMembership(input: $i) {
  ... on SetMembershipPayload { citizenId } } }"""
RESPONSIBILITY = """mutation($i: SetResponsibilityInput!) { setResponsibility(input: $i) {
  ... on SetResponsibilityPayload { citizenId }
  ... on RuleBreaches { breaches { code path } } } }"""
MEETING = """mutation($i: UpsertMeetingInput!) { upsertMeeting(input: $i) {
  ... on UpsertMeetingPayload { meetingId } } }"""
FAIR = """mutation($i: UpsertOtherAgreementInput!) { upsertOtherAgreement(input: $i) {
  ... on UpsertOtherAgreementPayload { otherAgreementId } } }"""
GROUP = """mutation($i: SetTargetGroupInput!) { setTargetGroup(input: $i) {
  ... on SetTargetGroupPayload { version plan { type } warnings { code } }
  ... on VersionConflict { currentVersion } ... on RuleBreaches { breaches { code } } } }"""
ADD = """mutation($i: AddSoughtJobInput!) { addSoughtJob(input: $i) {
  ... on SoughtJobsPayload { soughtJobs { id occupation { label } addedDuring } }
  ... on RuleBreaches { breaches { code rule path } } ... on NotFound { message } } }"""
REMOVE = """mutation($i: RemoveSoughtJobInput!) { removeSoughtJob(input: $i) {
  ... on RemoveSoughtJobPayload { soughtJobs { id } }
  ... on RuleBreaches { breaches { code } } ... on NotFound { message } } }"""
ACKNOWLEDGE = """mutation($i: AcknowledgePlanInput!) { acknowledgePlan(input: $i) {
  ... on AcknowledgePlanPayload { version plan { acknowledgement { method by } } }
  ... on RuleBreaches { breaches { code } } } }"""
PREFER = """mutation($i: UpdateNotificationPreferenceInput!) {
  updateNotificationPreference(input: $i) {
    ... on UpdateNotificationPreferencePayload {
      notificationPreference { sms smsNumber smsVerified } }
    ... on RuleBreaches { breaches { code path } } } }"""
SEEN = """mutation($i: MarkNotificationsSeenInput!) { markNotificationsSeen(input: $i) {
  ... on MarkNotificationsSeenPayload { seen } } }"""

CITIZEN: dict[str, Any] = {
    "civilRegistrationNumber": "010190-4001",
    "name": {"given": "Signe", "surname": "Kirkegaard"},
    "municipalityCode": JOBCENTER,
    "targetGroup": "UNEMPLOYMENT_BENEFIT",
    "firstBenefitDate": "2026-02-01",
    "digitalExemptions": [],
}
MEETS: dict[str, Any] = {
    "civilRegistrationNumber": "0101904001",
    "externalId": "M-1",
    "authority": "JOBCENTER",
    "source": "SUMMONS",
    "startsAt": "2026-03-20T10:00:00+01:00",
    "endsAt": "2026-03-20T10:45:00+01:00",
    "mode": "PHONE",
    "caseworkerName": "Troels Agerskov",
}


async def registered(world: World) -> str:
    """A member of a fund who lost the job today."""
    system = world.token(Role.SYSTEM)
    answer = await world.ask(system, UPSERT, i=CITIZEN)
    citizen_id: str = answer["upsertCitizen"]["citizenId"]
    membership = {
        "citizenId": citizen_id,
        "fundCode": FUND,
        "insurance": "FULL_TIME",
        "from": "2010-01-01",
    }
    assert await world.ask(system, MEMBERSHIP, i=membership) == {
        "setMembership": {"citizenId": citizen_id}
    }
    return citizen_id


@pytest.mark.rule("R154", "allowed")
@pytest.mark.rule("R121", "allowed")
async def test_the_registers_and_the_citizen_write_what_is_theirs(world: World) -> None:
    citizen_id = await registered(world)
    system, own = world.token(Role.SYSTEM), world.token(Role.CITIZEN, citizen=citizen_id)
    again = await world.ask(system, UPSERT, i=CITIZEN)
    assert again["upsertCitizen"] == {"citizenId": citizen_id, "warnings": []}
    booked = await world.ask(system, MEETING, i=MEETS)
    assert await world.ask(system, MEETING, i=MEETS) == booked
    fair = {
        "citizenId": citizen_id,
        "externalId": "F-1",
        "organiser": "JOBCENTER",
        "title": "Jobmesse",
        "kind": "JOB_FAIR",
        "startsAt": "2026-03-25T09:00:00+01:00",
    }
    assert (await world.ask(system, FAIR, i=fair))["upsertOtherAgreement"]["otherAgreementId"]
    seen = await world.ask(own, SEEN, i={"all": True})
    assert len(seen["markNotificationsSeen"]["seen"]) == 2
    receipt = await world.ask(own, ACKNOWLEDGE, i={"citizenId": citizen_id, "version": 2})
    assert receipt["acknowledgePlan"] == {
        "version": 2,
        "plan": {"acknowledgement": {"method": "DIGITAL", "by": "Signe Kirkegaard"}},
    }
    preference = {"sms": True, "smsNumber": "+45 00 14 17 62"}
    told = await world.ask(own, PREFER, i=preference)
    kept = told["updateNotificationPreference"]["notificationPreference"]
    assert kept == {"sms": True, "smsNumber": "00141762", "smsVerified": False}
    refused = await world.ask(own, PREFER, i={"smsNumber": None})
    assert refused["updateNotificationPreference"]["breaches"] == [
        {"code": "ADDRESS_MISSING", "path": ["input", "smsNumber"]}
    ]


@pytest.mark.rule("R154", "refused")
@pytest.mark.parametrize("group", ["CASH_BENEFIT_JOB_READY", "RESOURCE_PROGRAMME"])
async def test_a_register_is_not_told_what_the_plan_lacks(world: World, group: str) -> None:
    """Goals, sought jobs and interventions are not its own to read."""
    citizen_id = await registered(world)
    system = world.token(Role.SYSTEM)
    told: list[Any] = []

    async def tell(field: str, given: dict[str, Any]) -> None:
        kind = field[0].upper() + field[1:]
        data = await world.ask(
            system,
            f"mutation($i: {kind}Input!) {{ {field}(input: $i) {{"
            f" ... on {kind}Payload {{ warnings {{ code }} }} }} }}",
            i=given,
        )
        told.append(data[field]["warnings"])

    meeting = {"externalId": "M-2"}
    await tell("upsertMeeting", {**MEETS, **meeting})
    await tell("upsertCitizen", {**CITIZEN, "targetGroup": group})
    await tell("upsertMeeting", {**MEETS, **meeting, "caseworkerName": "Ane Agerskov"})
    fair = {
        "citizenId": citizen_id,
        "externalId": "F-2",
        "organiser": "JOBCENTER",
        "title": "Jobmesse",
        "kind": "JOB_FAIR",
        "startsAt": "2026-03-25T09:00:00+01:00",
    }
    await tell("upsertOtherAgreement", fair)
    assert told == [[], [], [], []]


async def test_a_group_changed_by_the_jobcenter_is_published_in_its_plan(world: World) -> None:
    citizen_id = await registered(world)
    staff = world.token(Role.JOBCENTER)
    change = {"citizenId": citizen_id, "targetGroup": "RESOURCE_PROGRAMME"}
    changed = (await world.ask(staff, GROUP, i=change))["setTargetGroup"]
    assert (changed["version"], changed["plan"]) == (1, {"type": "REHABILITATION_PLAN"})
    conflict = await world.ask(staff, GROUP, i={**change, "expectedVersion": 9})
    assert conflict["setTargetGroup"] == {"currentVersion": 1}
    bad = await world.ask(staff, GROUP, i={**change, "planType": "JOB_PLAN"})
    assert bad["setTargetGroup"]["breaches"] == [{"code": "INVALID_PLAN_TYPE"}]


async def test_sought_jobs_answer_the_list_and_every_broken_rule(world: World) -> None:
    citizen_id = await registered(world)
    own, fund = world.token(Role.CITIZEN, citizen=citizen_id), world.token(Role.FUND)
    connection = await asyncpg.connect(world.settings.database_url)
    await connection.execute("insert into occupation (code, label) values ('7212', 'Svejser')")
    await connection.close()
    job = {"citizenId": citizen_id, "occupationCode": "7212"}
    added = (await world.ask(own, ADD, i=job))["addSoughtJob"]["soughtJobs"]
    assert [j["occupation"]["label"] for j in added] == ["Svejser"]
    refused = await world.ask(fund, ADD, i={**job, "occupationCode": "noget sjovt"})
    assert [b["rule"] for b in refused["addSoughtJob"]["breaches"]] == ["R33", "R32"]
    last = {"citizenId": citizen_id, "soughtJobId": added[0]["id"]}
    kept = await world.ask(own, REMOVE, i=last)
    assert kept["removeSoughtJob"] == {"breaches": [{"code": "MIN_ONE_SOUGHT_JOB"}]}
    unknown = await world.ask(own, REMOVE, i={**last, "soughtJobId": "no id"})
    assert unknown["removeSoughtJob"] == {"message": "There is no such sought job."}


async def test_roles_and_input_out_of_bounds_are_refused_with_code_and_path(world: World) -> None:
    citizen_id = await registered(world)
    staff, system = world.token(Role.JOBCENTER), world.token(Role.SYSTEM)
    own = world.token(Role.CITIZEN, citizen=citizen_id)
    forbidden = await world.post(staff, UPSERT, i=CITIZEN)
    assert forbidden["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    for query, given, path in (
        (UPSERT, {**CITIZEN, "civilRegistrationNumber": "1"}, "civilRegistrationNumber"),
        (UPSERT, {**CITIZEN, "contactCourseStart": "8999-12-31"}, "contactCourseStart"),
        (MEETING, {**MEETS, "mapUrl": "javascript:1"}, "mapUrl"),
    ):
        errors = (await world.post(system, query, i=given))["errors"]
        assert errors[0]["extensions"] == {"code": "BAD_USER_INPUT", "path": ["input", path]}
    for wrong in ({}, {"all": True, "ids": []}):
        errors = (await world.post(own, SEEN, i=wrong))["errors"]
        assert errors[0]["extensions"]["code"] == "BAD_USER_INPUT"
    null = await world.post(system, UPSERT, i={**CITIZEN, "municipalityCode": None})
    assert null["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    hours: dict[str, Any] = {
        "authority": "JOBCENTER",
        "organisationCode": JOBCENTER,
        "from": "2026-03-02",
        "basis": "OTHER_GROUP",
        "countedHours": 1e300,
    }
    periods = {"citizenId": citizen_id, "periods": [hours]}
    errors = (await world.post(system, RESPONSIBILITY, i=periods))["errors"]
    assert errors[0]["extensions"]["code"] == "BAD_USER_INPUT"
    hours |= {"to": "2026-04-01", "countedHours": 480}
    gap = await world.ask(system, RESPONSIBILITY, i=periods)
    assert gap["setResponsibility"]["breaches"] == [
        {"code": "INVALID_PERIOD", "path": ["input", "periods"]}
    ]
