"""Receipts for versions, and whether the citizen agrees."""

from uuid import UUID

import orjson
import pytest

from app.actions.acknowledgement import (
    acknowledge_plan,
    record_acknowledgement,
    set_plan_agreement,
)
from app.actions.intervention import create_intervention
from app.actions.target_group import set_target_group
from app.domain.intervention import InterventionDraft
from app.domain.viewer import Viewer
from app.errors import NotFound, RulesBroken
from app.store.work import Done, Work
from tests.actions.desk import (
    FUND_VIEWER,
    JOBCENTER_VIEWER,
    STRANGER,
    Desk,
    Outcome,
    citizen_viewer,
    day,
)
from tests.actions.register import published

AID = InterventionDraft(
    kind="AID",
    start_date=day(1),
    description="Du låner en skærm.",
    why="Du kan arbejde hjemmefra.",
    aid_form="LOAN",
    aid_category="It-udstyr",
    aid_purpose="EMPLOYMENT",
    contact_name="Troels Agerskov",
)


async def acknowledge(desk: Desk, citizen_id: UUID, version: int) -> Outcome:
    return await desk.run(
        citizen_viewer(citizen_id), lambda work: acknowledge_plan(work, citizen_id, version)
    )


async def record(
    desk: Desk, viewer: Viewer, citizen_id: UUID, version: int, method: str, note: str = ""
) -> Outcome:
    return await desk.run(
        viewer, lambda work: record_acknowledgement(work, citizen_id, version, method, note)
    )


@pytest.mark.rule("R117", "allowed")
@pytest.mark.rule("R117", "refused")
@pytest.mark.rule("R118", "allowed")
async def test_a_citizen_acknowledges_the_current_version_once(desk: Desk) -> None:
    citizen_id = await desk.citizen("UNEMPLOYMENT_BENEFIT")
    await published(desk, citizen_id)
    done = await acknowledge(desk, citizen_id, 1)
    assert (done.versions, done.notices) == ({}, 0)
    for viewer in (JOBCENTER_VIEWER, FUND_VIEWER, citizen_viewer(citizen_id)):
        receipt = (await desk.plan(citizen_id, viewer))["acknowledgement"]
        assert set(receipt) == {"version", "method", "at", "by", "note"}
        assert (receipt["version"], receipt["method"]) == (1, "DIGITAL")
        assert (receipt["by"], receipt["note"]) == ("Signe Test", None)
    with pytest.raises(RulesBroken) as twice:
        await acknowledge(desk, citizen_id, 1)
    assert [b.code for b in twice.value.breaches] == ["ALREADY_ACKNOWLEDGED"]


@pytest.mark.parametrize("version", [0, 2, 99])
@pytest.mark.rule("R117", "refused")
async def test_only_the_current_version_is_acknowledged(desk: Desk, version: int) -> None:
    citizen_id = await desk.citizen()
    await published(desk, citizen_id)
    with pytest.raises(RulesBroken) as refused:
        await acknowledge(desk, citizen_id, version)
    assert [b.code for b in refused.value.breaches] == ["NOT_CURRENT_VERSION"]
    assert await desk.value("select count(*) from acknowledgement") == 0


async def test_without_a_plan_or_a_right_there_is_nothing_to_acknowledge(desk: Desk) -> None:
    citizen_id = await desk.citizen()
    with pytest.raises(NotFound):
        await acknowledge(desk, citizen_id, 0)
    await published(desk, citizen_id)
    with pytest.raises(NotFound):
        await record(desk, STRANGER, citizen_id, 1, "SIGNATURE")


@pytest.mark.rule("R117", "allowed")
async def test_a_new_version_waits_for_a_receipt_of_its_own(desk: Desk) -> None:
    citizen_id = await desk.citizen()
    await published(desk, citizen_id)
    await acknowledge(desk, citizen_id, 1)
    await published(desk, citizen_id)
    assert (await desk.plan(citizen_id))["acknowledgement"] is None
    await acknowledge(desk, citizen_id, 2)
    assert (await desk.plan(citizen_id))["acknowledgement"]["version"] == 2


@pytest.mark.rule("R118", "refused")
@pytest.mark.rule("R120", "allowed")
async def test_staff_of_the_responsible_authority_record_a_signature(desk: Desk) -> None:
    citizen_id = await desk.citizen("UNEMPLOYMENT_BENEFIT", fund_is_responsible=True)
    await published(desk, citizen_id)
    with pytest.raises(RulesBroken) as refused:
        await record(desk, JOBCENTER_VIEWER, citizen_id, 1, "SIGNATURE", "x" * 1501)
    assert {b.code for b in refused.value.breaches} == {"NOT_RESPONSIBLE", "TEXT_TOO_LONG"}
    with pytest.raises(RulesBroken):
        await record(desk, FUND_VIEWER, citizen_id, 1, "DIGITAL")
    await record(desk, FUND_VIEWER, citizen_id, 1, "REFUSAL_NOTED", "Vil ikke skrive under.")
    receipt = (await desk.plan(citizen_id))["acknowledgement"]
    assert (receipt["by"], receipt["note"]) == (FUND_VIEWER.name, "Vil ikke skrive under.")


