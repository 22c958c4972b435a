"""Comments and the eyes of a fund: it has those of its own time, while it is responsible."""

from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from app.actions.target_group import set_target_group
from app.errors import NotFound
from app.store.work import Done, Work
from tests.actions.desk import (
    FUND,
    FUND_VIEWER,
    JOBCENTER_VIEWER,
    MUNICIPALITY,
    OTHER_FUND,
    Desk,
    citizen_viewer,
    day,
)
from tests.actions.register import published
from tests.actions.test_comment import answer, comment, open_items


async def make_responsible(desk: Desk, citizen_id: UUID, code: str) -> None:
    """The organisation with this code is responsible, as if it had always been."""
    await desk.value("delete from case_responsibility where citizen_id = $1", citizen_id)
    await desk.value(
        "insert into case_responsibility"
        " (citizen_id, authority, organisation_id, basis, valid_from)"
        " select $1, kind, organisation_id, 'OTHER_GROUP', $2 from organisation where code = $3",
        *(citizen_id, day(-30), code),
    )

    async def store(work: Work) -> Done:
        work.touch_citizen(citizen_id)
        return Done(citizen_id)

    await desk.run(JOBCENTER_VIEWER, store)


@pytest.mark.rule("R58", "allowed")
async def test_a_fund_reads_and_answers_while_it_is_responsible(desk: Desk) -> None:
    citizen_id = await desk.citizen("UNEMPLOYMENT_BENEFIT", fund_is_responsible=True)
    await published(desk, citizen_id)
    written = await comment(desk, citizen_id)
    assert written.versions == {"FULL": 2, "FUND": 2}
    subject = str(written.done.values["comment_id"])
    both = [("UNEMPLOYMENT_FUND", subject), ("JOBCENTER", subject)]
    assert await open_items(desk, "COMMENT_NEW") == both
    told = await answer(desk, citizen_id, written, FUND_VIEWER)
    assert (told.versions, told.notices) == ({"FULL": 3, "FUND": 3}, 1)
    assert await open_items(desk, "COMMENT_NEW") == []
    for viewer in (JOBCENTER_VIEWER, FUND_VIEWER, citizen_viewer(citizen_id)):
        texts = [c["text"] for c in (await desk.plan(citizen_id, viewer))["comments"]]
        assert texts == ["Jeg er glad for planen.", "Tak, det taler vi om."]


@pytest.mark.rule("R58", "refused")
async def test_a_fund_that_is_not_responsible_gets_neither_comment_nor_number(desk: Desk) -> None:
    citizen_id = await desk.citizen("UNEMPLOYMENT_BENEFIT")
    await published(desk, citizen_id)
    written = await comment(desk, citizen_id)
    assert written.versions == {"FULL": 2}
    assert [kind for kind, _ in await open_items(desk, "COMMENT_NEW")] == ["JOBCENTER"]
    assert (await answer(desk, citizen_id, written)).versions == {"FULL": 3}
    assert (await desk.plan(citizen_id, FUND_VIEWER))["comments"] == []
    with pytest.raises(NotFound):
        await answer(desk, citizen_id, written, FUND_VIEWER)
    with pytest.raises(NotFound):
        await answer(desk, citizen_id, uuid4(), FUND_VIEWER)


@pytest.mark.rule("R58", "refused")
async def test_a_fund_whose_months_are_over_reads_nothing_and_learns_of_no_answer(
    desk: Desk,
) -> None:
    citizen_id = await desk.citizen("UNEMPLOYMENT_BENEFIT", fund_is_responsible=True)
    await published(desk, citizen_id)
    written = await comment(desk, citizen_id)
    await make_responsible(desk, citizen_id, MUNICIPALITY)
    assert (await desk.plan(citizen_id, FUND_VIEWER))["comments"] == []
    assert (await answer(desk, citizen_id, written)).versions == {"FULL": 3}
    # the jobcenter's item is settled; that the fund's were gone would tell of the answer
    assert [kind for kind, _ in await open_items(desk, "COMMENT_NEW")] == ["UNEMPLOYMENT_FUND"]
    with pytest.raises(NotFound):
        await answer(desk, citizen_id, written, FUND_VIEWER)
    await make_responsible(desk, citizen_id, FUND)
    texts = [c["text"] for c in (await desk.plan(citizen_id, FUND_VIEWER))["comments"]]
    assert texts == ["Jeg er glad for planen."]


