"""Reading documents: scope check, document and access log in one statement, then decoded.

Sections are chosen by a bit mask in the order of `SECTIONS`; the head is always in.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

import asyncpg
import orjson

from app.domain.document import PlanDocument
from app.domain.popup import intervention_status
from app.domain.viewer import Role, Viewer
from app.store.db import Connection
from app.store.queries import queries
from app.store.work import SECTIONS

ALL_SECTIONS = (1 << len(SECTIONS)) - 1

SECTION_BIT: Mapping[str, int] = {name: 1 << i for i, name in enumerate(SECTIONS)}


@dataclass(frozen=True, slots=True)
class Moment:
    """When a read happens: the clock's time, and its calendar day in Copenhagen."""

    now: datetime
    today: date


@dataclass(frozen=True, slots=True)
class CitizenRead:
    """One read of a citizen: the citizen's own document, and the plan's if it is visible."""

    citizen: dict[str, Any]
    plan: PlanDocument | None
    plan_id: UUID | None


def audience_of(role: Role) -> str:
    """Which document a role reads."""
    return "FUND" if role is Role.FUND else "FULL"


async def read_citizen(
    connection: Connection,
    viewer: Viewer,
    citizen_id: UUID,
    moment: Moment,
    *,
    operation: str = "",
    elements: tuple[str, ...] = (),
    sections: int = ALL_SECTIONS,
) -> CitizenRead | None:
    """What the viewer may see of a citizen; None when there is none in the viewer's reach."""
    found = None
    log = (viewer.subject, viewer.name, operation, elements)
    match viewer.role:
        case Role.CITIZEN:
            found = await connection.fetchrow(
                queries()["read_plan_as_citizen"], citizen_id, viewer.citizen_id, sections
            )
        case Role.JOBCENTER:
            found = await connection.fetchrow(
                queries()["read_plan_as_jobcenter"],
                *(citizen_id, viewer.organisation_code, moment.now, *log, sections),
            )
        case Role.FUND:
            found = await connection.fetchrow(
                queries()["read_plan_as_fund"],
                *(citizen_id, viewer.organisation_code, moment.now, *log),
                *(moment.today, sections),
            )
    return citizen_read(found, moment, viewer.role) if found else None


def citizen_read(row: asyncpg.Record, moment: Moment, role: Role) -> CitizenRead:
    """Decodes a row of the read queries."""
    citizen = orjson.loads(row["body"])
    return CitizenRead(citizen, plan_from(row, moment, role), row["plan_id"])


def plan_from(row: asyncpg.Record, moment: Moment, role: Role) -> PlanDocument | None:
    """The decoded plan with what depends on the moment put in; None if it may not be seen.

    Keys added: version, published_at, acknowledgement, today, now, viewer_is_citizen, and the
    status of each intervention. The citizen's own unsent step data are laid over the open step.
    """
    if row["document"] is None or not row["visible"]:
        return None
    plan = orjson.loads(row["document"])
    plan["version"] = row["number"]
    plan["published_at"] = row["published_at"].isoformat()
    plan["acknowledgement"] = (
        orjson.loads(row["acknowledgement"]) if row["acknowledgement"] else None
    )
    plan["today"] = moment.today.isoformat()
    plan["now"] = moment.now.isoformat()
    plan["viewer_is_citizen"] = role is Role.CITIZEN
    for item in plan.get("interventions", ()):
        item["status"] = intervention_status(item, moment.today)
    if row["draft"] is not None:
        _lay_draft_over(plan, row["draft"])
    return cast(PlanDocument, plan)


def _lay_draft_over(plan: dict[str, Any], draft: Mapping[str, Any]) -> None:
    """R98: the citizen sees what is saved and not sent; a step with a draft is SAVED."""
    order = plan.get("education_order")
    running = [s for s in order["steps"] if s["status"] in ("OPEN", "REOPENED")] if order else []
    if running:
        applications = draft.get("applications")
        running[-1].update({k: v for k, v in draft.items() if k != "applications"}, status="SAVED")
        if applications is not None:
            order["applications"] = applications
