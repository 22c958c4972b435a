"""Target groups: data, because a reform changes them (DOMAIN section 3)."""

import orjson
import strawberry
from strawberry.types import Info

from app.schema.context import Context
from app.schema.enums import (
    AuthorityEnum,
    DescriptionVariant,
    EducationGoalRule,
    ElementCode,
    JobGoalRule,
    PlanType,
)
from app.schema.scalars import Date


@strawberry.type(description="An element in the composition of a group's plans.")
class CompositionElement:
    code: ElementCode
    only_if_any: bool


@strawberry.type(description="“Målgruppe”.")
class TargetGroup:
    code: str
    name: str = strawberry.field(description="In Danish.")
    lab_section_6_number: str | None = strawberry.field(
        name="labSection6Number", description="Its number in LAB § 6."
    )
    obliged: bool = strawberry.field(description="Obliged to seek work.")
    composition: str
    elements: list[CompositionElement]
    plan_types: list[PlanType] = strawberry.field(description="The default first.")
    job_goal_rule: JobGoalRule | None
    education_goal_rule: EducationGoalRule | None
    description_variant: DescriptionVariant | None
    requirement_issuer: AuthorityEnum | None
    education_steps: bool
    sought_jobs_minimum: int
    individually_exemptible: bool
    shows_find_job: bool
    valid_from: Date
    valid_to: Date | None


async def target_groups(info: Info[Context, None]) -> list[TargetGroup]:
    """All target groups, also those that are over."""
    rows = await info.context.services.readers.fetch("list_target_groups")
    return [orjson.loads(row["body"]) for row in rows]
