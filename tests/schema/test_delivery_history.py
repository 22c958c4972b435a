"""What the citizen sees of the messages about own notices, and what is never shown."""

import json
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from gql import gql

from app.domain.notice import Channel
from app.domain.viewer import Role
from app.store import ledger
from app.store.deliveries import AttemptOutcome, DeliveryStatus
from app.store.receipts import Verdict
from app.texts import LANGUAGES, text
from tests.schema.eyes import do, intervention
from tests.schema.messages import Post, post_of
from tests.schema.test_live import Listener, listening, socket
from tests.story import hold_conversation, new_citizen, subscribe_channels
from tests.world import TODAY, World

NOTICES = (
    "{ notifications(first: 20) { edges { node { id event createdAt deliveries { ...Way } } } } }"
    " fragment Way on Delivery { channel status statusText acceptedAt settledAt"
    " history { status at } }"
)
PLAIN = "{ notifications(first: 20) { edges { node { deliveries { status } } } } }"
LIVE = gql(
    "subscription { notificationAdded { event deliveries { channel status history { status } } } }"
)


# ids and times are full of digits: any four of them come up some day
CHANCE = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9-]{10}T[0-9:.]+")


async def subscriber(world: World) -> str:
    citizen = await new_citizen(world)
    await subscribe_channels(world, citizen)
    return citizen


async def own_notices(world: World, citizen: str) -> list[dict[str, Any]]:
    """Newest first; deliveries by channel."""
    data = await world.ask(world.token(Role.CITIZEN, citizen=citizen), NOTICES)
    nodes = [edge["node"] for edge in data["notifications"]["edges"]]
    return [{**n, "deliveries": {d["channel"]: d for d in n["deliveries"]}} for n in nodes]


def states(delivery: dict[str, Any]) -> list[str]:
    return [step["status"] for step in delivery["history"]]


async def given_up_sms(post: Post) -> Sequence[UUID]:
    return await ledger.given_up(post.connection, Channel.SMS, post.now - timedelta(days=1))


async def sent_and_retried(post: Post, verdict: Verdict) -> None:
    """An SMS is taken, is not delivered by the gateway's word, and an operator sends it again."""
    (attempt,) = await post.send()
    await post.report(attempt, verdict)
    (given_up,) = await given_up_sms(post)
    await ledger.retry(post.connection, given_up, post.later(), post.now)


def at(value: str) -> datetime:
    return datetime.fromisoformat(value)


async def test_a_message_is_followed_from_waiting_to_the_phone(world: World) -> None:
    citizen = await subscriber(world)
    await hold_conversation(world, citizen)
    (notice,) = await own_notices(world, citizen)
    waiting = notice["deliveries"]["SMS"]
    assert (waiting["status"], waiting["acceptedAt"], waiting["settledAt"]) == (
        *("PENDING", None),
        None,
    )
    assert waiting["history"] == [{"status": "PENDING", "at": notice["createdAt"]}]
    async with post_of(world) as post:
        attempts = await post.begin()
        (under_way,) = await own_notices(world, citizen)
        assert states(under_way["deliveries"]["SMS"]) == ["PENDING", "CLAIMED"]
        await post.fail(attempts, AttemptOutcome.RETRY, DeliveryStatus.RETRYING)
        (again,) = await own_notices(world, citizen)
        assert states(again["deliveries"]["SMS"]) == ["PENDING", "RETRYING"]
        (attempt,) = await post.send()
        await post.report(attempt, Verdict.ACCEPTED)
        await post.report(attempt, Verdict.DELIVERED)
        await post.report(attempt, Verdict.FAILED)  # late, and too late to matter
    (notice,) = await own_notices(world, citizen)
    sms, email = notice["deliveries"]["SMS"], notice["deliveries"]["EMAIL"]
    assert states(sms) == ["PENDING", "RETRYING", "SENT", "DELIVERED"]
    times = [at(step["at"]) for step in sms["history"]]
    assert times == sorted(times)
    assert (sms["status"], sms["statusText"]) == ("DELIVERED", text("delivery.SMS.DELIVERED"))
    assert at(sms["acceptedAt"]) == times[2] and at(sms["settledAt"]) == times[3]
    assert states(email) == ["PENDING"]