async def test_a_fund_that_may_not_see_the_plan_finds_none(desk: Desk) -> None:
    citizen_id = await desk.citizen("UNEMPLOYMENT_BENEFIT", fund_is_responsible=True)
    await published(desk, citizen_id)
    await desk.run(
        JOBCENTER_VIEWER, lambda work: set_target_group(work, citizen_id, "RESOURCE_PROGRAMME")
    )
    with pytest.raises(NotFound):
        await record(desk, FUND_VIEWER, citizen_id, 2, "SIGNATURE")


async def test_a_receipt_for_what_a_fund_may_not_see_leaves_its_own_receipt(desk: Desk) -> None:
    citizen_id = await desk.citizen("UNEMPLOYMENT_BENEFIT")
    await published(desk, citizen_id)
    await acknowledge(desk, citizen_id, 1)
    # a hidden intervention moves the full document on and leaves the fund's
    before = await fund_receipt(desk)
    hidden = await desk.run(
        JOBCENTER_VIEWER, lambda work: create_intervention(work, citizen_id, AID)
    )
    assert hidden.versions == {"FULL": 2}
    await acknowledge(desk, citizen_id, 2)
    assert await fund_receipt(desk) == before
    assert (await desk.plan(citizen_id))["acknowledgement"]["version"] == 2


async def test_a_fund_whose_document_alone_moved_on_stores_a_receipt_of_its_own(
    desk: Desk,
) -> None:
    citizen_id = await desk.citizen("UNEMPLOYMENT_BENEFIT", fund_is_responsible=True)
    plan_id = (await published(desk, citizen_id)).plan_id
    await acknowledge(desk, citizen_id, 1)

    async def touch(work: Work) -> Done:
        work.touch(plan_id, citizen_id, "head", trigger="PLAN")
        return Done(citizen_id, plan_id)

    for visible in (False, True):
        await desk.value("update plan_type set visible_to_fund = $1", visible)
        moved = await desk.run(JOBCENTER_VIEWER, touch)
        assert list(moved.versions) == ["FUND"]
    await record(desk, FUND_VIEWER, citizen_id, 3, "SIGNATURE")
    own = (await desk.plan(citizen_id, FUND_VIEWER))["acknowledgement"]
    assert (own["version"], own["method"], own["by"]) == (3, "SIGNATURE", FUND_VIEWER.name)
    full = (await desk.plan(citizen_id))["acknowledgement"]
    assert (full["version"], full["method"]) == (1, "DIGITAL")
    assert await desk.value("select count(*) from acknowledgement") == 2
    with pytest.raises(RulesBroken):
        await record(desk, FUND_VIEWER, citizen_id, 3, "SIGNATURE")
    with pytest.raises(RulesBroken):
        await acknowledge(desk, citizen_id, 1)


async def fund_receipt(desk: Desk) -> object:
    stored = await desk.value("select acknowledgement from plan_document where audience = 'FUND'")
    return orjson.loads(stored)


@pytest.mark.rule("R11", "allowed")
async def test_agreement_is_noted_by_the_citizen_in_silence_and_by_staff_with_a_notice(
    desk: Desk,
) -> None:
    citizen_id = await desk.citizen()
    await published(desk, citizen_id)
    own = await desk.run(
        citizen_viewer(citizen_id),
        lambda work: set_plan_agreement(work, citizen_id, False, "Jeg vil hellere på kursus."),
    )
    assert (own.versions["FULL"], own.notices) == (2, 0)
    plan = await desk.plan(citizen_id)
    assert plan["citizen_agrees"] is False
    assert plan["agreement_comment"] == "Jeg vil hellere på kursus."
    same = await desk.run(
        JOBCENTER_VIEWER,
        lambda work: set_plan_agreement(work, citizen_id, False, "Jeg vil hellere på kursus. "),
    )
    assert same.versions == {}
    staff = await desk.run(
        JOBCENTER_VIEWER, lambda work: set_plan_agreement(work, citizen_id, True)
    )
    assert (staff.versions["FULL"], staff.notices) == (3, 1)


@pytest.mark.rule("R11", "refused")
async def test_a_fund_notes_agreement_only_while_it_is_responsible(desk: Desk) -> None:
    citizen_id = await desk.citizen("UNEMPLOYMENT_BENEFIT")
    await published(desk, citizen_id)
    with pytest.raises(RulesBroken) as refused:
        await desk.run(
            FUND_VIEWER, lambda work: set_plan_agreement(work, citizen_id, True, "x" * 1501)
        )
    assert {b.code for b in refused.value.breaches} == {"NOT_RESPONSIBLE", "TEXT_TOO_LONG"}
    with pytest.raises(NotFound):
        await desk.run(STRANGER, lambda work: set_plan_agreement(work, citizen_id, True))
