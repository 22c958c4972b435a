"""That a citizen was told, as caseworkers see it; and what a fund must never see of it."""

from datetime import timedelta
from typing import Any

import pytest

from app.domain.policy import Policy
from app.domain.viewer import Role
from app.store.db import open_pool
from app.store.deliveries import AttemptOutcome, DeliveryStatus
from app.store.publication import Published
from app.store.receipts import Verdict
from app.workers.schedule import Scheduler
from tests.schema.eyes import (
    HIDDEN_TYPES,
    PLAN_TYPES,
    differences,
    do,
    fund_sees,
    group,
    intervention,
    own_talk,
    talk,
)
from tests.schema.messages import post_of
from tests.schema.test_access_log import rows
from tests.schema.test_agreements import CORRECT, held
from tests.schema.test_redaction import cannot_be_told_apart
from tests.story import hold_conversation, member, new_citizen, subscribe_channels
from tests.world import FUND, OTHER_FUND, OTHER_JOBCENTER, TODAY, World, noon

PAGE = (
    "query Told($id: ID!, $first: Int!, $after: String) { citizen(id: $id) {"
    " noticeDeliveries(first: $first, after: $after) { edges { node { id %s trigger version"
    " createdAt deliveries { channel state sentAt deliveredAt } } }"
    " pageInfo { hasNextPage endCursor } } } }"
)
BOOK = (
    "mutation($input: UpsertMeetingInput!) { upsertMeeting(input: $input) {"
    " ... on UpsertMeetingPayload { meetingId } } }"
)


async def page(
    world: World, citizen: str, role: Role = Role.JOBCENTER, first: int = 50, **more: Any
) -> dict[str, Any]:
    query = PAGE % ("event" if role is Role.JOBCENTER else "")
    data = await world.ask(world.token(role), query, id=citizen, first=first, **more)
    found: dict[str, Any] = data["citizen"]["noticeDeliveries"]
    return found


async def told(world: World, citizen: str, role: Role = Role.JOBCENTER) -> list[dict[str, Any]]:
    """Newest first."""
    return [edge["node"] for edge in (await page(world, citizen, role))["edges"]]


async def triggers(world: World, citizen: str) -> list[str]:
    """What the fund is told that the citizen was told, newest first."""
    return [notice["trigger"] for notice in await told(world, citizen, Role.FUND)]


async def subscribed_member(world: World, code: str = "UNEMPLOYMENT_BENEFIT") -> str:
    """A citizen in the fund's own three months who wants SMS and e-mail."""
    citizen = await member(world, code)
    await subscribe_channels(world, citizen)
    return citizen


async def test_staff_see_that_a_notice_was_told_when_how_and_whether_it_arrived(
    world: World,
) -> None:
    citizen = await subscribed_member(world)
    await hold_conversation(world, citizen)
    async with post_of(world) as post:
        (sms,) = await post.send()
        await post.report(sms, Verdict.DELIVERED)
    (full,) = await told(world, citizen)
    assert (full["event"], full["trigger"], full["version"]) == (
        *("CONVERSATION_REGISTERED", "CONVERSATION"),
        1,
    )
    email, sms_told = full["deliveries"]
    assert email == {"channel": "EMAIL", "state": "WAITING", "sentAt": None, "deliveredAt": None}
    assert (sms_told["channel"], sms_told["state"]) == ("SMS", "DELIVERED")
    assert full["createdAt"] < sms_told["sentAt"] < sms_told["deliveredAt"]
    (fund,) = await told(world, citizen, Role.FUND)
    assert fund == {key: value for key, value in full.items() if key != "event"}


@pytest.mark.parametrize(
    ("outcome", "status", "state"),
    [
        (AttemptOutcome.RETRY, DeliveryStatus.RETRYING, "WAITING"),
        (AttemptOutcome.UNCERTAIN, DeliveryStatus.UNCERTAIN, "UNCERTAIN"),
        (AttemptOutcome.REFUSED, DeliveryStatus.FAILED, "NOT_DELIVERED"),
        (AttemptOutcome.RETRY, DeliveryStatus.EXPIRED, "NOT_DELIVERED"),
    ],
)
async def test_how_often_it_was_tried_is_not_for_staff(
    world: World, outcome: AttemptOutcome, status: DeliveryStatus, state: str
) -> None:
    citizen = await subscribed_member(world)
    await hold_conversation(world, citizen)
    async with post_of(world) as post:
        await post.fail(await post.begin(), outcome, status)
    (notice,) = await told(world, citizen)
    assert [d["state"] for d in notice["deliveries"]] == ["WAITING", state]
    assert notice["deliveries"][1]["sentAt"] is None