async def test_an_uncertain_message_that_a_receipt_settles_and_one_that_none_does(
    world: World,
) -> None:
    citizen = await subscriber(world)
    await hold_conversation(world, citizen)
    async with post_of(world) as post:
        for channel in (Channel.SMS, Channel.EMAIL):
            attempts = await post.begin(channel)
            await post.fail(attempts, AttemptOutcome.UNCERTAIN, DeliveryStatus.UNCERTAIN)
            if channel is Channel.SMS:
                await post.report(attempts[0], Verdict.ACCEPTED)
    (notice,) = await own_notices(world, citizen)
    assert states(notice["deliveries"]["SMS"]) == ["PENDING", "UNCERTAIN", "SENT"]
    assert states(notice["deliveries"]["EMAIL"]) == ["PENDING", "UNCERTAIN"]
    assert notice["deliveries"]["EMAIL"]["settledAt"] is None
    assert notice["deliveries"]["EMAIL"]["statusText"] == text("delivery.EMAIL.UNCERTAIN")


async def test_the_attempt_that_gave_up_reads_as_what_the_message_is(world: World) -> None:
    citizen = await subscriber(world)
    await hold_conversation(world, citizen)
    async with post_of(world) as post:
        refused = await post.begin()
        await post.fail(refused, AttemptOutcome.REFUSED, DeliveryStatus.FAILED)
        late = await post.begin(Channel.EMAIL)
        await post.fail(late, AttemptOutcome.RETRY, DeliveryStatus.EXPIRED)
    (notice,) = await own_notices(world, citizen)
    assert states(notice["deliveries"]["SMS"]) == ["PENDING", "FAILED"]
    assert states(notice["deliveries"]["EMAIL"]) == ["PENDING", "EXPIRED"]


async def test_a_notice_that_joins_a_message_has_nothing_of_what_was_before(world: World) -> None:
    citizen = await subscriber(world)
    await hold_conversation(world, citizen, "Den første.")
    async with post_of(world) as post:
        post.now = datetime.fromisoformat((await own_notices(world, citizen))[0]["createdAt"])
        post.later(-30)
        await post.connection.execute(
            "update delivery set due_at = $1, ready_at = $1", post.later(-1)
        )
        attempts = await post.begin()
        await post.fail(attempts, AttemptOutcome.RETRY, DeliveryStatus.RETRYING)
        await hold_conversation(world, citizen, "Den anden.")
        post.later(60)
        await post.send()
    second, first = await own_notices(world, citizen)
    assert states(second["deliveries"]["SMS"]) == ["PENDING", "SENT"]
    assert first["deliveries"]["SMS"]["acceptedAt"] == second["deliveries"]["SMS"]["acceptedAt"]


async def test_a_notice_that_joins_what_is_tried_again_knows_of_no_time_before_itself(
    world: World,
) -> None:
    citizen = await subscriber(world)
    await hold_conversation(world, citizen, "Den første.")
    async with post_of(world) as post:
        await sent_and_retried(post, Verdict.EXPIRED)
        world.at(TODAY + timedelta(days=1))
        await hold_conversation(world, citizen, "Den anden.")
        # a ledger of before may have kept when the first one was taken
        await post.connection.execute(
            "update delivery set accepted_at = $1 where status = 'RETRYING'", post.now
        )
        second, first = await own_notices(world, citizen)
        assert second["deliveries"]["SMS"]["acceptedAt"] is None
        assert states(second["deliveries"]["SMS"]) == ["PENDING"]
        assert first["deliveries"]["SMS"]["acceptedAt"] is not None
        assert states(first["deliveries"]["SMS"]) == ["PENDING", "SENT", "EXPIRED", "RETRYING"]
        await hold_conversation(world, citizen, "Den tredje.")
        _, second, _ = await own_notices(world, citizen)
        assert states(second["deliveries"]["SMS"]) == ["PENDING"]  # nothing was tried meanwhile


