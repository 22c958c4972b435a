"""Reading documents: scope check, document and access log in one statement, then decoded.

Sections are chosen by a bit mask in the order of `SECTIONS`; the head is always in.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Protocol, cast
from uuid import UUID

import asyncpg
import orjson

from app.domain.authority import Authority
from app.domain.document import PlanDocument
from app.domain.popup import intervention_status, is_current
from app.domain.viewer import Role, Viewer
from app.store.work import SECTIONS

ALL_SECTIONS = (1 << len(SECTIONS)) - 1

SECTION_BIT: Mapping[str, int] = {name: 1 << i for i, name in enumerate(SECTIONS)}


@dataclass(frozen=True, slots=True)
class Moment:
    """When a read happens: the clock's time, and its calendar day in Copenhagen."""

    now: datetime
    today: date


class Reads(Protocol):
    """Runs a query by its name: `Readers`, or an operation's `Work`."""

    async def fetchrow(self, query: str, *args: object) -> asyncpg.Record | None: ...

    async def fetch(self, query: str, *args: object) -> list[asyncpg.Record]: ...


@dataclass(frozen=True, slots=True)
class CitizenRead:
    """One read of a citizen: the citizen's own document, and the plan's if it is visible.

    beside: the sections that are readable beside the plan; for a fund its own agreements,
    requirements and meetings also while the plan itself is hidden (R88), and if asked for those of
    earlier hidden plans. Empty without a plan.
    """

    citizen: dict[str, Any]
    plan: PlanDocument | None
    plan_id: UUID | None
    beside: Mapping[str, Any] = field(default_factory=dict)


def audience_of(role: Role) -> str:
    """Which document a role reads."""
    return "FUND" if role is Role.FUND else "FULL"


async def read_citizen(
    readers: Reads,
    viewer: Viewer,
    citizen_id: UUID,
    moment: Moment,
    *,
    operation: str = "",
    elements: tuple[str, ...] = (),
    sections: int = ALL_SECTIONS,
    drafts: bool = True,
    beside: bool = False,
) -> CitizenRead | None:
    """What the viewer may see of a citizen; None when there is none in the viewer's reach.

    drafts: whether the citizen's own read shows what is saved and not sent. beside: whether a fund
    asks for what it reads beside the plan, so that earlier hidden plans are read too.
    """
    found = None
    log = (viewer.subject, viewer.name, operation, elements)
    match viewer.role:
        case Role.CITIZEN:
            found = await readers.fetchrow(
                "read_plan_as_citizen", citizen_id, viewer.citizen_id, sections
            )
        case Role.JOBCENTER:
            found = await readers.fetchrow(
                "read_plan_as_jobcenter",
                *(citizen_id, viewer.organisation_code, moment.now, *log, sections),
            )
        case Role.FUND:
            found = await readers.fetchrow(
                "read_plan_as_fund",
                *(citizen_id, viewer.organisation_code, moment.now, *log),
                *(moment.today, sections),
            )
    if found is None:
        return None
    read = citizen_read(found, moment, viewer, drafts=drafts)
    if not beside:
        return read
    return (await with_hidden_plans(readers, viewer, [read], moment, sections))[0]


async def with_hidden_plans(
    readers: Reads, viewer: Viewer, reads: Sequence[CitizenRead], moment: Moment, sections: int
) -> list[CitizenRead]:
    """The reads, each with what is the fund's own in earlier plans that it may not see (R88).

    One statement for all of them; none for other roles, who read earlier plans as such.
    """
    if viewer.role is not Role.FUND:
        return [*reads]
    citizens = [UUID(read.citizen["id"]) for read in reads if read.plan_id]
    rows = await readers.fetch("read_hidden_plans", citizens, sections) if citizens else []
    earlier: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        own = citizen_read(row, moment, viewer).beside
        earlier.setdefault(str(row["citizen_id"]), []).append(own)
    return [
        replace(read, beside=_together([read.beside, *earlier[read.citizen["id"]]]))
        if read.citizen["id"] in earlier
        else read
        for read in reads
    ]


