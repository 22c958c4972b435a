"""Job goals and how they fit the citizen's other lists (DOMAIN 5.5, R51)."""

import strawberry

from app.schema.enums import ConsistencyCode, GoalTerm, ShortageStatus
from app.schema.occupation import Occupation
from app.schema.scalars import Date, DateTime


@strawberry.type(description="“Delmål”.")
class SubGoal:
    id: strawberry.ID
    text: str
    target_date: Date | None
    done_on: Date | None


@strawberry.type(description="“Jobmål”: an occupation, or a job function in words.")
class JobGoal:
    id: strawberry.ID
    text: str = strawberry.field(description="The occupation's label or the job function.")
    occupation: Occupation | None
    job_function_text: str | None
    term: GoalTerm
    long_term_description: str | None
    priority: int
    sub_goals: list[SubGoal]
    shortage_status: ShortageStatus
    outside_shortage_reason: str | None
    confirmed_by: str
    confirmed_at: DateTime


@strawberry.type(description="Where sought jobs, requirements and job goals do not fit.")
class ConsistencyFinding:
    code: ConsistencyCode
    occupation: Occupation
