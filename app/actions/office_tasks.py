"""Tasks that follow the responsibility: what one authority had to do is the next one's."""

from uuid import UUID

from app.actions.inbox import put_into_inbox
from app.domain.authority import Authority
from app.domain.case import Case
from app.rules.recommendation import FIRST_PLAN_DAYS
from app.store.work import Work


async def place_tasks(work: Work, citizen_id: UUID) -> None:
    """The citizen's open tasks lie with the authority that is responsible today, each once.

    A task for a first plan that is there, or not asked for any more, is done with.
    """
    settled = await work.fetch(
        "settle_first_plan_tasks", citizen_id, work.now, work.today, FIRST_PLAN_DAYS
    )
    doubled = await work.fetch("settle_doubled_tasks", citizen_id, work.now, work.today)
    moved = await work.fetch("move_office_tasks", citizen_id, work.today)
    offices = {row["kind"] for row in [*settled, *doubled]}
    offices |= {row[side] for row in moved for side in ("from_kind", "to_kind")}
    work.inboxes.update((citizen_id, Authority(office)) for office in offices)


async def ask_for_first_plan(work: Work, case: Case) -> None:
    """The responsible fund's task: its member has no plan two weeks after registration (R27)."""
    responsible = case.responsibility
    if responsible is not None:
        await put_into_inbox(
            work,
            responsible.authority,
            responsible.organisation,
            case.citizen_id,
            "FIRST_PLAN_OVERDUE",
        )
