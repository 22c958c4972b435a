"""Job search requirements: inputs and mutation."""

from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from app.actions.requirement import issue_job_search_requirement
from app.domain.requirement import AreaDraft, RequirementDraft
from app.schema.payload import PlanPayload, VersionConflict, perform
from app.schema.results import NotFound, RuleBreaches
from app.schema.scalars import Date, id_of
from app.store.work import Done, Work


@strawberry.input(description="Where to apply: a municipality, an area in words, or both.")
class GeographicAreaInput:
    municipality_code: str | None = None
    label: str | None = strawberry.field(
        default=None, description="Without one the municipality's name is shown."
    )


@strawberry.input(description="“Krav til jobsøgning”, issued by the caseworker's authority.")
class IssueJobSearchRequirementInput:
    citizen_id: strawberry.ID
    occupation_codes: list[str] = strawberry.field(default_factory=list)
    industries: list[str] = strawberry.field(default_factory=list)
    geographic_areas: list[GeographicAreaInput] = strawberry.field(default_factory=list)
    agreement_text: str | None = None
    other_expectations: str | None = strawberry.field(
        default=None,
        description="“Øvrige forventninger til jobsøgning”; a fund states the scope here.",
    )
    expected_count: int | None = None
    full_time: bool | None = None
    unsolicited: bool | None = None
    valid_from: Date
    valid_to: Date | None = strawberry.field(default=None, description="The last day it holds.")
    expected_version: int | None = None


@strawberry.type
class IssueJobSearchRequirementPayload(PlanPayload):
    requirement_id: strawberry.ID


IssueJobSearchRequirementResult = Annotated[
    IssueJobSearchRequirementPayload | RuleBreaches | VersionConflict | NotFound,
    strawberry.union("IssueJobSearchRequirementResult"),
]


@strawberry.type
class RequirementMutation:
    @strawberry.mutation(
        description="Issues a requirement in place of the one before; the citizen is told."
    )
    async def issue_job_search_requirement(
        self, info: Info[Any, Any], input: IssueJobSearchRequirementInput
    ) -> IssueJobSearchRequirementResult | None:
        async def act(work: Work) -> Done:
            draft = RequirementDraft(
                valid_from=input.valid_from,
                occupation_codes=tuple(input.occupation_codes),
                industries=tuple(input.industries),
                areas=tuple(
                    AreaDraft(area.municipality_code, area.label) for area in input.geographic_areas
                ),
                agreement_text=input.agreement_text,
                other_expectations=input.other_expectations,
                expected_count=input.expected_count,
                full_time=input.full_time,
                unsolicited=input.unsolicited,
                valid_to=input.valid_to,
            )
            return await issue_job_search_requirement(
                work,
                id_of(input.citizen_id, "citizen"),
                draft,
                expected_version=input.expected_version,
            )

        return await perform(info, IssueJobSearchRequirementPayload, act)
