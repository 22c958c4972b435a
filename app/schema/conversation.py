"""Conversations: inputs and mutation. The agreement they carry is in `agreement.py`."""

from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from app.actions.conversation import register_conversation
from app.domain.authority import Authority
from app.domain.conversation import ConversationDraft, InterventionStatusDraft
from app.schema.enums import AuthorityEnum, MeetingMode
from app.schema.payload import PlanPayload, VersionConflict, perform
from app.schema.results import NotFound, RuleBreaches
from app.schema.scalars import DateTime, id_of
from app.store.work import Done, Work


@strawberry.input(description="The latest status of an intervention, told in the conversation.")
class InterventionStatusInput:
    intervention_id: strawberry.ID
    text: str


@strawberry.input(description="A conversation that was held, with what was agreed.")
class RegisterConversationInput:
    citizen_id: strawberry.ID
    authority: AuthorityEnum
    held_at: DateTime
    mode: MeetingMode
    agreement_text: str = ""
    meeting_id: strawberry.ID | None = None
    statuses: list[InterventionStatusInput] = strawberry.field(default_factory=list)
    hidden_from_unemployment_fund: bool = False
    expected_version: int | None = None


@strawberry.type
class RegisterConversationPayload(PlanPayload):
    conversation_id: strawberry.ID


RegisterConversationResult = Annotated[
    RegisterConversationPayload | RuleBreaches | VersionConflict | NotFound,
    strawberry.union("RegisterConversationResult"),
]


@strawberry.type
class ConversationMutation:
    @strawberry.mutation(description="Registers a held conversation; the citizen is told.")
    async def register_conversation(
        self, info: Info[Any, Any], input: RegisterConversationInput
    ) -> RegisterConversationResult | None:
        async def act(work: Work) -> Done:
            draft = ConversationDraft(
                authority=Authority(input.authority),
                held_at=input.held_at,
                mode=input.mode,
                agreement_text=input.agreement_text,
                meeting_id=None
                if input.meeting_id is None
                else str(id_of(input.meeting_id, "meeting")),
                statuses=tuple(
                    InterventionStatusDraft(str(id_of(s.intervention_id, "intervention")), s.text)
                    for s in input.statuses
                ),
            )
            return await register_conversation(
                work,
                id_of(input.citizen_id, "citizen"),
                draft,
                expected_version=input.expected_version,
                hidden_from_fund=input.hidden_from_unemployment_fund,
            )

        return await perform(info, RegisterConversationPayload, act)
