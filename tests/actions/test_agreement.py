"""Corrected agreements: revisions, who may write them, who is told, and what a fund reads."""

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given, strategies as st

from app.actions.agreement import correct_agreement
from app.actions.conversation import register_conversation
from app.actions.intervention import create_intervention
from app.actions.target_group import set_target_group
from app.domain.authority import Authority
from app.domain.conversation import (
    ConversationDraft,
    CorrectionDraft,
    InterventionStatusDraft,
)
from app.domain.viewer import Role, Viewer
from app.errors import BadUserInput, NotFound, RulesBroken
from app.rules.conversation import changes_what_is_read
from tests.actions.desk import (
    COLLEAGUE,
    FUND_VIEWER,
    JOBCENTER_VIEWER,
    OTHER_FUND,
    STRANGER,
    Desk,
    Outcome,
)
from tests.actions.test_acknowledgement import AID
from tests.actions.test_conversation import talk

WORDS = "Du søger to job om ugen."
NEW = "Du søger tre job om ugen."


async def held(desk: Desk, citizen_id: UUID, viewer: Viewer = JOBCENTER_VIEWER) -> UUID:
    """A conversation of the viewer's authority with an agreement."""
    own = Authority.UNEMPLOYMENT_FUND if viewer.role is Role.FUND else Authority.JOBCENTER
    registered = await talk(desk, citizen_id, viewer=viewer, authority=own)
    found: UUID = registered.done.values["conversation_id"]
    return found


async def correct(
    desk: Desk,
    citizen_id: UUID,
    conversation: UUID,
    viewer: Viewer = JOBCENTER_VIEWER,
    **changes: Any,
) -> Outcome:
    return await desk.run(
        viewer,
        lambda work: correct_agreement(work, citizen_id, conversation, CorrectionDraft(**changes)),
    )


async def agreement(desk: Desk, citizen_id: UUID, viewer: Viewer = JOBCENTER_VIEWER) -> Any:
    (found,) = (await desk.plan(citizen_id, viewer))["agreements"]
    return found


@pytest.mark.rule("R68", "allowed")
@pytest.mark.rule("R60", "allowed")
async def test_a_correction_is_a_revision_of_its_own_author_and_the_newest_is_shown(
    desk: Desk,
) -> None:
    citizen_id = await desk.citizen()
    conversation = await held(desk, citizen_id)
    done = await correct(desk, citizen_id, conversation, COLLEAGUE, agreement_text=NEW)
    assert (done.versions, done.notices) == ({"FULL": 2, "FUND": 2}, 1)
    found = await agreement(desk, citizen_id)
    assert (found["agreement_text"], found["revision"]) == (NEW, 2)
    assert found["corrected_at"] > found["held_at"]
    assert found["caseworker"] == JOBCENTER_VIEWER.name
    assert (await desk.plan(citizen_id))["latest_agreement_jobcenter"] == found
    rows = await desk.pool.fetch(
        "select r.text, w.name from agreement_revision r join caseworker w"
        " on w.caseworker_id = r.author order by r.revision"
    )
    assert [tuple(row) for row in rows] == [
        (WORDS, JOBCENTER_VIEWER.name),
        (NEW, COLLEAGUE.name),
    ]
    assert await desk.value("select event from notice order by notice_id desc limit 1") == (
        "PLAN_CHANGED"
    )


@pytest.mark.rule("R68", "refused")
async def test_a_correction_that_changes_nothing_makes_nothing(desk: Desk) -> None:
    citizen_id = await desk.citizen()
    conversation = await held(desk, citizen_id)
    for changes in ({}, {"agreement_text": WORDS}, {"hidden_from_fund": False}):
        done = await correct(desk, citizen_id, conversation, **changes)
        assert (done.versions, done.notices) == ({}, 0)
    assert await desk.value("select count(*) from agreement_revision") == 1


@pytest.mark.rule("R126", "refused")
async def test_a_correction_of_white_space_alone_is_a_version_that_nobody_is_told_of(
    desk: Desk,
) -> None:
    citizen_id = await desk.citizen()
    conversation = await held(desk, citizen_id)
    done = await correct(
        desk, citizen_id, conversation, agreement_text="Du søger to\njob om  ugen. "
    )
    assert (done.versions["FULL"], done.notices) == (2, 0)
    assert (await agreement(desk, citizen_id))["revision"] == 2


@given(st.text(), st.text())
def test_what_is_read_is_what_is_not_white_space(before: str, after: str) -> None:
    seen = ["".join(c for c in text if not c.isspace()) for text in (before, after)]
    assert changes_what_is_read(before, after) == (seen[0] != seen[1])


