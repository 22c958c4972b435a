"""The plan's description, or the caseworker's comment to a youth (R54-R56)."""

from uuid import UUID

from app.actions.common import refuse_to_open_for_nothing, written
from app.domain.notice import NoticeEvent
from app.rules.description import description, holds_rehabilitation_part
from app.store.cases import authority_of, caseworker_of, lock_case, plan_of
from app.store.work import Done, Work


async def set_plan_description(
    work: Work,
    citizen_id: UUID,
    text: str | None,
    *,
    covers_rehabilitation_part: bool = False,
    expected_version: int | None = None,
) -> Done:
    """Writes the description, or removes it where the text is blank; the citizen is told.

    Raises `NotFound` for a citizen out of reach and for a blank text where there is no plan,
    `RulesBroken` with all broken rules.
    """
    case = await lock_case(work, citizen_id, expected_version)
    text = written(text)
    own = authority_of(work.viewer.role)
    work.check(
        description(text or "", case.target_group, own, case.responsible),
        holds_rehabilitation_part(
            covers_rehabilitation_part, case.plan_type, ("input", "coversRehabilitationPart")
        ),
    )
    refuse_to_open_for_nothing(work, case, text)
    plan_id = await plan_of(work, case)
    if text is None:
        await work.execute("remove_description", plan_id)
    else:
        caseworker_id = await caseworker_of(work)
        await work.execute(
            "write_description",
            *(plan_id, text, caseworker_id, work.now, covers_rehabilitation_part),
        )
    work.touch(
        plan_id,
        citizen_id,
        "description",
        trigger="DESCRIPTION",
        event=NoticeEvent.PLAN_CHANGED,
    )
    work.watch(plan_id, case)
    return Done(citizen_id, plan_id)