async def test_pages_go_on_where_they_ended_and_a_read_is_logged(world: World) -> None:
    citizen = await subscribed_member(world)
    for number in range(3):
        await hold_conversation(world, citizen, f"Aftale {number}.")
        await do(world, world.token(Role.JOBCENTER), intervention(world, citizen, "HEALTH"))
    for role, expected in ((Role.FUND, 3), (Role.JOBCENTER, 6)):
        seen: list[str] = []
        after: str | None = None
        more = True
        while more:
            found = await page(world, citizen, role, first=1, after=after)
            seen += [edge["node"]["id"] for edge in found["edges"]]
            after, more = found["pageInfo"]["endCursor"], found["pageInfo"]["hasNextPage"]
        assert len(seen) == len(set(seen)) == expected
    logged = [row for row in await rows(world) if row["operation"] == "Told"]
    assert [row["role"] for row in logged] == ["fund"] * 3 + ["jobcenter"] * 6
    assert all(row["elements"] == ["notices"] for row in logged)


@pytest.mark.rule("R151", "refused")
@pytest.mark.rule("R152", "refused")
async def test_others_see_no_citizen_and_the_citizen_not_this(shared_world: World) -> None:
    citizen = await subscribed_member(shared_world)
    await hold_conversation(shared_world, citizen)
    query = PAGE % ""
    for role, organisation in (
        (Role.JOBCENTER, OTHER_JOBCENTER),
        (Role.FUND, OTHER_FUND),
    ):
        token = shared_world.token(role, organisation=organisation)
        assert await shared_world.ask(token, query, id=citizen, first=5) == {"citizen": None}
    own = await shared_world.post(
        shared_world.token(Role.CITIZEN, citizen=citizen), query, id=citizen, first=5
    )
    assert own["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    fund = await shared_world.post(
        shared_world.token(Role.FUND), PAGE % "event", id=citizen, first=5
    )
    assert fund["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_a_fund_sees_its_own_time_and_only_while_it_lasts(world: World) -> None:
    citizen = await subscribed_member(world)
    await hold_conversation(world, citizen)
    assert await triggers(world, citizen) == ["CONVERSATION"]
    world.at(TODAY + timedelta(days=100))  # the jobcenter has taken over
    await hold_conversation(world, citizen)
    assert await triggers(world, citizen) == []
    assert len(await told(world, citizen)) == 2
    system = world.token(Role.SYSTEM)
    query = (
        "mutation($input: SetResponsibilityInput!) { setResponsibility(input: $input)"
        " { __typename } }"
    )
    again = {
        "authority": "UNEMPLOYMENT_FUND",
        "organisationCode": FUND,
        "basis": "FIRST_THREE_MONTHS",
        "from": str(TODAY + timedelta(days=120)),
    }
    given = {"citizenId": citizen, "periods": [again]}
    done = await world.ask(system, query, input=given)
    assert done["setResponsibility"]["__typename"] == "SetResponsibilityPayload"
    world.at(TODAY + timedelta(days=121))
    assert await triggers(world, citizen) == ["CONVERSATION"]


async def test_a_reminder_of_its_own_meeting_is_a_funds_to_know_and_no_other(
    world: World,
) -> None:
    citizen = await subscribed_member(world)
    await do(world, world.token(Role.FUND), own_talk(world, citizen))
    for authority, hour in (("JOBCENTER", 9), ("UNEMPLOYMENT_FUND", 11)):
        given = {
            "citizenId": citizen,
            "externalId": f"M-{authority}",
            "authority": authority,
            "organisationCode": FUND if authority == "UNEMPLOYMENT_FUND" else None,
            "source": "SUMMONS",
            "startsAt": f"2026-03-10T{hour:02}:00:00+01:00",
            "endsAt": f"2026-03-10T{hour:02}:30:00+01:00",
            "mode": "PHONE",
            "caseworkerName": "Rikke Sandholt",
        }
        await world.ask(world.token(Role.SYSTEM), BOOK, input=given)

    async def announce(_: Published) -> None:
        """Nobody listens."""

    assert world.settings.database_url
    eve = TODAY + timedelta(days=7)
    world.at(eve)
    async with open_pool(world.settings.database_url) as pool:
        await Scheduler(pool, lambda: noon(eve), Policy(), announce).do_due()
    full = await told(world, citizen)
    assert [notice["event"] for notice in full[:2]] == ["MEETING_REMINDER"] * 2
    assert [notice["trigger"] for notice in full[:2]] == [None, None]
    assert await triggers(world, citizen) == ["MEETING", "MEETING", "MEETING", "CONVERSATION"]
    (reminder, *_) = await told(world, citizen, Role.FUND)
    assert reminder["version"] is None


@pytest.mark.rule("R87", "refused")
@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("sent", [True, False])
async def test_a_message_that_tells_of_something_hidden_too_reads_as_if_it_did_not(
    world: World, first: bool, sent: bool
) -> None:
    async def story(world: World, citizen: str, hidden: bool) -> None:
        await subscribe_channels(world, citizen)
        staff = world.token(Role.JOBCENTER)
        secret = [intervention(world, citizen, "AID")] if hidden else []
        visible = [talk(world, citizen, "Du ringer til to vikarbureauer.")]
        await do(world, staff, *(secret + visible if first else visible + secret))
        if hidden:
            await do(world, staff, intervention(world, citizen, "SOCIAL"))
        async with post_of(world) as post:
            attempts = await post.begin()
            await post.fail(attempts, AttemptOutcome.RETRY, DeliveryStatus.RETRYING)
            if sent:
                await post.send()
        assert len(await triggers(world, citizen)) == 1

    await cannot_be_told_apart(world, story)


@pytest.mark.rule("R87", "refused")
async def test_a_correction_that_nobody_is_told_of_does_not_carry_a_hidden_notice_to_the_fund(
    shared_world: World,
) -> None:
    seen = []
    for hidden in (True, False):
        citizen = await subscribed_member(shared_world)
        conversation = await held(shared_world, citizen)
        variables: dict[str, Any] = {
            "i": {
                "citizenId": citizen,
                "conversationId": conversation,
                "hiddenFromUnemploymentFund": True,
            }
        }
        query = CORRECT
        if hidden:
            create, variables["c"] = intervention(shared_world, citizen, "AID")
            query = (
                query.replace("($i:", "($c: CreateInterventionInput!, $i:").rstrip(" }")
                + " } } "
                + create % "c"
                + " }"
            )
        done = await shared_world.ask(shared_world.token(Role.JOBCENTER), query, **variables)
        assert all(a["__typename"].endswith("Payload") for a in done.values()), done
        seen.append(await fund_sees(shared_world, citizen))
        assert len(await told(shared_world, citizen)) == (2 if hidden else 1)
    assert differences(seen[0], seen[1]) == []


@pytest.mark.rule("R88", "refused")
@pytest.mark.parametrize("plan_type", HIDDEN_TYPES)
async def test_of_a_plan_that_became_hidden_a_fund_sees_no_notice_any_more(
    shared_world: World, plan_type: str
) -> None:
    citizen = await subscribed_member(shared_world)
    staff = shared_world.token(Role.JOBCENTER)
    await do(shared_world, staff, talk(shared_world, citizen, "Du ringer til to vikarbureauer."))
    assert await triggers(shared_world, citizen) == ["CONVERSATION"]
    await do(shared_world, staff, group(citizen, PLAN_TYPES[plan_type]))
    await hold_conversation(shared_world, citizen, "Vi taler om din ryg.")
    assert await triggers(shared_world, citizen) == []
    assert len(await told(shared_world, citizen)) == 3


async def test_a_citizen_without_channels_was_told_on_the_front_page(shared_world: World) -> None:
    citizen = await new_citizen(shared_world)
    await hold_conversation(shared_world, citizen)
    (notice,) = await told(shared_world, citizen)
    assert notice["deliveries"] == []
