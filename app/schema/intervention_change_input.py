"""What becomes of an intervention: its facts anew, its status, a call about it, its end."""

from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from app.actions.intervention import (
    cancel_intervention,
    record_contact_attempt,
    set_intervention_status,
)
from app.actions.intervention_update import update_intervention
from app.domain.intervention import ContactAttempt
from app.rules.text import camel
from app.schema.intervention_input import draft_of
from app.schema.intervention_kind_input import InterventionInput
from app.schema.payload import PlanPayload, VersionConflict, perform
from app.schema.results import NotFound, RuleBreaches
from app.schema.scalars import Date, id_of
from app.store.work import Done, Work


@strawberry.input(
    description="All facts of an intervention. What is left out is removed, but for the latest"
    " status and the calls: a status is told when it is given, and calls are added."
)
class UpdateInterventionInput:
    citizen_id: strawberry.ID
    intervention_id: strawberry.ID = strawberry.field(
        description="Or the id of an import that is held: then it comes into the plan."
    )
    intervention: InterventionInput
    expected_version: int | None = None


@strawberry.input
class SetInterventionStatusInput:
    citizen_id: strawberry.ID
    intervention_id: strawberry.ID
    text: str | None = strawberry.field(
        default=None, description="“Seneste status”; nothing takes it away."
    )
    expected_version: int | None = None


@strawberry.input
class CancelInterventionInput:
    citizen_id: strawberry.ID
    intervention_id: strawberry.ID
    reason: str = strawberry.field(description="The citizen reads it.")
    expected_version: int | None = None


@strawberry.input(description="A phone call about an offer.")
class RecordContactAttemptInput:
    citizen_id: strawberry.ID
    intervention_id: strawberry.ID
    at: Date
    reached: bool
    is_notice: bool = strawberry.field(
        default=False,
        description="The citizen was told the start date in it. A notice that is there stays.",
    )
    expected_version: int | None = None


@strawberry.type
class UpdateInterventionPayload(PlanPayload):
    intervention_id: strawberry.ID


@strawberry.type
class SetInterventionStatusPayload(PlanPayload):
    intervention_id: strawberry.ID


@strawberry.type
class CancelInterventionPayload(PlanPayload):
    intervention_id: strawberry.ID


@strawberry.type
class RecordContactAttemptPayload(PlanPayload):
    intervention_id: strawberry.ID


UpdateInterventionResult = Annotated[
    UpdateInterventionPayload | RuleBreaches | VersionConflict | NotFound,
    strawberry.union("UpdateInterventionResult"),
]
SetInterventionStatusResult = Annotated[
    SetInterventionStatusPayload | RuleBreaches | VersionConflict | NotFound,
    strawberry.union("SetInterventionStatusResult"),
]
CancelInterventionResult = Annotated[
    CancelInterventionPayload | RuleBreaches | VersionConflict | NotFound,
    strawberry.union("CancelInterventionResult"),
]
RecordContactAttemptResult = Annotated[
    RecordContactAttemptPayload | RuleBreaches | VersionConflict | NotFound,
    strawberry.union("RecordContactAttemptResult"),
]


@strawberry.type
class InterventionChangeMutation:
    @strawberry.mutation(
        description="Writes the facts of an intervention anew; its kind and scheme stay."
    )
    async def update_intervention(
        self, info: Info[Any, Any], input: UpdateInterventionInput
    ) -> UpdateInterventionResult | None:
        async def act(work: Work) -> Done:
            name, draft = draft_of(input.intervention)
            return await update_intervention(
                work,
                id_of(input.citizen_id, "citizen"),
                id_of(input.intervention_id, "intervention"),
                draft,
                expected_version=input.expected_version,
                path=("input", "intervention", camel(name)),
            )

        return await perform(info, UpdateInterventionPayload, act)

    @strawberry.mutation(description="Tells the latest status, during an intervention or after.")
    async def set_intervention_status(
        self, info: Info[Any, Any], input: SetInterventionStatusInput
    ) -> SetInterventionStatusResult | None:
        async def act(work: Work) -> Done:
            return await set_intervention_status(
                work,
                id_of(input.citizen_id, "citizen"),
                id_of(input.intervention_id, "intervention"),
                input.text,
                expected_version=input.expected_version,
            )

        return await perform(info, SetInterventionStatusPayload, act)

    @strawberry.mutation(description="Calls an intervention off, once; it stays in the plan.")
    async def cancel_intervention(
        self, info: Info[Any, Any], input: CancelInterventionInput
    ) -> CancelInterventionResult | None:
        async def act(work: Work) -> Done:
            return await cancel_intervention(
                work,
                id_of(input.citizen_id, "citizen"),
                id_of(input.intervention_id, "intervention"),
                input.reason,
                expected_version=input.expected_version,
            )

        return await perform(info, CancelInterventionPayload, act)

    @strawberry.mutation(description="Adds a phone call to an offer that is in the plan.")
    async def record_contact_attempt(
        self, info: Info[Any, Any], input: RecordContactAttemptInput
    ) -> RecordContactAttemptResult | None:
        async def act(work: Work) -> Done:
            return await record_contact_attempt(
                work,
                id_of(input.citizen_id, "citizen"),
                id_of(input.intervention_id, "intervention"),
                ContactAttempt(input.at, input.reached),
                is_notice=input.is_notice,
                expected_version=input.expected_version,
            )

        return await perform(info, RecordContactAttemptPayload, act)
