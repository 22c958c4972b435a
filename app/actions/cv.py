"""What the citizen says of the CV (R37): outside the plan, so without a version."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from app.actions.common import written
from app.domain.absent import ABSENT, Absent, given
from app.domain.contact import web_address
from app.errors import BadUserInput
from app.rules import text
from app.rules.sought_job import cv_may_be_searchable
from app.store.cases import lock_case
from app.store.work import Done, Work

_LINK: Final = ("input", "link")


@dataclass(frozen=True, slots=True)
class CvDraft:
    """What is `ABSENT` stays; None removes the link."""

    searchable: bool | Absent = ABSENT
    part_time: bool | Absent = ABSENT
    link: str | Absent | None = ABSENT


async def update_cv_settings(work: Work, citizen_id: UUID, draft: CvDraft) -> Done:
    """Stores the citizen's own settings; the same again is nothing.

    Raises `NotFound` for a citizen out of reach, `BadUserInput` for a link that is no web address,
    `RulesBroken` with all broken rules.
    """
    case = await lock_case(work, citizen_id)
    stored = dict(await work.fetchrow("cv_settings", citizen_id) or {})
    wanted = {
        "searchable": given(draft.searchable, stored["searchable"]),
        "part_time": given(draft.part_time, stored["part_time"]),
        "link": _address(given(draft.link, stored["link"])),
    }
    made_searchable = wanted["searchable"] and not stored["searchable"]
    work.check(
        cv_may_be_searchable(
            case.target_group, made_searchable, case.sought_jobs, ("input", "searchable")
        ),
        text.fits(wanted["link"], text.CV_LINK, _LINK),
    )
    if wanted != stored:
        await work.execute("store_cv_settings", citizen_id, *wanted.values())
        work.touch_citizen(citizen_id)
    return Done(citizen_id, None, {"cv": wanted})


def _address(link: str | None) -> str | None:
    address = written(link)
    if address is not None and web_address(address) is None:
        raise BadUserInput("A link is a web address.", _LINK)
    return address
