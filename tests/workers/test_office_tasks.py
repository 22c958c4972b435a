"""Tasks that follow the responsibility, and those for a first plan after a plan was closed."""

import pytest

from app.actions.closing import close_plan
from app.actions.inbox import set_inbox_item_done
from app.errors import BadUserInput
from tests.actions.desk import FUND_VIEWER, JOBCENTER_VIEWER, day
from tests.actions.register import REGISTER, published, upsert

from .days import Calendar
from .test_handover import TRANSITION, with_plan


@pytest.mark.rule("R29", "allowed")
@pytest.mark.rule("R35", "allowed")
async def test_one_task_at_two_authorities_of_before_goes_once_to_a_third(
    calendar: Calendar,
) -> None:
    citizen_id = await with_plan(calendar)
    calendar.desk.today = TRANSITION
    await published(calendar.desk, citizen_id)
    assert await calendar.inbox() == [
        "JOBCENTER MISSING_SOUGHT_JOB",
        "UNEMPLOYMENT_FUND MISSING_SOUGHT_JOB",
    ]
    newest = await calendar.desk.value("select max(inbox_item_id::text) from inbox_item")
    await calendar.desk.run(REGISTER, upsert(municipality_code="751"))
    assert await calendar.inbox() == ["JOBCENTER MISSING_SOUGHT_JOB"]
    assert newest == await calendar.desk.value(
        "select inbox_item_id::text from inbox_item join organisation using (organisation_id)"
        " where code = '751' and done_at is null"
    )


@pytest.mark.rule("R35", "refused")
async def test_a_fund_does_not_take_up_again_what_lies_with_the_jobcenter_now(
    calendar: Calendar,
) -> None:
    citizen_id = await with_plan(calendar)
    desk = calendar.desk
    item = await desk.value("select inbox_item_id from inbox_item")
    await desk.run(FUND_VIEWER, lambda work: set_inbox_item_done(work, item, True))
    await desk.run(FUND_VIEWER, lambda work: set_inbox_item_done(work, item, False))
    await desk.run(FUND_VIEWER, lambda work: set_inbox_item_done(work, item, True))
    await calendar.look(TRANSITION)
    with pytest.raises(BadUserInput):
        await desk.run(FUND_VIEWER, lambda work: set_inbox_item_done(work, item, False))
    await published(desk, citizen_id)
    assert await calendar.inbox() == ["JOBCENTER MISSING_SOUGHT_JOB"]


@pytest.mark.rule("R12", "allowed")
@pytest.mark.rule("R27", "refused")
async def test_a_plan_that_was_closed_in_this_course_was_the_first_plan(
    calendar: Calendar,
) -> None:
    citizen_id = await with_plan(calendar)
    await calendar.desk.run(JOBCENTER_VIEWER, lambda work: close_plan(work, citizen_id))
    for offset in (15, 16):
        await calendar.look(day(offset))
        assert await calendar.inbox() == []
    await calendar.look(TRANSITION)
    assert await calendar.inbox() == []


@pytest.mark.rule("R27", "allowed")
async def test_a_plan_that_was_closed_before_this_course_is_not_its_first_plan(
    calendar: Calendar,
) -> None:
    citizen_id = await with_plan(calendar)
    await calendar.desk.run(JOBCENTER_VIEWER, lambda work: close_plan(work, citizen_id))
    calendar.desk.today = day(10)
    await calendar.desk.run(REGISTER, upsert(contact_course_start=day(10)))
    await calendar.look(day(24))
    assert await calendar.inbox() == []
    await calendar.look(day(25))
    assert await calendar.inbox() == ["UNEMPLOYMENT_FUND FIRST_PLAN_OVERDUE"]
