"""The check: what the providers accepted against what the ledger says, row by row."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import asyncpg

from app.channels.gsm7 import normalise
from app.texts.message import mail_about, sms_about

from .clock import MovedClock, is_open
from .office import Citizen
from .oracle import Message, Oracle, fingerprint
from .stage import Stage
from .tally import Fault, Tally

OPEN: Final = ("PENDING", "CLAIMED", "RETRYING")
UNTOLD: Final = ("FAILED", "DROPPED", "EXPIRED")
LEGITIMATE: Final = ("past", "superseded", "cancelled", "plan_closed")
"""Why a notice may be withdrawn: its citizen's meetings moved on."""
DAY: Final = timedelta(hours=24)
LOSSES: Final = 3
"""So many workers lost before an attempt give a message up."""

_DELIVERIES: Final = """
select d.*, coalesce((select jsonb_agg(to_jsonb(a) order by a.number) from delivery_attempt a
        where a.delivery_id = d.delivery_id), '[]') as attempts,
    coalesce((select jsonb_agg(to_jsonb(r) order by r.received_at) from delivery_receipt r
        where r.delivery_id = d.delivery_id), '[]') as receipts
from delivery d where d.citizen_id = any ($1) order by d.delivery_id"""
_NOTICES: Final = """
select n.notice_id, n.citizen_id, n.event, n.created_at, x.channel, x.delivery_id, x.withdrawn
from notice n left join delivery_notice x using (notice_id)
where n.citizen_id = any ($1) order by n.notice_id"""


@dataclass(frozen=True)
class Attempt:
    """A row of `delivery_attempt`."""

    number: int
    begun_at: datetime
    outcome: str | None
    reason: str | None
    decision: str | None


@dataclass(frozen=True)
class Delivery:
    """A message as the ledger has it, and as the providers do."""

    row: asyncpg.Record
    attempts: Mapping[int, Attempt]
    accepted: Sequence[Message]

    @property
    def delivery_id(self) -> UUID:
        found: UUID = self.row["delivery_id"]
        return found

    @property
    def was_uncertain(self) -> bool:
        """Whether there was a time when the ledger did not know if it was accepted."""
        doubtful = any(one.outcome in ("UNCERTAIN", "LOST") for one in self.attempts.values())
        return doubtful or self.row["decision"] is not None

    @property
    def was_resent(self) -> bool:
        """Whether the policy once preferred a possible duplicate, whatever came of that."""
        resent = any(one.decision == "RESEND" for one in self.attempts.values())
        return resent or self.row["decision"] == "RESEND"

    @property
    def is_final(self) -> bool:
        return self.row["status"] not in OPEN and self.row["settled_at"] is not None

    @property
    def is_code(self) -> bool:
        return self.row["contact_code_id"] is not None


