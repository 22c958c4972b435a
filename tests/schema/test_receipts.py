"""Receipts, exemptions, letters, contract and the holistic mark, as their roles send them."""

import base64
from typing import Any

import asyncpg
import pytest

from app.domain.viewer import Role
from app.schema.build import build_schema
from app.schema.scalars import MAX_FILE
from tests.everything import everything
from tests.schema.eyes import differences, fund_sees
from tests.story import REFUSED, hold_conversation, member, new_citizen, subscribe_channels
from tests.world import World

SCHEMA = build_schema()._schema


def mutation(name: str, fields: str) -> str:
    """The text of a mutation that answers `fields`."""
    kind = name[0].upper() + name[1:]
    return (
        f"mutation($input: {kind}Input!) {{ {name}(input: $input) {{ __typename"
        f" ... on {kind}Payload {{ {fields} }} {REFUSED} }} }}"
    )


RECEIPT = mutation(
    "recordAcknowledgement", "version plan { acknowledgement { version method by note } }"
)
OWN_RECEIPT = mutation("acknowledgePlan", "version plan { acknowledgement { version method } }")
EXEMPT = mutation("exemptFromDigital", "citizenId")
LETTER = mutation("completeLetterTask", "letterTaskId")
CONTRACT = mutation("attachContract", "version plan { contract { fileName attachedAt } }")
GROUP = mutation("setTargetGroup", "version plan { holistic holisticConsentAt }")
INBOX = "{ inbox(first: 50) { edges { node { kind subjectId citizenId } } } }"
CREATE = (
    "mutation($input: CreateInterventionInput!) { createIntervention(input: $input)"
    " { __typename } }"
)


async def send(world: World, role: Role, query: str, citizen: str, **given: Any) -> Any:
    """The answer of the one mutation in the text."""
    token = world.token(role, citizen=citizen if role is Role.CITIZEN else None)
    data = await world.ask(token, query, input={"citizenId": citizen, **given})
    return next(iter(data.values()))


def codes(answer: Any) -> list[str]:
    return [breach["code"] for breach in answer["breaches"]]


async def count(world: World, sql: str) -> int:
    connection = await asyncpg.connect(world.settings.database_url)
    try:
        found: int = await connection.fetchval(sql)
        return found
    finally:
        await connection.close()


@pytest.mark.rule("R118", "allowed")
@pytest.mark.rule("R120", "allowed")
async def test_the_responsible_authority_notes_a_refusal_with_its_name_and_words(
    world: World,
) -> None:
    citizen = await new_citizen(world)
    await hold_conversation(world, citizen)
    given = {"version": 1, "method": "REFUSAL_NOTED", "note": "Vil ikke skrive under."}
    answer = await send(world, Role.JOBCENTER, RECEIPT, citizen, **given)
    receipt = answer["plan"]["acknowledgement"]
    assert (receipt["method"], receipt["note"]) == ("REFUSAL_NOTED", "Vil ikke skrive under.")
    assert receipt["by"]
    again = await send(world, Role.CITIZEN, OWN_RECEIPT, citizen, version=1)
    assert codes(again) == ["ALREADY_ACKNOWLEDGED"]


@pytest.mark.rule("R118", "refused")
@pytest.mark.rule("R120", "refused")
async def test_staff_never_acknowledge_digitally_and_others_never_at_all(world: World) -> None:
    citizen = await member(world)  # in its first three months: the fund is responsible
    await hold_conversation(world, citizen)
    digital = await send(world, Role.FUND, RECEIPT, citizen, version=1, method="DIGITAL")
    assert codes(digital) == ["FORBIDDEN"]
    signed = await send(world, Role.JOBCENTER, RECEIPT, citizen, version=1, method="SIGNATURE")
    assert codes(signed) == ["NOT_RESPONSIBLE"]
    by_citizen = await world.post(
        world.token(Role.CITIZEN, citizen=citizen),
        RECEIPT,
        input={"citizenId": citizen, "version": 1, "method": "REFUSAL_NOTED"},
    )
    assert by_citizen["errors"][0]["extensions"]["code"] == "FORBIDDEN"


