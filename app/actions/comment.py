"""What the citizen writes to the plan, and the caseworker's answers (R57, R58).

The citizen's own words make a version and cause no notice (R126); an answer is told.
"""

from typing import Final
from uuid import UUID

from app.actions.common import published_plan, required
from app.actions.inbox import put_into_inbox, settle_items
from app.domain.authority import Authority
from app.domain.case import Case, Fund
from app.domain.notice import NoticeEvent
from app.domain.viewer import Role
from app.errors import NotFound
from app.rules import text
from app.rules.comment import ReplyTarget, may_be_replied_to, reading_fund
from app.rules.plan import is_in_own_words
from app.store.cases import caseworker_of, lock_case
from app.store.work import Done, Work

_TEXT: Final = ("input", "text")


async def comment_on_plan(
    work: Work, citizen_id: UUID, content: str, *, expected_version: int | None = None
) -> Done:
    """The citizen comments on the plan; the jobcenter, and the fund that may read it, look at it.

    Raises `NotFound` for a citizen out of reach or without a plan, `BadUserInput` for a blank
    text, `RulesBroken`.
    """
    case = await lock_case(work, citizen_id, expected_version)
    plan_id = published_plan(work, case)
    words = required(content, _TEXT)
    work.check(text.fits(words, text.COMMENT["text"], _TEXT))
    fund = reading_fund(case)
    comment_id = await _write(work, case, plan_id, words, "PLAN", fund)
    await _put(work, case, "COMMENT_NEW", comment_id)
    if fund is not None:
        await put_into_inbox(
            work, Authority.UNEMPLOYMENT_FUND, fund.code, citizen_id, "COMMENT_NEW", comment_id
        )
    return Done(citizen_id, plan_id, {"comment_id": comment_id})


async def reply_to_caseworker(
    work: Work,
    citizen_id: UUID,
    content: str,
    target: ReplyTarget,
    *,
    expected_version: int | None = None,
) -> Done:
    """A youth answers the caseworker's comment, or about the step of the education order.

    Raises `NotFound` for a citizen out of reach and where there is no comment or step yet,
    `BadUserInput` for a blank text, `RulesBroken` with all broken rules.
    """
    case = await lock_case(work, citizen_id, expected_version)
    plan_id = published_plan(work, case)
    words = required(content, _TEXT)
    work.check(
        may_be_replied_to(case.target_group, target),
        text.fits(words, text.COMMENT["text"], _TEXT),
    )
    if target == "STEP" and case.current_step is None:
        raise NotFound("There is no step yet.")
    if target == "DESCRIPTION" and not await work.fetchval("has_description", plan_id):
        raise NotFound("There is no comment by the caseworker yet.")
    comment_id = await _write(work, case, plan_id, words, target, reading_fund(case))
    await _put(work, case, "CITIZEN_REPLY", comment_id)
    return Done(citizen_id, plan_id, {"comment_id": comment_id})


async def answer_comment(
    work: Work,
    citizen_id: UUID,
    comment_id: UUID,
    content: str,
    *,
    expected_version: int | None = None,
) -> Done:
    """A caseworker answers what the citizen wrote; the citizen is told, and the item is settled.

    A fund reads the answer if it reads the comment and is responsible when the answer is written.
    Raises `NotFound` for a comment out of reach, `BadUserInput` for a blank text, `RulesBroken`.
    """
    case = await lock_case(work, citizen_id, expected_version)
    plan_id = published_plan(work, case)
    fund = reading_fund(case)
    by_fund = work.viewer.role is Role.FUND
    if by_fund and fund is None:
        raise NotFound("There is no such comment.")
    asks = fund.organisation_id if by_fund and fund else None
    comment = await work.fetchrow("find_comment", comment_id, plan_id, asks)
    if comment is None:
        raise NotFound("There is no such comment.")
    words = required(content, _TEXT)
    work.check(text.fits(words, text.COMMENT["text"], _TEXT), is_in_own_words(words, _TEXT))
    reader = fund if fund and comment["readable_by"] == fund.organisation_id else None
    answer_id = await _write(
        work,
        case,
        plan_id,
        words,
        comment["target"],
        reader,
        in_reply_to=comment_id,
        caseworker_id=await caseworker_of(work),
    )
    kind = "COMMENT_NEW" if comment["target"] == "PLAN" else "CITIZEN_REPLY"
    # a fund that does not read the answer keeps what it has: that it is gone would tell of it
    settled = None if reader else Authority.JOBCENTER
    await settle_items(work, citizen_id, kind, comment_id, authority=settled)
    return Done(citizen_id, plan_id, {"comment_id": answer_id})


async def _write(
    work: Work,
    case: Case,
    plan_id: UUID,
    words: str,
    target: str,
    reader: Fund | None,
    *,
    in_reply_to: UUID | None = None,
    caseworker_id: UUID | None = None,
) -> UUID:
    """Stores a comment by the citizen, or by a caseworker, that one fund or none may read."""
    comment_id: UUID = await work.fetchval(
        "write_comment",
        *(plan_id, caseworker_id, words, work.now, in_reply_to, target),
        reader and reader.organisation_id,
    )
    work.touch(
        plan_id,
        case.citizen_id,
        *(("comments", "description") if target == "DESCRIPTION" else ("comments",)),
        trigger="COMMENT",
        event=NoticeEvent.STAFF_REPLY if caseworker_id else None,
        hidden_from_fund=reader is None,
    )
    return comment_id


async def _put(work: Work, case: Case, kind: str, comment_id: UUID) -> None:
    """Into the inbox of the jobcenter at the citizen's home."""
    await put_into_inbox(
        work, Authority.JOBCENTER, case.municipality_code, case.citizen_id, kind, comment_id
    )
