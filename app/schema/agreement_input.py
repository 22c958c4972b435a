"""Corrections of agreements: input and mutation."""

from typing import Annotated, Any

import strawberry
from strawberry import Maybe
from strawberry.types import Info

from app.actions.agreement import correct_agreement
from app.domain.conversation import CorrectionDraft
from app.schema.given import absent_or
from app.schema.payload import PlanPayload, VersionConflict, perform
from app.schema.results import NotFound, RuleBreaches
from app.schema.scalars import id_of
from app.store.work import Done, Work


@strawberry.input(description="What is left out stays as it is.")
class CorrectAgreementInput:
    citizen_id: strawberry.ID
    conversation_id: strawberry.ID
    agreement_text: Maybe[str] = None
    hidden_from_unemployment_fund: Maybe[bool] = strawberry.field(
        default=None, description="Of the jobcenter's own conversations."
    )
    expected_version: int | None = None


@strawberry.type(description="`version` stays where nothing was changed.")
class CorrectAgreementPayload(PlanPayload):
    conversation_id: strawberry.ID


CorrectAgreementResult = Annotated[
    CorrectAgreementPayload | RuleBreaches | VersionConflict | NotFound,
    strawberry.union("CorrectAgreementResult"),
]


@strawberry.type
class AgreementMutation:
    @strawberry.mutation(
        description="A new revision of an agreement of the own authority; the old ones are kept."
    )
    async def correct_agreement(
        self, info: Info[Any, Any], input: CorrectAgreementInput
    ) -> CorrectAgreementResult | None:
        async def act(work: Work) -> Done:
            return await correct_agreement(
                work,
                id_of(input.citizen_id, "citizen"),
                id_of(input.conversation_id, "conversation"),
                CorrectionDraft(
                    absent_or(input.agreement_text),
                    absent_or(input.hidden_from_unemployment_fund),
                ),
                expected_version=input.expected_version,
            )

        return await perform(info, CorrectAgreementPayload, act)
