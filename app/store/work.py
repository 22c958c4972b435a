"""What one operation has at hand while it runs, and what it leaves to be published.

A `Work` lives as long as the operation's transaction. Actions read and write through it and say
what they touched; publication and notices are made from that at the end, once per plan.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg

from app.domain.authority import Authority
from app.domain.case import Case
from app.domain.notice import NoticeEvent
from app.domain.policy import Policy
from app.domain.viewer import Role, Viewer
from app.errors import RulesBroken
from app.rules.breach import Answer, Breach, Finding, breaches, findings
from app.store.contact_codes import ContactCodes
from app.store.cpr import CprVault
from app.store.db import Connection
from app.store.queries import queries

COPENHAGEN = ZoneInfo("Europe/Copenhagen")

SECTIONS = (
    *("head", "job_goals", "education_goals", "description", "latest_agreement_jobcenter"),
    *("latest_agreement_unemployment_fund", "agreements", "requirements", "interventions"),
    *("meetings", "education", "contract", "comments"),
)

NEVER_FOR_FUNDS = ("contract",)
"""Sections that are empty in every fund's document."""

ORGANISATION_KIND = {
    Role.JOBCENTER: "JOBCENTER",
    Role.FUND: "UNEMPLOYMENT_FUND",
    Role.INSTITUTION: "EDUCATION_INSTITUTION",
    Role.SYSTEM: "SYSTEM",
}


@dataclass(frozen=True, slots=True)
class Done:
    """What an action did: the plan it wrote in (None: no plan), and values for its payload."""

    citizen_id: UUID
    plan_id: UUID | None = None
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Watch:
    """A plan whose completeness is looked at when the operation ends (R112)."""

    case: Case
    writes_goals: bool = False
    moves_step: bool = False


@dataclass(slots=True)
class Touch:
    """What an operation changed in one plan, gathered over its actions."""

    citizen_id: UUID
    sections: set[str] = field(default_factory=set)
    events: list[tuple[NoticeEvent, UUID | None]] = field(default_factory=list)
    """Each with the one thing that it is about: a meeting, an agreement, an intervention."""
    trigger: str | None = None
    for_fund: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    """Trigger and sections of each change that a fund may see something of."""


@dataclass(slots=True)
class Work:
    """One operation: its connection (inside a transaction), viewer, moment and traces.

    now: with time zone; `today` is its calendar day in Copenhagen. vault: for the CPR numbers that
    only `upsertCitizen` writes. wanted: citizens the operation locked or waited for. operation:
    its name in the client's document, for the access log. shown: citizens whose plan the answer
    shows. inboxes: whose item came into, or left, the inbox of an authority. left: citizens who
    are no longer an organisation's, with its code. codes: for the
    one-time codes of `verifyContact`. deliveries: to be sent that belong to no notice.
    """

    connection: Connection
    viewer: Viewer
    now: datetime
    policy: Policy = field(default_factory=Policy)
    vault: CprVault | None = None
    operation: str = ""
    touches: dict[UUID, Touch] = field(default_factory=dict)
    wanted: set[UUID] = field(default_factory=set)
    shown: set[UUID] = field(default_factory=set)
    watched: dict[UUID, Watch] = field(default_factory=dict)
    citizens: set[UUID] = field(default_factory=set)
    woken: set[UUID] = field(default_factory=set)
    """Citizens whose views read anew although no document changed: a day has come."""
    inboxes: set[tuple[UUID, Authority]] = field(default_factory=set)
    left: set[tuple[UUID, Authority, str]] = field(default_factory=set)
    codes: ContactCodes | None = None
    deliveries: list[UUID] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def today(self) -> date:
        return self.now.astimezone(COPENHAGEN).date()

    def statement(self, query: str) -> str:
        """The SQL of a query, for what `fetch` and its kin cannot say."""
        return queries()[query]

    async def fetch(self, query: str, *args: object) -> list[asyncpg.Record]:
        return await self.connection.fetch(queries()[query], *args)

    async def fetchrow(self, query: str, *args: object) -> asyncpg.Record | None:
        return await self.connection.fetchrow(queries()[query], *args)

    async def fetchval(self, query: str, *args: object) -> Any:
        return await self.connection.fetchval(queries()[query], *args)

    async def execute(self, query: str, *args: object) -> None:
        await self.connection.execute(queries()[query], *args)

    async def executemany(self, query: str, rows: Iterable[tuple[object, ...]]) -> None:
        await self.connection.executemany(queries()[query], rows)

    def check(self, *answers: Answer) -> None:
        """Raises `RulesBroken` with every breach among `answers`; keeps the warnings."""
        broken: list[Breach] = breaches(*answers)
        if broken:
            raise RulesBroken(broken)
        self.findings.extend(findings(*answers))

    def touch(
        self,
        plan_id: UUID,
        citizen_id: UUID,
        *sections: str,
        trigger: str,
        event: NoticeEvent | None = None,
        subject: UUID | None = None,
        hidden_from_fund: bool = False,
    ) -> None:
        """A plan changed in `sections`; `event` is the notice it asks for, None for none (R126).

        subject: what the event is about, if that may yet be cancelled or moved.
        hidden_from_fund: no fund may learn of the change, not even of what caused it (R87).
        """
        touch = self.touches.setdefault(plan_id, Touch(citizen_id))
        touch.sections.update(sections)
        touch.trigger = touch.trigger or trigger
        seen = () if hidden_from_fund else tuple(s for s in sections if s not in NEVER_FOR_FUNDS)
        if seen:
            touch.for_fund.append((trigger, seen))
        if event:
            touch.events.append((event, subject))

    def watch(
        self, plan_id: UUID, case: Case, *, writes_goals: bool = False, moves_step: bool = False
    ) -> None:
        """The plan's completeness is checked at the end of the operation (R112)."""
        watch = self.watched.setdefault(plan_id, Watch(case))
        watch.writes_goals |= writes_goals
        watch.moves_step |= moves_step

    def touch_citizen(self, citizen_id: UUID) -> None:
        """What is known of the citizen outside the plan changed."""
        self.citizens.add(citizen_id)
