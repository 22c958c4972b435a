"""What the jobcenter records of a youth's applications and of the admission (R97, R101, R103)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from app.actions.common import refuse_twice, required, written
from app.domain.absent import given
from app.domain.education import AdmissionDraft, ApplicationChange, ApplicationDraft
from app.errors import BadUserInput, NotFound
from app.rules import text
from app.rules.breach import Breach, Path
from app.rules.education_step import has_institution, is_admitted_for_step_4
from app.store.work import Work

APPLICATIONS: Path = ("input", "applications")
ADMISSION: Path = ("input", "admission")

Stored = Mapping[str, Any]
"""A row of `read_education_order`, or an application in it."""


@dataclass(frozen=True, slots=True)
class Admission:
    """As it is stored. application_id: None without an admission."""

    application_id: str | None = None
    start_date: date | None = None
    started_on: date | None = None
    completed_on: date | None = None


def application_of(item: Stored) -> ApplicationDraft:
    """An application under the keys of the document as a draft."""
    return ApplicationDraft(
        item["goal"], item["institution"], item["sent"], item["answer"], item["id"]
    )


def document_of(draft: ApplicationDraft) -> dict[str, Any]:
    """A draft under the keys of the document."""
    return {
        "id": draft.application_id,
        "goal": draft.goal,
        "institution": draft.institution,
        "sent": draft.sent,
        "answer": draft.answer,
    }


def changed_applications(
    stored: Sequence[ApplicationDraft], changes: Sequence[ApplicationChange]
) -> list[ApplicationDraft]:
    """Each change as the whole application that it leaves, a new one with a new id.

    Raises `NotFound` for an application that the order does not have, `BadUserInput` for one
    without a goal and for one that is named twice.
    """
    refuse_twice(
        (change.application_id, (*APPLICATIONS, i, "id")) for i, change in enumerate(changes)
    )
    known = {item.application_id: item for item in stored}
    return [_changed(known, change, (*APPLICATIONS, i)) for i, change in enumerate(changes)]


def _changed(
    known: Mapping[str | None, ApplicationDraft], change: ApplicationChange, path: Path
) -> ApplicationDraft:
    before = ApplicationDraft("")
    if change.application_id is not None:
        if change.application_id not in known:
            raise NotFound("There is no such application.")
        before = known[change.application_id]
    return ApplicationDraft(
        required(given(change.goal, before.goal), (*path, "goal")),
        written(given(change.institution, before.institution)),
        given(change.sent, before.sent),
        given(change.answer, before.answer),
        change.application_id or str(uuid4()),
    )


def merged(
    stored: Sequence[ApplicationDraft], changed: Sequence[ApplicationDraft]
) -> list[ApplicationDraft]:
    """All applications in their order, the new ones last."""
    return list({item.application_id: item for item in (*stored, *changed)}.values())


def application_rules(changed: Sequence[ApplicationDraft]) -> list[Breach | None]:
    """The rules for the applications that an input changes."""
    answers: list[Breach | None] = []
    for i, item in enumerate(changed):
        path: Path = (*APPLICATIONS, i)
        answers.append(has_institution(item.sent, item.institution, (*path, "institution")))
        answers += text.all_fit(item, text.APPLICATION, path)
    return answers


def admission_after(
    before: Admission,
    applications: Sequence[ApplicationDraft],
    draft: AdmissionDraft | None,
    *,
    needed: bool,
    today: date,
) -> Admission:
    """The admission that an input leaves; that of an application no longer admitted is none.

    needed: without one the first application that was answered with admission is taken. Raises
    `NotFound` for an application that the order does not have, `BadUserInput` for dates that
    cannot be.
    """
    admitted = [item.application_id for item in applications if item.answer == "ADMITTED"]
    chosen = draft.application_id if draft else None
    if chosen is not None and chosen not in {item.application_id for item in applications}:
        raise NotFound("There is no such application.")
    kept = before.application_id if before.application_id in admitted else None
    application_id = chosen or kept or (next(iter(admitted), None) if needed else None)
    if application_id not in admitted:
        return Admission()
    stands = before if application_id == before.application_id else Admission()
    wanted = draft or AdmissionDraft()
    return _possible(
        Admission(
            application_id,
            given(wanted.start_date, stands.start_date),
            given(wanted.started_on, stands.started_on),
            given(wanted.completed_on, stands.completed_on),
        ),
        today,
    )


def _possible(admission: Admission, today: date) -> Admission:
    started, completed = admission.started_on, admission.completed_on
    if started is not None and started > today:
        raise BadUserInput("It is written when it has begun.", (*ADMISSION, "startedOn"))
    if completed is not None and completed > today:
        raise BadUserInput("It is written when it is completed.", (*ADMISSION, "completedOn"))
    if completed is not None and (started is None or completed < started):
        raise BadUserInput("It is completed after it was started.", (*ADMISSION, "completedOn"))
    return admission


def admission_rule(
    step: int, moves: bool, draft: AdmissionDraft | None, applications: Sequence[ApplicationDraft]
) -> Breach | None:
    """Step 4 and a recorded admission rest on an application answered with admission (R97).

    step: the one that the order is left at. moves: whether the input names it.
    """
    if draft is not None and draft.application_id is not None:
        answers = [a.answer for a in applications if a.application_id == draft.application_id]
        return is_admitted_for_step_4(4, answers, (*ADMISSION, "applicationId"))
    answers = [item.answer for item in applications]
    if draft is not None:
        return is_admitted_for_step_4(4, answers, ADMISSION)
    path: Path = ("input", "step") if moves else APPLICATIONS
    return is_admitted_for_step_4(step, answers, path)


async def write_applications(
    work: Work, plan_id: UUID, order: Stored | None, changed: Sequence[ApplicationDraft]
) -> None:
    """Writes applications; what the citizen saved of step 3 and did not send gets them too.

    Otherwise sending it would take back what the jobcenter has written since.
    """
    for item in changed:
        await work.execute(
            "write_application",
            *(item.application_id, plan_id, None, item.goal, item.institution, item.sent),
            item.answer,
        )
    draft = order["draft"] if order and changed else None
    if order and draft and "applications" in draft:
        saved = merged([application_of(item) for item in draft["applications"]], changed)
        body = {**draft, "applications": [document_of(item) for item in saved]}
        await work.execute("save_education_step", order["education_step_id"], work.now, body)
