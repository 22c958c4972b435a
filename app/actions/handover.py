"""Support in the education, what is handed over to the institution, and tests (R103-R109)."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from app.actions.common import phone_number, required, written
from app.actions.education import order_of
from app.domain.contact import email_address
from app.domain.education import (
    HandoverDraft,
    InstitutionContactDraft,
    SupportNeedDraft,
    TestResultDraft,
)
from app.domain.notice import NoticeEvent
from app.errors import BadUserInput, NotFound
from app.rules import text
from app.rules.breach import Path
from app.rules.education_goal import may_have_order
from app.rules.education_step import is_supported, may_be_handed_over
from app.rules.test_result import is_valid, may_be_ordered, valid_until
from app.store.cases import caseworker_of, lock_case, plan_of
from app.store.work import Done, Work

_PATH: Path = ("input",)


async def assess_support_need(
    work: Work,
    citizen_id: UUID,
    draft: SupportNeedDraft,
    *,
    expected_version: int | None = None,
) -> Done:
    """Assesses the need of support, and names the jobcenter's contact person (R103).

    Raises `NotFound` without an order or such an intervention, `RulesBroken` with all broken
    rules.
    """
    case = await lock_case(work, citizen_id, expected_version)
    draft = replace(draft, text=written(draft.text), contact=_contact(draft.contact))
    contact = draft.contact
    work.check(
        may_have_order(case.target_group, _PATH),
        text.all_fit(draft, text.SUPPORT_NEED, _PATH),
        text.all_fit(contact, text.INSTITUTION_CONTACT, (*_PATH, "contact")) if contact else None,
    )
    await order_of(work, case.plan_id)
    plan_id = case.plan_id
    assert plan_id is not None  # it has an order
    caseworker_id = await caseworker_of(work)
    await work.execute(
        "assess_support_need", plan_id, work.today, caseworker_id, draft.has_need, draft.text
    )
    await work.execute("remove_support_need_interventions", plan_id)
    for intervention_id in dict.fromkeys(draft.intervention_ids):
        added = await work.fetchval("add_support_need_intervention", plan_id, UUID(intervention_id))
        if added is None:
            raise NotFound("There is no such intervention.")
    if contact is not None:
        await work.execute(
            "set_institution_contact", plan_id, contact.name, contact.phone, contact.email
        )
    _touch(work, plan_id, citizen_id)
    work.watch(plan_id, case)
    return Done(citizen_id, plan_id)


async def release_handover(
    work: Work,
    citizen_id: UUID,
    draft: HandoverDraft,
    *,
    expected_version: int | None = None,
) -> Done:
    """Releases the handover package to the institution that admitted the youth (R104).

    The package says what the plan says now; later changes reach the institution by releasing it
    again. Raises `NotFound` without an order, `BadUserInput` for an unknown institution,
    `RulesBroken` with all broken rules.
    """
    case = await lock_case(work, citizen_id, expected_version)
    draft = replace(draft, other_essential_information=written(draft.other_essential_information))
    order = await order_of(work, case.plan_id)
    work.check(
        may_have_order(case.target_group, _PATH),
        may_be_handed_over([item["answer"] for item in order["applications"]]),
        is_supported(order["assessed"], order["has_contact"]),
        text.all_fit(draft, text.HANDOVER, _PATH),
    )
    institution = await work.fetchrow(
        "find_organisation", "EDUCATION_INSTITUTION", draft.institution_code
    )
    if institution is None:
        raise BadUserInput("There is no such institution.", (*_PATH, "institutionCode"))
    plan_id = case.plan_id
    assert plan_id is not None  # it has an order
    handover_id = await work.fetchval(
        "release_handover",
        *(plan_id, institution["organisation_id"], draft.other_essential_information, work.now),
    )
    _touch(work, plan_id, citizen_id)
    work.watch(plan_id, case)
    return Done(citizen_id, plan_id, {"handover_package_id": handover_id})


async def confirm_handover(
    work: Work, handover_id: UUID, received_at: datetime | None = None
) -> Done:
    """The institution has received the package; the youth and the jobcenter see it (R153).

    received_at: None for now. Again answers the first receipt and changes nothing; after a new
    release it counts anew. Raises `NotFound` for a package that is not addressed to the viewer's
    institution, `BadUserInput` for a receipt before the release or in the future.
    """
    citizen_id = await work.fetchval("lock_handover", handover_id, work.viewer.organisation_code)
    if citizen_id is None:
        raise NotFound("There is no such handover package.")
    work.wanted.add(citizen_id)
    package = await work.fetchrow("read_handover", handover_id)
    assert package is not None  # it was locked
    values = {"handover_package_id": handover_id}
    if package["received_at"] is not None:
        return Done(citizen_id, None, {**values, "received_at": package["received_at"]})
    at = received_at or work.now
    if not package["released_at"] <= at <= work.now:
        raise BadUserInput("It is received after its release.", (*_PATH, "receivedAt"))
    await work.execute("confirm_handover", handover_id, at)
    if package["active"]:  # R12: a closed plan stays as it was closed, and nobody is told of it
        _touch(work, package["plan_id"], citizen_id)
    return Done(citizen_id, None, {**values, "received_at": at})


async def register_test_result(
    work: Work,
    citizen_id: UUID,
    draft: TestResultDraft,
    *,
    expected_version: int | None = None,
) -> Done:
    """Stores the result of a test; the citizen is told.

    Raises `NotFound` for a citizen out of reach, `RulesBroken` where another test of the kind was
    valid on the day and nobody asked for a new one with a reason (R109).
    """
    case = await lock_case(work, citizen_id, expected_version)
    if draft.taken_on > work.today:
        raise BadUserInput("A test is registered when it has been taken.", (*_PATH, "takenOn"))
    draft = replace(
        draft,
        result=required(draft.result, (*_PATH, "result")),
        course_recommended=written(draft.course_recommended),
        reason=written(draft.reason),
    )
    rows = await work.fetch("test_days", case.plan_id, draft.kind)
    earlier = [row["taken_on"] for row in rows if row["taken_on"] <= draft.taken_on]
    valid = [valid_until(day) for day in earlier if is_valid(day, draft.taken_on)]
    work.check(
        may_be_ordered(max(valid, default=None), draft.requested_by, draft.reason),
        text.all_fit(draft, text.TEST_RESULT, _PATH),
    )
    plan_id = await plan_of(work, case)
    test_result_id = await work.fetchval(
        "register_test_result",
        *(plan_id, draft.kind, draft.taken_on, draft.result, draft.course_recommended),
        *(draft.requested_by, draft.reason),
    )
    _touch(work, plan_id, citizen_id)
    work.watch(plan_id, case)
    return Done(citizen_id, plan_id, {"test_result_id": test_result_id})


def _contact(contact: InstitutionContactDraft | None) -> InstitutionContactDraft | None:
    if contact is None:
        return None
    path: Path = (*_PATH, "contact")
    return InstitutionContactDraft(
        required(contact.name, (*path, "name")),
        phone_number(contact.phone, (*path, "phone")),
        _email(contact.email, (*path, "email")),
    )


def _email(text: str | None, path: Path) -> str | None:
    address = written(text)
    if address is not None and email_address(address) is None:
        raise BadUserInput("This is not an e-mail address.", path)
    return address


def _touch(work: Work, plan_id: UUID, citizen_id: UUID) -> None:
    """Nothing of support, handover and tests is for a fund (DOMAIN section 10)."""
    work.touch(
        *(plan_id, citizen_id, "education"),
        trigger="EDUCATION_STEP",
        event=NoticeEvent.PLAN_CHANGED,
        hidden_from_fund=True,
    )