@pytest.mark.rule("R119", "allowed")
@pytest.mark.rule("R119", "refused")
async def test_a_receipt_changes_nothing_but_itself(world: World) -> None:
    citizen = await new_citizen(world)
    await hold_conversation(world, citizen)
    token = world.token(Role.CITIZEN, citizen=citizen)
    query = everything(SCHEMA, Role.CITIZEN, citizen=("(id: $id)", "Citizen"))

    async def read() -> Any:
        found = (await world.ask(token, query, id=citizen))["citizen"]
        return {key: value for key, value in found.items() if "accessLog" not in key}

    before = await read()
    await send(world, Role.CITIZEN, OWN_RECEIPT, citizen, version=1)
    after = await read()
    plans = [key for key in before if key.startswith("Citizen_plan")]
    for key in plans:
        if after[key] is not None:
            receipt = after[key].pop("Plan_acknowledgement_0")
            assert before[key].pop("Plan_acknowledgement_0") is None
            assert receipt["Acknowledgement_version_0"] == 1
    assert after == before


@pytest.mark.rule("R114", "allowed")
@pytest.mark.rule("R115", "refused")
@pytest.mark.parametrize(
    "group", ["UNEMPLOYMENT_BENEFIT", "CASH_BENEFIT_ACTIVITY_READY", "RESOURCE_PROGRAMME"]
)
async def test_whoever_is_not_exempt_is_told_digitally_in_every_group(
    world: World, group: str
) -> None:
    citizen = await new_citizen(world, group)
    await subscribe_channels(world, citizen)
    await hold_conversation(world, citizen)
    assert await count(world, "select count(*) from delivery_notice") == 2
    assert await count(world, "select count(*) from letter_task") == 0


@pytest.mark.rule("R114", "refused")
@pytest.mark.rule("R115", "allowed")
async def test_every_version_of_an_exempt_citizen_is_a_letter_and_no_message(
    world: World,
) -> None:
    citizen = await new_citizen(world)
    await subscribe_channels(world, citizen)
    done = await send(world, Role.JOBCENTER, EXEMPT, citizen, kind="SELF_SERVICE")
    assert done == {"__typename": "ExemptFromDigitalPayload", "citizenId": citizen}
    await hold_conversation(world, citizen)
    # the citizen's own word makes a version that nobody is told of, and a letter all the same
    agreed = mutation("setPlanAgreement", "version")
    own = await send(world, Role.CITIZEN, agreed, citizen, agrees=False, comment="Nej.")
    assert own["version"] == 2
    assert await count(world, "select count(*) from letter_task where status = 'OPEN'") == 2
    assert await count(world, "select count(*) from delivery_notice") == 0
    answer = await send(world, Role.JOBCENTER, RECEIPT, citizen, version=2, method="DIGITAL_POST")
    assert answer["plan"]["acknowledgement"]["method"] == "DIGITAL_POST"


async def letters(world: World) -> list[str]:
    """The letter tasks in the jobcenter's inbox."""
    edges = (await world.ask(world.token(Role.JOBCENTER), INBOX))["inbox"]["edges"]
    nodes = [edge["node"] for edge in edges]
    return [node["subjectId"] for node in nodes if node["kind"] == "LETTER_TASK"]


@pytest.mark.rule("R115", "allowed")
async def test_a_letter_that_was_sent_leaves_the_inbox(world: World) -> None:
    citizen = await new_citizen(world)
    await send(world, Role.JOBCENTER, EXEMPT, citizen, kind="DIGITAL_POST")
    await hold_conversation(world, citizen)
    (task,) = await letters(world)
    for role in (Role.FUND, Role.JOBCENTER):
        answer = await send(world, role, LETTER, citizen, letterTaskId=task)
        expected = "NotFound" if role is Role.FUND else "CompleteLetterTaskPayload"
        assert answer["__typename"] == expected
    assert await letters(world) == []
    again = await send(world, Role.JOBCENTER, LETTER, citizen, letterTaskId=task)
    assert again["__typename"] == "NotFound"


@pytest.mark.rule("R116", "refused")
@pytest.mark.parametrize(
    "group",
    [
        *("UNEMPLOYMENT_BENEFIT", "CASH_BENEFIT_JOB_READY"),
        *("TRANSITION_BENEFIT_JOB_READY", "EDU_BENEFIT_OBVIOUSLY_READY"),
    ],
)
async def test_some_groups_are_never_exempted_individually(world: World, group: str) -> None:
    citizen = await new_citizen(world, group)
    given = {"kind": "INDIVIDUAL", "reason": "Kan ikke bruge en computer."}
    refused = await send(world, Role.JOBCENTER, EXEMPT, citizen, **given)
    assert codes(refused) == ["EXEMPTION_NOT_ALLOWED"]


