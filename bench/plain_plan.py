"""Plan, citizen and query of `bench.plain`."""

from datetime import date
from typing import Any
from uuid import UUID

import strawberry

from app.domain.viewer import Role
from app.schema.enums import (
    AuthorityEnum,
    GoalTerm,
    InterventionKindCode,
    InterventionStatus,
    MeetingMode,
    Origin,
    PlanType,
)
from bench.plain_types import (
    COPENHAGEN,
    Agreement,
    EducationGoal,
    EducationOrder,
    Info,
    Intervention,
    JobGoal,
    Meeting,
    Requirement,
    Row,
)


@strawberry.type
class Plan:
    plan_id: strawberry.Private[UUID]
    citizen_id: strawberry.Private[UUID]
    type: PlanType

    @strawberry.field
    async def version(self, info: Info) -> int:
        row = await info.context.loaders.one("version").load(self.plan_id)
        return int(row["number"])

    @strawberry.field
    async def job_goals(self, info: Info) -> list[JobGoal]:
        return [
            JobGoal(
                row=r,
                id=strawberry.ID(str(r["job_goal_id"])),
                term=GoalTerm(r["term"]),
                priority=r["priority"],
            )
            for r in await info.context.loaders.many("job_goals").load(self.plan_id)
        ]

    @strawberry.field
    async def education_goals(self, info: Info) -> list[EducationGoal]:
        return [
            EducationGoal(
                row=r,
                id=strawberry.ID(str(r["education_goal_id"])),
                education_name=r["education_name"],
                priority=r["priority"],
            )
            for r in await info.context.loaders.many("education_goals").load(self.plan_id)
        ]

    @strawberry.field
    async def latest_agreement(self, info: Info, authority: AuthorityEnum) -> Agreement | None:
        group = await info.context.loaders.one("group").load(self.citizen_id)
        if authority is AuthorityEnum.UNEMPLOYMENT_FUND and not group["fund_agreement"]:
            return None
        rows = await info.context.loaders.many("conversations").load(self.plan_id)
        row = next((r for r in rows if r["authority"] == authority.value), None)
        return row and Agreement(
            row=row,
            id=strawberry.ID(str(row["conversation_id"])),
            held_on=row["held_at"].astimezone(COPENHAGEN).date(),
            mode=MeetingMode(row["mode"]),
        )

    @strawberry.field
    async def interventions(
        self, info: Info, status: list[InterventionStatus] | None = None
    ) -> list[Intervention]:
        rows = await info.context.loaders.many("interventions").load(self.plan_id)
        found = [_intervention(row, info.context.today) for row in rows]
        return [one for one in found if status is None or one.status in status]

    @strawberry.field
    async def requirements(self, info: Info) -> list[Requirement]:
        return [
            Requirement(
                row=r,
                id=strawberry.ID(str(r["requirement_id"])),
                issuer=AuthorityEnum(r["issuer"]),
                industries=r["industries"],
                agreement_text=r["agreement_text"],
                other_expectations=r["other_expectations"],
                expected_count=r["expected_count"],
                valid_from=r["valid_from"],
                valid_to=r["valid_to"],
            )
            for r in await info.context.loaders.many("requirements").load(self.plan_id)
        ]

    @strawberry.field
    async def education_order(self, info: Info) -> EducationOrder | None:
        group = await info.context.loaders.one("group").load(self.citizen_id)
        row = await info.context.loaders.one("education_order").load(self.plan_id)
        if row is None or not group["education_steps"]:
            return None
        return EducationOrder(plan_id=self.plan_id, current_step=row["current_step"])

    @strawberry.field
    async def meetings(self, info: Info) -> list[Meeting]:
        return [
            Meeting(
                starts_at=r["starts_at"],
                mode=MeetingMode(r["mode"]),
                caseworker=r["caseworker_name"],
                place=r["place"],
            )
            for r in await info.context.loaders.many("meetings").load(self.plan_id)
        ]


def _intervention(row: Row, today: date) -> Intervention:
    return Intervention(
        row=row,
        id=strawberry.ID(str(row["intervention_id"])),
        kind=InterventionKindCode(row["kind"]),
        status=_status(row, today),
        start_date=row["start_date"],
        end_date=row["end_date"],
        why=row["why"],
        origin=Origin(row["origin"]),
        written_under_plan_type=PlanType(row["written_under_plan_type"]),
    )


def _status(row: Row, today: date) -> InterventionStatus:
    if row["cancelled_at"] is not None:
        return InterventionStatus.CANCELLED
    if row["start_date"] > today:
        return InterventionStatus.PLANNED
    is_over = row["end_date"] is not None and row["end_date"] < today
    return InterventionStatus.ENDED if is_over else InterventionStatus.ONGOING


@strawberry.type
class PersonName:
    full: str


@strawberry.type
class Citizen:
    citizen_id: strawberry.Private[UUID]
    name: PersonName

    @strawberry.field
    async def plan(self, info: Info) -> Plan | None:
        row = await info.context.loaders.one("plan").load(self.citizen_id)
        return row and Plan(
            plan_id=row["plan_id"], citizen_id=self.citizen_id, type=PlanType(row["plan_type"])
        )


@strawberry.type
class Edge:
    node: Citizen


@strawberry.type
class Connection:
    edges: list[Edge]


@strawberry.type
class Query:
    @strawberry.field
    async def citizen(self, info: Info, id: strawberry.ID) -> Citizen | None:
        row = await info.context.pool.fetchrow(
            "select citizen_id, full_name, municipality_code from citizen where citizen_id = $1",
            UUID(id),
        )
        viewer = info.context.viewer
        if row is None or not _may_see(viewer, row):
            return None
        await _log(info, [row["citizen_id"]])
        return Citizen(citizen_id=row["citizen_id"], name=PersonName(full=row["full_name"]))

    @strawberry.field
    async def caseload(self, info: Info, first: int) -> Connection:
        rows = await info.context.pool.fetch(
            "select citizen_id, full_name from citizen where municipality_code = $1"
            " order by full_name, citizen_id limit $2",
            info.context.viewer.organisation_code,
            first,
        )
        await _log(info, [row["citizen_id"] for row in rows])
        return Connection(
            edges=[
                Edge(node=Citizen(citizen_id=r["citizen_id"], name=PersonName(full=r["full_name"])))
                for r in rows
            ]
        )


def _may_see(viewer: Any, row: Row) -> bool:
    if viewer.role is Role.CITIZEN:
        return bool(viewer.citizen_id == row["citizen_id"])
    return viewer.role is Role.JOBCENTER and viewer.organisation_code == row["municipality_code"]


async def _log(info: Info, citizens: list[UUID]) -> None:
    """The same access log as ours, for staff."""
    viewer = info.context.viewer
    if viewer.role is Role.CITIZEN:
        return
    await info.context.pool.execute(
        "insert into access_log (at, subject, name, role, organisation_code, citizen_id, operation,"
        " elements, written)"
        " select $1, $2, $3, $4, $5, c, $6, '{}', false from unnest($7::uuid[]) c",
        info.context.now,
        viewer.subject,
        viewer.name,
        viewer.role.value,
        viewer.organisation_code,
        info.operation.name.value if info.operation.name else "",
        citizens,
    )
