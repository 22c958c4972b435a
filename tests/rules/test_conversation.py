"""Held conversations and the agreement they carry."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from app.domain.authority import Authority
from app.domain.conversation import ConversationDraft, InterventionStatusDraft
from app.rules.breach import Breach, breaches
from app.rules.conversation import conversation, is_held, is_member

from .code_lists import (
    FUND,
    JOBCENTER,
)

TODAY = date(2026, 3, 1)
HELD_AT = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


@given(st.integers(0, 10 * 365 * 24), st.integers(-2, 2))
@pytest.mark.rule("R61", "allowed")
@pytest.mark.rule("R61", "refused")
def test_a_conversation_of_a_later_copenhagen_day_is_not_held_yet(hours: int, days: int) -> None:
    held_at = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(hours=hours)
    held_on = held_at.astimezone(ZoneInfo("Europe/Copenhagen")).date()
    assert (is_held(held_at, held_on + timedelta(days=days)) is None) == (days >= 0)


@pytest.mark.rule("R62", "allowed")
@pytest.mark.rule("R62", "refused")
def test_both_authorities_register_their_own_conversations_only() -> None:
    for own in Authority:
        for authority in Authority:
            draft = ConversationDraft(authority, HELD_AT, "PHONE", "Du ringer til to firmaer.")
            codes = [b.code for b in breaches(conversation(draft, own, TODAY))]
            assert codes == ([] if authority is own else ["FORBIDDEN"])


def test_a_stranger_does_not_exist_for_a_fund() -> None:
    assert is_member(FUND, membership_on=False) == Breach("R62", "NOT_FOUND")
    assert is_member(FUND, membership_on=True) is None
    assert is_member(JOBCENTER, membership_on=False) is None


def test_an_agreement_has_4000_characters_and_a_told_status_1500() -> None:
    statuses = (
        InterventionStatusDraft("i1", "å" * 1500),
        InterventionStatusDraft("i2", "å" * 1501),
    )
    draft = ConversationDraft(JOBCENTER, HELD_AT, "PHONE", "å" * 4001, statuses=statuses)
    found = breaches(conversation(draft, JOBCENTER, TODAY))
    assert [(b.code, b.path) for b in found] == [
        ("TEXT_TOO_LONG", ("input", "agreementText")),
        ("TEXT_TOO_LONG", ("input", "statuses", 1, "text")),
    ]
