"""The caseload: a page of the citizens within the viewer's reach, with what is selected of each."""

from typing import Any
from uuid import UUID

import strawberry
from strawberry.types import Info

from app.domain.viewer import Role
from app.errors import BadUserInput
from app.rules.recommendation import FIRST_PLAN_DAYS
from app.schema.citizen import Citizen, citizen_of
from app.schema.context import Context
from app.schema.enums import PlanType
from app.schema.page import PageInfo, connection, cursor_of, keys_of, page_size
from app.schema.scalars import Date
from app.schema.selection import operation_of, wanted_of
from app.store.documents import citizen_read, with_hidden_plans

MAX_NAME = 100
"""Characters of the name filter."""

_START = ("", UUID(int=0))


@strawberry.input(description="What is left out or null lets everybody through.")
class CaseloadFilter:
    target_group: str | None = strawberry.field(default=None, description="Code of the group.")
    plan_type: PlanType | None = None
    name: str | None = strawberry.field(default=None, description="Any part of the full name.")
    deadline_before: Date | None = strawberry.field(
        default=None, description="An open education step has its deadline before this day."
    )
    not_acknowledged: bool = strawberry.field(
        default=False, description="Only plans whose newest version has no receipt."
    )
    first_plan_overdue: bool = strawberry.field(
        default=False, description="Only dagpenge recipients without a plan in time (R27)."
    )


@strawberry.type
class CitizenEdge:
    cursor: str
    node: Citizen


@strawberry.type(description="By full name.")
class CitizenConnection:
    edges: list[CitizenEdge]
    page_info: PageInfo


async def caseload(
    info: Info[Context, None],
    first: int,
    filter: CaseloadFilter | None = None,
    after: str | None = None,
) -> dict[str, Any]:
    """The citizens of the municipality, or the fund's members of today."""
    context = info.context
    viewer, moment = context.viewer, context.at
    size = page_size(context, first)
    wanted = wanted_of(info, "edges", "node")
    of_fund = viewer.role is Role.FUND
    rows = await context.services.readers.fetch(
        "read_caseload_as_fund" if of_fund else "read_caseload_as_jobcenter",
        *(viewer.organisation_code, moment.now, viewer.subject, viewer.name),
        *(operation_of(info), wanted.elements, wanted.sections),
        *_filters(filter or CaseloadFilter()),
        *_after(after),
        size,
        moment.today,
        FIRST_PLAN_DAYS if filter and filter.first_plan_overdue else None,
    )
    reads = [citizen_read(row, moment, viewer) for row in rows]
    if wanted.beside:
        readers, sections = context.services.readers, wanted.sections
        reads = await with_hidden_plans(readers, viewer, reads, moment, sections)
    found = [citizen_of(read, viewer.role) for read in reads]
    return connection(found, size, after, lambda one: cursor_of(one["name"]["full"], one["id"]))


def _filters(wanted: CaseloadFilter) -> tuple[object, ...]:
    name = wanted.name.strip().lower() if wanted.name else None
    if name and len(name) > MAX_NAME:
        raise BadUserInput(f"`name` has at most {MAX_NAME} characters.", path=("filter", "name"))
    return (
        wanted.target_group,
        wanted.plan_type,
        f"%{_literal(name)}%" if name else None,
        wanted.deadline_before,
        wanted.not_acknowledged,
    )


def _literal(text: str) -> str:
    """The text as a pattern that matches itself."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _after(cursor: str | None) -> tuple[str, UUID]:
    if cursor is None:
        return _START
    name, citizen_id = keys_of(cursor, 2)
    try:
        return name, UUID(citizen_id)
    except ValueError:
        raise BadUserInput("This cursor is not one of ours.", path=("after",)) from None
