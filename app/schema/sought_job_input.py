"""“Jeg søger job som”: inputs and mutations. They make no version of the plan."""

from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from app.actions.sought_job import add_sought_job, approve_sought_jobs, remove_sought_job
from app.schema.citizen_parts import SoughtJob
from app.schema.payload import VersionConflict, perform
from app.schema.results import NotFound, RuleBreaches, Warning
from app.schema.scalars import id_of
from app.store.work import Done, Work


@strawberry.input(description="An occupation to put on the list.")
class AddSoughtJobInput:
    citizen_id: strawberry.ID
    occupation_code: str


@strawberry.input(description="A sought job to take off the list.")
class RemoveSoughtJobInput:
    citizen_id: strawberry.ID
    sought_job_id: strawberry.ID


@strawberry.input(description="The list as the jobcenter has inspected it.")
class ApproveSoughtJobsInput:
    citizen_id: strawberry.ID


@strawberry.interface(description="The citizen's list after the change.")
class SoughtJobsPayload:
    sought_jobs: list[SoughtJob]
    warnings: list[Warning]


@strawberry.type
class AddSoughtJobPayload(SoughtJobsPayload):
    pass


@strawberry.type
class RemoveSoughtJobPayload(SoughtJobsPayload):
    pass


@strawberry.type
class ApproveSoughtJobsPayload(SoughtJobsPayload):
    pass


AddSoughtJobResult = Annotated[
    AddSoughtJobPayload | RuleBreaches | VersionConflict | NotFound,
    strawberry.union("AddSoughtJobResult"),
]
RemoveSoughtJobResult = Annotated[
    RemoveSoughtJobPayload | RuleBreaches | VersionConflict | NotFound,
    strawberry.union("RemoveSoughtJobResult"),
]

ApproveSoughtJobsResult = Annotated[
    ApproveSoughtJobsPayload | RuleBreaches | VersionConflict | NotFound,
    strawberry.union("ApproveSoughtJobsResult"),
]


@strawberry.type
class SoughtJobMutation:
    @strawberry.mutation(
        description="Puts an occupation on the list; staff only while the registration is open."
    )
    async def add_sought_job(
        self, info: Info[Any, Any], input: AddSoughtJobInput
    ) -> AddSoughtJobResult | None:
        async def act(work: Work) -> Done:
            return await add_sought_job(
                work, id_of(input.citizen_id, "citizen"), input.occupation_code
            )

        return await perform(info, AddSoughtJobPayload, act)

    @strawberry.mutation(
        description="Takes an occupation off the list, as long as the group's minimum is left."
    )
    async def remove_sought_job(
        self, info: Info[Any, Any], input: RemoveSoughtJobInput
    ) -> RemoveSoughtJobResult | None:
        async def act(work: Work) -> Done:
            return await remove_sought_job(
                work,
                id_of(input.citizen_id, "citizen"),
                id_of(input.sought_job_id, "sought job"),
            )

        return await perform(info, RemoveSoughtJobPayload, act)

    @strawberry.mutation(
        description="Until the citizen changes the list; nothing for groups that need no approval."
    )
    async def approve_sought_jobs(
        self, info: Info[Any, Any], input: ApproveSoughtJobsInput
    ) -> ApproveSoughtJobsResult | None:
        async def act(work: Work) -> Done:
            return await approve_sought_jobs(work, id_of(input.citizen_id, "citizen"))

        return await perform(info, ApproveSoughtJobsPayload, act)
