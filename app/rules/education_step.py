"""The education order step by step (R96-R104); who may have one is in `education_goal` (R95)."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from app.rules.breach import Breach, Finding, Path, rule

COPENHAGEN: Final = ZoneInfo("Europe/Copenhagen")
STEPS: Final = range(1, 5)
STEPS_OF_THE_CITIZEN: Final = range(1, 4)
_CITIZENS_TURN: Final = frozenset({"OPEN", "SAVED", "REOPENED"})


@rule("R96")
def is_a_step(step: int, path: Path = ("input", "step")) -> Breach | None:
    """An order opens at, and moves to, any of the steps 1-4 in any order.

    >>> is_a_step(1), is_a_step(4)
    (None, None)
    >>> is_a_step(5).code
    'INVALID_STEP'
    """
    return None if step in STEPS else Breach("R96", path=path)


@rule("R97")
def is_admitted_for_step_4(
    step: int, answers: Sequence[str], path: Path = ("input", "step")
) -> Breach | None:
    """Step 4 needs an application that was answered ADMITTED.

    >>> is_admitted_for_step_4(3, []), is_admitted_for_step_4(4, ["REJECTED", "ADMITTED"])
    (None, None)
    >>> is_admitted_for_step_4(4, ["WAITING_LIST"]).code
    'ADMISSION_REQUIRED'
    """
    return Breach("R97", path=path) if step == 4 and "ADMITTED" not in answers else None


@rule("R98")
def is_the_open_step(step: int, current: int, path: Path = ("input", "step")) -> Breach | None:
    """The citizen saves and sends the current step only, and nothing of step 4.

    >>> is_the_open_step(3, 3)
    >>> [is_the_open_step(*steps).code for steps in ((2, 3), (4, 4))]
    ['STEP_LOCKED', 'STEP_LOCKED']
    """
    mine = step == current and step in STEPS_OF_THE_CITIZEN
    return None if mine else Breach("R98", path=path)


@rule("R98")
def status_for_staff(status: str) -> str:
    """What staff see of a step: a draft is the citizen's own.

    >>> status_for_staff("SAVED"), status_for_staff("SENT")
    ('OPEN', 'SENT')
    """
    return "OPEN" if status == "SAVED" else status


@rule("R99")
def is_the_citizens_turn(status: str, path: Path = ()) -> Breach | None:
    """After sending the citizen writes nothing until the step is reopened or moved.

    >>> is_the_citizens_turn("REOPENED")
    >>> is_the_citizens_turn("SENT").code
    'STEP_LOCKED'
    """
    return None if status in _CITIZENS_TURN else Breach("R99", path=path)


@rule("R100")
def is_sent_in_time(sent_at: datetime, deadline: date) -> Finding | None:
    """The whole day of the deadline (Copenhagen) is in time; later is accepted and marked.

    >>> from datetime import UTC
    >>> is_sent_in_time(datetime(2026, 3, 1, 22, 59, tzinfo=UTC), date(2026, 3, 1))
    >>> is_sent_in_time(datetime(2026, 3, 1, 23, 0, tzinfo=UTC), date(2026, 3, 1)).code
    'DEADLINE_PASSED'
    """
    in_time = sent_at.astimezone(COPENHAGEN).date() <= deadline
    return None if in_time else Finding("R100", deadline=deadline)


@rule("R101")
def has_institution(sent: bool | None, institution: str | None, path: Path = ()) -> Breach | None:
    """An application that was sent names its institution.

    >>> has_institution(False, None), has_institution(True, "VUC")
    (None, None)
    >>> has_institution(True, " ").code
    'INSTITUTION_REQUIRED'
    """
    return Breach("R101", path=path) if sent and not (institution or "").strip() else None


@rule("R102")
def has_proposal_and_reason(
    proposals: int, reason: str | None, path: Path = ("input",)
) -> list[Breach]:
    """Step 2 is sent with at least one institution proposal and the joint reason.

    >>> has_proposal_and_reason(1, "Tæt på bussen")
    []
    >>> [b.code for b in has_proposal_and_reason(0, None)]
    ['PROPOSAL_REQUIRED', 'REASON_REQUIRED']
    """
    missing: dict[str, tuple[str, bool]] = {
        "PROPOSAL_REQUIRED": ("institutionProposals", proposals == 0),
        "REASON_REQUIRED": ("institutionReason", not (reason or "").strip()),
    }
    return [Breach("R102", code, (*path, field)) for code, (field, no) in missing.items() if no]


@rule("R103")
def is_supported(assessed: bool, has_contact: bool) -> list[Breach]:
    """Handover and closing of step 4 need the assessment and the jobcenter's contact person.

    >>> [b.code for b in is_supported(assessed=False, has_contact=False)]
    ['SUPPORT_NEED_REQUIRED', 'CONTACT_PERSON_REQUIRED']
    """
    missing = {"SUPPORT_NEED_REQUIRED": assessed, "CONTACT_PERSON_REQUIRED": has_contact}
    return [Breach("R103", code) for code, there in missing.items() if not there]


@rule("R104")
def may_be_handed_over(answers: Sequence[str]) -> Breach | None:
    """Nothing is released to an institution before admission.

    >>> may_be_handed_over(["ADMITTED"])
    >>> may_be_handed_over(["AWAITING"]).code
    'HANDOVER_TOO_EARLY'
    """
    return None if "ADMITTED" in answers else Breach("R104")
