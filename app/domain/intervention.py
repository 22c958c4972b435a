"""Interventions as they are written, and what is particular to each kind (DOMAIN 5.12)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

SIX_WEEK_JOB_TRAINING: Final = "SIX_WEEK_JOB_TRAINING"

OFFER_KINDS: Final = frozenset(
    {
        *("COMPANY_INTERNSHIP", "WAGE_SUBSIDY", "UTILITY_JOB"),
        *("EDUCATION", "LITERACY_COURSE", "BRIDGE_BUILDING", "COURSE"),
    }
)
"""Kinds that are offers under LAB ch. 11-14 (R93)."""

NOT_OFFER_SCHEMES: Final = frozenset({SIX_WEEK_JOB_TRAINING, "ADULT_APPRENTICESHIP"})
"""Schemes of EDUCATION that are no offers (R93)."""

OPEN_END_KINDS: Final = frozenset(
    {"FLEX_JOB", "MENTOR", "PERSONAL_ASSISTANCE", "AID", "OTHER_AGREED"}
)
"""Kinds that may run without an end date (R78)."""

REQUIRED_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "CompanyIntervention": ("where",),
    "EducationIntervention": ("where",),
    "MentorIntervention": ("where",),
    "AidIntervention": ("who", "aid_form", "aid_category"),
    "AssistanceIntervention": ("where",),
    "SocialHealthIntervention": ("where",),
    "OtherIntervention": ("where",),
}
"""Beside what, when and why: the fields a kind cannot be published without, by GraphQL type."""


@dataclass(frozen=True, slots=True)
class InterventionKind:
    """One row of the code list; type_name is its GraphQL type."""

    code: str
    type_name: str
    timeline_label: str
    hidden_from_fund: bool = False
    fund_may_create: bool = False
    vitas_import: bool = False

    @property
    def may_have_open_end(self) -> bool:
        return self.code in OPEN_END_KINDS

    def is_offer(self, scheme: str | None = None) -> bool:
        """Whether the rules for offers apply (R93); scheme: only of EDUCATION."""
        return self.code in OFFER_KINDS and scheme not in NOT_OFFER_SCHEMES


@dataclass(frozen=True, slots=True)
class ContactAttempt:
    """A phone call about an offer; reached: the citizen answered."""

    attempted_on: date
    reached: bool


@dataclass(frozen=True, slots=True)
class Notice:
    """How the citizen was told the start date of an offer.

    basis: CONVERSATION, LETTER, PHONE or OTHER; None when the plan itself is the notice.
    """

    basis: str | None = None
    notified_on: date | None = None
    contact_attempts: tuple[ContactAttempt, ...] = ()


@dataclass(frozen=True, slots=True)
class InterventionDraft:
    """All input fields of all kinds; those of other kinds stay None.

    hours_per_week and minutes_per_week: each 0-59. end_date is inclusive. place: where, for
    company kinds the workplace is where. system and agreed_with_name: of imports, the system that
    sent it and the caseworker it names.
    """

    kind: str
    start_date: date | None
    description: str
    why: str
    end_date: date | None = None
    scheme: str | None = None
    headline: str | None = None
    hours_per_week: int | None = None
    minutes_per_week: int | None = None
    latest_status: str | None = None
    goal_ids: tuple[str, ...] = ()
    notice: Notice = Notice()
    outside_shortage_reason: str | None = None
    origin: str = "MANUAL"
    external_id: str | None = None
    system: str | None = None
    agreed_with_name: str | None = None
    place: str | None = None
    contact_name: str | None = None
    contact_phone: str | None = None
    contact_email: str | None = None
    occupation: str | None = None
    occupation_code: str | None = None
    workplace: str | None = None
    company_address: str | None = None
    cvr: str | None = None
    p_number: str | None = None
    course: str | None = None
    provider: str | None = None
    mentor_name: str | None = None
    mentor_tasks: str | None = None
    aid_form: str | None = None
    aid_category: str | None = None
    aid_purpose: str | None = None
    task_description: str | None = None
    code_list: str | None = None
    code: str | None = None
    code_label: str | None = None
    facilitator_name: str | None = None