async def test_what_a_provider_tells_late_does_not_undo_its_final_word(world: World) -> None:
    citizen = await subscriber(world)
    await hold_conversation(world, citizen)
    async with post_of(world) as post:
        (attempt,) = await post.send()
        await post.report(attempt, Verdict.ACCEPTED)
        await post.report(attempt, Verdict.EXPIRED)
        await post.report(attempt, Verdict.ACCEPTED)
        await post.report(attempt, Verdict.FAILED)
        (notice,) = await own_notices(world, citizen)
        sms = notice["deliveries"]["SMS"]
        assert (sms["status"], states(sms)) == ("EXPIRED", ["PENDING", "SENT", "EXPIRED"])
        (given_up,) = await given_up_sms(post)
        await ledger.retry(post.connection, given_up, post.later(), post.now)
        (again,) = await own_notices(world, citizen)
        await post.report(attempt, Verdict.FAILED, status="LATE")
        (later,) = await own_notices(world, citizen)
    assert again == later
    assert states(later["deliveries"]["SMS"]) == ["PENDING", "SENT", "EXPIRED", "RETRYING"]


async def test_what_was_overtaken_reads_as_dropped_whatever_the_message_went_on_to_tell(
    world: World,
) -> None:
    citizen = await subscriber(world)
    staff = world.token(Role.JOBCENTER)
    (offer,) = await do(world, staff, intervention(world, citizen, "UTILITY_JOB"))
    await hold_conversation(world, citizen)
    cancel = (
        "mutation($input: CancelInterventionInput!) { cancelIntervention(input: $input)"
        " { __typename } }"
    )
    given = {
        "citizenId": citizen,
        "interventionId": offer["interventionId"],
        "reason": "Virksomheden er lukket.",
    }
    done = await world.ask(staff, cancel, input=given)
    assert done["cancelIntervention"]["__typename"] == "CancelInterventionPayload"
    async with post_of(world) as post:
        await post.send()
    cancelled, talk, offered = await own_notices(world, citizen)
    assert [n["deliveries"]["SMS"]["status"] for n in (cancelled, talk)] == ["SENT", "SENT"]
    dropped = offered["deliveries"]["SMS"]
    assert (offered["event"], dropped["status"]) == ("OFFER_GIVEN", "DROPPED")
    assert dropped["acceptedAt"] is None
    assert states(dropped) == ["PENDING", "DROPPED"]


async def test_no_answer_has_the_number_or_address_or_a_part_of_it(world: World) -> None:
    citizen = await subscriber(world)
    await hold_conversation(world, citizen)
    async with post_of(world) as post:
        await post.send()
    told = CHANCE.sub("", json.dumps(await own_notices(world, citizen)))
    assert not any(part in told for part in ("0014", "1762", "borger.example", "s@"))


async def test_every_status_is_told_in_words_and_a_read_without_history_asks_for_none(
    world: World,
) -> None:
    citizen = await subscriber(world)
    await hold_conversation(world, citizen)
    data = await world.ask(world.token(Role.CITIZEN, citizen=citizen), PLAIN)
    (edge,) = data["notifications"]["edges"]
    assert edge["node"]["deliveries"] == [{"status": "PENDING"}] * 2
    for channel in ("SMS", "EMAIL"):
        for language in LANGUAGES:
            assert all(text(f"delivery.{channel}.{s}", language) for s in DeliveryStatus)


async def test_a_notice_arrives_live_with_its_messages(world: World) -> None:
    citizen = await subscriber(world)
    async with socket(world, world.token(Role.CITIZEN, citizen=citizen)) as session:
        listener = Listener(session, LIVE)
        await listening(world, citizen)
        await hold_conversation(world, citizen)
        event = (await listener.next())["notificationAdded"]
    assert event == {
        "event": "CONVERSATION_REGISTERED",
        "deliveries": [
            {"channel": channel, "status": "PENDING", "history": [{"status": "PENDING"}]}
            for channel in ("EMAIL", "SMS")
        ],
    }