@dataclass
class Check:
    """The ledger of a round's citizens against the oracle.

    losses: workers and servers that the round took away. denied: deliveries of which the gateway
    itself told afterwards that they did not arrive.
    """

    stage: Stage
    losses: int
    denied: frozenset[UUID]
    tally: Tally = field(default_factory=Tally)
    standing: dict[UUID, list[str]] = field(default_factory=lambda: defaultdict(list))
    """The events that each message tells of."""

    async def run(self) -> Tally:
        ids = [citizen.citizen_id for citizen in self.stage.citizens]
        rows = await self.stage.pool.fetch(_DELIVERIES, ids)
        notices = await self.stage.pool.fetch(_NOTICES, ids)
        citizens = {citizen.citizen_id: citizen for citizen in self.stage.citizens}
        deliveries = {row["delivery_id"]: _delivery(row, self.stage.oracle) for row in rows}
        self._check_notices(notices, deliveries, citizens)
        for one in deliveries.values():
            self._check_delivery(one, citizens[one.row["citizen_id"]])
        self._check_messages(deliveries)
        self.tally.deliveries = len(deliveries)
        self.tally.notices = len({row["notice_id"] for row in notices})
        return self.tally

    def _found(self, kind: str, what: str, delivery: Delivery | None = None) -> None:
        self.tally.faults.append(Fault(kind, what, delivery.delivery_id if delivery else None))

    def _check_notices(
        self,
        rows: Sequence[asyncpg.Record],
        deliveries: Mapping[UUID, Delivery],
        citizens: Mapping[UUID, Citizen],
    ) -> None:
        """Each committed change has one message a channel that was subscribed, or a reason."""
        channels: dict[UUID, set[str]] = defaultdict(set)
        for row in rows:
            told = channels[row["notice_id"]]
            if row["channel"] is None:
                continue
            told.add(row["channel"])
            delivery = deliveries.get(row["delivery_id"])
            if row["withdrawn"] is not None:
                if row["withdrawn"] not in LEGITIMATE or not citizens[row["citizen_id"]].booked:
                    self._found("lost", f"a notice was withdrawn: {row['withdrawn']}", delivery)
                continue
            self.standing[row["delivery_id"]].append(row["event"])
            if delivery is None:
                self._found("lost", "a notice names a message that is not there")
            elif delivery.row["merged_into"] is not None:
                self._found("lost", "a notice stayed with a message that was merged", delivery)
        for notice_id, (_, wanted) in self.stage.told.items():
            if notice_id not in channels:
                self._found("lost", "a committed notice is not there")
            elif channels[notice_id] != wanted:
                got = sorted(channels[notice_id])
                self._found("lost", f"a notice was for {sorted(wanted)} and is on {got}")

    def _check_delivery(self, one: Delivery, citizen: Citizen) -> None:
        status = one.row["status"]
        self.tally.states[status] += 1
        if not one.is_final:
            self._found("lost", f"{status} never became final", one)
        elif status in ("SENT", "DELIVERED") and not one.accepted:
            self._found("lost", f"{status} but nobody accepted it", one)
        elif status in UNTOLD:
            self._check_untold(one, citizen)
        tells_nothing = not one.is_code and one.delivery_id not in self.standing
        if one.accepted and tells_nothing and not one.was_uncertain:
            self._found("untrue", "accepted, and all that it tells of was withdrawn", one)
        arrived = {message.reference for message in one.accepted} & self.stage.callbacks.arrived
        if arrived and status != "DELIVERED":
            self._found("untrue", f"{status} though it was told to be delivered", one)
        self._count_doubt(one)
        if len(one.accepted) > 1 and not one.is_code and not one.was_resent:
            self._found("duplicate", f"accepted {len(one.accepted)} times", one)
        if len(one.accepted) > 2 and not one.is_code:
            self._found("duplicate", f"accepted {len(one.accepted)} times in spite of it all", one)
        if not one.is_code:
            for message in one.accepted:
                self._check_moment(one, citizen, message)
                self._check_words(one, message)

    def _check_untold(self, one: Delivery, citizen: Citizen) -> None:
        if one.accepted and not one.was_uncertain and one.delivery_id not in self.denied:
            self._found("duplicate", f"{one.row['status']} though it was accepted", one)
        if one.is_code or one.row["outcome"] == "merged":
            return
        if not any(self._excuses(one, citizen)):
            outcome = one.row["outcome"]
            self._found("lost", f"{one.row['status']} ({outcome}) without a reason", one)

    def _excuses(self, one: Delivery, citizen: Citizen) -> Iterator[bool]:
        """Why a message may have been given up, by what this round did."""
        row = one.row
        channel, outcome = row["channel"], row["outcome"]
        if row["status"] == "DROPPED":
            at = row["settled_at"]
            yield outcome in ("opted_out", "unverified") and citizen.had(
                channel, None, at, self.stage.clock.now
            )
            yield outcome in LEGITIMATE and citizen.booked
            return
        yield bool(citizen.ever(channel) & self.stage.oracle.refused)
        yield row["settled_at"] - row["ready_at"] >= DAY
        yield one.delivery_id in self.denied
        yield outcome == "worker_lost" and self.losses >= LOSSES

    def _count_doubt(self, one: Delivery) -> None:
        if one.was_uncertain:
            times = min(len(one.accepted), 2)
            became = ("not accepted", "accepted", "accepted twice")[times]
            decided = "RESEND" if one.was_resent else one.row["decision"] or "settled"
            self.tally.uncertain[f"{decided}: {became}"] += 1
        for attempt in one.attempts.values():
            self.tally.reasons[f"{attempt.outcome} {attempt.reason or ''}".strip()] += 1

    def _check_moment(self, one: Delivery, citizen: Citizen, message: Message) -> None:
        """Nothing by night, and nothing to an address of before."""
        attempt = one.attempts.get(message.number or 0)
        if attempt is None:
            return
        if not is_open(attempt.begun_at):
            self._found("untrue", f"an attempt began at {attempt.begun_at}", one)
        clock: MovedClock = self.stage.clock
        if not is_open(message.asked_at) and not clock.jumped_between(
            attempt.begun_at, message.asked_at
        ):
            self._found("untrue", f"accepted at {message.asked_at}", one)
        # the address is read after the attempt was dated, and before the provider is asked
        read_by = max(attempt.begun_at, message.asked_at)
        if not citizen.had(one.row["channel"], message.address, attempt.begun_at, read_by):
            self._found("untrue", "sent to an address that was not the citizen's then", one)

    def _check_words(self, one: Delivery, message: Message) -> None:
        """The last attempt told of every notice: nobody has joined the message after it."""
        is_last = message.number == one.row["claim"]
        events = self.standing.get(one.delivery_id)
        if events and is_last and one.row["status"] in ("SENT", "DELIVERED", "UNCERTAIN"):
            if message.channel == "SMS":
                words = normalise(sms_about(events))
            else:
                words = " ".join(mail_about(events))
            if message.text != fingerprint(words):
                self._found("lost", f"a message did not tell of all of {sorted(events)}", one)

    def _check_messages(self, deliveries: Mapping[UUID, Delivery]) -> None:
        """Every message was an attempt first, and no attempt says otherwise."""
        for one in deliveries.values():
            self.tally.accepted += len(one.accepted)
            by_attempt = Counter(message.number for message in one.accepted)
            for message in one.accepted:
                attempt = one.attempts.get(message.number or 0)
                if attempt is None:
                    self._found("duplicate", f"{message.reference} is no attempt", one)
                elif attempt.begun_at > message.at:
                    self._found("untrue", "accepted before its attempt began", one)
                elif attempt.outcome in ("RETRY", "REFUSED", "NOT_SENT"):
                    self._found("untrue", f"{attempt.outcome} says an accepted attempt", one)
            for number, times in by_attempt.items():
                if times > 1:
                    self._found("duplicate", f"attempt {number} was accepted {times} times", one)
            for attempt in one.attempts.values():
                if attempt.outcome == "ACCEPTED" and not by_attempt[attempt.number]:
                    self._found("untrue", f"attempt {attempt.number} was not accepted", one)


def _delivery(row: asyncpg.Record, oracle: Oracle) -> Delivery:
    attempts = {
        found["number"]: Attempt(
            found["number"],
            datetime.fromisoformat(found["begun_at"]),
            found["outcome"],
            found["reason"],
            found["decision"],
        )
        for found in row["attempts"]
    }
    return Delivery(row, attempts, tuple(oracle.by_delivery.get(row["delivery_id"], ())))


async def story(pool: "asyncpg.Pool[asyncpg.Record]", delivery_id: UUID) -> Mapping[str, Any]:
    """All that the ledger has of a message, for the report of a fault."""
    [row] = await pool.fetch(
        _DELIVERIES.replace("d.citizen_id = any ($1)", "d.delivery_id = any ($1)"), [delivery_id]
    )
    return {key: value for key, value in row.items() if value is not None}
