"""The education order as the jobcenter keeps it: steps, applications, admission (R95-R97, R103)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from app.actions.common import required, written
from app.actions.education_step import running_step
from app.actions.inbox import settle_items
from app.domain.education import AdmissionDraft, ApplicationDraft, OpenStepDraft
from app.domain.notice import NoticeEvent
from app.errors import BadUserInput, NotFound
from app.rules import text
from app.rules.breach import Path
from app.rules.education_goal import may_have_order
from app.rules.education_step import (
    has_institution,
    is_a_step,
    is_admitted_for_step_4,
    is_supported,
)
from app.store.cases import caseworker_of, lock_case, plan_of
from app.store.work import Done, Work

_PATH: Path = ("input",)


async def open_education_step(
    work: Work,
    citizen_id: UUID,
    draft: OpenStepDraft,
    *,
    expected_version: int | None = None,
) -> Done:
    """Opens the order or moves it to a step, with its deadline; the citizen is told.

    The step that was running closes. Opening the running step again gives it a new deadline.
    Raises `NotFound` for a citizen or application out of reach, `RulesBroken` with all broken
    rules.
    """
    case = await lock_case(work, citizen_id, expected_version)
    order = await work.fetchrow("read_education_order", case.plan_id)
    applications = order["applications"] if order else []
    admitted = _admitted(applications, draft)
    work.check(
        may_have_order(case.target_group, _PATH),
        is_a_step(draft.step),
        is_admitted_for_step_4(draft.step, [item["answer"] for item in admitted]),
    )
    plan_id = await plan_of(work, case)
    caseworker_id = await caseworker_of(work)
    running = order["education_step_id"] if order else None
    if order is not None and running is not None and order["current_step"] == draft.step:
        step_id = running
        await work.execute(
            "reschedule_education_step", step_id, draft.deadline, caseworker_id, order["status"]
        )
    else:
        if running is not None:
            await work.execute("close_education_step", running)
            # what the youth sent has been looked at
            await settle_items(work, citizen_id, "STEP_SENT")
        await work.execute("set_current_step", plan_id, draft.step)
        step_id = await work.fetchval(
            "open_education_step",
            *(plan_id, draft.step, work.now, caseworker_id, draft.deadline),
        )
    if draft.step == 4:
        admission = UUID(admitted[0]["id"])
        await work.execute("record_admission", plan_id, admission, draft.start_date, None, None)
    _touch(work, plan_id, citizen_id, NoticeEvent.STEP_OPENED)
    work.watch(plan_id, case, moves_step=True)
    return Done(citizen_id, plan_id, {"step_id": step_id})


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


async def record_application(
    work: Work,
    citizen_id: UUID,
    draft: ApplicationDraft,
    *,
    expected_version: int | None = None,
) -> Done:
    """Writes down an application of the youth, or its answer; the citizen is told.

    Raises `NotFound` without an order or such an application, `RulesBroken` with all broken rules.
    """
    case = await lock_case(work, citizen_id, expected_version)
    draft = replace(
        draft,
        goal=required(draft.goal, (*_PATH, "goal")),
        institution=written(draft.institution),
    )
    work.check(
        may_have_order(case.target_group, _PATH),
        has_institution(draft.sent, draft.institution, (*_PATH, "institution")),
        text.all_fit(draft, text.APPLICATION, _PATH),
    )
    order = await order_of(work, case.plan_id)
    given = draft.application_id
    if given is not None and given not in {item["id"] for item in order["applications"]}:
        raise NotFound("There is no such application.")
    plan_id = case.plan_id
    assert plan_id is not None  # it has an order
    application_id = UUID(given) if given else uuid4()
    await work.execute(
        "write_application",
        *(application_id, plan_id, None, draft.goal, draft.institution, draft.sent, draft.answer),
    )
    _touch(work, plan_id, citizen_id, NoticeEvent.PLAN_CHANGED)
    work.watch(plan_id, case)
    return Done(citizen_id, plan_id, {"application_id": application_id})


async def record_admission(
    work: Work,
    citizen_id: UUID,
    draft: AdmissionDraft,
    *,
    expected_version: int | None = None,
) -> Done:
    """Writes down where the youth was admitted, and when the education starts and is completed.

    Completing it closes step 4, which needs the support assessed (R103). Raises `NotFound`
    without an order or such an application, `RulesBroken` with all broken rules.
    """
    case = await lock_case(work, citizen_id, expected_version)
    started, completed = draft.started_on, draft.completed_on
    if completed is not None and (started is None or completed < started):
        raise BadUserInput("It is completed after it was started.", (*_PATH, "completedOn"))
    order = await order_of(work, case.plan_id)
    chosen = [item for item in order["applications"] if item["id"] == draft.application_id]
    if not chosen:
        raise NotFound("There is no such application.")
    supported = is_supported(order["assessed"], order["has_contact"])
    work.check(
        may_have_order(case.target_group, _PATH),
        is_admitted_for_step_4(4, [chosen[0]["answer"]], (*_PATH, "applicationId")),
        supported if completed is not None else None,
    )
    plan_id = case.plan_id
    assert plan_id is not None  # it has an order
    await work.execute(
        "record_admission",
        *(plan_id, UUID(draft.application_id), draft.start_date, started, completed),
    )
    if completed is not None and order["current_step"] == 4 and order["education_step_id"]:
        await work.execute("close_education_step", order["education_step_id"])
    _touch(work, plan_id, citizen_id, NoticeEvent.PLAN_CHANGED)
    work.watch(plan_id, case)
    return Done(citizen_id, plan_id)


async def order_of(work: Work, plan_id: UUID | None) -> Mapping[str, Any]:
    """The education order of a plan; raises `NotFound` without one."""
    order = await work.fetchrow("read_education_order", plan_id)
    if order is None:
        raise NotFound("There is no education order.")
    return dict(order)


def _admitted(applications: Sequence[dict[str, Any]], draft: OpenStepDraft) -> list[dict[str, Any]]:
    """The applications that were answered with admission; only the chosen one if one is."""
    chosen = draft.admitted_application_id
    if chosen is not None and chosen not in {item["id"] for item in applications}:
        raise NotFound("There is no such application.")
    return [
        item
        for item in applications
        if item["answer"] == "ADMITTED" and chosen in (None, item["id"])
    ]


def _touch(work: Work, plan_id: UUID, citizen_id: UUID, event: NoticeEvent) -> None:
    work.touch(plan_id, citizen_id, "education", trigger="EDUCATION_STEP", event=event)
