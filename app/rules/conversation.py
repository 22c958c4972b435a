"""Held conversations and the agreement they carry (R61, R62)."""

from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from app.domain.authority import Authority
from app.domain.conversation import ConversationDraft
from app.rules import text
from app.rules.breach import Breach, Finding, Path, rule
from app.rules.plan import is_in_own_words

COPENHAGEN: Final = ZoneInfo("Europe/Copenhagen")


@rule("R61")
def is_held(held_at: datetime, today: date, path: Path = ("input", "heldAt")) -> Breach | None:
    """Only a held conversation changes the latest agreement: not one of a later Copenhagen day.

    The edge is the day, not the minute: case systems register while people still talk, and clocks
    differ.

    >>> from datetime import UTC
    >>> is_held(datetime(2026, 3, 1, 22, 59, tzinfo=UTC), date(2026, 3, 1))
    >>> is_held(datetime(2026, 3, 1, 23, 0, tzinfo=UTC), date(2026, 3, 1)).code
    'INVALID_PERIOD'
    """
    held_on = held_at.astimezone(COPENHAGEN).date()
    return None if held_on <= today else Breach("R61", path=path)


@rule("R62")
def is_of_own_authority(
    authority: Authority, own: Authority, path: Path = ("input", "authority")
) -> Breach | None:
    """A caseworker registers the conversations of the own authority, at any time.

    >>> is_of_own_authority(Authority.JOBCENTER, Authority.JOBCENTER)
    >>> is_of_own_authority(Authority.JOBCENTER, Authority.UNEMPLOYMENT_FUND).code
    'FORBIDDEN'
    """
    return None if authority is own else Breach("R62", path=path, own=own)


@rule("R62")
def is_member(own: Authority, membership_on: bool) -> Breach | None:
    """For a fund somebody who is not its member does not exist.

    >>> is_member(Authority.UNEMPLOYMENT_FUND, membership_on=False).code
    'NOT_FOUND'
    """
    outside = own is Authority.UNEMPLOYMENT_FUND and not membership_on
    return Breach("R62", "NOT_FOUND") if outside else None


@rule("R62", "R68")
def may_be_corrected(
    authority: Authority,
    own: Authority,
    by_same_organisation: bool,
    path: Path = ("input", "conversationId"),
) -> Breach | None:
    """An agreement is corrected by the authority that made it; a fund's by that very fund.

    A jobcenter takes over the agreements of the one before it when a citizen moves.

    >>> may_be_corrected(Authority.JOBCENTER, Authority.JOBCENTER, by_same_organisation=False)
    >>> fund = Authority.UNEMPLOYMENT_FUND
    >>> may_be_corrected(fund, fund, by_same_organisation=False).code
    'FORBIDDEN'
    """
    if own is Authority.UNEMPLOYMENT_FUND and not by_same_organisation:
        return Breach("R62", path=path, own=own)
    return is_of_own_authority(authority, own, path)


@rule("R126")
def changes_what_is_read(before: str, after: str) -> bool:
    """Whether a correction changes a visible character; white space alone is not told.

    >>> changes_what_is_read("Du søger job.", "Du  søger job. ")
    False
    >>> changes_what_is_read("Du søger job.", "Du søger to job.")
    True
    """
    return "".join(before.split()) != "".join(after.split())


@rule("R87")
def names_hidden_intervention(
    names_hidden: bool, fund_reads_it: bool, path: Path
) -> Finding | None:
    """Who tells the status of a hidden intervention may have named it in the agreement, too.

    Only the jobcenter is told, and only where a fund would read the agreement.

    >>> names_hidden_intervention(True, fund_reads_it=False, path=())
    >>> names_hidden_intervention(True, fund_reads_it=True, path=()).code
    'NAMES_HIDDEN_INTERVENTION'
    """
    return Finding("R87", path=path) if names_hidden and fund_reads_it else None


def conversation(
    draft: ConversationDraft, own: Authority, today: date, path: Path = ("input",)
) -> list[Breach | Finding | None]:
    """All rules for a conversation to be registered."""
    answers: list[Breach | Finding | None] = [
        is_held(draft.held_at, today, (*path, "heldAt")),
        is_of_own_authority(draft.authority, own, (*path, "authority")),
        *text.all_fit(draft, text.CONVERSATION, path),
        is_in_own_words(draft.agreement_text, (*path, "agreementText")),
    ]
    for index, status in enumerate(draft.statuses):
        answers += text.all_fit(status, text.STATUS, (*path, "statuses", index))
    return answers
