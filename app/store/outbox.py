"""Notices and their deliveries, written in the transaction of the change they tell of."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app.rules.notice import Told, next_send_time, told_event
from app.store.work import Work


@dataclass(frozen=True, slots=True)
class Notice:
    notice_id: UUID
    deliveries: tuple[UUID, ...]


async def write_notice(
    work: Work,
    citizen_id: UUID,
    plan_id: UUID | None,
    events: Sequence[Told],
    version: int | None,
) -> Notice:
    """One front-page notice, and a message on each channel the citizen subscribes to.

    A message that still waits for the citizen tells of this notice, too (R127). An exempt citizen
    gets a letter task for the version instead (R115). `events` and what each is about, not empty.
    """
    event, subject = told_event(events)
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
        subject,
    )
    assert row is not None
    return Notice(row["notice_id"], tuple(row["deliveries"]))
