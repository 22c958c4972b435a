"""Companies' applications from VITAS: input and mutation."""

from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from app.actions.citizen import citizen_of
from app.actions.company_import import import_company_intervention
from app.domain.intervention import InterventionDraft
from app.schema.intervention_kind_input import CompanyKind
from app.schema.payload import VersionConflict, perform
from app.schema.results import NotFound, RuleBreaches, Warning
from app.schema.scalars import Date, id_of
from app.store.work import Done, Work


@strawberry.input(
    description="A company's application under the system's own id. The citizen is named by id or"
    " by civil registration number, one of them. The latest status is the jobcenter's."
)
class ImportCompanyInterventionInput:
    citizen_id: strawberry.ID | None = None
    civil_registration_number: str | None = None
    external_id: str
    kind: CompanyKind
    description: str = strawberry.field(default="", description="“Hvad er aftalt”.")
    why: str = strawberry.field(default="", description="“Hvorfor”.")
    start_date: Date | None = None
    end_date: Date | None = strawberry.field(default=None, description="The last day.")
    headline: str | None = None
    hours_per_week: int | None = None
    minutes_per_week: int | None = None
    occupation: str | None = None
    occupation_code: str | None = None
    workplace: str | None = strawberry.field(default=None, description="“Arbejdssted”.")
    place: str | None = None
    company_address: str | None = None
    contact_name: str | None = None
    contact_phone: str | None = None
    contact_email: str | None = None
    cvr: str | None = strawberry.field(default=None, description="8 digits.")
    p_number: str | None = strawberry.field(default=None, description="10 digits.")
    caseworker_name: str | None = strawberry.field(
        default=None,
        description="Of the jobcenter; without one it was agreed with the jobcenter as such.",
    )


@strawberry.type
class ImportCompanyInterventionPayload:
    intervention_id: strawberry.ID | None = strawberry.field(
        description="Null for what is not in the plan yet."
    )
    held_import_id: strawberry.ID | None = strawberry.field(
        description="Set while a text is too long: a caseworker shortens it, nothing is cut."
    )
    warnings: list[Warning]


ImportCompanyInterventionResult = Annotated[
    ImportCompanyInterventionPayload | RuleBreaches | VersionConflict | NotFound,
    strawberry.union("ImportCompanyInterventionResult"),
]


@strawberry.type
class CompanyImportMutation:
    @strawberry.mutation(
        description="Brings a company's application into the plan; the same again changes nothing."
    )
    async def import_company_intervention(
        self, info: Info[Any, Any], input: ImportCompanyInterventionInput
    ) -> ImportCompanyInterventionResult | None:
        async def act(work: Work) -> Done:
            known = id_of(input.citizen_id, "citizen") if input.citizen_id else None
            citizen_id = await citizen_of(work, known, input.civil_registration_number)
            return await import_company_intervention(work, citizen_id, _draft(input))

        return await perform(info, ImportCompanyInterventionPayload, act)


def _draft(given: ImportCompanyInterventionInput) -> InterventionDraft:
    """The fields of the input have the draft's own names but for the citizen and the caseworker."""
    fields: dict[str, Any] = dict(vars(given))
    for name in ("citizen_id", "civil_registration_number"):
        fields.pop(name)
    return InterventionDraft(agreed_with_name=fields.pop("caseworker_name"), **fields)
