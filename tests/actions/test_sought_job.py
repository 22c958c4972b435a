"""“Jeg søger job som”: the citizen's own list, with help while the registration is open."""

from uuid import UUID

import pytest

from app.actions.sought_job import add_sought_job, approve_sought_jobs, remove_sought_job
from app.domain.viewer import Viewer
from app.errors import NotFound, RulesBroken
from tests.actions.desk import (
    CLERK,
    FUND_VIEWER,
    JOBCENTER_VIEWER,
    PLUMBER,
    STRANGER,
    Desk,
    Outcome,
    citizen_viewer,
)
from tests.actions.register import REGISTER, document, newcomer, published, registered


async def add(desk: Desk, citizen_id: UUID, code: str, viewer: Viewer | None = None) -> Outcome:
    return await desk.run(
        viewer or citizen_viewer(citizen_id), lambda work: add_sought_job(work, citizen_id, code)
    )


async def remove(desk: Desk, citizen_id: UUID, job: str, viewer: Viewer | None = None) -> Outcome:
    return await desk.run(
        viewer or citizen_viewer(citizen_id),
        lambda work: remove_sought_job(work, citizen_id, UUID(job)),
    )


@pytest.mark.rule("R32", "allowed")
async def test_a_citizen_adds_an_occupation_without_a_version_of_the_plan(desk: Desk) -> None:
    citizen_id = await desk.citizen()
    await published(desk, citizen_id)
    added = await add(desk, citizen_id, PLUMBER)
    assert (added.versions, added.notices) == ({}, 0)
    jobs = added.done.values["sought_jobs"]
    assert [job["occupation"]["label"] for job in jobs] == ["Svejser", "VVS-montør"]
    assert jobs[1]["added_during"] == "LATER"
    for audience in ("FULL", "FUND"):
        assert (await document(desk, citizen_id, audience))["sought_jobs"] == jobs


async def test_the_same_occupation_is_on_the_list_once(desk: Desk) -> None:
    citizen_id = await desk.citizen()
    await add(desk, citizen_id, PLUMBER)
    again = await add(desk, citizen_id, PLUMBER)
    assert len(again.done.values["sought_jobs"]) == 2


@pytest.mark.rule("R32", "refused")
async def test_words_instead_of_an_occupation_are_refused(desk: Desk) -> None:
    citizen_id = await desk.citizen()
    with pytest.raises(RulesBroken) as refused:
        await add(desk, citizen_id, "noget med mennesker")
    breach = refused.value.breaches[0]
    assert (breach.rule, breach.code) == ("R32", "FREE_TEXT_NOT_ALLOWED")
    assert breach.path == ("input", "occupationCode")


@pytest.mark.parametrize("viewer", [JOBCENTER_VIEWER, FUND_VIEWER])
@pytest.mark.rule("R33", "allowed")
@pytest.mark.rule("R33", "refused")
async def test_staff_help_while_the_registration_is_open_and_not_later(
    desk: Desk, viewer: Viewer
) -> None:
    citizen_id = await desk.citizen("UNEMPLOYMENT_BENEFIT")
    with pytest.raises(RulesBroken) as refused:
        await add(desk, citizen_id, "no code either", viewer)
    assert {b.rule for b in refused.value.breaches} == {"R33", "R32"}
    await desk.value("update citizen set registration_open = true")
    job = (await add(desk, citizen_id, PLUMBER, viewer)).done.values["sought_jobs"][-1]
    assert (job["added_during"], job["assisted_by"]) == ("REGISTRATION", viewer.name)
    assert len((await remove(desk, citizen_id, job["id"], viewer)).done.values["sought_jobs"]) == 1


@pytest.mark.rule("R31", "refused")
@pytest.mark.rule("R30", "refused")
async def test_the_last_one_stays_in_a_group_that_must_seek_work(desk: Desk) -> None:
    citizen_id = await desk.citizen("UNEMPLOYMENT_BENEFIT")
    job = (await document_jobs(desk, citizen_id))[0]
    with pytest.raises(RulesBroken) as refused:
        await remove(desk, citizen_id, job)
    assert [b.code for b in refused.value.breaches] == ["MIN_ONE_SOUGHT_JOB"]
    assert await document_jobs(desk, citizen_id) == [job]
    await add(desk, citizen_id, CLERK)
    assert len((await remove(desk, citizen_id, job)).done.values["sought_jobs"]) == 1


