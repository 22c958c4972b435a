"""What is written in an education order: step data, support, handover, tests (DOMAIN 5.14-5.16)."""

from dataclasses import dataclass
from datetime import date

from app.domain.absent import ABSENT, Absent


@dataclass(frozen=True, slots=True)
class EducationProposalDraft:
    education_name: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class InstitutionProposalDraft:
    """goal: the education goal's name, as it stands when the proposal is made."""

    goal: str
    institution: str


@dataclass(frozen=True, slots=True)
class ApplicationDraft:
    """sent: None while the citizen has not said. answer: AWAITING, ADMITTED, REJECTED or
    WAITING_LIST. application_id: the application that this one continues."""

    goal: str
    institution: str | None = None
    sent: bool | None = None
    answer: str = "AWAITING"
    application_id: str | None = None


@dataclass(frozen=True, slots=True)
class StepDataDraft:
    """The citizen's data of one step; each list is the whole list, in order of priority.

    Step 1 has education proposals, step 2 institution proposals and their reason, step 3
    applications.
    """

    step: int
    education_proposals: tuple[EducationProposalDraft, ...] = ()
    institution_proposals: tuple[InstitutionProposalDraft, ...] = ()
    institution_reason: str | None = None
    applications: tuple[ApplicationDraft, ...] = ()


@dataclass(frozen=True, slots=True)
class ApplicationChange:
    """What the jobcenter learnt of an application: what is absent stays as it is.

    application_id: None for one that the order does not have yet, which needs a goal.
    """

    application_id: str | None = None
    goal: str | Absent = ABSENT
    institution: str | Absent | None = ABSENT
    sent: bool | Absent | None = ABSENT
    answer: str | Absent = ABSENT


@dataclass(frozen=True, slots=True)
class AdmissionDraft:
    """Where the youth was admitted; a date that is absent stays as it is.

    application_id: None for the one there is, else the first that was answered with admission.
    start_date: when the education begins; started_on, completed_on: when it did.
    """

    application_id: str | None = None
    start_date: date | Absent | None = ABSENT
    started_on: date | Absent | None = ABSENT
    completed_on: date | Absent | None = ABSENT


@dataclass(frozen=True, slots=True)
class OpenStepDraft:
    """step: 1-4, with its deadline; both None: the order stays where it is, and only what was
    learnt of applications and of the admission is written."""

    step: int | None = None
    deadline: date | None = None
    applications: tuple[ApplicationChange, ...] = ()
    admission: AdmissionDraft | None = None


@dataclass(frozen=True, slots=True)
class InstitutionContactDraft:
    """The jobcenter's contact person for the institution."""

    name: str
    phone: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True)
class SupportNeedDraft:
    """intervention_ids: those of the plan that the institution is told of. contact: None keeps
    the one there is."""

    has_need: bool
    text: str | None = None
    intervention_ids: tuple[str, ...] = ()
    contact: InstitutionContactDraft | None = None


@dataclass(frozen=True, slots=True)
class HandoverDraft:
    """institution_code: of the institution that admitted the youth."""

    institution_code: str
    other_essential_information: str | None = None


@dataclass(frozen=True, slots=True)
class TestResultDraft:
    """kind: READING, WRITING, MATHS or DYSLEXIA. requested_by: CITIZEN or MUNICIPALITY."""

    __test__ = False  # the name begins as pytest's test classes do

    kind: str
    taken_on: date
    result: str
    requested_by: str
    course_recommended: str | None = None
    reason: str | None = None
