"""Where the neighbouring functions of Jobnet are found (DOMAIN section 12, LINK)."""

import strawberry

from app.domain import document as doc
from app.schema.scalars import Url

PORTAL = "https://jobnet.dk"
CALENDAR = f"{PORTAL}/kalender"

_EVERYBODY = {
    "calendar": CALENDAR,
    "my_absence": f"{PORTAL}/mit-fravaer",
    "my_meetings": f"{PORTAL}/mine-moeder",
    "job_log": f"{PORTAL}/joblog",
    "cv": f"{PORTAL}/cv",
}


@strawberry.type(description="Pages beside the plan; null where the group has no such link.")
class PlanLinks:
    find_job: Url | None = strawberry.field(description="“FIND JOB”.")
    calendar: Url
    my_absence: Url = strawberry.field(description="“Mit Fravær”.")
    my_meetings: Url = strawberry.field(description="“Mine Møder”.")
    job_log: Url
    cv: Url
    find_education: Url | None


def links(root: doc.PlanDocument) -> dict[str, str | None]:
    """R53: the link to job proposals as the target group says; education guidance for youths."""
    for_education = any(e["code"] == "EDUCATION_STEP" for e in root["composition_elements"])
    return {
        **_EVERYBODY,
        "find_job": f"{PORTAL}/find-job" if root["shows_find_job"] else None,
        "find_education": "https://www.ug.dk" if for_education else None,
    }
