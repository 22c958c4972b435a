"""Job fairs and other events from booking systems."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from app.actions.other_agreement import upsert_other_agreement
from app.domain.authority import Authority
from app.domain.meeting import OtherAgreementDraft
from app.domain.viewer import Viewer
from app.errors import BadUserInput, NotFound, RulesBroken
from tests.actions.desk import FUND_VIEWER, Desk, Outcome
from tests.actions.register import BOOKING

START = datetime(2026, 4, 8, 8, 0, tzinfo=UTC)
FAIR = OtherAgreementDraft(
    external_id="F-1",
    organiser=Authority.JOBCENTER,
    title="Jobmesse",
    kind="JOB_FAIR",
    starts_at=START,
    place="Øksnehallen",
)


async def send(desk: Desk, citizen_id: UUID, viewer: Viewer = BOOKING, **changes: Any) -> Outcome:
    draft = replace(FAIR, **changes)
    return await desk.run(viewer, lambda work: upsert_other_agreement(work, citizen_id, draft))


@pytest.mark.parametrize(
    ("changes", "events"),
    [
        ({}, ["MEETING_NEW"]),
        ({"place": "Bella Center"}, ["MEETING_NEW", "MEETING_CHANGED"]),
        ({"cancelled": True}, ["MEETING_NEW", "MEETING_CHANGED"]),
        ({"title": "Stor jobmesse"}, ["MEETING_NEW", "PLAN_CHANGED"]),
    ],
)
async def test_an_event_is_told_when_it_is_new_or_changes(
    desk: Desk, changes: dict[str, Any], events: list[str]
) -> None:
    citizen_id = await desk.citizen()
    first = await send(desk, citizen_id)
    second = await send(desk, citizen_id, **changes)
    assert second.done.values == first.done.values
    assert await desk.value("select array_agg(event order by notice_id) from notice") == events
    assert len((await desk.plan(citizen_id))["other_agreements"]) == 1


async def test_all_broken_rules_come_at_once(desk: Desk) -> None:
    citizen_id = await desk.citizen("UNEMPLOYMENT_BENEFIT")
    with pytest.raises(RulesBroken) as refused:
        await send(
            desk,
            citizen_id,
            FUND_VIEWER,
            ends_at=START - timedelta(hours=1),
            title="x" * 201,
        )
    assert {b.code for b in refused.value.breaches} == {
        "FORBIDDEN",
        "INVALID_PERIOD",
        "TEXT_TOO_LONG",
    }
    assert await desk.value("select count(*) from plan") == 0


async def test_an_event_of_somebody_else_does_not_exist_and_needs_a_title(desk: Desk) -> None:
    citizen_id, other = await desk.citizen(), await desk.citizen()
    await send(desk, citizen_id)
    with pytest.raises(NotFound):
        await send(desk, other)
    with pytest.raises(BadUserInput):
        await send(desk, citizen_id, title=" ")
