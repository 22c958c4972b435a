"""The education order as the jobcenter keeps it: steps, applications, admission (R95-R97, R103)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from app.actions.application import (
    Admission,
    admission_after,
    admission_rule,
    application_of,
    application_rules,
    changed_applications,
    merged,
    write_applications,
)
from app.actions.education_step import running_step
from app.actions.inbox import settle_items
from app.domain.education import ApplicationDraft, OpenStepDraft
from app.domain.notice import NoticeEvent
from app.errors import BadUserInput, NotFound
from app.rules.breach import Path
from app.rules.education_goal import may_have_order
from app.rules.education_step import is_a_step, is_supported
from app.store.cases import caseworker_of, lock_case, plan_of
from app.store.work import Done, Work

_PATH: Path = ("input",)

Order = Mapping[str, Any]
"""A row of `read_education_order`."""


@dataclass(frozen=True, slots=True)
class _Next:
    """Where an input leaves the order. closes: the running step ends with it, at 4 by R103."""

    step: int
    moves: bool
    changed: list[ApplicationDraft]
    applications: list[ApplicationDraft]
    before: Admission
    admission: Admission

    def completes(self) -> bool:
        return self.admission.completed_on is not None and self.before.completed_on is None

    def closes_step_4(self, order: Order | None) -> bool:
        """By completing the education, or by leaving the step while the admission stands."""
        at_4 = order is not None and order["current_step"] == 4 and order["education_step_id"]
        leaves = bool(at_4) and self.step != 4
        return self.completes() or (
            leaves and any(item.answer == "ADMITTED" for item in self.applications)
        )


async def open_education_step(
    work: Work,
    citizen_id: UUID,
    draft: OpenStepDraft,
    *,
    expected_version: int | None = None,
) -> Done:
    """Opens the order or moves it to a step, with its deadline; the citizen is told.

    What was learnt of applications and of the admission is written first, so that the rules see
    it; without a step nothing else is. The step that was running closes. Opening the running step
    again gives it a new deadline. Completing the education closes step 4 (R103).

    Raises `NotFound` for a citizen or application out of reach and where there is no order to stay
    in, `BadUserInput` for an input that says too little, `RulesBroken` with all broken rules.
    """
    case = await lock_case(work, citizen_id, expected_version)
    _refuse_half(draft)
    row = await work.fetchrow("read_education_order", case.plan_id)
    order: Order | None = dict(row) if row else None
    to = _next(order, draft, work.today)
    supported = is_supported(
        bool(order and order["assessed"]), bool(order and order["has_contact"])
    )
    work.check(
        may_have_order(case.target_group, _PATH),
        is_a_step(to.step),
        admission_rule(to.step, to.moves, draft.admission, to.applications),
        application_rules(to.changed),
        supported if to.closes_step_4(order) else None,
    )
    plan_id = await plan_of(work, case)
    await work.execute("set_current_step", plan_id, to.step)
    await write_applications(work, plan_id, order, to.changed)
    step_id = order["education_step_id"] if order else None
    opens = draft.deadline is not None and _opens(order, to.step, draft.deadline)
    if draft.deadline is not None:
        step_id = await _open(work, citizen_id, plan_id, order, to.step, draft.deadline)
    if to.admission != to.before:
        await work.execute("record_admission", plan_id, *_row(to.admission))
    if to.completes() and to.step == 4 and step_id is not None:
        await _close(work, citizen_id, step_id)
    event = NoticeEvent.STEP_OPENED if opens else NoticeEvent.PLAN_CHANGED
    _touch(work, plan_id, citizen_id, event)
    work.watch(plan_id, case, moves_step=to.moves)
    ids = [item.application_id for item in to.changed]
    return Done(citizen_id, plan_id, {"step_id": step_id, "application_ids": ids})


def _refuse_half(draft: OpenStepDraft) -> None:
    """Raises `BadUserInput` for a step without its deadline, and for nothing at all."""
    if (draft.step is None) != (draft.deadline is None):
        missing = "step" if draft.step is None else "deadline"
        raise BadUserInput("A step is opened with its deadline.", (*_PATH, missing))
    if draft.step is None and not draft.applications and draft.admission is None:
        raise BadUserInput("Give a step, applications or the admission.", _PATH)


def _next(order: Order | None, draft: OpenStepDraft, today: date) -> _Next:
    step = draft.step
    if step is None:
        if order is None:
            raise NotFound("There is no education order.")
        step = order["current_step"]
    stored = [application_of(item) for item in order["applications"]] if order else []
    changed = changed_applications(stored, draft.applications)
    applications = merged(stored, changed)
    before = _admission_of(order) if order else Admission()
    return _Next(
        step=step,
        moves=draft.step is not None,
        changed=changed,
        applications=applications,
        before=before,
        admission=admission_after(
            *(before, applications, draft.admission),
            needed=step == 4 or draft.admission is not None,
            today=today,
        ),
    )


def _admission_of(order: Order) -> Admission:
    given = order["admitted_application_id"]
    dates = (order["start_date"], order["started_on"], order["completed_on"])
    return Admission(str(given) if given else None, *dates)


def _row(admission: Admission) -> tuple[object, ...]:
    given = admission.application_id
    dates = (admission.start_date, admission.started_on, admission.completed_on)
    return UUID(given) if given else None, *dates


def _opens(order: Order | None, step: int, deadline: date) -> bool:
    """Whether the citizen gets a step or a deadline that was not there."""
    running = order is not None and order["education_step_id"] is not None
    return (
        order is None
        or not running
        or (order["current_step"], order["deadline"]) != (step, deadline)
    )


async def _open(
    work: Work,
    citizen_id: UUID,
    plan_id: UUID,
    order: Order | None,
    step: int,
    deadline: date,
) -> UUID:
    """Gives the running step a new deadline, or closes it and opens another; the step's id."""
    caseworker_id = await caseworker_of(work)
    running: UUID | None = order["education_step_id"] if order else None
    if order is not None and running is not None:
        if order["current_step"] == step:
            await work.execute(
                "reschedule_education_step", running, deadline, caseworker_id, order["status"]
            )
            return running
        await _close(work, citizen_id, running)
    opened: UUID = await work.fetchval(
        "open_education_step", plan_id, step, work.now, caseworker_id, deadline
    )
    return opened


