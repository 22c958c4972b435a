"""How long texts may be (R80). Lengths are Unicode code points, as PostgreSQL counts them.

Only the fact that texts are limited is sourced; the numbers are configuration with these defaults.
"""

import re
from collections.abc import Mapping
from typing import Final

from app.rules.breach import Breach, Path, rule

JOB_GOAL: Final = {
    "job_function_text": 200,
    "long_term_description": 500,
    "outside_shortage_reason": 500,
}
SUB_GOAL: Final = {"text": 300}
EDUCATION_GOAL: Final = {"education_name": 200, "education_code": 40}
PLAN_DESCRIPTION: Final = {"text": 4000}
CONVERSATION: Final = {"agreement_text": 4000}
STATUS: Final = {"text": 1500}
COMMENT: Final = {"text": 2000}
RECOMMENDATION: Final = {"text": 1500}
REQUIREMENT: Final = {"agreement_text": 1500, "other_expectations": 1500}
INDUSTRY: Final = 100
AREA: Final = {"label": 100}
ACKNOWLEDGEMENT_NOTE: Final = 1500
EXEMPTION_REASON: Final = 1500
AGREEMENT_COMMENT: Final = 1500
CV_LINK: Final = 500
PERSON_NAME: Final = {"given": 50, "middle": 40, "surname": 40}
INTERVENTION: Final = {
    "description": 1500,
    "why": 1500,
    "latest_status": 1500,
    "mentor_tasks": 1500,
    "task_description": 1500,
    "headline": 200,
    "outside_shortage_reason": 500,
    "external_id": 100,
    "place": 300,
    "contact_name": 200,
    "contact_email": 254,
    "occupation": 200,
    "workplace": 300,
    "company_address": 300,
    "course": 200,
    "provider": 300,
    "mentor_name": 200,
    "aid_category": 300,
    "code_list": 40,
    "code": 40,
    "code_label": 200,
    "facilitator_name": 200,
    "agreed_with_name": 200,
}
EDUCATION_PROPOSAL: Final = {"education_name": 200, "reason": 1500}
INSTITUTION_PROPOSAL: Final = {"goal": 200, "institution": 200}
APPLICATION: Final = {"goal": 200, "institution": 200}
STEP_DATA: Final = {"institution_reason": 1500}
SUPPORT_NEED: Final = {"text": 2000}
INSTITUTION_CONTACT: Final = {"name": 200, "email": 254}
HANDOVER: Final = {"other_essential_information": 2000}
TEST_RESULT: Final = {"result": 500, "course_recommended": 500, "reason": 500}
CONTRACT: Final = {"file_name": 200, "danish_goal": 300}
MEETING: Final = {
    "external_id": 100,
    "place": 300,
    "address": 300,
    "map_url": 500,
    "caseworker_name": 200,
    "caseworker_role": 100,
    "description": 1000,
}
OTHER_AGREEMENT: Final = {"external_id": 100, "title": 200, "place": 300, "description": 1000}

_OTHER_NAMES: Final = {
    **{"aid_form": "form", "aid_category": "category", "aid_purpose": "purpose"},
    "agreed_with_name": "caseworkerName",
}


@rule("R80")
def fits(text: str | None, limit: int, path: Path = ()) -> Breach | None:
    """A text has at most `limit` code points; it is never cut.

    >>> fits("å" * 1500, 1500)
    >>> fits("å" * 1501, 1500).details
    {'limit': 1500, 'length': 1501}
    """
    if text is None or len(text) <= limit:
        return None
    return Breach("R80", path=path, limit=limit, length=len(text))


def all_fit(draft: object, limits: Mapping[str, int], path: Path = ()) -> list[Breach]:
    """`fits` for each field of a draft that `limits` names; paths end in the camelCase field.

    >>> from app.domain.goal import EducationGoalDraft
    >>> [b.path for b in all_fit(EducationGoalDraft("x" * 201, 1), EDUCATION_GOAL, ("goals", 0))]
    [('goals', 0, 'educationName')]
    """
    answers = [
        fits(getattr(draft, field), limit, (*path, camel(field))) for field, limit in limits.items()
    ]
    return [broken for broken in answers if broken is not None]


def camel(name: str) -> str:
    """The name a client knows a field by.

    >>> camel("long_term_description"), camel("aid_form")
    ('longTermDescription', 'form')
    """
    if name in _OTHER_NAMES:
        return _OTHER_NAMES[name]
    return re.sub(r"_([a-z])", lambda match: match[1].upper(), name)