@pytest.mark.rule("R116", "allowed")
async def test_others_are_exempted_after_an_assessment_with_its_reason(world: World) -> None:
    citizen = await new_citizen(world, "CASH_BENEFIT_ACTIVITY_READY")
    assert codes(await send(world, Role.JOBCENTER, EXEMPT, citizen, kind="INDIVIDUAL")) == [
        "REASON_REQUIRED"
    ]
    given = {"kind": "INDIVIDUAL", "reason": "Kan ikke bruge en computer.", "to": "2026-09-01"}
    await send(world, Role.JOBCENTER, EXEMPT, citizen, **given)
    query = "query($id: ID!) { citizen(id: $id) { digitalExemptions { kind validTo reason } } }"
    data = await world.ask(world.token(Role.CITIZEN, citizen=citizen), query, id=citizen)
    assert data["citizen"]["digitalExemptions"] == [
        {"kind": "INDIVIDUAL", "validTo": "2026-09-01", "reason": "Kan ikke bruge en computer."}
    ]


@pytest.mark.rule("R146", "allowed")
async def test_a_contract_comes_in_base64_and_is_never_read_back(world: World) -> None:
    citizen = await new_citizen(world, "INTEGRATION_PROGRAMME")
    document = b"%PDF-1.7 " + bytes(200_000)
    given = {"document": base64.b64encode(document).decode(), "fileName": "kontrakt.pdf"}
    answer = await send(world, Role.JOBCENTER, CONTRACT, citizen, **given)
    assert answer["plan"]["contract"]["fileName"] == "kontrakt.pdf"
    assert answer["plan"]["contract"]["attachedAt"]
    assert await count(world, "select length(document) from integration_contract") == len(document)
    assert "document" not in SCHEMA.type_map["IntegrationContract"].fields  # type: ignore[attr-defined]  # an object


@pytest.mark.parametrize(
    "document",
    ["kein base64!", "%PDF", base64.b64encode(b"%PDF-" + bytes(MAX_FILE)).decode(), "JVBERi0x\n"],
    ids=["no base64", "plain", "too large", "a line's end"],
)
async def test_what_is_no_file_in_base64_is_refused(world: World, document: str) -> None:
    citizen = await new_citizen(world, "INTEGRATION_PROGRAMME")
    answer = await world.post(
        world.token(Role.JOBCENTER),
        CONTRACT,
        input={"citizenId": citizen, "document": document, "fileName": "kontrakt.pdf"},
    )
    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert await count(world, "select count(*) from integration_contract") == 0


@pytest.mark.rule("R8", "allowed")
@pytest.mark.rule("R8", "refused")
async def test_a_plan_is_holistic_with_the_citizens_consent_and_no_longer_than_wanted(
    world: World,
) -> None:
    citizen = await new_citizen(world)
    await hold_conversation(world, citizen)
    same = {"targetGroup": "CASH_BENEFIT_JOB_READY"}
    refused = await send(world, Role.JOBCENTER, GROUP, citizen, **same, holistic={})
    assert [(b["code"], b["path"]) for b in refused["breaches"]] == [
        ("CONSENT_REQUIRED", ["input", "holistic", "consentAt"])
    ]
    consent = "2026-03-01T09:00:00+00:00"
    for holistic, expected in (({"consentAt": consent}, True), (None, False)):
        answer = await send(world, Role.JOBCENTER, GROUP, citizen, **same, holistic=holistic)
        assert answer["plan"]["holistic"] is expected
        assert answer["plan"]["holisticConsentAt"] == (consent if expected else None)
    left_out = await send(world, Role.JOBCENTER, GROUP, citizen, **same)
    assert left_out["version"] == 3


@pytest.mark.rule("R8", "refused")
async def test_a_consent_that_is_still_to_come_is_none(world: World) -> None:
    citizen = await new_citizen(world)
    await hold_conversation(world, citizen)
    answer = await world.post(
        world.token(Role.JOBCENTER),
        GROUP,
        input={
            "citizenId": citizen,
            "targetGroup": "CASH_BENEFIT_JOB_READY",
            "holistic": {"consentAt": "2026-03-03T09:00:00+01:00"},
        },
    )
    assert answer["errors"][0]["extensions"]["path"] == ["input", "holistic", "consentAt"]


async def test_a_fund_sees_nothing_of_a_holistic_plan(world: World) -> None:
    marked, plain = await member(world), await member(world)
    for citizen in (marked, plain):
        await hold_conversation(world, citizen)
    given = {
        "targetGroup": "UNEMPLOYMENT_BENEFIT",
        "holistic": {"consentAt": "2026-03-01T09:00:00+01:00"},
    }
    await send(world, Role.JOBCENTER, GROUP, marked, **given)
    one, other = await fund_sees(world, marked), await fund_sees(world, plain)
    assert differences(one, other) == []
