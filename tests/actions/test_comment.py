"""Comments by the citizen, and answers to them: who looks at them, who reads them, who is told."""

from uuid import UUID, uuid4

import pytest

from app.actions.comment import answer_comment, comment_on_plan, reply_to_caseworker
from app.actions.description import set_plan_description
from app.domain.viewer import Viewer
from app.errors import BadUserInput, NotFound, RulesBroken, VersionConflict
from app.rules.comment import ReplyTarget
from tests.actions.desk import (
    JOBCENTER_VIEWER,
    STRANGER,
    Desk,
    Outcome,
    citizen_viewer,
)
from tests.actions.register import published
from tests.actions.youths import youth

LONGEST = "å" * 2000
OBVIOUSLY_READY = "EDU_BENEFIT_OBVIOUSLY_READY"


async def comment(desk: Desk, citizen_id: UUID, text: str = "Jeg er glad for planen.") -> Outcome:
    return await desk.run(
        citizen_viewer(citizen_id), lambda work: comment_on_plan(work, citizen_id, text)
    )


async def reply(
    desk: Desk, citizen_id: UUID, target: ReplyTarget = "DESCRIPTION", text: str = "Det er i orden."
) -> Outcome:
    return await desk.run(
        citizen_viewer(citizen_id),
        lambda work: reply_to_caseworker(work, citizen_id, text, target),
    )


async def answer(
    desk: Desk,
    citizen_id: UUID,
    to: Outcome | UUID,
    viewer: Viewer = JOBCENTER_VIEWER,
    text: str = "Tak, det taler vi om.",
) -> Outcome:
    comment_id = to if isinstance(to, UUID) else to.done.values["comment_id"]
    return await desk.run(viewer, lambda work: answer_comment(work, citizen_id, comment_id, text))


async def describe(desk: Desk, citizen_id: UUID) -> Outcome:
    return await desk.run(
        JOBCENTER_VIEWER,
        lambda work: set_plan_description(work, citizen_id, "Du er godt på vej."),
    )


async def open_items(desk: Desk, kind: str) -> list[tuple[str, str | None]]:
    """Organisation kind and subject of the open items of a kind, the jobcenter's last."""
    rows = await desk.pool.fetch(
        "select o.kind, i.subject_id from inbox_item i join organisation o using (organisation_id)"
        " where i.kind = $1 and i.done_at is null order by o.kind desc",
        kind,
    )
    return [(row["kind"], str(row["subject_id"])) for row in rows]


@pytest.mark.rule("R58", "allowed")
@pytest.mark.rule("R126", "refused")
@pytest.mark.parametrize(
    "group", ["CASH_BENEFIT_JOB_READY", "RESOURCE_PROGRAMME", "SELF_SUPPORTING", OBVIOUSLY_READY]
)
async def test_a_citizen_of_any_group_comments_in_a_version_of_which_nobody_is_told(
    desk: Desk, group: str
) -> None:
    citizen_id = await desk.citizen(group)
    await published(desk, citizen_id)
    written = await comment(desk, citizen_id, f"  {LONGEST} ")
    assert (written.versions, written.notices, written.warnings) == ({"FULL": 2}, 0, [])
    (found,) = (await desk.plan(citizen_id))["comments"]
    assert (found["author"], found["author_role"]) == ("Signe Test", "CITIZEN")
    assert (found["text"], found["target"], found["in_reply_to"]) == (LONGEST, "PLAN", None)
    assert await open_items(desk, "COMMENT_NEW") == [("JOBCENTER", found["id"])]


@pytest.mark.rule("R58", "refused")
async def test_a_comment_is_neither_blank_nor_too_long_and_needs_a_plan(desk: Desk) -> None:
    citizen_id = await desk.citizen()
    with pytest.raises(NotFound):
        await comment(desk, citizen_id)
    await published(desk, citizen_id)
    with pytest.raises(RulesBroken) as refused:
        await comment(desk, citizen_id, LONGEST + "å")
    assert [(b.code, b.path) for b in refused.value.breaches] == [
        ("TEXT_TOO_LONG", ("input", "text"))
    ]
    with pytest.raises(BadUserInput):
        await comment(desk, citizen_id, " \n ")
    other = await desk.citizen()
    with pytest.raises(NotFound):
        await desk.run(
            citizen_viewer(other), lambda work: comment_on_plan(work, citizen_id, "Hej.")
        )
    with pytest.raises(VersionConflict):
        await desk.run(
            citizen_viewer(citizen_id),
            lambda work: comment_on_plan(work, citizen_id, "Hej.", expected_version=7),
        )
    assert await desk.value("select count(*) from comment") == 0
    assert await open_items(desk, "COMMENT_NEW") == []


