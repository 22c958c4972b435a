"""Lengths of texts: counted in code points, never cut."""

import dataclasses
from typing import Any

from hypothesis import given, strategies as st

from app.domain.goal import JobGoalDraft
from app.domain.intervention import InterventionDraft
from app.domain.meeting import MeetingDraft, OtherAgreementDraft
from app.domain.requirement import RequirementDraft
from app.rules import text


@given(st.text(max_size=40), st.integers(0, 30))
def test_a_text_has_at_most_its_limit_and_the_answer_tells_both_lengths(
    written: str, limit: int
) -> None:
    answer = text.fits(written, limit)
    assert (answer is None) == (len(written) <= limit)
    assert answer is None or answer.details == {"limit": limit, "length": len(written)}


def test_a_missing_text_fits_everywhere() -> None:
    assert text.fits(None, 0) is None


def test_every_limit_belongs_to_a_field_of_its_draft() -> None:
    limits: dict[Any, dict[str, int]] = {
        JobGoalDraft: text.JOB_GOAL,
        RequirementDraft: text.REQUIREMENT,
        InterventionDraft: text.INTERVENTION,
        MeetingDraft: text.MEETING,
        OtherAgreementDraft: text.OTHER_AGREEMENT,
    }
    for draft, fields in limits.items():
        assert fields.keys() <= {field.name for field in dataclasses.fields(draft)}


def test_all_texts_that_are_too_long_are_named() -> None:
    draft = InterventionDraft("AID", None, "x" * 1501, "", provider="y" * 301)
    found = text.all_fit(draft, text.INTERVENTION, ("input",))
    assert [b.path for b in found] == [("input", "description"), ("input", "provider")]
