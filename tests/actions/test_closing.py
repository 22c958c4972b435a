"""The end of a plan: what it ends, what stays, and the plan that follows it."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest

from app.actions.closing import close_plan
from app.actions.exemption import exempt_from_digital
from app.actions.inbox import put_into_inbox
from app.actions.intervention import create_intervention
from app.actions.target_group import set_target_group
from app.domain.authority import Authority
from app.domain.notice import Channel
from app.errors import NotFound, VersionConflict
from app.store.deliveries import (
    AttemptOutcome,
    DeliveryStatus,
    Settlement,
    begin,
    claim,
    recover_lost,
    settle,
)
from app.store.work import Done, Work
from tests.actions.desk import (
    FUND,
    FUND_VIEWER,
    JOBCENTER_VIEWER,
    MUNICIPALITY,
    STRANGER,
    TODAY,
    Desk,
    Outcome,
    citizen_viewer,
    day,
)
from tests.actions.register import Act, published
from tests.actions.test_acknowledgement import AID
from tests.actions.test_requirement import DRAFT, issue
from tests.actions.youths import STEP_1, save, youth

OFFICES = ((Authority.JOBCENTER, MUNICIPALITY), (Authority.UNEMPLOYMENT_FUND, FUND))


def closing(citizen_id: UUID, *, export: bool = False, expected: int | None = None) -> Act:
    return lambda work: close_plan(
        work, citizen_id, export_to_kui=export, expected_version=expected
    )


async def close(desk: Desk, citizen_id: UUID, *, export: bool = False) -> Outcome:
    return await desk.run(JOBCENTER_VIEWER, closing(citizen_id, export=export))


async def subscribed(desk: Desk, citizen_id: UUID) -> None:
    """The citizen gets SMS and e-mail."""
    await desk.value(
        "insert into notification_preference (citizen_id, sms, sms_number, sms_verified_at, email,"
        " email_address, email_verified_at, updated_at)"
        " values ($1, true, '00141762', $2, true, 's@borger.example', $2, $2)",
        *(citizen_id, desk.now),
    )


def items_for(citizen_id: UUID) -> Act:
    """Something in the inbox of the jobcenter and in that of the fund."""

    async def act(work: Work) -> Done:
        for authority, code in OFFICES:
            await put_into_inbox(work, authority, code, citizen_id, "COMMENT_NEW")
        return Done(citizen_id)

    return act


async def open_items(desk: Desk) -> list[str]:
    found = await desk.pool.fetch(
        "select o.kind from inbox_item join organisation o using (organisation_id)"
        " where done_at is null order by o.kind"
    )
    return [row["kind"] for row in found]


@pytest.mark.rule("R12", "allowed")
async def test_a_closed_plan_has_a_last_version_that_nobody_is_told_of(desk: Desk) -> None:
    citizen_id = await desk.citizen("UNEMPLOYMENT_BENEFIT")
    await published(desk, citizen_id)
    done = await close(desk, citizen_id)
    assert (done.versions, done.notices) == ({"FULL": 2, "FUND": 2}, 0)
    for viewer in (JOBCENTER_VIEWER, citizen_viewer(citizen_id), FUND_VIEWER):
        plan = await desk.plan(citizen_id, viewer)
        assert (plan["status"], plan["version"], len(plan["agreements"])) == ("CLOSED", 2, 1)


async def test_what_an_operation_would_have_told_is_not_told_of_a_plan_that_it_closes(
    desk: Desk,
) -> None:
    citizen_id = await desk.citizen()
    await subscribed(desk, citizen_id)
    await published(desk, citizen_id)
    done = await desk.run(
        JOBCENTER_VIEWER,
        lambda work: set_target_group(work, citizen_id, "SELF_SUPPORTING"),
        closing(citizen_id),
    )
    assert (done.versions, done.notices) == ({"FULL": 2, "FUND": 2}, 0)


@pytest.mark.rule("R12", "refused")
async def test_nothing_waits_any_more_when_a_plan_is_closed(desk: Desk) -> None:
    citizen_id = await desk.citizen("UNEMPLOYMENT_BENEFIT", fund_is_responsible=True)
    await subscribed(desk, citizen_id)
    await published(desk, citizen_id)
    waiting = {
        "delivery": "select count(*) from delivery"
        " where status in ('PENDING', 'RETRYING', 'CLAIMED')",
        "letter": "select count(*) from letter_task where status = 'OPEN'",
        "requirement": "select count(*) from job_search_requirement"
        " where valid_to is null or valid_to > '2026-03-02'",
    }
    await desk.run(
        JOBCENTER_VIEWER, lambda work: exempt_from_digital(work, citizen_id, "DIGITAL_POST")
    )
    await issue(desk, citizen_id, viewer=FUND_VIEWER)
    await desk.run(JOBCENTER_VIEWER, items_for(citizen_id))
    assert [await desk.value(sql) > 0 for sql in waiting.values()] == [True] * 3
    assert await open_items(desk) == ["JOBCENTER", "UNEMPLOYMENT_FUND"]
    await close(desk, citizen_id)
    assert [await desk.value(sql) for sql in waiting.values()] == [0] * 3
    assert await open_items(desk) == []
    plan = await desk.plan(citizen_id)
    assert [r["valid_to"] for r in plan["requirements"]] == [TODAY.isoformat()]


async def test_a_requirement_to_come_never_begins(desk: Desk) -> None:
    citizen_id = await desk.citizen()
    await issue(desk, citizen_id, replace(DRAFT, valid_from=day(5), valid_to=day(30)))
    await close(desk, citizen_id)
    (row,) = (await desk.plan(citizen_id))["requirements"]
    assert (row["valid_from"], row["valid_to"]) == (day(5).isoformat(), day(4).isoformat())


async def test_a_step_that_runs_is_closed_and_what_was_never_sent_goes(desk: Desk) -> None:
    citizen_id = await youth(desk)
    await save(desk, citizen_id, STEP_1)
    await close(desk, citizen_id)
    for viewer in (JOBCENTER_VIEWER, citizen_viewer(citizen_id)):
        (step,) = (await desk.plan(citizen_id, viewer))["education_order"]["steps"]
        assert (step["status"], step["education_proposals"]) == ("CLOSED", [])
    assert await desk.value("select count(*) from education_step_draft") == 0


async def test_only_an_active_plan_of_ones_own_is_closed_and_in_the_version_one_saw(
    desk: Desk,
) -> None:
    citizen_id = await desk.citizen()
    with pytest.raises(NotFound):
        await close(desk, citizen_id)
    await published(desk, citizen_id)
    with pytest.raises(NotFound):
        await desk.run(STRANGER, closing(citizen_id))
    with pytest.raises(VersionConflict):
        await desk.run(JOBCENTER_VIEWER, closing(citizen_id, expected=2))
    await desk.run(JOBCENTER_VIEWER, closing(citizen_id, expected=1))
    with pytest.raises(NotFound):
        await close(desk, citizen_id)
    assert await desk.value("select max(number) from plan_version") == 2


@pytest.mark.rule("R12", "allowed")
async def test_a_citizen_who_returns_gets_a_new_plan_with_the_old_one_beside_it(
    desk: Desk,
) -> None:
    citizen_id = await desk.citizen()
    old = (await published(desk, citizen_id)).plan_id
    await close(desk, citizen_id)
    frozen = await rows_of(desk, old)
    back = await published(desk, citizen_id)
    assert back.versions == {"FULL": 1, "FUND": 1}
    assert back.plan_id != old
    plan = await desk.plan(citizen_id)
    assert (plan["id"], plan["status"], plan["version"]) == (str(back.plan_id), "ACTIVE", 1)
    assert await rows_of(desk, old) == frozen


async def rows_of(desk: Desk, plan_id: UUID) -> list[tuple[object, ...]]:
    """The closed plan's documents, but for which of the citizen's plans is the current one."""
    rows = await desk.pool.fetch(
        "select (to_jsonb(d) - 'active')::text from plan_document d where plan_id = $1"
        " union all select to_jsonb(v)::text from plan_version v where plan_id = $1"
        " union all select to_jsonb(p)::text from plan p where plan_id = $1 order by 1",
        plan_id,
    )
    return [tuple(row) for row in rows]


async def test_closing_and_opening_in_one_operation_leaves_both_plans(desk: Desk) -> None:
    citizen_id = await desk.citizen()
    await published(desk, citizen_id)
    await desk.run(
        JOBCENTER_VIEWER,
        closing(citizen_id),
        lambda work: set_target_group(work, citizen_id, "CASH_BENEFIT_JOB_READY"),
    )
    found = await desk.pool.fetch(
        "select p.status, d.number, d.active from plan p join plan_document d using (plan_id)"
        " where d.audience = 'FULL' order by p.plan_id"
    )
    assert [tuple(row) for row in found] == [("CLOSED", 2, False), ("ACTIVE", 1, True)]


async def test_whoever_writes_after_the_closing_expects_the_version_of_the_closed_plan(
    desk: Desk,
) -> None:
    citizen_id = await desk.citizen("UNEMPLOYMENT_BENEFIT")
    await published(desk, citizen_id)
    await close(desk, citizen_id)
    for expected in (0, 1, 3):
        with pytest.raises(VersionConflict) as conflict:
            await desk.run(JOBCENTER_VIEWER, closing(citizen_id, expected=expected))
        assert conflict.value.current_version == 2


async def test_a_fund_keeps_the_closed_plan_while_the_next_holds_only_what_it_may_not_know(
    desk: Desk,
) -> None:
    citizen_id = await desk.citizen("UNEMPLOYMENT_BENEFIT")
    await published(desk, citizen_id)
    await close(desk, citizen_id)
    before = await desk.plan(citizen_id, FUND_VIEWER)
    opened = await desk.run(
        JOBCENTER_VIEWER, lambda work: create_intervention(work, citizen_id, AID)
    )
    assert opened.versions == {"FULL": 1}
    after = await desk.plan(citizen_id, FUND_VIEWER)
    assert {**after, "now": ""} == {**before, "now": ""}
    assert (await desk.plan(citizen_id))["status"] == "ACTIVE"
    await published(desk, citizen_id)
    assert (await desk.plan(citizen_id, FUND_VIEWER))["version"] == 1


async def test_a_fund_that_may_not_see_the_plan_does_not_learn_that_it_was_closed(
    desk: Desk,
) -> None:
    citizen_id = await desk.citizen("UNEMPLOYMENT_BENEFIT")
    await published(desk, citizen_id)
    await desk.run(
        JOBCENTER_VIEWER, lambda work: set_target_group(work, citizen_id, "RESOURCE_PROGRAMME")
    )
    await desk.run(JOBCENTER_VIEWER, items_for(citizen_id))
    done = await close(desk, citizen_id)
    assert list(done.versions) == ["FULL"]
    assert await open_items(desk) == ["UNEMPLOYMENT_FUND"]


@pytest.mark.rule("R2", "refused")
async def test_the_database_has_no_room_for_a_second_active_plan(desk: Desk) -> None:
    citizen_id = await desk.citizen()
    await published(desk, citizen_id)
    with pytest.raises(asyncpg.UniqueViolationError):
        await desk.value(
            "insert into plan (citizen_id, plan_type, created_at)"
            " select citizen_id, plan_type, created_at from plan"
        )


@pytest.mark.rule("R2", "allowed")
async def test_of_many_who_open_a_plan_at_once_the_first_opens_it_for_all(desk: Desk) -> None:
    citizen_id = await desk.citizen()
    await published(desk, citizen_id)
    await close(desk, citizen_id)
    done = await asyncio.gather(*(published(desk, citizen_id) for _ in range(4)))
    assert len({outcome.plan_id for outcome in done}) == 1
    assert sorted(outcome.versions["FULL"] for outcome in done) == [1, 2, 3, 4]
    assert await desk.value("select count(*) from plan where status = 'ACTIVE'") == 1


@pytest.mark.rule("R2", "allowed")
async def test_one_plan_follows_the_citizen_through_a_change_of_group(desk: Desk) -> None:
    citizen_id = await desk.citizen()
    before = (await published(desk, citizen_id)).plan_id
    moved = await desk.run(
        JOBCENTER_VIEWER, lambda work: set_target_group(work, citizen_id, "RESOURCE_PROGRAMME")
    )
    assert moved.plan_id == before
    assert await desk.value("select count(*) from plan") == 1


async def test_a_message_that_is_under_way_is_not_tried_again_after_the_closing(
    desk: Desk,
) -> None:
    citizen_id = await desk.citizen()
    await subscribed(desk, citizen_id)
    await published(desk, citizen_id)
    lease = timedelta(minutes=1)
    async with desk.pool.acquire() as connection:
        until = desk.now + lease
        held = await claim(connection, Channel.SMS, desk.now, 10, lease)
        (sms,) = await begin(connection, held, "sms", desk.now, until)
        lost = await claim(connection, Channel.EMAIL, desk.now, 10, lease)
        (mail,) = await begin(connection, lost, "email", desk.now, until)
        assert sms.address and mail.address
        await close(desk, citizen_id)
        away = Settlement(
            sms, AttemptOutcome.RETRY, DeliveryStatus.RETRYING, "away", due_at=desk.now
        )
        assert await settle(connection, [away], desk.now) == [DeliveryStatus.RETRYING]
        held = await claim(connection, Channel.SMS, desk.now, 10, lease)
        (sms,) = await begin(connection, held, "sms", desk.now, until)
        assert sms.dropped == "plan_closed"
        # whoever held the other one never told what became of it
        [(delivery_id, channel, to)] = await recover_lost(connection, until + lease)
        assert (delivery_id, channel, to) == (mail.delivery_id, Channel.EMAIL, "UNCERTAIN")
