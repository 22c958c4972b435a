"""Corrections of what was agreed in a held conversation (R62, R68)."""

from typing import Final
from uuid import UUID

from app.actions.common import required
from app.actions.conversation import may_be_read_by_fund
from app.domain.absent import ABSENT, given
from app.domain.authority import Authority
from app.domain.case import Case
from app.domain.conversation import CorrectionDraft
from app.domain.notice import NoticeEvent
from app.domain.viewer import Role
from app.errors import BadUserInput, NotFound
from app.rules import text
from app.rules.conversation import (
    changes_what_is_read,
    may_be_corrected,
    names_hidden_intervention,
)
from app.rules.plan import is_in_own_words
from app.store.cases import authority_of, caseworker_of, lock_case
from app.store.db import Row
from app.store.work import Done, Work

_TEXT: Final = ("input", "agreementText")
_HIDDEN: Final = ("input", "hiddenFromUnemploymentFund")


async def correct_agreement(
    work: Work,
    citizen_id: UUID,
    conversation_id: UUID,
    draft: CorrectionDraft,
    *,
    expected_version: int | None = None,
) -> Done:
    """Adds a revision of an agreement, or hides it from the fund; nothing for no change.

    Raises `NotFound` for an agreement out of reach, `BadUserInput` for a blank text and for a fund
    that would hide something, `RulesBroken` with all broken rules.
    """
    case = await lock_case(work, citizen_id, expected_version)
    plan_id, stored = await _agreement(work, case, conversation_id)
    own = authority_of(work.viewer.role)
    if own is Authority.UNEMPLOYMENT_FUND and draft.hidden_from_fund is not ABSENT:
        raise BadUserInput("Only the jobcenter hides its conversations.", _HIDDEN)
    before: tuple[str, bool] = (
        stored["agreement_text"],
        stored["hidden_from_unemployment_fund"],
    )
    words = given(draft.agreement_text, before[0])
    hidden = given(draft.hidden_from_fund, before[1])
    required(words, _TEXT)
    authority = Authority(stored["authority"])
    readable = not hidden and may_be_read_by_fund(case, authority)
    work.check(
        may_be_corrected(
            authority, own, stored["organisation_code"] == work.viewer.organisation_code
        ),
        text.fits(words, text.CONVERSATION["agreement_text"], _TEXT),
        is_in_own_words(words, _TEXT),
        names_hidden_intervention(
            stored["names_hidden_intervention"],
            readable and not stored["written_under_hidden_type"],
            _HIDDEN,
        ),
    )
    if words != before[0]:
        caseworker_id = await caseworker_of(work)
        await work.execute(
            "correct_agreement", conversation_id, words, caseworker_id, work.now, case.plan_type
        )
    if hidden != before[1]:
        await work.execute("hide_conversation", conversation_id, hidden)
    if (words, hidden) != before:
        unseen = (
            not case.plan_type_visible_to_fund
            or stored["written_under_hidden_type"]
            or (hidden and before[1])
        )
        work.touch(
            plan_id,
            citizen_id,
            *("agreements", f"latest_agreement_{authority.lower()}"),
            # a fund that may not know of a conversation sees its meeting as it was before
            *(("meetings",) if hidden != before[1] else ()),
            trigger="CONVERSATION",
            event=NoticeEvent.PLAN_CHANGED if changes_what_is_read(before[0], words) else None,
            hidden_from_fund=authority is Authority.JOBCENTER and unseen,
        )
    return Done(citizen_id, plan_id, {"conversation_id": conversation_id})


async def _agreement(work: Work, case: Case, conversation_id: UUID) -> tuple[UUID, Row]:
    """The plan and the agreement as it is now; raises `NotFound` where the viewer has none."""
    fund = work.viewer.organisation_code if work.viewer.role is Role.FUND else None
    stored = await work.fetchrow(
        "find_conversation",
        *(conversation_id, case.plan_id, fund, case.plan_type_visible_to_fund),
    )
    if case.plan_id is None or stored is None:
        raise NotFound("There is no such agreement.")
    return case.plan_id, stored
