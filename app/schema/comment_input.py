"""Comments by the citizen, and answers to them: inputs and mutations."""

from enum import StrEnum
from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from app.actions.comment import answer_comment, comment_on_plan, reply_to_caseworker
from app.schema.payload import PlanPayload, VersionConflict, perform
from app.schema.results import NotFound, RuleBreaches
from app.schema.scalars import id_of
from app.store.work import Done, Work


@strawberry.enum(description="The caseworker's comment, or the step of the education order.")
class ReplyTarget(StrEnum):
    DESCRIPTION = "DESCRIPTION"
    STEP = "STEP"


@strawberry.input(description="What the citizen has to say to the plan; at most 2000 characters.")
class CommentOnPlanInput:
    citizen_id: strawberry.ID
    text: str
    expected_version: int | None = None


@strawberry.input(description="A youth's answer to the caseworker; at most 2000 characters.")
class ReplyToCaseworkerInput:
    citizen_id: strawberry.ID
    target: ReplyTarget
    text: str
    expected_version: int | None = None


@strawberry.input(description="An answer to what the citizen wrote; at most 2000 characters.")
class AnswerCommentInput:
    citizen_id: strawberry.ID
    comment_id: strawberry.ID
    text: str
    expected_version: int | None = None


@strawberry.type
class CommentOnPlanPayload(PlanPayload):
    comment_id: strawberry.ID


@strawberry.type
class ReplyToCaseworkerPayload(PlanPayload):
    comment_id: strawberry.ID


@strawberry.type(description="`commentId` is the answer's own.")
class AnswerCommentPayload(PlanPayload):
    comment_id: strawberry.ID


CommentOnPlanResult = Annotated[
    CommentOnPlanPayload | RuleBreaches | VersionConflict | NotFound,
    strawberry.union("CommentOnPlanResult"),
]
ReplyToCaseworkerResult = Annotated[
    ReplyToCaseworkerPayload | RuleBreaches | VersionConflict | NotFound,
    strawberry.union("ReplyToCaseworkerResult"),
]
AnswerCommentResult = Annotated[
    AnswerCommentPayload | RuleBreaches | VersionConflict | NotFound,
    strawberry.union("AnswerCommentResult"),
]


@strawberry.type
class CommentMutation:
    @strawberry.mutation(description="The caseworkers who may read it find it in their inbox.")
    async def comment_on_plan(
        self, info: Info[Any, Any], input: CommentOnPlanInput
    ) -> CommentOnPlanResult | None:
        async def act(work: Work) -> Done:
            return await comment_on_plan(
                work,
                id_of(input.citizen_id, "citizen"),
                input.text,
                expected_version=input.expected_version,
            )

        return await perform(info, CommentOnPlanPayload, act)

    @strawberry.mutation(
        description="A youth answers “Din sagsbehandlers kommentar til dig”, or about the step."
    )
    async def reply_to_caseworker(
        self, info: Info[Any, Any], input: ReplyToCaseworkerInput
    ) -> ReplyToCaseworkerResult | None:
        async def act(work: Work) -> Done:
            return await reply_to_caseworker(
                work,
                id_of(input.citizen_id, "citizen"),
                input.text,
                input.target.value,
                expected_version=input.expected_version,
            )

        return await perform(info, ReplyToCaseworkerPayload, act)

    @strawberry.mutation(description="Answers a comment or reply; the citizen is told.")
    async def answer_comment(
        self, info: Info[Any, Any], input: AnswerCommentInput
    ) -> AnswerCommentResult | None:
        async def act(work: Work) -> Done:
            return await answer_comment(
                work,
                id_of(input.citizen_id, "citizen"),
                id_of(input.comment_id, "comment"),
                input.text,
                expected_version=input.expected_version,
            )

        return await perform(info, AnswerCommentPayload, act)
