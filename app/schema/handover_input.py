"""Support in the education, the handover to the institution, and tests: inputs and mutations."""

from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from app.actions.handover import (
    assess_support_need,
    confirm_handover,
    register_test_result,
    release_handover,
)
from app.domain.education import (
    HandoverDraft,
    InstitutionContactDraft,
    SupportNeedDraft,
    TestResultDraft,
)
from app.schema.education_enums import TestKind, TestRequestedBy
from app.schema.payload import PlanPayload, VersionConflict, perform
from app.schema.results import NotFound, RuleBreaches, Warning
from app.schema.scalars import Date, DateTime, id_of
from app.store.work import Done, Work


@strawberry.input(description="The jobcenter's contact person for the institution.")
class InstitutionContactInput:
    name: str
    phone: str | None = None
    email: str | None = None


@strawberry.input(description="“Støttebehov”; takes the place of the assessment there is.")
class AssessSupportNeedInput:
    citizen_id: strawberry.ID
    has_need: bool
    text: str | None = None
    intervention_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list, description="Of the plan: those that the institution is told of."
    )
    contact: InstitutionContactInput | None = strawberry.field(
        default=None, description="Without one the contact person stays who it is."
    )
    expected_version: int | None = None


@strawberry.type
class AssessSupportNeedPayload(PlanPayload):
    pass


AssessSupportNeedResult = Annotated[
    AssessSupportNeedPayload | RuleBreaches | VersionConflict | NotFound,
    strawberry.union("AssessSupportNeedResult"),
]


@strawberry.input(description="What the institution is told beside the support need.")
class ReleaseHandoverInput:
    citizen_id: strawberry.ID
    institution_code: str
    other_essential_information: str | None = None
    expected_version: int | None = None


@strawberry.type
class ReleaseHandoverPayload(PlanPayload):
    handover_package_id: strawberry.ID


ReleaseHandoverResult = Annotated[
    ReleaseHandoverPayload | RuleBreaches | VersionConflict | NotFound,
    strawberry.union("ReleaseHandoverResult"),
]


@strawberry.input(description="A receipt of a handover package.")
class ConfirmHandoverInput:
    handover_package_id: strawberry.ID
    received_at: DateTime | None = strawberry.field(default=None, description="Now without it.")


@strawberry.type(description="Confirming again answers the first receipt.")
class ConfirmHandoverPayload:
    handover_package_id: strawberry.ID
    received_at: DateTime
    warnings: list[Warning]


ConfirmHandoverResult = Annotated[
    ConfirmHandoverPayload | RuleBreaches | VersionConflict | NotFound,
    strawberry.union("ConfirmHandoverResult"),
]


@strawberry.input(description="“Læse-, skrive- og regnetest”.")
class RegisterTestResultInput:
    citizen_id: strawberry.ID
    kind: TestKind
    taken_on: Date
    result: str
    course_recommended: str | None = None
    requested_by: TestRequestedBy
    reason: str | None = strawberry.field(
        default=None, description="Why the municipality asked while a test was valid."
    )
    expected_version: int | None = None


@strawberry.type
class RegisterTestResultPayload(PlanPayload):
    test_result_id: strawberry.ID


RegisterTestResultResult = Annotated[
    RegisterTestResultPayload | RuleBreaches | VersionConflict | NotFound,
    strawberry.union("RegisterTestResultResult"),
]


@strawberry.type
class HandoverMutation:
    @strawberry.mutation(description="Assesses the need of support, and names the contact person.")
    async def assess_support_need(
        self, info: Info[Any, Any], input: AssessSupportNeedInput
    ) -> AssessSupportNeedResult | None:
        async def act(work: Work) -> Done:
            ids = (str(id_of(given, "intervention")) for given in input.intervention_ids)
            contact = InstitutionContactDraft(**vars(input.contact)) if input.contact else None
            return await assess_support_need(
                work,
                id_of(input.citizen_id, "citizen"),
                SupportNeedDraft(input.has_need, input.text, tuple(ids), contact),
                expected_version=input.expected_version,
            )

        return await perform(info, AssessSupportNeedPayload, act)

    @strawberry.mutation(
        description="Tells the institution what the plan says of it now; the citizen is told."
    )
    async def release_handover(
        self, info: Info[Any, Any], input: ReleaseHandoverInput
    ) -> ReleaseHandoverResult | None:
        async def act(work: Work) -> Done:
            return await release_handover(
                work,
                id_of(input.citizen_id, "citizen"),
                HandoverDraft(input.institution_code, input.other_essential_information),
                expected_version=input.expected_version,
            )

        return await perform(info, ReleaseHandoverPayload, act)

    @strawberry.mutation(description="The institution has received the package.")
    async def confirm_handover(
        self, info: Info[Any, Any], input: ConfirmHandoverInput
    ) -> ConfirmHandoverResult | None:
        async def act(work: Work) -> Done:
            wanted = id_of(input.handover_package_id, "handover package")
            return await confirm_handover(work, wanted, input.received_at)

        return await perform(info, ConfirmHandoverPayload, act)

    @strawberry.mutation(description="Stores the result of a test; the citizen is told.")
    async def register_test_result(
        self, info: Info[Any, Any], input: RegisterTestResultInput
    ) -> RegisterTestResultResult | None:
        async def act(work: Work) -> Done:
            return await register_test_result(
                work,
                id_of(input.citizen_id, "citizen"),
                TestResultDraft(
                    kind=input.kind.value,
                    taken_on=input.taken_on,
                    result=input.result,
                    requested_by=input.requested_by.value,
                    course_recommended=input.course_recommended,
                    reason=input.reason,
                ),
                expected_version=input.expected_version,
            )

        return await perform(info, RegisterTestResultPayload, act)
