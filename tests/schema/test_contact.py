"""`verifyContact` as clients see it: who may, what is answered, what a preview does not hide."""

from typing import Any

import asyncpg
import pytest

from app.domain.notice import Channel
from app.domain.viewer import Role
from app.rules.contact_code import TRIES
from tests.story import (
    PREFERENCE,
    VERIFY,
    codes_for,
    enter_code,
    hold_conversation,
    new_citizen,
    subscribe_channels,
)
from tests.world import World

READ = (
    "query($id: ID!) { citizen(id: $id) {"
    " notificationPreference { sms smsVerified email emailVerified } } }"
)
WANTED = {"sms": True, "smsNumber": "00141762"}
NOTICES = "{ notifications(first: 9) { edges { node { deliveries { channel } } } } }"


async def asking(world: World) -> str:
    """A citizen who has asked for a code by SMS."""
    citizen = await new_citizen(world)
    own = world.token(Role.CITIZEN, citizen=citizen)
    answer = await world.ask(own, PREFERENCE, input=WANTED)
    assert answer["updateNotificationPreference"]["__typename"].endswith("Payload")
    return citizen


def other(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


def codes_of(answer: Any) -> list[str]:
    return [breach["code"] for breach in answer["breaches"]]


@pytest.mark.rule("R123", "allowed")
@pytest.mark.rule("R123", "refused")
async def test_a_notice_of_the_meantime_is_on_the_front_page_alone(world: World) -> None:
    citizen = await asking(world)
    own = world.token(Role.CITIZEN, citizen=citizen)
    await hold_conversation(world, citizen)
    [code] = (await codes_for(world, citizen)).values()
    wrong = await enter_code(world, citizen, Channel.SMS, other(code))
    assert wrong["breaches"] == [
        {
            "code": "CODE_WRONG",
            "rule": "R123",
            "message": "Koden er ikke rigtig. Se efter, og prøv igen.",
            "path": ["input", "code"],
            "source": "S1 §2, §2.1",
        }
    ]
    right = await enter_code(world, citizen, Channel.SMS, code)
    assert right["notificationPreference"] == {"smsVerified": True, "emailVerified": False}
    await hold_conversation(world, citizen, "Endnu en aftale.")
    edges = (await world.ask(own, NOTICES))["notifications"]["edges"]
    assert [edge["node"]["deliveries"] for edge in edges] == [[{"channel": "SMS"}], []]


async def test_the_citizen_reads_what_is_verified(world: World) -> None:
    citizen = await new_citizen(world)
    own = world.token(Role.CITIZEN, citizen=citizen)
    nothing = {"sms": False, "smsVerified": False, "email": False, "emailVerified": False}
    read = await world.ask(own, READ, id=citizen)
    assert read["citizen"]["notificationPreference"] == nothing
    await subscribe_channels(world, citizen)
    read = await world.ask(own, READ, id=citizen)
    assert read["citizen"]["notificationPreference"] == dict.fromkeys(nothing, True)


@pytest.mark.parametrize("role", [Role.JOBCENTER, Role.FUND, Role.INSTITUTION, Role.SYSTEM])
async def test_nobody_else_enters_the_citizens_code(world: World, role: Role) -> None:
    given = {"channel": "SMS", "code": "123456"}
    answer = await world.post(world.token(role), VERIFY, input=given)
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_neither_a_preview_nor_another_fields_failure_gives_tries_for_free(
    world: World,
) -> None:
    citizen = await asking(world)
    own = world.token(Role.CITIZEN, citizen=citizen)
    [code] = (await codes_for(world, citizen)).values()
    given = {"channel": "SMS", "code": other(code)}
    preview = VERIFY.replace(
        "($input: VerifyContactInput!)", "($input: VerifyContactInput!) @preview"
    )
    tried = (await world.ask(own, preview, input=given))["verifyContact"]
    assert codes_of(tried) == ["CODE_WRONG"]
    right = await world.ask(own, preview, input={**given, "code": code})
    assert right["verifyContact"]["notificationPreference"]["smsVerified"]
    failing = (
        "mutation($input: VerifyContactInput!) { verifyContact(input: $input) { __typename }"
        " markNotificationsSeen(input: {}) { __typename } }"
    )
    failed = await world.post(own, failing, input={**given, "code": code})
    assert failed["errors"]
    connection = await asyncpg.connect(world.settings.database_url)
    try:
        assert await connection.fetchval("select tries from contact_try") == 3
        assert not await connection.fetchval(
            "select sms_verified_at is not null from notification_preference"
        )
    finally:
        await connection.close()
    for _ in range(TRIES - 3):
        assert codes_of(await enter_code(world, citizen, Channel.SMS, other(code))) == [
            "CODE_WRONG"
        ]
    assert codes_of(await enter_code(world, citizen, Channel.SMS, code)) == ["CODE_EXPIRED"]


async def test_a_code_may_be_asked_for_and_entered_in_one_operation_without_waiting(
    world: World,
) -> None:
    citizen = await asking(world)
    own = world.token(Role.CITIZEN, citizen=citizen)
    [code] = (await codes_for(world, citizen)).values()
    both = (
        "mutation($p: UpdateNotificationPreferenceInput!, $v: VerifyContactInput!) {"
        " updateNotificationPreference(input: $p) { __typename }"
        " verifyContact(input: $v) { ... on RuleBreaches { breaches { code } } } }"
    )
    answer = await world.post(own, both, p=WANTED, v={"channel": "SMS", "code": code})
    assert codes_of(answer["data"]["verifyContact"]) == ["CODE_WRONG"]
    # undone with its operation, so that the code of before still counts
    entered = await enter_code(world, citizen, Channel.SMS, code)
    assert entered["notificationPreference"]["smsVerified"]


@pytest.mark.rule("R123", "refused")
async def test_too_many_codes_are_refused_with_the_field_that_asked(world: World) -> None:
    citizen = await asking(world)
    own = world.token(Role.CITIZEN, citizen=citizen)
    for _ in range(2):
        await world.ask(own, PREFERENCE, input=WANTED)
    refused = (await world.ask(own, PREFERENCE, input=WANTED))["updateNotificationPreference"]
    assert [(b["code"], b["path"]) for b in refused["breaches"]] == [
        ("TOO_MANY_CODES", ["input", "smsNumber"])
    ]
