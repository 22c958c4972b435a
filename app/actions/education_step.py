"""The citizen's data of an education step: saved for the citizen alone, then sent (R98-R102)."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any, Final
from uuid import UUID, uuid4

from app.actions.application import application_of
from app.actions.common import refuse_twice, required, written
from app.actions.inbox import put_into_inbox
from app.domain.authority import Authority
from app.domain.case import Case
from app.domain.education import (
    EducationProposalDraft,
    InstitutionProposalDraft,
    StepDataDraft,
)
from app.errors import BadUserInput, NotFound
from app.rules.breach import Path
from app.rules.education_data import sent_data, step_data
from app.rules.education_step import is_sent_in_time, is_the_citizens_turn, is_the_open_step
from app.rules.text import camel
from app.store.cases import lock_case
from app.store.work import Done, Work

_PATH: Path = ("input",)
MOST_ITEMS: Final = 20
"""Proposals or applications that the citizen gives in one list."""
_DATA: Final[Mapping[int, tuple[str, ...]]] = {
    1: ("education_proposals",),
    2: ("institution_proposals", "institution_reason"),
    3: ("applications",),
    4: (),
}
"""Which data a step has, by the keys that the draft, the document and the saved body share."""


async def save_education_step(
    work: Work,
    citizen_id: UUID,
    draft: StepDataDraft,
    *,
    expected_version: int | None = None,
) -> Done:
    """Keeps the data of the current step for the citizen alone: no version, no notice (R98, R126).

    Raises `NotFound` without a running step, `BadUserInput` for data of another step,
    `RulesBroken` with all broken rules.
    """
    case = await lock_case(work, citizen_id, expected_version)
    order = await running_step(work, case)
    _refuse_too_many(draft)
    body = _body(draft, order)
    work.check(_may_write(draft.step, order), step_data(draft))
    await work.execute("save_education_step", order["education_step_id"], work.now, body)
    return Done(citizen_id, case.plan_id, {"step_id": order["education_step_id"]})


async def send_education_step(
    work: Work,
    citizen_id: UUID,
    step: int,
    draft: StepDataDraft | None = None,
    *,
    expected_version: int | None = None,
) -> Done:
    """Sends the current step to the caseworker: what `draft` has, else what was saved.

    Too late is accepted and marked (R100). Raises as `save_education_step`.
    """
    case = await lock_case(work, citizen_id, expected_version)
    order = await running_step(work, case)
    if draft is not None:
        _refuse_too_many(draft)
    sent = draft or _stored(step, order)
    body = _body(sent, order)
    late = is_sent_in_time(work.now, order["deadline"])
    work.check(_may_write(step, order), step_data(sent), sent_data(sent), late)
    plan_id = case.plan_id
    assert plan_id is not None  # it has an order
    await _write(work, plan_id, order["education_step_id"], body)
    await work.execute(
        "send_education_step", order["education_step_id"], work.now, late is not None
    )
    await put_into_inbox(
        work,
        *(Authority.JOBCENTER, case.municipality_code, citizen_id),
        *("STEP_SENT", order["education_step_id"]),
    )
    work.touch(plan_id, citizen_id, "education", trigger="EDUCATION_STEP")
    return Done(citizen_id, plan_id, {"step_id": order["education_step_id"]})


async def running_step(work: Work, case: Case) -> Mapping[str, Any]:
    """The order with its running step; raises `NotFound` where the citizen has none to see."""
    order = await work.fetchrow("read_education_order", case.plan_id)
    hidden = not case.target_group.education_steps
    if order is None or order["education_step_id"] is None or hidden:
        raise NotFound("There is no open step.")
    return dict(order)


def _may_write(step: int, order: Mapping[str, Any]) -> list[Any]:
    return [
        is_the_open_step(step, order["current_step"]),
        is_the_citizens_turn(order["status"], _PATH),
    ]


def _refuse_too_many(draft: StepDataDraft) -> None:
    """Raises `BadUserInput` for a list that nobody reads to its end."""
    for key in ("education_proposals", "institution_proposals", "applications"):
        if len(getattr(draft, key)) > MOST_ITEMS:
            raise BadUserInput(f"{MOST_ITEMS} is the most.", (*_PATH, camel(key)))


def _stored(step: int, order: Mapping[str, Any]) -> StepDataDraft:
    """What the citizen saved, else what was sent before the step was reopened."""
    body = order["draft"] or {key: order[key] for key in _DATA.get(step, ())}
    return StepDataDraft(
        step,
        tuple(
            EducationProposalDraft(item["education_name"], item["reason"])
            for item in body.get("education_proposals", ())
        ),
        tuple(InstitutionProposalDraft(**item) for item in body.get("institution_proposals", ())),
        body.get("institution_reason"),
        tuple(application_of(item) for item in body.get("applications", ())),
    )


def _body(draft: StepDataDraft, order: Mapping[str, Any]) -> dict[str, Any]:
    """The data of the draft's step under the keys of the document.

    Raises `BadUserInput` for data of another step and for an item that says nothing, `NotFound`
    for an application that is not the citizen's.
    """
    wanted = _DATA.get(draft.step, ())
    for key in (key for keys in _DATA.values() for key in keys if key not in wanted):
        if getattr(draft, key):
            raise BadUserInput("The step has no such data.", (*_PATH, camel(key)))
    full = {
        "education_proposals": [
            {
                "priority": index + 1,
                **_required(item, "education_name", "educationProposals", index),
            }
            for index, item in enumerate(draft.education_proposals)
        ],
        "institution_proposals": [
            {
                **_required(item, "goal", "institutionProposals", index),
                "institution": required(
                    item.institution, (*_PATH, "institutionProposals", index, "institution")
                ),
            }
            for index, item in enumerate(draft.institution_proposals)
        ],
        "institution_reason": written(draft.institution_reason),
        "applications": _applications(draft, order),
    }
    return {key: full[key] for key in wanted}


def _required(item: Any, name: str, field: str, index: int) -> dict[str, Any]:
    found = required(getattr(item, name), (*_PATH, field, index, camel(name)))
    row = asdict(replace(item, **{name: found}))
    return {**row, "reason": written(row["reason"])} if "reason" in row else row


def _applications(draft: StepDataDraft, order: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Applications keep their id from the first saving on, so that they can be told apart."""
    ids = [
        (item.application_id, (*_PATH, "applications", i, "id"))
        for i, item in enumerate(draft.applications)
    ]
    refuse_twice(ids)
    saved = (order["draft"] or {}).get("applications", ())
    known = {item["id"] for item in (*order["applications"], *saved)}
    if any(given is not None and given not in known for given, _ in ids):
        raise NotFound("There is no such application.")
    given = [
        {
            "id": item.application_id or str(uuid4()),
            "goal": required(item.goal, (*_PATH, "applications", index, "goal")),
            "institution": written(item.institution),
            "sent": item.sent,
            "answer": item.answer,
        }
        for index, item in enumerate(draft.applications)
    ]
    return _with_admission(given, order)


