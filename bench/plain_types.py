"""Types of `bench.plain`: the fields that the measured operations ask for, read from the tables."""

from datetime import date, datetime
from typing import Any, TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg
import strawberry
from strawberry.types import Info as StrawberryInfo

from app.domain.viewer import Viewer
from app.schema.education_enums import StepStatus
from app.schema.enums import (
    AuthorityEnum,
    GoalTerm,
    InterventionKindCode,
    InterventionStatus,
    MeetingMode,
    Origin,
    PlanType,
)
from bench.plain_loaders import Loaders, Pool

COPENHAGEN = ZoneInfo("Europe/Copenhagen")

Row: TypeAlias = asyncpg.Record


class Context:
    """What resolvers of one request or socket share. hub: wakes subscriptions."""

    def __init__(
        self, pool: Pool, viewer: Viewer, now: datetime, today: date, hub: object = None
    ) -> None:
        self.pool = pool
        self.viewer = viewer
        self.now = now
        self.today = today
        self.hub = hub
        self.loaders = Loaders(pool)
        self.connection_params: dict[str, object] = {}


Info: TypeAlias = StrawberryInfo[Any, Any]


async def name_of(info: Info, loader: str, key: UUID) -> str:
    row = await info.context.loaders.one(loader).load(key)
    return str(row["name"])


@strawberry.type
class Occupation:
    code: str
    label: str


@strawberry.type
class JobGoal:
    row: strawberry.Private[Row]
    id: strawberry.ID
    term: GoalTerm
    priority: int

    @strawberry.field
    async def text(self, info: Info) -> str:
        code = self.row["occupation_code"]
        if code is None:
            return str(self.row["job_function_text"])
        return str((await info.context.loaders.one("occupation").load(code))["label"])

    @strawberry.field
    async def confirmed_by(self, info: Info) -> str:
        return await name_of(info, "caseworker", self.row["confirmed_by"])


@strawberry.type
class EducationGoal:
    row: strawberry.Private[Row]
    id: strawberry.ID
    education_name: str
    priority: int

    @strawberry.field
    async def agreed_by(self, info: Info) -> str:
        return await name_of(info, "caseworker", self.row["agreed_by"])


@strawberry.type
class Agreement:
    row: strawberry.Private[Row]
    id: strawberry.ID
    held_on: date
    mode: MeetingMode

    @strawberry.field
    async def organisation(self, info: Info) -> str:
        return await name_of(info, "organisation", self.row["organisation_id"])

    @strawberry.field
    async def caseworker(self, info: Info) -> str:
        return await name_of(info, "caseworker", self.row["caseworker_id"])

    @strawberry.field
    async def agreement_text(self, info: Info) -> str:
        revision = await info.context.loaders.one("revision").load(self.row["conversation_id"])
        return str(revision["text"])


@strawberry.type
class Intervention:
    row: strawberry.Private[Row]
    id: strawberry.ID
    kind: InterventionKindCode
    status: InterventionStatus
    start_date: date
    end_date: date | None
    why: str
    origin: Origin
    written_under_plan_type: PlanType

    @strawberry.field
    async def title(self, info: Info) -> str:
        loaders = info.context.loaders
        if self.row["scheme"] is not None:
            return str((await loaders.one("scheme").load(self.row["scheme"]))["timeline_label"])
        return str((await loaders.one("kind").load(self.row["kind"]))["timeline_label"])

    @strawberry.field
    async def agreed_with(self, info: Info) -> str:
        return await name_of(info, "caseworker", self.row["agreed_with"])

    @strawberry.field
    async def agreed_organisation(self, info: Info) -> str | None:
        if not self.row["shows_organisation"]:
            return None
        caseworker = await info.context.loaders.one("caseworker").load(self.row["agreed_with"])
        return await name_of(info, "organisation", caseworker["organisation_id"])

    @strawberry.field
    async def hidden_from_unemployment_fund(self, info: Info) -> bool:
        kind = await info.context.loaders.one("kind").load(self.row["kind"])
        return bool(kind["hidden_from_fund"])


@strawberry.type
class Requirement:
    row: strawberry.Private[Row]
    id: strawberry.ID
    issuer: AuthorityEnum
    industries: list[str]
    agreement_text: str | None
    other_expectations: str | None
    expected_count: int | None
    valid_from: date
    valid_to: date | None

    @strawberry.field
    async def organisation(self, info: Info) -> str:
        return await name_of(info, "organisation", self.row["organisation_id"])

    @strawberry.field
    async def caseworker(self, info: Info) -> str:
        return await name_of(info, "caseworker", self.row["caseworker_id"])

    @strawberry.field
    async def occupations(self, info: Info) -> list[Occupation]:
        loaders = info.context.loaders
        rows = await loaders.many("requirement_occupations").load(self.row["requirement_id"])
        found = await loaders.one("occupation").load_many([r["occupation_code"] for r in rows])
        return [Occupation(code=o["code"], label=o["label"]) for o in found]


@strawberry.type
class EducationStep:
    row: strawberry.Private[Row]
    step: int
    status: StepStatus
    deadline: date

    @strawberry.field
    async def caseworker(self, info: Info) -> str:
        return await name_of(info, "caseworker", self.row["caseworker_id"])


@strawberry.type
class EducationOrder:
    plan_id: strawberry.Private[UUID]
    current_step: int

    @strawberry.field
    async def steps(self, info: Info) -> list[EducationStep]:
        rows = await info.context.loaders.many("education_steps").load(self.plan_id)
        return [
            EducationStep(
                row=r, step=r["step"], status=StepStatus(r["status"]), deadline=r["deadline"]
            )
            for r in rows
        ]


@strawberry.type
class Meeting:
    starts_at: datetime
    mode: MeetingMode
    caseworker: str
    place: str | None
