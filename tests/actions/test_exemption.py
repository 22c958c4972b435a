"""Exemption from the digital plan, and the letters instead of messages."""

from collections.abc import Awaitable
from datetime import date
from uuid import UUID

import pytest

from app.actions.exemption import complete_letter_task, exempt_from_digital
from app.actions.intervention import create_intervention
from app.errors import BadUserInput, NotFound, RulesBroken
from app.store.work import Done, Work
from tests.actions.desk import FUND_VIEWER, JOBCENTER_VIEWER, STRANGER, TODAY, Desk, day
from tests.actions.register import Act, document, published
from tests.actions.test_acknowledgement import AID


def individually(citizen_id: UUID, reason: str) -> Act:
    return lambda work: exempt_from_digital(work, citizen_id, "INDIVIDUAL", reason=reason)


def self_service(citizen_id: UUID, first: date, end: date | None) -> Act:
    return lambda work: exempt_from_digital(
        work, citizen_id, "SELF_SERVICE", valid_from=first, valid_to=end
    )


OPEN = "select count(*) from letter_task where status = 'OPEN'"


@pytest.mark.rule("R115", "allowed")
@pytest.mark.rule("R114", "refused")
async def test_an_exempt_citizen_gets_a_letter_task_for_each_version(desk: Desk) -> None:
    citizen_id = await desk.citizen()
    told = await desk.run(
        JOBCENTER_VIEWER, lambda work: exempt_from_digital(work, citizen_id, "DIGITAL_POST")
    )
    assert told.notices == 0
    await published(desk, citizen_id)
    assert await desk.value(OPEN) == 1
    await desk.run(JOBCENTER_VIEWER, lambda work: complete_letter_task(work, citizen_id, version=1))
    assert await desk.value(OPEN) == 0
    with pytest.raises(NotFound):
        await desk.run(
            JOBCENTER_VIEWER, lambda work: complete_letter_task(work, citizen_id, version=1)
        )


@pytest.mark.rule("R116", "refused")
@pytest.mark.rule("R116", "allowed")
async def test_an_individual_exemption_is_for_some_groups_and_gives_its_reason(desk: Desk) -> None:
    ready, activity = await desk.citizen(), await desk.citizen("CASH_BENEFIT_ACTIVITY_READY")
    for citizen_id, code in ((ready, "EXEMPTION_NOT_ALLOWED"), (activity, "REASON_REQUIRED")):
        with pytest.raises(RulesBroken) as refused:
            await desk.run(JOBCENTER_VIEWER, individually(citizen_id, ""))
        assert [b.code for b in refused.value.breaches] == [code]
    assert await desk.value("select count(*) from digital_exemption") == 0
    await desk.run(JOBCENTER_VIEWER, individually(activity, "Kan ikke bruge en computer."))
    full = (await document(desk, activity))["digital_exemptions"][0]
    assert (full["reason"], full["decided_by"]) == (
        "Kan ikke bruge en computer.",
        JOBCENTER_VIEWER.name,
    )
    assert (await document(desk, activity, "FUND"))["digital_exemptions"][0]["reason"] is None


async def test_a_later_decision_takes_over_from_an_earlier_one(desk: Desk) -> None:
    citizen_id = await desk.citizen()
    for first, end in ((day(-20), None), (day(0), day(30)), (day(0), None)):
        await desk.run(JOBCENTER_VIEWER, self_service(citizen_id, first, end))
    found = (await document(desk, citizen_id))["digital_exemptions"]
    assert [(e["valid_from"], e["valid_to"]) for e in found] == [
        (day(-20).isoformat(), TODAY.isoformat()),
        (TODAY.isoformat(), None),
    ]


async def test_an_empty_period_and_a_strangers_citizen_are_refused(desk: Desk) -> None:
    citizen_id = await desk.citizen()
    with pytest.raises(BadUserInput):
        await desk.run(
            JOBCENTER_VIEWER,
            lambda work: exempt_from_digital(work, citizen_id, "DIGITAL_POST", valid_to=TODAY),
        )
    with pytest.raises(NotFound):
        await desk.run(STRANGER, lambda work: exempt_from_digital(work, citizen_id, "DIGITAL_POST"))


async def test_a_fund_sends_letters_by_the_tasks_id_while_it_is_responsible(desk: Desk) -> None:
    citizen_id = await desk.citizen("UNEMPLOYMENT_BENEFIT", fund_is_responsible=True)
    await desk.run(
        JOBCENTER_VIEWER, lambda work: exempt_from_digital(work, citizen_id, "DIGITAL_POST")
    )
    await published(desk, citizen_id)
    task: UUID = await desk.value("select letter_task_id from letter_task")
    with pytest.raises(NotFound):
        await desk.run(FUND_VIEWER, lambda work: complete_letter_task(work, citizen_id, version=1))
    await desk.run(
        FUND_VIEWER, lambda work: complete_letter_task(work, citizen_id, letter_task_id=task)
    )
    assert await desk.value(OPEN) == 0
    await desk.value(
        "update case_responsibility set authority = 'JOBCENTER', organisation_id ="
        " (select organisation_id from organisation where kind = 'JOBCENTER' and code = '101')"
    )
    await published(desk, citizen_id)
    newest: UUID = await desk.value("select letter_task_id from letter_task where status = 'OPEN'")
    with pytest.raises(RulesBroken) as refused:
        await desk.run(
            FUND_VIEWER, lambda work: complete_letter_task(work, citizen_id, letter_task_id=newest)
        )
    assert [b.code for b in refused.value.breaches] == ["NOT_RESPONSIBLE"]


@pytest.mark.rule("R87", "refused")
async def test_a_fund_finds_no_letter_about_what_is_hidden_from_it(desk: Desk) -> None:
    citizen_id = await desk.citizen("UNEMPLOYMENT_BENEFIT", fund_is_responsible=True)
    await desk.run(
        JOBCENTER_VIEWER, lambda work: exempt_from_digital(work, citizen_id, "DIGITAL_POST")
    )
    await desk.run(JOBCENTER_VIEWER, lambda work: create_intervention(work, citizen_id, AID))
    task: UUID = await desk.value("select letter_task_id from letter_task")

    def by_id(work: Work) -> Awaitable[Done]:
        return complete_letter_task(work, citizen_id, letter_task_id=task)

    with pytest.raises(NotFound):
        await desk.run(FUND_VIEWER, by_id)
    assert await desk.value(OPEN) == 1
    await desk.run(JOBCENTER_VIEWER, by_id)
    assert await desk.value(OPEN) == 0
