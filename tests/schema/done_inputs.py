"""Inputs that are done, of the mutations that store numbers, texts, days and addresses."""

from typing import Any

from app.domain.viewer import Role
from tests.schema.any_input import inputs
from tests.schema.eyes import intervention
from tests.schema.interventions import create
from tests.schema.test_closed_plan import PDF, SCHEMA, known_values
from tests.schema.youth import sql, youth
from tests.story import hold_conversation, member, new_citizen
from tests.world import FUND, JOBCENTER, World

SOON, LATER = "2026-03-16", "2026-05-16"
KINDS = ("WAGE_SUBSIDY", "MENTOR", "EDUCATION", "AID", "PERSONAL_ASSISTANCE", "HEALTH")


def period(**more: Any) -> dict[str, Any]:
    """A fund's three months from today on."""
    return {
        "authority": "UNEMPLOYMENT_FUND",
        "organisationCode": FUND,
        "from": "2026-03-02",
        "basis": "FIRST_THREE_MONTHS",
        **more,
    }


async def bases(world: World) -> list[tuple[Role, str, dict[str, Any]]]:
    """Inputs that are done, of every mutation that stores numbers, texts, days or addresses."""
    await sql(world, "insert into occupation (code, label) values ('7212', 'Svejser')")
    own = {"occupationCode": "7212", "externalId": "X-1"}
    dagpenge = await member(world)
    cash = await new_citizen(world, "CASH_BENEFIT_ACTIVITY_READY")
    guest = await new_citizen(world, "INTEGRATION_PROGRAMME")
    await hold_conversation(world, dagpenge)
    young = await youth(world)
    offer = await create(world, cash, "WAGE_SUBSIDY")
    staff, system = Role.JOBCENTER, Role.SYSTEM

    def whole(mutation: str, citizen: str, **more: Any) -> dict[str, Any]:
        known = {**known_values(world, citizen), **own}
        return {**next(inputs(SCHEMA, mutation, known, {})), **more}

    company: dict[str, Any] = dict(intervention(world, cash, "WAGE_SUBSIDY")[1])
    texts = {"headline": "Svejser", "hoursPerWeek": 20, "minutesPerWeek": 30}
    contact = {"name": "Ida", "phone": "00154269", "email": "ida@jobcenter.example"}
    goal = {"term": "SHORT_TERM", "priority": 1}
    created = [
        (staff, "createIntervention", dict(intervention(world, cash, kind, **texts)[1]))
        for kind in KINDS
    ]
    return [
        *created,
        (
            system,
            "setResponsibility",
            {
                "citizenId": dagpenge,
                "periods": [
                    period(to="2026-04-01", countedHours=3.0, expectedTransitionDate="2026-04-01"),
                    period(**{"from": "2026-04-01"}),
                ],
            },
        ),
        (
            system,
            "setResponsibility",
            {
                "citizenId": dagpenge,
                "periods": [period(countedHours=3.0, expectedTransitionDate="2026-04-01")],
            },
        ),
        (
            system,
            "setResponsibility",
            {"citizenId": dagpenge, "countedHours": 3.0, "countedOn": "2026-03-02"},
        ),
        (system, "setResponsibility", {"citizenId": dagpenge, "transitionDate": "2026-04-02"}),
        (
            system,
            "setMembership",
            {
                "citizenId": dagpenge,
                "fundCode": FUND,
                "insurance": "FULL_TIME",
                "from": "2020-01-01",
                "to": "2026-12-31",
            },
        ),
        (
            system,
            "upsertCitizen",
            {
                "citizenId": dagpenge,
                "civilRegistrationNumber": "0107801234",
                "name": {"given": "Signe", "middle": "Maj", "surname": "Lindhave"},
                "municipalityCode": JOBCENTER,
                "contactCourseStart": "2026-03-02",
                "firstBenefitDate": "2026-03-02",
                "digitalExemptions": [
                    {"kind": "DIGITAL_POST", "from": "2026-03-02", "to": "2026-06-01"}
                ],
            },
        ),
        (
            system,
            "upsertMeeting",
            whole(
                "upsertMeeting",
                dagpenge,
                startsAt=f"{SOON}T09:00:00+01:00",
                endsAt=f"{SOON}T10:00:00+01:00",
            ),
        ),
        (system, "upsertOtherAgreement", whole("upsertOtherAgreement", dagpenge)),
        (
            system,
            "importCompanyIntervention",
            {**whole("importCompanyIntervention", cash), "startDate": SOON, "endDate": LATER},
        ),
        (staff, "updateIntervention", {**company, "interventionId": offer}),
        (
            staff,
            "cancelIntervention",
            {"citizenId": cash, "interventionId": offer, "reason": "Lukket."},
        ),
        (
            staff,
            "setInterventionStatus",
            {"citizenId": cash, "interventionId": offer, "text": "Aftalt."},
        ),
        (
            staff,
            "recordContactAttempt",
            {"citizenId": cash, "interventionId": offer, "at": "2026-03-01", "reached": True},
        ),
        (
            staff,
            "setJobGoals",
            {
                "citizenId": cash,
                "jobGoals": [
                    {
                        **goal,
                        "jobFunctionText": "Gartneri",
                        "subGoals": [{"text": "Ring", "targetDate": SOON}],
                    }
                ],
            },
        ),
        (
            Role.FUND,
            "setJobGoals",
            {
                "citizenId": dagpenge,
                "jobGoals": [
                    {**goal, "occupationCode": "7212", "outsideShortageReason": "Tæt på."}
                ],
            },
        ),
        (
            staff,
            "setEducationGoals",
            {
                "citizenId": young,
                "educationGoals": [{"educationName": "Smed", "educationCode": "17", "priority": 1}],
            },
        ),
        (staff, "setPlanDescription", {"citizenId": cash, "text": "Vi tager det roligt."}),
        (
            staff,
            "registerConversation",
            {
                "citizenId": cash,
                "authority": "JOBCENTER",
                "heldAt": "2026-03-02T08:00:00+01:00",
                "mode": "PHONE",
                "agreementText": "Du ringer.",
            },
        ),
        (
            Role.FUND,
            "issueJobSearchRequirement",
            {
                "citizenId": dagpenge,
                "occupationCodes": ["7212"],
                "industries": ["Metal"],
                "geographicAreas": [{"municipalityCode": JOBCENTER, "label": "Byen"}],
                "agreementText": "To om ugen.",
                "otherExpectations": "Ring.",
                "expectedCount": 2,
                "validFrom": "2026-03-02",
                "validTo": LATER,
            },
        ),
        (Role.CITIZEN, "addSoughtJob", {"citizenId": cash, "occupationCode": "7212"}),
        (staff, "exemptFromDigital", whole("exemptFromDigital", cash)),
        (Role.CITIZEN, "updateNotificationPreference", whole("updateNotificationPreference", cash)),
        (Role.CITIZEN, "updateCvSettings", whole("updateCvSettings", cash, searchable=False)),
        (staff, "setPlanAgreement", whole("setPlanAgreement", cash)),
        (Role.CITIZEN, "commentOnPlan", {"citizenId": cash, "text": "Tak."}),
        (
            staff,
            "attachContract",
            {
                "citizenId": guest,
                "document": PDF,
                "fileName": "k.pdf",
                "signedOn": "2026-03-01",
                "danishGoal": "Prøve i Dansk 2",
                "validUntil": LATER,
            },
        ),
        (staff, "openEducationStep", {"citizenId": young, "step": 2, "deadline": SOON}),
        (
            Role.CITIZEN,
            "saveEducationStep",
            {
                "citizenId": young,
                "step": 1,
                "educationProposals": [{"educationName": "Smed", "reason": "Metal"}],
            },
        ),
        (
            Role.CITIZEN,
            "sendEducationStep",
            {
                "citizenId": young,
                "step": 1,
                "educationProposals": [{"educationName": "Smed", "reason": "Metal"}],
            },
        ),
        (
            staff,
            "assessSupportNeed",
            {"citizenId": young, "hasNeed": True, "text": "Støtte.", "contact": contact},
        ),
        (
            staff,
            "registerTestResult",
            {
                "citizenId": young,
                "kind": "READING",
                "takenOn": "2026-02-01",
                "result": "Bestået",
                "courseRecommended": "Kursus",
                "requestedBy": "CITIZEN",
                "reason": "Ønske",
            },
        ),
        (
            staff,
            "setTargetGroup",
            {"citizenId": cash, "targetGroup": "CASH_BENEFIT_JOB_READY", "validFrom": "2026-03-02"},
        ),
        (
            Role.FUND,
            "recommendIntervention",
            {
                "citizenId": dagpenge,
                "proposedKind": "MENTOR",
                "text": "Det hjælper.",
                "wantedStart": SOON,
                "citizenAgrees": True,
            },
        ),
    ]
