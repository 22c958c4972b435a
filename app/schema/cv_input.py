"""What the citizen says of the CV: input and mutation. It makes no version of the plan."""

from typing import Annotated, Any

import strawberry
from strawberry import Maybe
from strawberry.types import Info

from app.actions.cv import CvDraft, update_cv_settings
from app.schema.citizen_parts import CvSettings
from app.schema.given import absent_or
from app.schema.payload import VersionConflict, perform
from app.schema.results import NotFound, RuleBreaches, Warning
from app.schema.scalars import id_of
from app.store.work import Done, Work


@strawberry.input(description="What is left out stays as it is; null removes the link.")
class UpdateCvSettingsInput:
    citizen_id: strawberry.ID
    searchable: Maybe[bool] = strawberry.field(
        default=None, description="Whether companies find the CV; it needs a sought job."
    )
    part_time: Maybe[bool] = None
    link: Maybe[str | None] = None


@strawberry.type
class UpdateCvSettingsPayload:
    cv: CvSettings
    warnings: list[Warning]


UpdateCvSettingsResult = Annotated[
    UpdateCvSettingsPayload | RuleBreaches | VersionConflict | NotFound,
    strawberry.union("UpdateCvSettingsResult"),
]


@strawberry.type
class CvMutation:
    @strawberry.mutation(description="Whether companies find the CV, and for part-time work.")
    async def update_cv_settings(
        self, info: Info[Any, Any], input: UpdateCvSettingsInput
    ) -> UpdateCvSettingsResult | None:
        async def act(work: Work) -> Done:
            draft = CvDraft(
                absent_or(input.searchable), absent_or(input.part_time), absent_or(input.link)
            )
            return await update_cv_settings(work, id_of(input.citizen_id, "citizen"), draft)

        return await perform(info, UpdateCvSettingsPayload, act)
