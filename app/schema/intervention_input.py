"""Interventions: creating one of any kind. What is written of each is in the kinds' inputs."""

from typing import Annotated, Any, Final

import strawberry
from strawberry.types import Info

from app.actions.intervention import create_intervention
from app.domain.intervention import ContactAttempt, InterventionDraft, Notice
from app.rules.text import camel
from app.schema.intervention_kind_input import InterventionBaseInput, InterventionInput
from app.schema.payload import PlanPayload, VersionConflict, perform
from app.schema.results import NotFound, RuleBreaches
from app.schema.scalars import id_of
from app.store.work import Done, Work

_ONLY_KIND: Final = {"mentor": "MENTOR", "aid": "AID", "assistance": "PERSONAL_ASSISTANCE"}
"""The kind of inputs that have only one."""


@strawberry.input(description="An intervention to be put into the plan.")
class CreateInterventionInput:
    citizen_id: strawberry.ID
    intervention: InterventionInput
    expected_version: int | None = None


@strawberry.type
class CreateInterventionPayload(PlanPayload):
    intervention_id: strawberry.ID


CreateInterventionResult = Annotated[
    CreateInterventionPayload | RuleBreaches | VersionConflict | NotFound,
    strawberry.union("CreateInterventionResult"),
]


@strawberry.type
class InterventionMutation:
    @strawberry.mutation(description="Puts an intervention into the plan; the citizen is told.")
    async def create_intervention(
        self, info: Info[Any, Any], input: CreateInterventionInput
    ) -> CreateInterventionResult | None:
        async def act(work: Work) -> Done:
            name, draft = draft_of(input.intervention)
            return await create_intervention(
                work,
                id_of(input.citizen_id, "citizen"),
                draft,
                expected_version=input.expected_version,
                path=("input", "intervention", camel(name)),
            )

        return await perform(info, CreateInterventionPayload, act)


def draft_of(given: InterventionInput) -> tuple[str, InterventionDraft]:
    """The one field that is given, by its Python name, as a draft.

    The fields of the inputs have the draft's own names but for goals and the notice.
    """
    name, intervention = next(
        (name, value)
        for name, value in vars(given).items()
        if isinstance(value, InterventionBaseInput)
    )
    fields: dict[str, Any] = dict(vars(intervention))
    goal_ids = tuple(str(id_of(goal_id, "goal")) for goal_id in fields.pop("goal_ids"))
    attempts = fields.pop("contact_attempts", ())
    notice = Notice(
        fields.pop("notice_basis", None),
        fields.pop("notice_on", None),
        tuple(ContactAttempt(attempt.at, attempt.reached) for attempt in attempts),
    )
    kind = fields.pop("kind", _ONLY_KIND.get(name))
    return name, InterventionDraft(kind=kind, goal_ids=goal_ids, notice=notice, **fields)
