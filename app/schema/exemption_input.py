"""Exemption from the digital plan, and letters sent: inputs and mutations."""

from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from app.actions.exemption import complete_letter_task, exempt_from_digital
from app.schema.enums import ExemptionKind
from app.schema.payload import VersionConflict, perform
from app.schema.results import NotFound, RuleBreaches, Warning
from app.schema.scalars import Date, id_of
from app.store.work import Done, Work


@strawberry.input(description="From its first day on it replaces an exemption of the same kind.")
class ExemptFromDigitalInput:
    citizen_id: strawberry.ID
    kind: ExemptionKind
    reason: str | None = strawberry.field(
        default=None, description="Of the concrete assessment: INDIVIDUAL demands it."
    )
    from_: Date | None = strawberry.field(
        name="from", default=None, description="Today unless given."
    )
    to: Date | None = strawberry.field(
        default=None, description="Exclusive; null until further notice."
    )


@strawberry.type
class ExemptFromDigitalPayload:
    citizen_id: strawberry.ID
    warnings: list[Warning]


@strawberry.input(description="The letter, named by its task's id or by the plan's version.")
class CompleteLetterTaskInput:
    citizen_id: strawberry.ID
    letter_task_id: strawberry.ID | None = None
    version: int | None = strawberry.field(
        default=None, description="Of the full plan: a fund names the task by its id."
    )


@strawberry.type
class CompleteLetterTaskPayload:
    letter_task_id: strawberry.ID
    warnings: list[Warning]


ExemptFromDigitalResult = Annotated[
    ExemptFromDigitalPayload | RuleBreaches | VersionConflict | NotFound,
    strawberry.union("ExemptFromDigitalResult"),
]
CompleteLetterTaskResult = Annotated[
    CompleteLetterTaskPayload | RuleBreaches | VersionConflict | NotFound,
    strawberry.union("CompleteLetterTaskResult"),
]


@strawberry.type
class ExemptionMutation:
    @strawberry.mutation(
        description="Exempts the citizen from the digital plan: from now on letters are sent, and "
        "no SMS or e-mail."
    )
    async def exempt_from_digital(
        self, info: Info[Any, Any], input: ExemptFromDigitalInput
    ) -> ExemptFromDigitalResult | None:
        async def act(work: Work) -> Done:
            return await exempt_from_digital(
                work,
                id_of(input.citizen_id, "citizen"),
                input.kind.value,
                reason=input.reason,
                valid_from=input.from_,
                valid_to=input.to,
            )

        return await perform(info, ExemptFromDigitalPayload, act)

    @strawberry.mutation(description="The letter with a version of the plan has been sent.")
    async def complete_letter_task(
        self, info: Info[Any, Any], input: CompleteLetterTaskInput
    ) -> CompleteLetterTaskResult | None:
        async def act(work: Work) -> Done:
            task = input.letter_task_id
            return await complete_letter_task(
                work,
                id_of(input.citizen_id, "citizen"),
                letter_task_id=id_of(task, "letter task") if task is not None else None,
                version=input.version,
            )

        return await perform(info, CompleteLetterTaskPayload, act)
