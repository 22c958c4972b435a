"""Interventions that tests of actions write, and how they write them."""

from dataclasses import replace
from uuid import UUID

import pytest

from app.actions.intervention import create_intervention
from app.domain.intervention import InterventionDraft
from app.domain.viewer import Viewer
from app.errors import RulesBroken
from tests.actions.desk import JOBCENTER_VIEWER, WELDER, Desk, Outcome, day

MENTOR = InterventionDraft(
    kind="MENTOR",
    start_date=day(10),
    description="En mentor to timer om ugen.",
    why="Du vil have en at spørge.",
    place="Kantinen Ravkorn",
    mentor_name="Poul Ravn",
    mentor_tasks="Følger dig den første uge.",
)
SUBSIDY = InterventionDraft(
    kind="WAGE_SUBSIDY",
    start_date=day(9),
    end_date=day(99),
    description="Du svejser skibsdele.",
    why="Du har svejset i mange år.",
    hours_per_week=30,
    occupation_code=WELDER,
    workplace="Kobberlærkens Svejseværk",
    contact_phone="00 11 33 37",
    cvr="12345678",
)
SCHOOL = InterventionDraft(
    kind="EDUCATION",
    scheme="SIX_WEEK_JOB_TRAINING",
    start_date=day(1),
    end_date=day(40),
    description="Seks uger på skolebænken.",
    why="Du mangler et kursus.",
    course="Svejsning",
    place="Skolen",
)
AID = InterventionDraft(
    kind="AID",
    start_date=day(1),
    description="Et program læser højt.",
    why="Det sparer kræfter.",
    contact_name="Jytte Hasselbo",
    aid_form="LOAN",
    aid_category="Arbejdsredskaber",
    aid_purpose="FLEX_JOB",
)
ASSISTANCE = replace(MENTOR, kind="PERSONAL_ASSISTANCE", task_description="Løfter tunge ting.")
SOCIAL = replace(
    MENTOR, kind="SOCIAL", end_date=day(30), code_list="SOC", code="1", code_label="Støtte"
)
AGREED = replace(MENTOR, kind="OTHER_AGREED", mentor_name=None, mentor_tasks=None)


async def create(
    desk: Desk, citizen_id: UUID, draft: InterventionDraft, viewer: Viewer = JOBCENTER_VIEWER
) -> Outcome:
    return await desk.run(viewer, lambda work: create_intervention(work, citizen_id, draft))


async def refused(
    desk: Desk, citizen_id: UUID, draft: InterventionDraft, viewer: Viewer = JOBCENTER_VIEWER
) -> list[str]:
    """The numbers of the rules that are broken; nothing may be stored."""
    before = await desk.value("select count(*) from intervention")
    with pytest.raises(RulesBroken) as answer:
        await create(desk, citizen_id, draft, viewer)
    assert await desk.value("select count(*) from intervention") == before
    return [breach.rule for breach in answer.value.breaches]
