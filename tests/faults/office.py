"""Those who change things: citizens and offices, by real operations of the product."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from app.actions.completeness import check_completeness
from app.actions.meeting import upsert_meeting
from app.actions.notification import PreferenceDraft, update_notification_preference
from app.domain.notice import NoticeEvent
from app.domain.policy import Policy
from app.domain.viewer import ANONYMOUS, Viewer
from app.errors import RulesBroken
from app.store.cases import lock_case
from app.store.db import DATABASE_ERRORS, Pool
from app.store.outbox import write_notice
from app.store.publication import Published, publish
from app.store.work import Done, Work
from app.workers.wake import Waker
from tests.actions.desk import Desk, citizen_viewer
from tests.actions.register import BOOKING
from tests.workers.days import MEETING

from .clock import MovedClock
from .oracle import fingerprint

CHANNELS: Final = ("SMS", "EMAIL")
PATIENCE: Final = 30.0  # seconds

Act = Callable[[Work], Awaitable[Done]]


@dataclass(frozen=True, slots=True)
class Stay:
    """Where a channel leads, from a change of it on; None: nowhere, or not verified.

    since: before the change began. sure: after it was committed.
    """

    address: str | None
    since: datetime
    sure: datetime


@dataclass(eq=False)
class Citizen:
    """Whom the messages are for.

    stays: of each channel, oldest first. booked: meetings that may be moved, cancelled or past, so
    that what was to be told of them may be withdrawn.
    """

    citizen_id: UUID
    stays: dict[str, list[Stay]] = field(default_factory=dict)
    booked: bool = False

    def had(self, channel: str, address: str | None, since: datetime, until: datetime) -> bool:
        """Whether the channel may have led there at some time between."""
        stays = self.stays.get(channel, [])
        ends = [*(stay.sure for stay in stays[1:]), None]
        return any(
            stay.address == address and stay.since <= until and (end is None or since <= end)
            for stay, end in zip(stays, ends, strict=True)
        )

    def ever(self, channel: str) -> set[str]:
        return {stay.address for stay in self.stays.get(channel, []) if stay.address is not None}


@dataclass(eq=False, kw_only=True)
class Office:
    """Writes as the product does, and remembers what it was told is committed.

    told: the channels of each notice whose change is known to be committed, with its citizen.
    """

    clock: MovedClock
    pool: Pool
    desk: Desk
    waker: Waker
    citizens: list[Citizen] = field(default_factory=list)
    told: dict[UUID, tuple[UUID, frozenset[str]]] = field(default_factory=dict)
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(20_000_001))

    def new_address(self, channel: str) -> tuple[str, str]:
        """One that nobody has had: as the citizen writes it, and as the provider sees it."""
        number = next(self._numbers)
        if channel == "SMS":
            return str(number), f"45{number}"
        return f"c{number}@example.dk", f"c{number}@example.dk"

    async def citizen(self, *channels: str) -> Citizen:
        """One who wants messages on the channels, at verified addresses of its own."""
        self.desk.today = self.clock().today
        citizen = Citizen(await self.desk.citizen())
        given = {channel: self.new_address(channel) for channel in channels}
        before = self.clock.now
        await self.pool.execute(
            """insert into notification_preference (citizen_id, sms, sms_number, sms_verified_at,
                email, email_address, email_verified_at, updated_at)
            select $1, n is not null, n, case when n is not null then now end,
                e is not null, e, case when e is not null then now end, now
            from (values ($2::text, $3::text, $4::timestamptz)) given (n, e, now)""",
            *(citizen.citizen_id, given.get("SMS", [None])[0], given.get("EMAIL", [None])[0]),
            before,
        )
        for channel in CHANNELS:
            seen = fingerprint(given[channel][1]) if channel in given else None
            citizen.stays[channel] = [Stay(seen, before, self.clock.now)]
        self.citizens.append(citizen)
        return citizen

    async def operate(self, viewer: Viewer, *acts: Act, wake: bool = True) -> Published | None:
        """One operation as the API runs it; None when nobody knows whether it was committed."""

        async def run(work: Work) -> Published:
            for act in acts:
                await act(work)
            await check_completeness(work)
            return await publish(work)

        return await self._commit(viewer, run, wake)

    async def change(
        self, citizen: Citizen, event: NoticeEvent = NoticeEvent.PLAN_CHANGED, *, wake: bool = True
    ) -> None:
        """The least that a change of a plan does: the notice, under the citizen's lock."""

        async def run(work: Work) -> Published:
            await work.execute("lock_in_order", [citizen.citizen_id])
            told = [(event, None)]
            notice = await write_notice(work, citizen.citizen_id, None, told, None)
            pair = (citizen.citizen_id, notice.notice_id)
            return Published(notices=(pair,), deliveries=notice.deliveries)

        await self._commit(ANONYMOUS, run, wake)

    async def _commit(
        self, viewer: Viewer, run: Callable[[Work], Awaitable[Published]], wake: bool
    ) -> Published | None:
        try:
            async with (
                self.pool.acquire(timeout=PATIENCE) as connection,
                connection.transaction(),
            ):
                work = Work(connection, viewer, self.clock.now, Policy())
                published = await run(work)
                wanted = [await _subscribed(work, citizen) for citizen, _ in published.notices]
        except DATABASE_ERRORS:
            return None
        for (citizen, notice), channels in zip(published.notices, wanted, strict=True):
            self.told[notice] = (citizen, channels)
        if wake:
            await self.waker.deliveries(published.deliveries)
        return published

    async def book(self, citizen: Citizen, external_id: str, **changes: Any) -> None:
        """A booking system's meeting, new or changed."""
        draft = replace(MEETING, external_id=external_id, **changes)
        if "starts_at" in changes:
            draft = replace(draft, ends_at=draft.starts_at + timedelta(hours=1))
        citizen.booked = True
        await self.operate(BOOKING, lambda work: upsert_meeting(work, citizen.citizen_id, draft))

    async def opt_out(self, citizen: Citizen, channel: str) -> None:
        """The citizen turns a channel off."""
        draft = PreferenceDraft(sms=False) if channel == "SMS" else PreferenceDraft(email=False)
        await self._prefer(citizen, channel, draft)

    async def move(self, citizen: Citizen, channel: str) -> None:
        """The citizen gives another address, and shows to receive there."""
        written, seen = self.new_address(channel)
        draft = (
            PreferenceDraft(sms=True, sms_number=written)
            if channel == "SMS"
            else PreferenceDraft(email=True, email_address=written)
        )
        if not await self._prefer(citizen, channel, draft):
            return
        before = self.clock.now

        async def verify(work: Work) -> Done:
            await lock_case(work, citizen.citizen_id)
            await work.execute("verify_contact", citizen.citizen_id, channel, work.now)
            await work.execute("end_contact_code", citizen.citizen_id, channel, work.now)
            return Done(citizen.citizen_id)

        await self.operate(citizen_viewer(citizen.citizen_id), verify)
        # also if nobody knows whether it was committed: then it may lead there
        citizen.stays[channel].append(Stay(fingerprint(seen), before, self.clock.now))

    async def _prefer(self, citizen: Citizen, channel: str, draft: PreferenceDraft) -> bool:
        before = self.clock.now

        async def store(work: Work) -> Done:
            return await update_notification_preference(work, draft)

        try:
            done = await self.operate(citizen_viewer(citizen.citizen_id), store)
        except RulesBroken:  # too many codes were asked for
            return False
        if done is None:
            row = await self._until_read(
                "select updated_at >= $2 from notification_preference where citizen_id = $1",
                *(citizen.citizen_id, before),
            )
            if not row:
                return False
        citizen.stays[channel].append(Stay(None, before, self.clock.now))
        return True

    async def _until_read(self, query: str, *args: object) -> Any:
        """Ask until the database answers at all."""
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    return await self.pool.fetchval(query, *args)
                except DATABASE_ERRORS:
                    await asyncio.sleep(0.02)


async def _subscribed(work: Work, citizen_id: UUID) -> frozenset[str]:
    """The channels that a change must be told on, as of its own transaction."""
    row = await work.connection.fetchrow(
        "select sms and sms_verified_at is not null as sms,"
        " email and email_verified_at is not null as email"
        " from notification_preference where citizen_id = $1",
        citizen_id,
    )
    return frozenset(name for name in CHANNELS if row is not None and row[name.lower()])