@pytest.mark.rule("R57", "allowed")
async def test_a_youth_answers_the_caseworkers_comment_into_the_inbox(desk: Desk) -> None:
    citizen_id = await desk.citizen(OBVIOUSLY_READY)
    await describe(desk, citizen_id)
    written = await reply(desk, citizen_id)
    assert (written.versions, written.notices) == ({"FULL": 2}, 0)
    plan = await desk.plan(citizen_id)
    (found,) = plan["description"]["replies"]
    assert plan["comments"] == [found]
    assert (found["target"], found["author_role"]) == ("DESCRIPTION", "CITIZEN")
    assert await open_items(desk, "CITIZEN_REPLY") == [("JOBCENTER", found["id"])]
    told = await answer(desk, citizen_id, written)
    assert (told.versions, told.notices) == ({"FULL": 3}, 1)
    replies = (await desk.plan(citizen_id))["description"]["replies"]
    assert [r["author_role"] for r in replies] == ["CITIZEN", "CASEWORKER"]
    assert replies[1]["in_reply_to"] == found["id"]
    assert await open_items(desk, "CITIZEN_REPLY") == []


@pytest.mark.rule("R57", "allowed")
async def test_a_youth_answers_about_the_step_of_the_education_order(desk: Desk) -> None:
    citizen_id = await youth(desk)
    written = await reply(desk, citizen_id, "STEP")
    (found,) = (await desk.plan(citizen_id))["comments"]
    assert found["target"] == "STEP"
    assert await open_items(desk, "CITIZEN_REPLY") == [
        ("JOBCENTER", str(written.done.values["comment_id"]))
    ]


@pytest.mark.rule("R57", "refused")
@pytest.mark.parametrize(
    ("group", "target"),
    [
        ("CASH_BENEFIT_JOB_READY", "DESCRIPTION"),
        ("CASH_BENEFIT_JOB_READY", "STEP"),
        ("RESOURCE_PROGRAMME", "DESCRIPTION"),
    ],
)
async def test_other_groups_have_nothing_to_answer(
    desk: Desk, group: str, target: ReplyTarget
) -> None:
    citizen_id = await desk.citizen(group)
    await published(desk, citizen_id)
    with pytest.raises(RulesBroken) as refused:
        await reply(desk, citizen_id, target, LONGEST + "å")
    assert [(b.rule, b.code) for b in refused.value.breaches] == [
        ("R57", "ELEMENT_NOT_IN_COMPOSITION"),
        ("R80", "TEXT_TOO_LONG"),
    ]


@pytest.mark.rule("R57", "refused")
@pytest.mark.parametrize("target", ["DESCRIPTION", "STEP"])
async def test_a_youth_answers_only_what_is_there(desk: Desk, target: ReplyTarget) -> None:
    citizen_id = await desk.citizen(OBVIOUSLY_READY)
    await published(desk, citizen_id)
    with pytest.raises(NotFound):
        await reply(desk, citizen_id, target)
    assert await desk.value("select count(*) from comment") == 0


@pytest.mark.rule("R58", "allowed")
async def test_an_answer_is_told_and_settles_what_lay_in_the_inbox(desk: Desk) -> None:
    citizen_id = await desk.citizen()
    await published(desk, citizen_id)
    first, second = await comment(desk, citizen_id), await comment(desk, citizen_id, "Og en til.")
    told = await answer(desk, citizen_id, first, text="Det står i § 41.")
    assert (told.versions, told.notices) == ({"FULL": 4}, 1)
    assert told.warnings == ["LEGAL_TEXT_SUSPECTED"]
    event = "select event from notice order by notice_id desc limit 1"
    assert await desk.value(event) == "STAFF_REPLY"
    left = [("JOBCENTER", str(second.done.values["comment_id"]))]
    assert await open_items(desk, "COMMENT_NEW") == left
    found = (await desk.plan(citizen_id))["comments"][-1]
    assert found["author"] == JOBCENTER_VIEWER.name
    assert found["in_reply_to"] == str(first.done.values["comment_id"])


@pytest.mark.rule("R58", "refused")
async def test_only_a_comment_by_the_citizen_within_reach_is_answered(desk: Desk) -> None:
    citizen_id, other = await desk.citizen(), await desk.citizen()
    await published(desk, citizen_id)
    await published(desk, other)
    own, foreign = await comment(desk, citizen_id), await comment(desk, other)
    answered = await answer(desk, citizen_id, own)
    for wrong in (foreign, answered, uuid4()):
        with pytest.raises(NotFound):
            await answer(desk, citizen_id, wrong)
    with pytest.raises(NotFound):
        await answer(desk, citizen_id, own, STRANGER)
    with pytest.raises(RulesBroken) as refused:
        await answer(desk, citizen_id, own, text=LONGEST + "å")
    assert [b.code for b in refused.value.breaches] == ["TEXT_TOO_LONG"]
    with pytest.raises(BadUserInput):
        await answer(desk, citizen_id, own, text=" ")