@pytest.mark.rule("R58", "refused")
async def test_a_fund_reads_no_comment_of_another_funds_time(desk: Desk) -> None:
    citizen_id = await desk.citizen("UNEMPLOYMENT_BENEFIT", fund_is_responsible=True)
    await published(desk, citizen_id)
    written = await comment(desk, citizen_id)
    await desk.value(
        "update membership set fund_id = organisation_id from organisation where code = $1",
        OTHER_FUND,
    )
    await make_responsible(desk, citizen_id, OTHER_FUND)
    other = replace(FUND_VIEWER, subject="s-9", organisation_code=OTHER_FUND)
    assert (await desk.plan(citizen_id, other))["comments"] == []
    with pytest.raises(NotFound):
        await answer(desk, citizen_id, written, other)
    await comment(desk, citizen_id, "Jeg har fået en ny a-kasse.")
    texts = [c["text"] for c in (await desk.plan(citizen_id, other))["comments"]]
    assert texts == ["Jeg har fået en ny a-kasse."]


@pytest.mark.rule("R135", "refused")
async def test_a_comment_under_a_hidden_plan_type_is_never_the_funds(desk: Desk) -> None:
    citizen_id = await desk.citizen("UNEMPLOYMENT_BENEFIT", fund_is_responsible=True)
    await published(desk, citizen_id)
    await desk.run(
        JOBCENTER_VIEWER, lambda work: set_target_group(work, citizen_id, "RESOURCE_PROGRAMME")
    )
    await make_responsible(desk, citizen_id, FUND)
    written = await comment(desk, citizen_id, "Det går bedre med ryggen.")
    assert list(written.versions) == ["FULL"]
    assert [kind for kind, _ in await open_items(desk, "COMMENT_NEW")] == ["JOBCENTER"]
    with pytest.raises(NotFound):
        await answer(desk, citizen_id, written, FUND_VIEWER)
    await desk.run(
        JOBCENTER_VIEWER, lambda work: set_target_group(work, citizen_id, "UNEMPLOYMENT_BENEFIT")
    )
    assert (await desk.plan(citizen_id, FUND_VIEWER))["comments"] == []


@pytest.mark.rule("R58", "refused")
async def test_a_fund_for_which_there_is_no_plan_gets_none_with_a_comment(desk: Desk) -> None:
    citizen_id = await desk.citizen("UNEMPLOYMENT_BENEFIT", fund_is_responsible=True)
    await published(desk, citizen_id)
    await desk.value("delete from plan_version where audience = 'FUND'")
    await desk.value("delete from plan_document where audience = 'FUND'")
    written = await comment(desk, citizen_id)
    stored = await desk.value(
        "select readable_by from comment where comment_id = $1", written.done.values["comment_id"]
    )
    assert stored is None


async def test_what_is_stored_of_comments_is_what_the_tables_say(desk: Desk) -> None:
    citizen_id = await desk.citizen("UNEMPLOYMENT_BENEFIT", fund_is_responsible=True)
    await published(desk, citizen_id)
    written = await comment(desk, citizen_id)
    await answer(desk, citizen_id, written, FUND_VIEWER)
    await make_responsible(desk, citizen_id, MUNICIPALITY)
    hidden = await comment(desk, citizen_id, "Nu er jeg hos jobcenteret.")
    await answer(desk, citizen_id, hidden)
    for audience, count in (("FULL", 4), ("FUND", 2)):
        body = await desk.value(
            "select convert_from(comments, 'UTF8') from plan_document where audience = $1", audience
        )
        assert body.count('"text"') == count
        built = await desk.value(
            "select convert_from(section_comments(p, $1 = 'FUND', true), 'UTF8') from plan p",
            audience,
        )
        assert built == body
