"""Agreements: what was agreed in conversations that were held (DOMAIN 5.9, past)."""

import strawberry

from app.domain import document as doc, popup
from app.domain.danish import agreed_with_on
from app.domain.timeline_row import AGREEMENT_LABELS
from app.schema.enums import AuthorityEnum, MeetingMode
from app.schema.fields import derived
from app.schema.popup import PopupField
from app.schema.scalars import Date, DateTime


def _label(root: doc.Agreement) -> str:
    return AGREEMENT_LABELS[root["authority"]]


def _attribution(root: doc.Agreement) -> str:
    return agreed_with_on(root["caseworker"], root["held_on"])


def _popup(root: doc.Agreement) -> list[popup.PopupField]:
    return popup.agreement_fields(root)


@strawberry.type(description="“Aftale”: what was agreed in a conversation.")
class Agreement:
    id: strawberry.ID
    authority: AuthorityEnum
    organisation: str
    organisation_code: str
    caseworker: str
    held_at: DateTime
    held_on: Date
    mode: MeetingMode
    agreement_text: str = strawberry.field(description="“Hvad blev aftalt”, newest revision.")
    revision: int = strawberry.field(description="1, and one more for each correction.")
    corrected_at: DateTime | None
    hidden_from_unemployment_fund: bool
    label: str = derived(_label, reads=("authority",), description="“Aftale med jobcenter” ...")
    attribution: str = derived(
        _attribution, reads=("caseworker", "held_on"), description="“Aftalt med ..., den ...”."
    )
    popup: list[PopupField] = derived(
        _popup,
        reads=("held_at", "mode", "caseworker", "organisation", "agreement_text"),
    )
