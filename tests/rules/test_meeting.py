"""Meetings and events from booking systems."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.domain.authority import Authority
from app.domain.meeting import MeetingDraft, OtherAgreementDraft
from app.domain.notice import NoticeEvent
from app.rules.meeting import is_not_held
from app.rules.notice import event_of_other_agreement

START = datetime(2026, 3, 20, 9, 0, tzinfo=UTC)
HELD = MeetingDraft(
    external_id="M-1",
    authority=Authority.JOBCENTER,
    source="SUMMONS",
    status="HELD",
    starts_at=START,
    ends_at=START + timedelta(minutes=45),
    mode="PHONE",
    caseworker_name="Troels Agerskov",
)
FAIR = OtherAgreementDraft("F-1", Authority.JOBCENTER, "Jobmesse", "JOB_FAIR", START)


@pytest.mark.rule("R67", "allowed")
@pytest.mark.rule("R67", "refused")
def test_a_held_meeting_may_be_sent_again_as_it_was_before_but_not_changed() -> None:
    planned = replace(HELD, status="PLANNED")
    assert is_not_held(None, planned) is None
    assert is_not_held(planned, replace(planned, mode="DIGITAL")) is None
    assert is_not_held(HELD, planned) is None
    refused = is_not_held(HELD, replace(planned, mode="DIGITAL"))
    assert refused is not None
    assert refused.code == "MEETING_HELD"


@pytest.mark.parametrize(
    ("stored", "sent", "event"),
    [
        (None, FAIR, NoticeEvent.MEETING_NEW),
        (FAIR, FAIR, None),
        (FAIR, replace(FAIR, place="Øksnehallen"), NoticeEvent.MEETING_CHANGED),
        (FAIR, replace(FAIR, cancelled=True), NoticeEvent.MEETING_CHANGED),
        (FAIR, replace(FAIR, title="Stor jobmesse"), NoticeEvent.PLAN_CHANGED),
        (None, replace(FAIR, cancelled=True), None),
        (replace(FAIR, cancelled=True), FAIR, NoticeEvent.MEETING_NEW),
    ],
)
@pytest.mark.rule("R124", "allowed")
@pytest.mark.rule("R126", "refused")
def test_an_event_is_told_like_a_meeting(
    stored: OtherAgreementDraft | None, sent: OtherAgreementDraft, event: NoticeEvent | None
) -> None:
    assert event_of_other_agreement(stored, sent) is event
