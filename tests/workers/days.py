"""A calendar for tests: days go by, schedulers look, senders send."""

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from app.actions.acknowledgement import acknowledge_plan
from app.actions.education import open_education_step
from app.actions.intervention import create_intervention
from app.actions.meeting import upsert_meeting
from app.actions.other_agreement import upsert_other_agreement
from app.domain.authority import Authority
from app.domain.education import OpenStepDraft
from app.domain.intervention import InterventionDraft
from app.domain.meeting import MeetingDraft, OtherAgreementDraft
from app.domain.notice import Channel
from app.domain.policy import Policy
from app.store.documents import Moment
from app.store.publication import Published
from app.store.work import COPENHAGEN
from app.workers.deliver import Deliverer
from app.workers.schedule import Scheduler
from tests.actions.desk import JOBCENTER_VIEWER, WELDER, Desk, Outcome, citizen_viewer
from tests.actions.register import BOOKING

from .gateway import Gateway
from .place import sms_providers

MEETING = MeetingDraft(
    external_id="M-1",
    authority=Authority.JOBCENTER,
    source="SUMMONS",
    status="PLANNED",
    starts_at=datetime(2026, 3, 10, 10, tzinfo=COPENHAGEN),
    ends_at=datetime(2026, 3, 10, 11, tzinfo=COPENHAGEN),
    mode="PHONE",
    caseworker_name="Troels Agerskov",
)
FAIR = OtherAgreementDraft(
    external_id="F-1",
    organiser=Authority.JOBCENTER,
    title="Jobmesse",
    kind="JOB_FAIR",
    starts_at=datetime(2026, 3, 10, 9, tzinfo=COPENHAGEN),
    place="Øksnehallen",
)
OFFER = InterventionDraft(
    kind="WAGE_SUBSIDY",
    start_date=date(2026, 4, 20),
    end_date=date(2026, 7, 1),
    description="Du svejser skibsdele.",
    why="Du har svejset i mange år.",
    hours_per_week=30,
    occupation_code=WELDER,
    workplace="Kobberlærkens Svejseværk",
    contact_phone="00 11 33 37",
    cvr="12345678",
)


@dataclass
class Calendar:
    """The desk's database seen by workers; `hour` is the time of day in Copenhagen."""

    desk: Desk
    hour: int = 12
    published: list[Published] = field(default_factory=list)
    seconds: "itertools.count[int]" = field(default_factory=itertools.count)

    def clock(self) -> Moment:
        wall = datetime.combine(self.desk.today, time(self.hour), COPENHAGEN)
        now = wall.replace(microsecond=next(self.seconds) % 1_000_000)
        return Moment(now.astimezone(UTC), self.desk.today)

    def scheduler(self) -> Scheduler:
        """A worker's, as it starts: it remembers nothing."""
        return Scheduler(self.desk.pool, self.clock, Policy(), self.announce)

    async def announce(self, published: Published) -> None:
        self.published.append(published)

    async def look(self, day: date, hour: int = 12) -> list[str]:
        """One pass on a day by a worker that has just started; the events told anew."""
        self.desk.today, self.hour = day, hour
        before = await self.events()
        await self.scheduler().do_due()
        after = await self.events()
        return after[len(before) :]

    async def events(self) -> list[str]:
        """Of all notices, oldest first."""
        rows = await self.desk.pool.fetch("select event from notice order by notice_id")
        return [row["event"] for row in rows]

    async def inbox(self) -> list[str]:
        """Authority and kind of what waits, sorted."""
        rows = await self.desk.pool.fetch(
            "select o.kind || ' ' || i.kind as what from inbox_item i"
            " join organisation o using (organisation_id) where i.done_at is null order by 1"
        )
        return [row["what"] for row in rows]

    async def wants_sms(self, citizen_id: UUID) -> None:
        await self.desk.value(
            "insert into notification_preference (citizen_id, sms, sms_number, sms_verified_at,"
            " email, updated_at) values ($1, true, '20301010', $2, false, $2)",
            *(citizen_id, self.clock().now),
        )

    async def waiting(self, event: str) -> int:
        """How many messages that tell of an event wait."""
        found: int = await self.desk.value(
            "select count(distinct delivery_id) from delivery"
            " join delivery_notice x using (delivery_id) join notice n using (notice_id)"
            " where n.event = $1 and status = 'PENDING'"
            " and x.withdrawn is null",
            event,
        )
        return found

    async def outcomes(self, event: str) -> list[tuple[str, str | None]]:
        """What became of each notice of an event by SMS, oldest first, and why."""
        rows = await self.desk.pool.fetch(
            "select case when x.withdrawn is null then d.status else 'DROPPED' end as status,"
            " coalesce(x.withdrawn, d.outcome) as outcome"
            " from delivery d join delivery_notice x using (delivery_id)"
            " join notice n using (notice_id) where n.event = $1 order by notice_id",
            event,
        )
        return [(row["status"], row["outcome"]) for row in rows]

    async def book(self, citizen_id: UUID, **changes: Any) -> Outcome:
        draft = replace(MEETING, **changes)
        if "starts_at" in changes and "ends_at" not in changes:
            draft = replace(draft, ends_at=draft.starts_at)
        return await self.desk.run(BOOKING, lambda work: upsert_meeting(work, citizen_id, draft))

    async def invite(self, citizen_id: UUID, **changes: Any) -> Outcome:
        draft = replace(FAIR, **changes)
        return await self.desk.run(
            BOOKING, lambda work: upsert_other_agreement(work, citizen_id, draft)
        )

    async def offer(self, citizen_id: UUID, **changes: Any) -> Outcome:
        draft = replace(OFFER, **changes)
        return await self.desk.run(
            JOBCENTER_VIEWER, lambda work: create_intervention(work, citizen_id, draft)
        )

    async def acknowledge(self, citizen_id: UUID) -> None:
        version = await self.desk.value(
            "select number from plan_document where citizen_id = $1 and audience = 'FULL'"
            " and active",
            citizen_id,
        )
        await self.desk.run(
            citizen_viewer(citizen_id), lambda work: acknowledge_plan(work, citizen_id, version)
        )

    async def put_off(self, citizen_id: UUID, step: int, deadline: date) -> Outcome:
        """The same education step gets another deadline."""
        draft = OpenStepDraft(step, deadline)
        return await self.desk.run(
            JOBCENTER_VIEWER, lambda work: open_education_step(work, citizen_id, draft)
        )


@asynccontextmanager
async def sms_of(calendar: Calendar, gateway: Gateway) -> AsyncIterator[Deliverer]:
    """What sends SMS by the calendar's clock."""
    async with sms_providers(gateway.url) as providers:
        made = Deliverer(calendar.desk.pool, Channel.SMS, providers, calendar.clock)
        yield made
        await made.drain()


async def send_all(calendar: Calendar, gateway: Gateway, day: date, hour: int) -> list[str]:
    """What a pass of the sender sends at a time: the words of each new message."""
    calendar.desk.today, calendar.hour = day, hour
    before = len(gateway.bodies)
    async with sms_of(calendar, gateway) as made:
        await made.deliver_due()
        await made.drain()
    return [body["message"] for body in gateway.bodies[before:]]
