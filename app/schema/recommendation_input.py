"""Joint recommendations: inputs and mutations of the fund and the jobcenter."""

from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from app.actions.recommendation import Wanted, decide_recommendation, recommend_intervention
from app.domain.recommendation import RecommendationDraft
from app.errors import BadUserInput
from app.rules.text import camel
from app.schema.enums import InterventionKindCode
from app.schema.intervention_input import draft_of
from app.schema.intervention_kind_input import InterventionInput
from app.schema.payload import PlanPayload, VersionConflict, perform
from app.schema.results import NotFound, RuleBreaches
from app.schema.scalars import Date, id_of
from app.store.work import Done, Work


@strawberry.input(description="What a fund and the citizen ask the jobcenter for.")
class RecommendInterventionInput:
    citizen_id: strawberry.ID
    citizen_agrees: bool = strawberry.field(
        description="True, or nothing is sent: the citizen may then contact the jobcenter."
    )
    proposed_kind: InterventionKindCode
    text: str
    wanted_start: Date | None = None
    expected_version: int | None = None


@strawberry.type
class RecommendInterventionPayload(PlanPayload):
    recommendation_id: strawberry.ID


RecommendInterventionResult = Annotated[
    RecommendInterventionPayload | RuleBreaches | VersionConflict | NotFound,
    strawberry.union("RecommendInterventionResult"),
]


@strawberry.input(description="The jobcenter's answer to a joint recommendation.")
class DecideRecommendationInput:
    citizen_id: strawberry.ID
    recommendation_id: strawberry.ID
    granted: bool
    interventions: list[InterventionInput] = strawberry.field(
        default_factory=list,
        description="What is put into the plan with it; only of what is granted.",
    )
    expected_version: int | None = None


@strawberry.type
class DecideRecommendationPayload(PlanPayload):
    intervention_ids: list[strawberry.ID]


DecideRecommendationResult = Annotated[
    DecideRecommendationPayload | RuleBreaches | VersionConflict | NotFound,
    strawberry.union("DecideRecommendationResult"),
]


@strawberry.type
class RecommendationMutation:
    @strawberry.mutation(
        description="“Fælles indstilling”: sent to the jobcenter while the fund is responsible."
    )
    async def recommend_intervention(
        self, info: Info[Any, Any], input: RecommendInterventionInput
    ) -> RecommendInterventionResult | None:
        async def act(work: Work) -> Done:
            return await recommend_intervention(
                work,
                id_of(input.citizen_id, "citizen"),
                RecommendationDraft(
                    input.citizen_agrees, input.proposed_kind, input.text, input.wanted_start
                ),
                expected_version=input.expected_version,
            )

        return await perform(info, RecommendInterventionPayload, act)

    @strawberry.mutation(
        description="Grants a recommendation with the interventions it leads to, or rejects it."
    )
    async def decide_recommendation(
        self, info: Info[Any, Any], input: DecideRecommendationInput
    ) -> DecideRecommendationResult | None:
        async def act(work: Work) -> Done:
            return await decide_recommendation(
                work,
                id_of(input.citizen_id, "citizen"),
                id_of(input.recommendation_id, "recommendation"),
                _wanted(input),
                expected_version=input.expected_version,
            )

        return await perform(info, DecideRecommendationPayload, act)


def _wanted(given: DecideRecommendationInput) -> list[Wanted] | None:
    """The interventions of what is granted, each with its path; None for what is rejected."""
    if not given.granted:
        if given.interventions:
            raise BadUserInput(
                "A rejected recommendation creates nothing.", ("input", "interventions")
            )
        return None
    drafts = [draft_of(intervention) for intervention in given.interventions]
    return [
        (("input", "interventions", place, camel(name)), draft)
        for place, (name, draft) in enumerate(drafts)
    ]