def _with_admission(given: list[dict[str, Any]], order: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The citizen's list; what the jobcenter recorded as the admission stays in it, as it is (R97).

    The dates of the admission, step 4 and the handover rest on it.
    """
    recorded = str(order["admitted_application_id"])
    admission = [item for item in order["applications"] if item["id"] == recorded]
    others = {item["id"]: item for item in given}
    return list({**others, **{item["id"]: item for item in admission}}.values())


async def _write(work: Work, plan_id: UUID, step_id: UUID, body: Mapping[str, Any]) -> None:
    """Puts the data of a step where the document is built from."""
    if "education_proposals" in body:
        items = body["education_proposals"]
        names, reasons = _column(items, "education_name"), _column(items, "reason")
        await work.execute("remove_education_proposals", step_id)
        await work.execute("write_education_proposals", step_id, names, reasons)
    if "institution_proposals" in body:
        items = body["institution_proposals"]
        goals, institutions = _column(items, "goal"), _column(items, "institution")
        await work.execute("remove_institution_proposals", step_id)
        await work.execute(
            "write_institution_proposals", step_id, goals, institutions, body["institution_reason"]
        )
    if "applications" in body:
        items = body["applications"]
        await work.execute("remove_applications_except", plan_id, _column(items, "id"))
        for position, item in enumerate(items, 1):
            await work.execute(
                "write_application",
                *(item["id"], plan_id, position, item["goal"], item["institution"]),
                *(item["sent"], item["answer"]),
            )


def _column(items: list[dict[str, Any]], key: str) -> list[Any]:
    return [item[key] for item in items]
