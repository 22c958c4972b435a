"""Rows of a load on their way to COPY: columns of each table, gathered and sent in order."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime
from random import Random
from typing import Any, Final
from uuid import UUID

from app.store.db import Connection

# a table after everything it refers to
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "citizen": (
        *("citizen_id", "cpr_encrypted", "cpr_index", "given_name", "middle_name", "surname"),
        *("birth_date", "municipality_code", "right_and_duty", "first_benefit_date"),
        *("has_vocational_education", "has_dependent_children", "under_kui", "registration_open"),
        *("phone", "email", "cv_searchable", "cv_part_time", "created_at"),
    ),
    "target_group_period": ("citizen_id", "target_group", "plan_type", "valid_from"),
    "membership": ("membership_id", "citizen_id", "fund_id", "insurance", "valid_from", "valid_to"),
    "case_responsibility": (
        *("case_responsibility_id", "citizen_id", "authority", "organisation_id", "basis"),
        *("valid_from", "valid_to", "counted_hours", "expected_transition_date"),
    ),
    "digital_exemption": ("digital_exemption_id", "citizen_id", "kind", "valid_from"),
    "sought_job": ("sought_job_id", "citizen_id", "occupation_code", "added_at", "added_during"),
    "notification_preference": (
        *("citizen_id", "sms", "sms_number", "email", "email_address", "updated_at"),
        *("sms_verified_at", "email_verified_at"),
    ),
    "plan": (
        "plan_id",
        "citizen_id",
        "plan_type",
        "status",
        "created_at",
        "holistic",
        "citizen_agrees",
    ),
    "job_goal": (
        *("job_goal_id", "plan_id", "occupation_code", "job_function_text", "term"),
        *("long_term_description", "priority", "confirmed_by", "confirmed_at"),
    ),
    "sub_goal": ("sub_goal_id", "job_goal_id", "position", "text", "target_date"),
    "education_goal": (
        *("education_goal_id", "plan_id", "education_name", "priority", "agreed_by", "agreed_at"),
    ),
    "plan_description": (
        *("plan_id", "text", "author", "updated_at", "covers_rehabilitation_part"),
    ),
    "meeting": (
        *("meeting_id", "plan_id", "system", "external_id", "authority", "organisation_id"),
        *("source", "status", "starts_at", "ends_at", "mode", "place", "caseworker_name"),
        "description",
    ),
    "conversation": (
        *("conversation_id", "plan_id", "authority", "organisation_id", "caseworker_id", "held_at"),
        *("mode", "written_under_plan_type", "hidden_from_unemployment_fund", "registered_at"),
    ),
    "agreement_revision": ("conversation_id", "revision", "text", "author", "written_at"),
    "job_search_requirement": (
        *("requirement_id", "plan_id", "issuer", "organisation_id", "caseworker_id", "industries"),
        *("agreement_text", "other_expectations", "expected_count", "full_time", "unsolicited"),
        *("valid_from", "valid_to"),
    ),
    "requirement_occupation": ("requirement_id", "position", "occupation_code"),
    "requirement_area": ("requirement_id", "position", "municipality_code", "label"),
    "integration_contract": (
        *("plan_id", "document", "file_name", "signed_on", "danish_goal", "valid_until"),
    ),
    "intervention": (
        *("intervention_id", "plan_id", "kind", "scheme", "headline", "hours_per_week"),
        *("description", "agreed_with", "shows_organisation", "start_date", "end_date", "why"),
        *("cancelled_at", "cancel_reason", "latest_status", "latest_status_by"),
        *("latest_status_at", "origin", "external_id", "written_under_plan_type", "created_at"),
        *("place", "contact_name", "contact_phone", "contact_email", "occupation", "workplace"),
        *("company_address", "cvr", "p_number", "course", "provider", "mentor_name"),
        *("mentor_tasks", "aid_form", "aid_category", "aid_purpose", "task_description"),
        *("code_list", "code", "code_label", "facilitator_name", "is_offer", "notice_basis"),
        *("notice_on", "right_and_duty"),
    ),
    "goal_link": ("intervention_id", "job_goal_id", "education_goal_id"),
    "education_order": ("plan_id", "current_step"),
    "education_step": (
        *("education_step_id", "plan_id", "step", "opened_at", "opened_by", "caseworker_id"),
        *("deadline", "status", "sent_at"),
    ),
    "education_proposal": ("education_step_id", "priority", "education_name", "reason"),
}

_FIRST_MILLISECOND: Final = int(datetime(2020, 1, 1, tzinfo=UTC).timestamp()) * 1000
_LOADED_AT_MOST: Final = 1_000_000_000


class Rows:
    """Rows by table, in the order of `COLUMNS`."""

    def __init__(self) -> None:
        self._rows: defaultdict[str, list[tuple[Any, ...]]] = defaultdict(list)
        self.citizens: list[UUID] = []
        self.plans: list[UUID] = []

    def add(self, table: str, **values: Any) -> None:
        """A row; a column that is not named is null. Raises KeyError for an unknown column."""
        row = tuple([values.pop(column, None) for column in COLUMNS[table]])
        if values:
            raise KeyError(f"{table} has no {', '.join(values)}")
        self._rows[table].append(row)

    async def copy(self, connection: Connection) -> None:
        """Sends everything; the caller holds the transaction."""
        for table, columns in COLUMNS.items():
            if self._rows[table]:
                await connection.copy_records_to_table(
                    table, records=self._rows[table], columns=columns
                )


class Ids:
    """The ids of one loaded citizen's rows: version 7 of UUID in form, the same for the same seed.

    Their time is a millisecond of January 2020 that only the citizen with this number has, so ids
    of a load meet no others, and rows of a citizen lie together in every index.
    """

    def __init__(self, number: int, random: Random) -> None:
        self._fixed = (_FIRST_MILLISECOND + number) << 80 | 7 << 76 | 2 << 62
        self._random = random
        self._given = -1

    def next(self) -> UUID:
        """Another id; the first is the citizen's own."""
        self._given += 1
        return UUID(int=self._fixed | self._given << 64 | self._random.getrandbits(62))


def id_range() -> tuple[UUID, UUID]:
    """The lowest and highest id that a load can give."""
    lowest, highest = _FIRST_MILLISECOND << 80, (_FIRST_MILLISECOND + _LOADED_AT_MOST) << 80
    return UUID(int=lowest), UUID(int=highest)


def number_of(citizen_id: UUID) -> int:
    """The number that a loaded citizen's id was made from.

    >>> number_of(Ids(41, Random(1)).next())
    41
    """
    return (citizen_id.int >> 80) - _FIRST_MILLISECOND