async def _close(work: Work, citizen_id: UUID, step_id: UUID) -> None:
    await work.execute("close_education_step", step_id)
    # what the youth sent has been looked at
    await settle_items(work, citizen_id, "STEP_SENT")


async def reopen_education_step(
    work: Work,
    citizen_id: UUID,
    deadline: date,
    *,
    expected_version: int | None = None,
) -> Done:
    """Gives a sent step back to the citizen with a new deadline; the citizen is told (R99).

    Raises `NotFound` where no step waits with the caseworker.
    """
    case = await lock_case(work, citizen_id, expected_version)
    order = await running_step(work, case)
    if order["status"] != "SENT":
        raise NotFound("There is no step that was sent.")
    plan_id = case.plan_id
    assert plan_id is not None  # it has an order
    step_id = order["education_step_id"]
    caseworker_id = await caseworker_of(work)
    await work.execute("reschedule_education_step", step_id, deadline, caseworker_id, "REOPENED")
    await settle_items(work, citizen_id, "STEP_SENT")
    _touch(work, plan_id, citizen_id, NoticeEvent.STEP_OPENED)
    work.watch(plan_id, case)
    return Done(citizen_id, plan_id, {"step_id": step_id})


async def order_of(work: Work, plan_id: UUID | None) -> Mapping[str, Any]:
    """The education order of a plan; raises `NotFound` without one."""
    order = await work.fetchrow("read_education_order", plan_id)
    if order is None:
        raise NotFound("There is no education order.")
    return dict(order)


def _touch(work: Work, plan_id: UUID, citizen_id: UUID, event: NoticeEvent) -> None:
    work.touch(plan_id, citizen_id, "education", trigger="EDUCATION_STEP", event=event)
