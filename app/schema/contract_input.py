"""The integration contract: input and mutation."""

from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from app.actions.contract import attach_contract
from app.domain.contract import ContractDraft
from app.schema.payload import PlanPayload, VersionConflict, perform
from app.schema.results import NotFound, RuleBreaches
from app.schema.scalars import Base64, Date, id_of
from app.store.work import Done, Work


@strawberry.input(description="The signed contract; it takes the place of the one before.")
class AttachContractInput:
    citizen_id: strawberry.ID
    document: Base64 = strawberry.field(description="A PDF, kept as it is; sent as a variable.")
    file_name: str
    signed_on: Date | None = None
    danish_goal: str | None = strawberry.field(default=None, description="“Danskmål”.")
    valid_until: Date | None = strawberry.field(
        default=None, description="Last day of the temporary residence permit."
    )
    expected_version: int | None = None


@strawberry.type
class AttachContractPayload(PlanPayload):
    pass


AttachContractResult = Annotated[
    AttachContractPayload | RuleBreaches | VersionConflict | NotFound,
    strawberry.union("AttachContractResult"),
]


@strawberry.type
class ContractMutation:
    @strawberry.mutation(
        description="Attaches the contract of the integration programme; the citizen is told."
    )
    async def attach_contract(
        self, info: Info[Any, Any], input: AttachContractInput
    ) -> AttachContractResult | None:
        async def act(work: Work) -> Done:
            draft = ContractDraft(
                input.document,
                input.file_name,
                input.signed_on,
                input.danish_goal,
                input.valid_until,
            )
            return await attach_contract(
                work,
                id_of(input.citizen_id, "citizen"),
                draft,
                expected_version=input.expected_version,
            )

        return await perform(info, AttachContractPayload, act)
