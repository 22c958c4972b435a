"""One message tells of several notices: a fund learns of each as if it had one of its own."""

from datetime import timedelta

import pytest

from app.domain.viewer import Role
from app.store.receipts import Verdict
from tests.schema.eyes import do, intervention, talk
from tests.schema.messages import post_of
from tests.schema.test_delivery_history import sent_and_retried
from tests.schema.test_notice_delivery import subscribed_member, told
from tests.world import TODAY, World


@pytest.mark.rule("R87", "refused")
async def test_when_something_hidden_was_sent_is_not_told_by_what_joins_its_message(
    world: World,
) -> None:
    citizen = await subscribed_member(world)
    staff = world.token(Role.JOBCENTER)
    await do(world, staff, intervention(world, citizen, "AID"))
    async with post_of(world) as post:
        await sent_and_retried(post, Verdict.EXPIRED)
        world.at(TODAY + timedelta(days=1))
        await do(world, staff, talk(world, citizen, "Du ringer til to vikarbureauer."))
        # a ledger of before may have kept when the hidden one was taken
        await post.connection.execute(
            "update delivery set accepted_at = $1 where status = 'RETRYING'", post.now
        )
        for role in (Role.FUND, Role.JOBCENTER):
            notice = (await told(world, citizen, role))[0]
            waiting = {"state": "WAITING", "sentAt": None, "deliveredAt": None}
            assert notice["deliveries"][1] == {"channel": "SMS", **waiting}
        post.later(24 * 60)
        await post.send()
    (notice,) = await told(world, citizen, Role.FUND)
    assert notice["deliveries"][1]["sentAt"] > notice["createdAt"]


async def test_each_notice_is_told_of_once_even_where_two_versions_have_one_instant(
    world: World,
) -> None:
    citizen = await subscribed_member(world)
    staff = world.token(Role.JOBCENTER)
    for number in range(2):
        await do(world, staff, talk(world, citizen, f"Aftale {number}."))
    async with post_of(world) as post:
        await post.connection.execute("set session_replication_role = replica")
        await post.connection.execute(
            "update notice set created_at = (select min(created_at) from notice)"
        )
        await post.connection.execute(
            "update plan_version set published_at = (select min(created_at) from notice)"
        )
    seen = await told(world, citizen, Role.FUND)
    assert len({notice["id"] for notice in seen}) == len(seen) == 2
