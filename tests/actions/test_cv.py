"""The citizen's CV settings: outside the plan, and searchable only with a sought job."""

from typing import Any
from uuid import UUID

import pytest

from app.actions.cv import CvDraft, update_cv_settings
from app.errors import BadUserInput, NotFound, RulesBroken
from tests.actions.desk import Desk, Outcome, citizen_viewer
from tests.actions.register import document, published

LINK = "https://jobnet.dk/cv/signe"


async def update(desk: Desk, citizen_id: UUID, **settings: Any) -> Outcome:
    return await desk.run(
        citizen_viewer(citizen_id),
        lambda work: update_cv_settings(work, citizen_id, CvDraft(**settings)),
    )


@pytest.mark.rule("R37", "allowed")
@pytest.mark.parametrize("group", ["REHABILITEE", "UNEMPLOYMENT_BENEFIT"])
async def test_a_citizen_with_a_sought_job_makes_the_cv_searchable_without_a_version(
    desk: Desk, group: str
) -> None:
    citizen_id = await desk.citizen(group)
    await published(desk, citizen_id)
    done = await update(desk, citizen_id, searchable=True, part_time=True, link=f" {LINK} ")
    assert (done.versions, done.notices) == ({}, 0)
    wanted = {"searchable": True, "part_time": True, "link": LINK}
    assert done.done.values["cv"] == wanted
    for audience in ("FULL", "FUND"):
        assert (await document(desk, citizen_id, audience))["cv"] == wanted
    left = await update(desk, citizen_id, link=None)
    assert left.done.values["cv"] == {**wanted, "link": None}


@pytest.mark.rule("R37", "refused")
async def test_without_a_sought_job_it_is_not_made_searchable(desk: Desk) -> None:
    citizen_id = await desk.citizen("REHABILITEE")
    await desk.value("delete from sought_job")
    with pytest.raises(RulesBroken) as refused:
        await update(desk, citizen_id, searchable=True, link="https://" + "x" * 500)
    assert [(b.code, b.path) for b in refused.value.breaches] == [
        ("SOUGHT_JOB_REQUIRED_FOR_CV", ("input", "searchable")),
        ("TEXT_TOO_LONG", ("input", "link")),
    ]
    # a part-time wish is free, and what was searchable before the group changed stays so
    assert (await update(desk, citizen_id, part_time=True)).done.values["cv"]["part_time"]
    await desk.value("update citizen set cv_searchable = true")
    assert (await update(desk, citizen_id, part_time=False)).done.values["cv"]["searchable"]


async def test_a_link_is_a_web_address_and_the_cv_ones_own(desk: Desk) -> None:
    citizen_id, other = await desk.citizen(), await desk.citizen()
    with pytest.raises(BadUserInput):
        await update(desk, citizen_id, link="javascript:alert(1)")
    with pytest.raises(NotFound):
        await desk.run(
            citizen_viewer(other),
            lambda work: update_cv_settings(work, citizen_id, CvDraft(searchable=True)),
        )
