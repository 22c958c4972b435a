"""Steps that stories share, each a GraphQL operation as its role would send it."""

from itertools import count
from typing import Any

import asyncpg

from app.domain.notice import Channel
from app.domain.viewer import Role
from app.store.contact_codes import CodeSeal, draw_code
from app.store.deliveries import accepted, begin, claim, settle
from app.workers.courier import LEASE
from tests.world import FUND, JOBCENTER, World, noon

_numbers = count(1)

BREACHES = "... on RuleBreaches { breaches { code rule message path source } }"
REFUSED = (
    BREACHES + " ... on NotFound { message } ... on VersionConflict { currentVersion message }"
)

PREFERENCE = (
    "mutation($input: UpdateNotificationPreferenceInput!)"
    " { updateNotificationPreference(input: $input) { __typename " + BREACHES + " } }"
)
VERIFY = (
    "mutation($input: VerifyContactInput!) { verifyContact(input: $input) { __typename"
    " ... on VerifyContactPayload { notificationPreference { smsVerified emailVerified } } "
    + BREACHES
    + " } }"
)
MEMBERSHIP = (
    "mutation($input: SetMembershipInput!) { setMembership(input: $input) { __typename "
    + BREACHES
    + " } }"
)
CONVERSATION = (
    "mutation($input: RegisterConversationInput!) {"
    " registerConversation(input: $input) { __typename"
    " ... on RegisterConversationPayload { version warnings { code }"
    " plan { version latestAgreement(authority: JOBCENTER) { agreementText } } } "
    + REFUSED
    + " } }"
)
INTERVENTION = (
    "mutation($input: CreateInterventionInput!) { createIntervention(input: $input) { __typename"
    " ... on CreateInterventionPayload { version interventionId warnings { code } } "
    + REFUSED
    + " } }"
)
PLAN = (
    "query($id: ID!) { citizen(id: $id) { id plan { version type elements { __typename }"
    " agreements { agreementText } interventions { __typename kind title } } } }"
)


def cpr(number: int) -> str:
    """A synthetic CPR number, born 1 July 1980."""
    return f"010780{number:04d}"


async def new_citizen(
    world: World,
    group: str = "CASH_BENEFIT_JOB_READY",
    *,
    municipality: str = JOBCENTER,
    fund: str | None = None,
    **facts: Any,
) -> str:
    """A citizen in the registers of the system role; the id."""
    system = world.token(Role.SYSTEM)
    given = {
        "civilRegistrationNumber": cpr(next(_numbers)),
        "name": {"given": "Signe", "surname": "Lindhave"},
        "municipalityCode": municipality,
        "targetGroup": group,
        "rightAndDuty": False,
        **facts,
    }
    data = await world.ask(
        system,
        "mutation($input: UpsertCitizenInput!) { upsertCitizen(input: $input) { __typename"
        " ... on UpsertCitizenPayload { citizenId } " + BREACHES + " } }",
        input=given,
    )
    assert data["upsertCitizen"]["__typename"] == "UpsertCitizenPayload", data
    citizen: str = data["upsertCitizen"]["citizenId"]
    if fund:
        data = await world.ask(
            system,
            MEMBERSHIP,
            input={
                "citizenId": citizen,
                "fundCode": fund,
                "insurance": "FULL_TIME",
                "from": "2020-01-01",
            },
        )
        assert data["setMembership"]["__typename"] == "SetMembershipPayload", data
    return citizen


async def member(world: World, group: str = "UNEMPLOYMENT_BENEFIT", **facts: Any) -> str:
    """A citizen who is a member of the usual fund."""
    return await new_citizen(world, group, fund=FUND, **facts)


async def codes_for(world: World, citizen: str) -> dict[Channel, str]:
    """The codes that the citizen waits for, drawn as a worker draws them before it sends."""
    seal = CodeSeal(world.settings.contact_code_key_bytes())
    at = noon(world.day[0]).now
    connection = await asyncpg.connect(world.settings.database_url)
    drawn: dict[Channel, str] = {}
    try:
        for channel in (Channel.SMS, Channel.EMAIL):
            claims = await claim(connection, channel, at, 10, LEASE, codes=True)
            for attempt in await begin(connection, claims, "story", at, at + LEASE):
                code = await draw_code(connection, seal, attempt, at)
                await settle(connection, [accepted(attempt)], at)
                owner = await connection.fetchval(
                    "select citizen_id from delivery where delivery_id = $1", attempt.delivery_id
                )
                if code is not None and str(owner) == citizen:
                    drawn[channel] = code
    finally:
        await connection.close()
    return drawn


async def enter_code(world: World, citizen: str, channel: Channel, code: str) -> Any:
    """What `verifyContact` answers."""
    own = world.token(Role.CITIZEN, citizen=citizen)
    given = {"channel": channel.value, "code": code}
    return (await world.ask(own, VERIFY, input=given))["verifyContact"]


async def subscribe_channels(world: World, citizen: str) -> None:
    """The citizen wants SMS and e-mail, and has verified both."""
    data = await world.ask(
        world.token(Role.CITIZEN, citizen=citizen),
        PREFERENCE,
        input={
            "sms": True,
            "smsNumber": "00141762",
            "email": True,
            "emailAddress": "s@borger.example",
        },
    )
    assert data["updateNotificationPreference"]["__typename"].endswith("Payload"), data
    for channel, code in (await codes_for(world, citizen)).items():
        entered = await enter_code(world, citizen, channel, code)
        assert entered["__typename"].endswith("Payload"), entered


async def hold_conversation(
    world: World, citizen: str, text: str = "Du ringer til to vikarbureauer.", **more: Any
) -> dict[str, Any]:
    """A jobcenter caseworker registers a conversation held this morning."""
    given = conversation(world, citizen, text) | more
    data = await world.ask(world.token(Role.JOBCENTER), CONVERSATION, input=given)
    answer: dict[str, Any] = data["registerConversation"]
    return answer


def conversation(world: World, citizen: str, text: str) -> dict[str, Any]:
    return {
        "citizenId": citizen,
        "authority": "JOBCENTER",
        "heldAt": f"{world.day[0]}T09:00:00+01:00",
        "mode": "IN_PERSON",
        "agreementText": text,
    }


def aid(world: World, citizen: str, description: str = "Du låner en skærmlup.") -> dict[str, Any]:
    """Input for an intervention that a fund must never learn of."""
    return {
        "citizenId": citizen,
        "intervention": {
            "aid": {
                "description": description,
                "why": "Små tegn er svære at se.",
                "startDate": str(world.day[0]),
                "form": "LOAN",
                "category": "Synshjælpemidler",
                "purpose": "EMPLOYMENT",
                "contactName": "Bodil Præstholm",
                "provider": "Depotet Havterne",
            }
        },
    }


async def plan_of(world: World, token: str, citizen: str) -> dict[str, Any] | None:
    """The plan as the bearer of the token sees it."""
    data = await world.ask(token, PLAN, id=citizen)
    found: dict[str, Any] | None = data["citizen"] and data["citizen"]["plan"]
    return found
