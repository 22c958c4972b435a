"""Notices and their deliveries, written in the transaction of the change they tell of."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app.domain.notice import NoticeEvent
from app.rules.notice import event_for, next_send_time
from app.store.work import Work
from app.texts import text_key


@dataclass(frozen=True, slots=True)
class Notice:
    notice_id: UUID
    deliveries: tuple[UUID, ...]


async def write_notice(
    work: Work,
    citizen_id: UUID,
    plan_id: UUID | None,
    events: Sequence[NoticeEvent],
    version: int | None,
) -> Notice:
    """One front-page notice, and a delivery for each channel the citizen subscribes to.

    An exempt citizen gets a letter task for the version instead (R115); a message that still
    waits with the same text is not repeated (R127).
    """
    event = event_for(events)
    assert event is not None
    due = next_send_time(
        work.now, work.policy.send_window_start_hour, work.policy.send_window_end_hour
    )
    row = await work.fetchrow(
        "write_notice",
        citizen_id,
        plan_id,
        event,
        version,
        work.now,
        work.today,
        due,
        text_key(event, "sms"),
        text_key(event, "mail"),
    )
    assert row is not None
    return Notice(row["notice_id"], tuple(row["deliveries"]))