@pytest.mark.rule("R62", "allowed")
async def test_each_authority_corrects_what_it_agreed(desk: Desk) -> None:
    citizen_id = await desk.citizen("UNEMPLOYMENT_BENEFIT")
    for viewer in (JOBCENTER_VIEWER, FUND_VIEWER):
        conversation = await held(desk, citizen_id, viewer)
        done = await correct(desk, citizen_id, conversation, viewer, agreement_text=NEW)
        assert set(done.versions) == {"FULL", "FUND"}
    texts = {a["agreement_text"] for a in (await desk.plan(citizen_id))["agreements"]}
    assert texts == {NEW}


@pytest.mark.rule("R62", "refused")
@pytest.mark.rule("R68", "refused")
async def test_nobody_corrects_what_another_authority_agreed(desk: Desk) -> None:
    citizen_id = await desk.citizen("UNEMPLOYMENT_BENEFIT")
    for author, other in ((JOBCENTER_VIEWER, FUND_VIEWER), (FUND_VIEWER, JOBCENTER_VIEWER)):
        conversation = await held(desk, citizen_id, author)
        with pytest.raises(RulesBroken) as refused:
            await correct(desk, citizen_id, conversation, other, agreement_text="x" * 4001)
        assert [(b.rule, b.path) for b in refused.value.breaches] == [
            ("R62", ("input", "conversationId")),
            ("R80", ("input", "agreementText")),
        ]
    await desk.value(
        "update membership set fund_id = organisation_id from organisation where code = $1",
        OTHER_FUND,
    )
    later = replace(FUND_VIEWER, subject="s-9", organisation_code=OTHER_FUND)
    of_first_fund = await desk.value(
        "select conversation_id from conversation where authority = 'UNEMPLOYMENT_FUND'"
    )
    with pytest.raises(RulesBroken):
        await correct(desk, citizen_id, of_first_fund, later, agreement_text=NEW)


@pytest.mark.rule("R68", "refused")
async def test_only_an_agreement_within_reach_is_corrected(desk: Desk) -> None:
    citizen_id, other = await desk.citizen(), await desk.citizen()
    conversation = await held(desk, citizen_id)
    silent = (await talk(desk, citizen_id, agreement_text="")).done.values["conversation_id"]
    for viewer, citizen, wrong in (
        (JOBCENTER_VIEWER, citizen_id, uuid4()),
        (JOBCENTER_VIEWER, citizen_id, silent),
        (JOBCENTER_VIEWER, other, conversation),
        (STRANGER, citizen_id, conversation),
    ):
        with pytest.raises(NotFound):
            await correct(desk, citizen, wrong, viewer, agreement_text=NEW)
    with pytest.raises(BadUserInput):
        await correct(desk, citizen_id, conversation, agreement_text=" ")


@pytest.mark.rule("R87", "refused")
async def test_an_agreement_is_hidden_from_the_fund_and_shown_again(desk: Desk) -> None:
    citizen_id = await desk.citizen("UNEMPLOYMENT_BENEFIT")
    conversation = await held(desk, citizen_id)
    done = await correct(desk, citizen_id, conversation, hidden_from_fund=True)
    assert (done.versions, done.notices) == ({"FULL": 2, "FUND": 2}, 0)
    plan = await desk.plan(citizen_id, FUND_VIEWER)
    assert (plan["agreements"], plan["latest_agreement_jobcenter"]) == ([], None)
    # what is hidden changes without a trace for the fund
    hidden = await correct(desk, citizen_id, conversation, agreement_text=NEW)
    assert hidden.versions == {"FULL": 3}
    with pytest.raises(NotFound):
        await correct(desk, citizen_id, conversation, FUND_VIEWER, agreement_text=WORDS)
    shown = await correct(desk, citizen_id, conversation, hidden_from_fund=False)
    assert (shown.versions, shown.notices) == ({"FULL": 4, "FUND": 3}, 0)
    assert (await agreement(desk, citizen_id, FUND_VIEWER))["agreement_text"] == NEW


async def test_a_fund_hides_nothing(desk: Desk) -> None:
    citizen_id = await desk.citizen("UNEMPLOYMENT_BENEFIT")
    conversation = await held(desk, citizen_id, FUND_VIEWER)
    with pytest.raises(BadUserInput):
        await correct(desk, citizen_id, conversation, FUND_VIEWER, hidden_from_fund=True)


