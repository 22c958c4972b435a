"""Comments through GraphQL: the citizen, the jobcenter, and the eyes of the fund."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from app.domain.viewer import Role
from tests.schema.eyes import differences, do, fund_sees, talk
from tests.story import BREACHES, REFUSED, member, new_citizen, subscribe_channels
from tests.world import FUND, JOBCENTER, TODAY, World

COMMENT = (
    "mutation($i: CommentOnPlanInput!) { commentOnPlan(input: $i) { __typename"
    " ... on CommentOnPlanPayload { version commentId warnings { code } plan { comments"
    " { id author authorRole text inReplyTo target } } } " + REFUSED + " } }"
)
REPLY = (
    "mutation($i: ReplyToCaseworkerInput!) { replyToCaseworker(input: $i) { __typename"
    " ... on ReplyToCaseworkerPayload { version commentId plan { description"
    " { replies { text authorRole } } } } " + REFUSED + " } }"
)
ANSWER = (
    "mutation($i: AnswerCommentInput!) { answerComment(input: $i) { __typename"
    " ... on AnswerCommentPayload { version commentId plan { comments { text } } } "
    + REFUSED
    + " } }"
)
DESCRIBE = (
    "mutation($i: SetPlanDescriptionInput!) { setPlanDescription(input: $i)"
    " { __typename " + BREACHES + " } }"
)
READ = (
    "query($id: ID!) { citizen(id: $id) { plan { version comments { text }"
    " earlier: versions(first: 50) { edges { node { number trigger changedElements } } } } } }"
)
EARLIER = (
    "query($id: ID!, $v: Int) { citizen(id: $id) { plan(version: $v) { comments { text } } } }"
)
INBOX = "{ inbox(first: 50) { edges { node { kind subjectId citizenId } } } }"
AFTER_THE_FUND = date(2026, 6, 10)
"""The jobcenter is responsible from 2 June."""
BACK_AT_THE_FUND = date(2026, 6, 20)


async def comment(world: World, citizen: str, text: str = "Jeg er glad for planen.") -> Any:
    own = world.token(Role.CITIZEN, citizen=citizen)
    data = await world.ask(own, COMMENT, i={"citizenId": citizen, "text": text})
    return data["commentOnPlan"]


async def answer(
    world: World, citizen: str, to: str, role: Role = Role.JOBCENTER, text: str = "Tak."
) -> Any:
    given = {"citizenId": citizen, "commentId": to, "text": text}
    return (await world.ask(world.token(role), ANSWER, i=given))["answerComment"]


async def read(world: World, citizen: str, role: Role = Role.FUND) -> Any:
    token = world.token(role, citizen=citizen if role is Role.CITIZEN else None)
    return (await world.ask(token, READ, id=citizen))["citizen"]["plan"]


async def inbox(world: World, role: Role) -> list[str]:
    """Kinds of the items about what citizens wrote, newest first."""
    page = await world.ask(world.token(role), INBOX)
    kinds = [edge["node"]["kind"] for edge in page["inbox"]["edges"]]
    return [kind for kind in kinds if kind in ("COMMENT_NEW", "CITIZEN_REPLY")]


async def be_at_the_fund_again(world: World, citizen: str) -> None:
    """The systems say that the fund is responsible once more, from 15 June."""
    period = {"organisationCode": FUND, "authority": "UNEMPLOYMENT_FUND"}
    periods = [
        {**period, "from": "2026-03-02", "to": "2026-06-02", "basis": "FIRST_THREE_MONTHS"},
        {
            "authority": "JOBCENTER",
            "organisationCode": JOBCENTER,
            "from": "2026-06-02",
            "to": "2026-06-15",
            "basis": "AFTER_TRANSITION",
        },
        {**period, "from": "2026-06-15", "basis": "OTHER_GROUP"},
    ]
    data = await world.ask(
        world.token(Role.SYSTEM),
        "mutation($i: SetResponsibilityInput!) { setResponsibility(input: $i) { __typename "
        + BREACHES
        + " } }",
        i={"citizenId": citizen, "periods": periods},
    )
    assert data["setResponsibility"]["__typename"] == "SetResponsibilityPayload", data


@pytest.mark.rule("R58", "allowed")
@pytest.mark.rule("R126", "refused")
async def test_a_comment_is_read_by_citizen_and_jobcenter_and_answered_with_a_notice(
    world: World,
) -> None:
    citizen = await new_citizen(world)
    await subscribe_channels(world, citizen)
    await do(world, world.token(Role.JOBCENTER), talk(world, citizen, "Vi ses."))
    own = world.token(Role.CITIZEN, citizen=citizen)
    told = "{ notifications(first: 10) { edges { node { event } } } }"
    before = await world.ask(own, told)
    written = await comment(world, citizen)
    assert (written["version"], written["warnings"]) == (2, [])
    (found,) = written["plan"]["comments"]
    assert (found["authorRole"], found["target"]) == ("CITIZEN", "PLAN")
    assert await world.ask(own, told) == before
    assert await inbox(world, Role.JOBCENTER) == ["COMMENT_NEW"]
    answered = await answer(world, citizen, written["commentId"])
    assert [c["text"] for c in answered["plan"]["comments"]] == ["Jeg er glad for planen.", "Tak."]
    events = [e["node"]["event"] for e in (await world.ask(own, told))["notifications"]["edges"]]
    assert events[0] == "STAFF_REPLY"
    assert await inbox(world, Role.JOBCENTER) == []
    assert (await read(world, citizen, Role.CITIZEN))["version"] == 3


@pytest.mark.rule("R57", "allowed")
async def test_a_youths_reply_stands_under_the_caseworkers_comment(world: World) -> None:
    citizen = await new_citizen(world, "EDU_BENEFIT_OBVIOUSLY_READY")
    staff, own = world.token(Role.JOBCENTER), world.token(Role.CITIZEN, citizen=citizen)
    reply = {"citizenId": citizen, "target": "DESCRIPTION", "text": "Det er i orden."}
    missing = (await world.ask(own, REPLY, i=reply))["replyToCaseworker"]
    assert missing["__typename"] == "NotFound"
    await world.ask(staff, DESCRIBE, i={"citizenId": citizen, "text": "Du er godt på vej."})
    written = (await world.ask(own, REPLY, i=reply))["replyToCaseworker"]
    assert written["plan"]["description"]["replies"] == [
        {"text": "Det er i orden.", "authorRole": "CITIZEN"}
    ]
    assert await inbox(world, Role.JOBCENTER) == ["CITIZEN_REPLY"]


@pytest.mark.rule("R57", "refused")
async def test_a_group_without_a_caseworkers_comment_is_told_so(world: World) -> None:
    citizen = await new_citizen(world)
    await do(world, world.token(Role.JOBCENTER), talk(world, citizen, "Vi ses."))
    refused = await world.ask(
        world.token(Role.CITIZEN, citizen=citizen),
        REPLY,
        i={"citizenId": citizen, "target": "DESCRIPTION", "text": "Det er i orden."},
    )
    (breach,) = refused["replyToCaseworker"]["breaches"]
    assert (breach["rule"], breach["path"]) == ("R57", ["input", "target"])
    assert breach["code"] == "ELEMENT_NOT_IN_COMPOSITION"


@pytest.mark.rule("R121", "refused")
@pytest.mark.parametrize("role", [Role.CITIZEN, Role.INSTITUTION, Role.SYSTEM])
async def test_only_caseworkers_answer(world: World, role: Role) -> None:
    citizen = await new_citizen(world)
    given = {"citizenId": citizen, "commentId": str(uuid4()), "text": "Tak."}
    token = world.token(role, citizen=citizen if role is Role.CITIZEN else None)
    refused = await world.post(token, ANSWER, i=given)
    assert refused["errors"][0]["extensions"]["code"] == "FORBIDDEN"


@pytest.mark.rule("R121", "allowed")
@pytest.mark.parametrize("role", [Role.JOBCENTER, Role.FUND, Role.SYSTEM])
async def test_only_the_citizen_comments(world: World, role: Role) -> None:
    citizen = await member(world)
    await do(world, world.token(Role.JOBCENTER), talk(world, citizen, "Vi ses."))
    refused = await world.post(world.token(role), COMMENT, i={"citizenId": citizen, "text": "Hej."})
    assert refused["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert (await comment(world, citizen))["__typename"] == "CommentOnPlanPayload"


@pytest.mark.rule("R58", "allowed")
async def test_a_fund_reads_and_answers_in_its_own_months(world: World) -> None:
    citizen = await member(world)
    await do(world, world.token(Role.JOBCENTER), talk(world, citizen, "Vi ses."))
    written = await comment(world, citizen)
    seen = await read(world, citizen)
    assert (seen["version"], seen["comments"]) == (2, [{"text": "Jeg er glad for planen."}])
    newest = seen["earlier"]["edges"][0]["node"]
    assert newest == {"number": 2, "trigger": "COMMENT", "changedElements": ["COMMENTS"]}
    assert await inbox(world, Role.FUND) == await inbox(world, Role.JOBCENTER) == ["COMMENT_NEW"]
    answered = await answer(world, citizen, written["commentId"], Role.FUND)
    assert len(answered["plan"]["comments"]) == 2
    assert await inbox(world, Role.FUND) == await inbox(world, Role.JOBCENTER) == []


@pytest.mark.rule("R58", "refused")
async def test_a_fund_whose_months_are_over_finds_no_comment_in_any_version(world: World) -> None:
    citizen = await member(world)
    await do(world, world.token(Role.JOBCENTER), talk(world, citizen, "Vi ses."))
    written = await comment(world, citizen)
    world.at(AFTER_THE_FUND)
    seen = await read(world, citizen)
    assert (seen["version"], seen["comments"]) == (2, [])
    token = world.token(Role.FUND)
    for version in (1, 2):
        page = await world.ask(token, EARLIER, id=citizen, v=version)
        assert page["citizen"]["plan"] == {"comments": []}
    assert await inbox(world, Role.FUND) == []
    gone = await answer(world, citizen, written["commentId"], Role.FUND)
    assert gone == await answer(world, citizen, str(uuid4()), Role.FUND)
    assert gone["__typename"] == "NotFound"


@pytest.mark.rule("R58", "refused")
@pytest.mark.parametrize("back", [False, True])
async def test_what_is_said_while_the_jobcenter_is_responsible_leaves_the_fund_no_trace(
    world: World, back: bool
) -> None:
    """Also when the fund is responsible again: it then has the comments of its own time alone."""
    seen = []
    for hidden in (True, False):
        world.at(TODAY)
        citizen = await member(world)
        await do(world, world.token(Role.JOBCENTER), talk(world, citizen, "Vi ses."))
        written = await comment(world, citizen)
        world.at(AFTER_THE_FUND)
        if hidden:
            await answer(world, citizen, written["commentId"], text="Nu er det os.")
            later = await comment(world, citizen, "Jeg har fået det bedre.")
            await answer(world, citizen, later["commentId"], text="Det er godt.")
        if back:
            await be_at_the_fund_again(world, citizen)
            world.at(BACK_AT_THE_FUND)
        found = await read(world, citizen)
        assert len(found["comments"]) == (1 if back else 0)
        seen.append(await fund_sees(world, citizen))
    assert differences(seen[0], seen[1]) == []
