"""What is exported for the education plan when the plan of a youth under KUI is closed."""

import pytest

from app.errors import BadUserInput, RulesBroken
from tests.actions.desk import JOBCENTER_VIEWER, Desk, citizen_viewer, day
from tests.actions.register import published
from tests.actions.test_closing import close
from tests.actions.youths import YOUTH, youth


@pytest.mark.rule("R105", "refused")
async def test_a_youth_under_kui_leaves_only_with_the_export(desk: Desk) -> None:
    citizen_id = await youth(desk)
    await desk.value(
        "update citizen set under_kui = true, birth_date = '2001-03-03' where citizen_id = $1",
        citizen_id,
    )
    with pytest.raises(RulesBroken) as refused:
        await close(desk, citizen_id)
    assert [(b.code, b.path) for b in refused.value.breaches] == [
        ("KUI_EXPORT_REQUIRED", ("input", "exportToKui"))
    ]
    assert (await desk.plan(citizen_id))["status"] == "ACTIVE"
    desk.today = day(1)  # the birthday: 25 years
    await close(desk, citizen_id)
    assert "kui_export" not in await desk.plan(citizen_id)


@pytest.mark.rule("R105", "allowed")
async def test_the_export_keeps_what_the_education_plan_is_written_from(desk: Desk) -> None:
    citizen_id = await youth(desk)
    await published(desk, citizen_id)
    await desk.value("update citizen set under_kui = true, birth_date = '2008-05-01'")
    before = await desk.plan(citizen_id)
    await close(desk, citizen_id, export=True)
    for viewer in (JOBCENTER_VIEWER, citizen_viewer(citizen_id)):
        export = (await desk.plan(citizen_id, viewer))["kui_export"]
        assert export["exported_by"] == JOBCENTER_VIEWER.name
        assert export["education_goals"] == before["education_goals"]
        assert export["education_order"] == before["education_order"]
        assert export["latest_agreement"] == before["latest_agreement_jobcenter"]
        assert set(export) == {
            *("exported_at", "exported_by"),
            *("education_goals", "education_order", "latest_agreement"),
        }
    fund = await desk.value("select head from plan_document where audience = 'FUND'")
    assert fund is None or b"kui_export" not in fund


async def test_there_is_nothing_to_export_of_a_citizen_who_is_not_under_kui(desk: Desk) -> None:
    citizen_id = await desk.citizen(YOUTH)
    await published(desk, citizen_id)
    with pytest.raises(BadUserInput) as refused:
        await close(desk, citizen_id, export=True)
    assert refused.value.path == ("input", "exportToKui")
    assert await desk.value("select count(*) from kui_export") == 0