@pytest.mark.rule("R135", "refused")
async def test_a_fund_keeps_the_revision_that_was_written_under_a_plan_type_it_sees(
    desk: Desk,
) -> None:
    citizen_id = await desk.citizen("UNEMPLOYMENT_BENEFIT")
    conversation = await held(desk, citizen_id)
    await move(desk, citizen_id, "RESOURCE_PROGRAMME")
    hidden = await correct(desk, citizen_id, conversation, agreement_text="Vi taler om din ryg.")
    assert list(hidden.versions) == ["FULL"]
    with pytest.raises(NotFound):
        await correct(desk, citizen_id, conversation, FUND_VIEWER, agreement_text=NEW)
    await move(desk, citizen_id, "UNEMPLOYMENT_BENEFIT")
    seen = await agreement(desk, citizen_id, FUND_VIEWER)
    assert (seen["agreement_text"], seen["revision"], seen["corrected_at"]) == (WORDS, 1, None)
    assert (await agreement(desk, citizen_id))["agreement_text"] == "Vi taler om din ryg."
    await correct(desk, citizen_id, conversation, agreement_text=NEW)
    assert (await agreement(desk, citizen_id))["revision"] == 3
    seen = await agreement(desk, citizen_id, FUND_VIEWER)
    # the fund counts what it reads: a gap would tell of the other
    assert (seen["agreement_text"], seen["revision"]) == (NEW, 2)


@pytest.mark.rule("R135", "refused")
async def test_a_text_that_came_back_is_no_correction_for_a_fund_that_read_no_other(
    desk: Desk,
) -> None:
    citizen_id = await desk.citizen("UNEMPLOYMENT_BENEFIT")
    conversation = await held(desk, citizen_id)
    await move(desk, citizen_id, "RESOURCE_PROGRAMME")
    await correct(desk, citizen_id, conversation, agreement_text="Vi taler om din ryg.")
    await move(desk, citizen_id, "UNEMPLOYMENT_BENEFIT")
    before = await agreement(desk, citizen_id, FUND_VIEWER)
    back = await correct(desk, citizen_id, conversation, agreement_text=WORDS)
    assert list(back.versions) == ["FULL"]
    assert await agreement(desk, citizen_id, FUND_VIEWER) == before
    assert (await agreement(desk, citizen_id))["revision"] == 3
    await correct(desk, citizen_id, conversation, agreement_text=NEW)
    back = await correct(desk, citizen_id, conversation, agreement_text=WORDS)
    assert set(back.versions) == {"FULL", "FUND"}
    seen = await agreement(desk, citizen_id, FUND_VIEWER)
    # the fund read the text, another and the text again
    assert (seen["agreement_text"], seen["revision"]) == (WORDS, 3)


@pytest.mark.rule("R135", "allowed")
async def test_a_fund_corrects_its_own_beside_a_plan_that_it_does_not_see(desk: Desk) -> None:
    citizen_id = await desk.citizen("UNEMPLOYMENT_BENEFIT")
    conversation = await held(desk, citizen_id, FUND_VIEWER)
    await move(desk, citizen_id, "RESOURCE_PROGRAMME")
    done = await correct(desk, citizen_id, conversation, FUND_VIEWER, agreement_text=NEW)
    assert set(done.versions) == {"FULL", "FUND"}


@pytest.mark.rule("R87", "allowed")
async def test_the_jobcenter_is_warned_where_the_text_may_name_what_is_hidden(desk: Desk) -> None:
    citizen_id = await desk.citizen("UNEMPLOYMENT_BENEFIT")
    conversation, hidden = await told_status(desk, citizen_id, hidden=False)
    assert hidden == ["NAMES_HIDDEN_INTERVENTION"]
    again = await correct(desk, citizen_id, conversation, agreement_text=NEW)
    assert again.warnings == ["NAMES_HIDDEN_INTERVENTION"]
    safe = await correct(desk, citizen_id, conversation, hidden_from_fund=True)
    assert safe.warnings == []


@pytest.mark.rule("R87", "refused")
@pytest.mark.parametrize(
    ("group", "hidden"),
    [
        ("UNEMPLOYMENT_BENEFIT", True),  # it is hidden already
        ("CASH_BENEFIT_JOB_READY", False),  # no fund reads it
    ],
)
async def test_nobody_is_warned_where_no_fund_reads_it(
    desk: Desk, group: str, hidden: bool
) -> None:
    citizen_id = await desk.citizen(group)
    _, warnings = await told_status(desk, citizen_id, hidden=hidden)
    assert warnings == []


async def told_status(desk: Desk, citizen_id: UUID, *, hidden: bool) -> tuple[UUID, list[str]]:
    """A conversation about an aid: its id, and the warnings about what it names."""
    created = await desk.run(
        JOBCENTER_VIEWER, lambda work: create_intervention(work, citizen_id, AID)
    )
    status = InterventionStatusDraft(str(created.done.values["intervention_id"]), "Den virker.")
    draft = ConversationDraft(Authority.JOBCENTER, desk.now, "PHONE", WORDS, statuses=(status,))
    registered = await desk.run(
        JOBCENTER_VIEWER,
        lambda work: register_conversation(work, citizen_id, draft, hidden_from_fund=hidden),
    )
    named = [code for code in registered.warnings if code.startswith("NAMES")]
    return registered.done.values["conversation_id"], named


async def move(desk: Desk, citizen_id: UUID, group: str) -> None:
    await desk.run(JOBCENTER_VIEWER, lambda work: set_target_group(work, citizen_id, group))
