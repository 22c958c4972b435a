"""The plan as a holistic one, with the citizen's recorded consent (R8)."""

from datetime import datetime
from uuid import UUID

from app.domain.notice import NoticeEvent
from app.errors import BadUserInput, NotFound
from app.rules.plan import has_consent
from app.store.cases import lock_case
from app.store.work import Done, Work


async def set_holistic(
    work: Work, citizen_id: UUID, *, holistic: bool, consented_at: datetime | None = None
) -> Done:
    """Marks the plan as holistic, or takes the mark and the consent off; no fund learns of it.

    Raises `NotFound` for a citizen out of reach or without a plan, `BadUserInput` for a consent
    in the future, `RulesBroken` without a consent.
    """
    case = await lock_case(work, citizen_id)
    if case.plan_id is None:
        raise NotFound("There is no such plan.")
    work.check(has_consent(holistic, consented_at))
    if consented_at is not None and consented_at > work.now:
        raise BadUserInput(
            "The consent was given before it is recorded.", ("input", "holistic", "consentAt")
        )
    await work.execute("set_holistic", case.plan_id, holistic, consented_at if holistic else None)
    work.touch(
        case.plan_id,
        citizen_id,
        "head",
        trigger="PLAN",
        event=NoticeEvent.PLAN_CHANGED,
        hidden_from_fund=True,
    )
    return Done(citizen_id, case.plan_id)
