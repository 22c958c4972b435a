"""Receipts for a version: inputs and mutations. They make no version of the plan."""

from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from app.actions.acknowledgement import acknowledge_plan, record_acknowledgement
from app.schema.notice_enums import AcknowledgementMethod
from app.schema.payload import PlanPayload, VersionConflict, perform
from app.schema.results import NotFound, RuleBreaches
from app.schema.scalars import id_of
from app.store.work import Done, Work


@strawberry.input(description="The version that the citizen has read: the current one.")
class AcknowledgePlanInput:
    citizen_id: strawberry.ID
    version: int


@strawberry.type(description="`version` is the one acknowledged; the plan carries the receipt.")
class AcknowledgePlanPayload(PlanPayload):
    pass


@strawberry.input(description="How the citizen acknowledged the current version, or would not.")
class RecordAcknowledgementInput:
    citizen_id: strawberry.ID
    version: int = strawberry.field(description="Your own current number of the plan.")
    method: AcknowledgementMethod = strawberry.field(
        description="DIGITAL is for the citizen alone; REFUSAL_NOTED: the citizen would not sign."
    )
    note: str | None = None


@strawberry.type(description="`version` is the one acknowledged; the plan carries the receipt.")
class RecordAcknowledgementPayload(PlanPayload):
    pass


AcknowledgePlanResult = Annotated[
    AcknowledgePlanPayload | RuleBreaches | VersionConflict | NotFound,
    strawberry.union("AcknowledgePlanResult"),
]
RecordAcknowledgementResult = Annotated[
    RecordAcknowledgementPayload | RuleBreaches | VersionConflict | NotFound,
    strawberry.union("RecordAcknowledgementResult"),
]


@strawberry.type
class AcknowledgementMutation:
    @strawberry.mutation(description="“Kvittér”: once for each version, by the citizen.")
    async def acknowledge_plan(
        self, info: Info[Any, Any], input: AcknowledgePlanInput
    ) -> AcknowledgePlanResult | None:
        async def act(work: Work) -> Done:
            return await acknowledge_plan(work, id_of(input.citizen_id, "citizen"), input.version)

        return await perform(info, AcknowledgePlanPayload, act)

    @strawberry.mutation(
        description="Notes a signature, an answer by “Digital Post” or a refusal, by the "
        "responsible authority. The plan is in force either way."
    )
    async def record_acknowledgement(
        self, info: Info[Any, Any], input: RecordAcknowledgementInput
    ) -> RecordAcknowledgementResult | None:
        async def act(work: Work) -> Done:
            return await record_acknowledgement(
                work,
                id_of(input.citizen_id, "citizen"),
                input.version,
                input.method.value,
                input.note,
            )

        return await perform(info, RecordAcknowledgementPayload, act)
