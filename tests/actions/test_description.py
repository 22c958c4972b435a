"""The plan description: who writes it for whom, and how it goes."""

from uuid import UUID

import pytest

from app.actions.description import set_plan_description
from app.domain.viewer import Viewer
from app.errors import NotFound, RulesBroken
from tests.actions.desk import COLLEAGUE, JOBCENTER_VIEWER, Desk, Outcome
from tests.actions.register import published


async def write(
    desk: Desk,
    citizen_id: UUID,
    text: str | None,
    viewer: Viewer = JOBCENTER_VIEWER,
    *,
    covers: bool = False,
) -> Outcome:
    return await desk.run(
        viewer,
        lambda work: set_plan_description(
            work, citizen_id, text, covers_rehabilitation_part=covers
        ),
    )


@pytest.mark.rule("R54", "allowed")
@pytest.mark.rule("R56", "allowed")
async def test_a_description_is_written_changed_and_removed(desk: Desk) -> None:
    citizen_id = await desk.citizen("RESOURCE_PROGRAMME")
    first = await write(desk, citizen_id, " Du begynder stille. ", covers=True)
    assert first.versions["FULL"] == 1
    stored = (await desk.plan(citizen_id))["description"]
    assert (stored["text"], stored["variant"], stored["author"]) == (
        "Du begynder stille.",
        "AGREED_PATH",
        "Troels Agerskov",
    )
    assert stored["covers_rehabilitation_part"] is True
    again = await write(desk, citizen_id, "Du begynder stille.", COLLEAGUE, covers=True)
    assert (again.versions, again.notices) == ({}, 0)
    await write(desk, citizen_id, "Du ringer først.", COLLEAGUE)
    assert (await desk.plan(citizen_id))["description"]["author"] == "Asta Møllegård"
    assert (await write(desk, citizen_id, " ")).notices == 1
    assert (await desk.plan(citizen_id))["description"] is None


async def test_clearing_what_never_was_opens_no_plan_and_tells_nobody(desk: Desk) -> None:
    citizen_id = await desk.citizen("CASH_BENEFIT_ACTIVITY_READY")
    with pytest.raises(NotFound, match="no plan yet"):
        await write(desk, citizen_id, "  ")
    assert await desk.value("select count(*) from plan") == 0
    await published(desk, citizen_id)
    cleared = await write(desk, citizen_id, None)
    assert (cleared.versions, cleared.notices) == ({}, 0)


async def test_legal_text_only_warns(desk: Desk) -> None:
    citizen_id = await desk.citizen("EDU_BENEFIT_EDU_READY")
    outcome = await write(desk, citizen_id, "Jf. lovens § 41.")
    assert "LEGAL_TEXT_SUSPECTED" in outcome.warnings
    assert (await desk.plan(citizen_id))["description"]["variant"] == "CASEWORKER_COMMENT"


async def test_the_group_the_responsibility_and_the_length_are_all_named(desk: Desk) -> None:
    citizen_id = await desk.citizen("UNEMPLOYMENT_BENEFIT", fund_is_responsible=True)
    with pytest.raises(RulesBroken) as refused:
        await write(desk, citizen_id, "x" * 4001)
    assert [breach.rule for breach in refused.value.breaches] == ["R54", "R56", "R80"]
    assert await desk.value("select count(*) from plan") == 0
