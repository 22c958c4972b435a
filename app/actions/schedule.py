"""What happens by itself as days go by: one action for each kind of thing that falls due.

Each runs in a transaction of its own under the citizen's lock, looks again whether it is still
so, and notes that it is done; whoever comes second finds the note.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from app.actions.office_tasks import ask_for_first_plan, place_tasks
from app.domain.authority import Authority
from app.domain.case import Case
from app.domain.notice import NoticeEvent
from app.domain.policy import Policy
from app.rules.recommendation import FIRST_PLAN_DAYS, first_plan_is_in_time
from app.rules.reminder import (
    HANDOVER_NEWS_DAYS,
    deadlines_to_remind_of,
    handover_is_news,
    meetings_to_remind_of,
    offers_to_remind_of,
)
from app.store.cases import lock_case
from app.store.schedule import Due, fire
from app.store.work import Work

LONGEST_VIEW_DAYS: Final = 7
"""After so many days no live view of before can be open: its token has run out."""


@dataclass(frozen=True, slots=True)
class Job:
    """query: of `schedule.sql`, which finds what is due; its arguments follow from the day."""

    kind: str
    query: str
    arguments: Callable[[date, Policy], tuple[object, ...]]
    handle: Callable[[Work, Due], Awaitable[None]]


async def hand_over(work: Work, due: Due) -> None:
    """A fund's responsibility has passed to the jobcenter: the citizen is told once (R14, R28).

    Open tasks follow to the jobcenter, and both authorities' views are woken. Nothing in the plan
    changes: goals, agreements and requirements stay, and who may write them follows the day.
    """
    case = await lock_case(work, due.citizen_id)
    if not await fire(work, NoticeEvent.RESPONSIBILITY_CHANGED, due):
        return
    work.woken.add(due.citizen_id)
    await place_tasks(work, due.citizen_id)
    if handover_is_news(date.fromisoformat(due.occasion), work.today):
        _tell(work, case, NoticeEvent.RESPONSIBILITY_CHANGED, "RESPONSIBILITY")


async def join_fund(work: Work, due: Due) -> None:
    """A membership has begun: the citizen comes into the fund's caseload."""
    await lock_case(work, due.citizen_id)
    if await fire(work, "MEMBERSHIP_BEGAN", due):
        work.woken.add(due.citizen_id)


async def leave_fund(work: Work, due: Due) -> None:
    """A membership has ended: the fund's views close, the citizen leaves its caseload (R130)."""
    await lock_case(work, due.citizen_id)
    if await fire(work, "MEMBERSHIP_ENDED", due):
        fund: str = await work.fetchval("fund_of_membership", due.subject_id)
        work.woken.add(due.citizen_id)
        work.left.add((due.citizen_id, Authority.UNEMPLOYMENT_FUND, fund))


async def note_first_plan_overdue(work: Work, due: Due) -> None:
    """A task for the fund whose member has no plan in time (R27); nothing is blocked."""
    case = await lock_case(work, due.citizen_id)
    registered_on = date.fromisoformat(due.occasion)
    late = first_plan_is_in_time(registered_on, work.today, has_plan=case.fund_version > 0)
    if late is not None and await fire(work, "FIRST_PLAN_OVERDUE", due):
        await ask_for_first_plan(work, case)


async def follow_responsibility(work: Work, due: Due) -> None:
    """Tasks of an authority that is not responsible any more go to the one that is."""
    await lock_case(work, due.citizen_id)
    await place_tasks(work, due.citizen_id)


async def remind_of_meeting(work: Work, due: Due) -> None:
    """A meeting or other agreement is tomorrow (R124)."""
    await _remind(work, due, NoticeEvent.MEETING_REMINDER, "MEETING")


async def remind_of_deadline(work: Work, due: Due) -> None:
    """The deadline of an open education step is near (R124)."""
    await _remind(work, due, NoticeEvent.STEP_DEADLINE_REMINDER, "EDUCATION_STEP")


async def remind_of_acknowledgement(work: Work, due: Due) -> None:
    """An offer was published days ago and nobody has acknowledged it (R124)."""
    await _remind(work, due, NoticeEvent.ACK_REMINDER, "OFFER")


async def _remind(work: Work, due: Due, event: NoticeEvent, trigger: str) -> None:
    case = await lock_case(work, due.citizen_id)
    if await fire(work, event, due):
        _tell(work, case, event, trigger)


def _tell(work: Work, case: Case, event: NoticeEvent, trigger: str) -> None:
    """A notice without a version; a citizen who has no published plan is told nothing."""
    if case.plan_id is not None and case.full_version:
        work.touch(case.plan_id, case.citizen_id, trigger=trigger, event=event)


JOBS: Final = (
    Job(
        NoticeEvent.RESPONSIBILITY_CHANGED,
        "due_handovers",
        lambda today, _: (today, today - timedelta(days=HANDOVER_NEWS_DAYS)),
        hand_over,
    ),
    Job(
        "MEMBERSHIP_BEGAN",
        "due_membership_beginnings",
        lambda today, _: (today, today - timedelta(days=LONGEST_VIEW_DAYS)),
        join_fund,
    ),
    Job(
        "MEMBERSHIP_ENDED",
        "due_membership_ends",
        lambda today, _: (today, today - timedelta(days=LONGEST_VIEW_DAYS)),
        leave_fund,
    ),
    Job(
        "OFFICE_TASK",
        "due_office_tasks",
        lambda today, _: (today, FIRST_PLAN_DAYS),
        follow_responsibility,
    ),
    Job(
        "FIRST_PLAN_OVERDUE",
        "due_first_plans",
        lambda today, _: (today, FIRST_PLAN_DAYS),
        note_first_plan_overdue,
    ),
    Job(
        NoticeEvent.MEETING_REMINDER,
        "due_meeting_reminders",
        lambda today, _: meetings_to_remind_of(today),
        remind_of_meeting,
    ),
    Job(
        NoticeEvent.STEP_DEADLINE_REMINDER,
        "due_step_reminders",
        lambda today, policy: deadlines_to_remind_of(today, policy.deadline_reminder_days),
        remind_of_deadline,
    ),
    Job(
        NoticeEvent.ACK_REMINDER,
        "due_acknowledgement_reminders",
        lambda today, policy: (
            *offers_to_remind_of(today, policy.acknowledgement_reminder_days),
            today,
            policy.acknowledgement_reminder_days,
        ),
        remind_of_acknowledgement,
    ),
)