def _together(documents: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The rows of several plans in the order in which a document has those of one."""
    first = documents[0]
    order = {"agreements": "held_at", "requirements": "valid_from", "meetings": "starts_at"}
    return {
        section: sorted(
            (row for document in documents for row in document[section]),
            key=lambda row: (row[key], row["id"]),
            reverse=section != "meetings",
        )
        for section, key in order.items()
        if section in first
    }


def citizen_read(
    row: asyncpg.Record, moment: Moment, viewer: Viewer, *, drafts: bool = True
) -> CitizenRead:
    """Decodes a row of the read queries that answered this viewer."""
    citizen = orjson.loads(row["body"])
    if row["document"] is None:
        return CitizenRead(citizen, None, row["plan_id"])
    document = _decoded(row, moment, viewer, citizen, drafts=drafts)
    if row["visible"]:
        return CitizenRead(citizen, cast(PlanDocument, document), row["plan_id"], beside=document)
    return CitizenRead(citizen, None, row["plan_id"], beside=_own_of(document, viewer))


def _own_of(document: dict[str, Any], viewer: Viewer) -> dict[str, Any]:
    """A hidden plan's document with the rows of this fund alone, not of an earlier one (R88)."""
    for section in ("agreements", "requirements"):
        if section in document:
            rows = document[section]
            document[section] = [
                row for row in rows if row["organisation_code"] == viewer.organisation_code
            ]
    return document


def plan_from(row: asyncpg.Record, moment: Moment, viewer: Viewer) -> PlanDocument | None:
    """The decoded plan with what depends on the moment put in; None if it may not be seen.

    Keys added: version, published_at, acknowledgement, today, now, viewer_role,
    viewer_is_citizen, sought_jobs, and what today says of interventions, requirements and test
    results. The citizen's own unsent step data are laid over the open step.
    """
    if row["document"] is None or not row["visible"]:
        return None
    return cast(PlanDocument, _decoded(row, moment, viewer, orjson.loads(row["body"])))


def _decoded(
    row: asyncpg.Record,
    moment: Moment,
    viewer: Viewer,
    citizen: Mapping[str, Any],
    *,
    drafts: bool = True,
) -> dict[str, Any]:
    role = viewer.role
    plan: dict[str, Any] = orjson.loads(row["document"])
    today = moment.today.isoformat()
    plan["version"] = row["number"]
    plan["published_at"] = row["published_at"].isoformat()
    plan["acknowledgement"] = (
        orjson.loads(row["acknowledgement"]) if row["acknowledgement"] else None
    )
    plan["today"] = today
    plan["now"] = moment.now.isoformat()
    plan["viewer_role"] = role.value
    plan["viewer_is_citizen"] = role is Role.CITIZEN
    plan["sought_jobs"] = citizen["sought_jobs"]
    for item in plan.get("interventions", ()):
        item["status"] = intervention_status(item, today)
    for item in plan.get("requirements", ()):
        item["is_current"] = is_current(item, today)
    for item in plan.get("test_results", ()):
        item["is_valid"] = today < item["valid_until"]
    if role is Role.FUND:
        _keep_own_comments(plan, viewer, citizen)
    if drafts and row["draft"] is not None:
        _lay_draft_over(plan, row["draft"])
    return plan


def _keep_own_comments(plan: dict[str, Any], viewer: Viewer, citizen: Mapping[str, Any]) -> None:
    """R58: a fund reads the comments of its own time, and only while it is responsible."""
    places = ((plan, "comments"), (plan.get("description") or {}, "replies"))
    for part, key in places:
        if part.get(key):
            own = _is_responsible(viewer, citizen, plan["today"])
            code = viewer.organisation_code
            part[key] = [c for c in part[key] if own and c["fund_code"] == code]


def _is_responsible(viewer: Viewer, citizen: Mapping[str, Any], today: str) -> bool:
    """Whether the fund has the responsibility on a day (ISO)."""
    return any(
        period["authority"] == Authority.UNEMPLOYMENT_FUND
        and period["organisation_code"] == viewer.organisation_code
        and period["valid_from"] <= today
        and (period["valid_to"] is None or today < period["valid_to"])
        for period in citizen["responsibilities"]
    )


def _lay_draft_over(plan: dict[str, Any], draft: Mapping[str, Any]) -> None:
    """R98: the citizen sees what is saved and not sent; a step with a draft is SAVED."""
    order = plan.get("education_order")
    if order is None:
        return
    running = [s for s in order["steps"] if s["status"] in ("OPEN", "REOPENED")]
    if running:
        applications = draft.get("applications")
        running[-1].update({k: v for k, v in draft.items() if k != "applications"}, status="SAVED")
        if applications is not None:
            order["applications"] = applications