@pytest.mark.rule("R31", "allowed")
@pytest.mark.rule("R37", "refused")
async def test_other_groups_may_have_none_unless_the_cv_is_searchable(desk: Desk) -> None:
    citizen_id = await desk.citizen("REHABILITEE")
    job = (await document_jobs(desk, citizen_id))[0]
    await desk.value("update citizen set cv_searchable = true")
    with pytest.raises(RulesBroken) as refused:
        await remove(desk, citizen_id, job)
    assert [b.code for b in refused.value.breaches] == ["SOUGHT_JOB_REQUIRED_FOR_CV"]
    await desk.value("update citizen set cv_searchable = false")
    assert (await remove(desk, citizen_id, job)).done.values["sought_jobs"] == []


async def test_somebody_elses_job_and_citizen_do_not_exist(desk: Desk) -> None:
    citizen_id, other = await desk.citizen(), await desk.citizen()
    job = (await document_jobs(desk, other))[0]
    with pytest.raises(NotFound):
        await remove(desk, citizen_id, job)
    with pytest.raises(NotFound):
        await add(desk, other, PLUMBER, citizen_viewer(citizen_id))
    with pytest.raises(NotFound):
        await add(desk, other, PLUMBER, STRANGER)


@pytest.mark.rule("R36", "allowed")
async def test_an_approval_lasts_until_the_citizen_changes_the_list(desk: Desk) -> None:
    citizen_id = await desk.citizen()
    waiting = "select count(*) from inbox_item where done_at is null"
    approved = await desk.run(JOBCENTER_VIEWER, lambda work: approve_sought_jobs(work, citizen_id))
    job = approved.done.values["sought_jobs"][0]
    assert job["approved_by"] == JOBCENTER_VIEWER.name
    assert await desk.value(waiting) == 0
    jobs = (await add(desk, citizen_id, PLUMBER)).done.values["sought_jobs"]
    assert [job["approved_by"] for job in jobs] == [None, None]
    await add(desk, citizen_id, CLERK)
    item = await desk.value("select kind from inbox_item where done_at is null")
    assert (item, await desk.value(waiting)) == ("SOUGHT_JOBS_TO_APPROVE", 1)
    again = await desk.run(JOBCENTER_VIEWER, lambda work: approve_sought_jobs(work, citizen_id))
    assert {j["approved_by"] for j in again.done.values["sought_jobs"]} == {JOBCENTER_VIEWER.name}
    assert await desk.value(waiting) == 0


@pytest.mark.rule("R36", "refused")
@pytest.mark.parametrize("group", ["UNEMPLOYMENT_BENEFIT", "REHABILITEE"])
async def test_a_list_that_needs_no_approval_gets_none(desk: Desk, group: str) -> None:
    citizen_id = await desk.citizen(group)
    await add(desk, citizen_id, PLUMBER)
    assert await desk.value("select count(*) from inbox_item") == 0
    left = await desk.run(JOBCENTER_VIEWER, lambda work: approve_sought_jobs(work, citizen_id))
    assert left.done.values["sought_jobs"][0]["approved_by"] is None


async def test_the_task_for_a_missing_sought_job_is_done_with_the_first_one(desk: Desk) -> None:
    citizen_id = await registered(desk)
    await published(desk, citizen_id)
    open_tasks = (
        "select count(*) from inbox_item where done_at is null and kind = 'MISSING_SOUGHT_JOB'"
    )
    assert await desk.value(open_tasks) == 1
    await add(desk, citizen_id, PLUMBER)
    assert await desk.value(open_tasks) == 0
    await desk.run(REGISTER, newcomer())
    assert await desk.value(open_tasks) == 0


async def document_jobs(desk: Desk, citizen_id: UUID) -> list[str]:
    return [job["id"] for job in (await document(desk, citizen_id))["sought_jobs"]]
