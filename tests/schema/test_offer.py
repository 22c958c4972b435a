"""Offers and other interventions as a caseworker's system writes them: each demand, both sides."""

from typing import Any

import asyncpg
import pytest

from app.domain.viewer import Role
from tests.schema.eyes import KINDS, intervention
from tests.schema.interventions import act, codes, seen, update
from tests.story import new_citizen
from tests.world import JOBCENTER, World

OPEN_ENDED = {"FLEX_JOB", "MENTOR", "PERSONAL_ASSISTANCE", "AID", "OTHER_AGREED"}
OFFERS = {
    *("COMPANY_INTERNSHIP", "WAGE_SUBSIDY", "UTILITY_JOB"),
    *("LITERACY_COURSE", "BRIDGE_BUILDING", "COURSE"),
}
TOMORROW = "2026-03-03"


@pytest.fixture
async def occupations(world: World) -> None:
    """A welder lacks in the region, a clerk does not, a gardener is on no list."""
    connection = await asyncpg.connect(world.settings.database_url)
    try:
        await connection.execute(
            "insert into occupation (code, label) values"
            " ('W', 'Svejser'), ('C', 'Kontormedhjælper'), ('G', 'Gartner')"
        )
        await connection.execute(
            "insert into shortage_area (region, occupation_code, in_shortage)"
            " select m.region, x.code, x.code = 'W' from municipality m,"
            " (values ('W'), ('C')) x (code) where m.code = $1",
            JOBCENTER,
        )
    finally:
        await connection.close()


async def write(world: World, citizen: str, kind: str, **more: Any) -> dict[str, Any]:
    return await act(world, *intervention(world, citizen, kind, **more))


@pytest.mark.parametrize("kind", sorted(OFFERS))
@pytest.mark.rule("R90", "refused")
@pytest.mark.rule("R93", "allowed")
async def test_every_kind_of_offer_needs_notice_and_may_start_nine_days_on(
    shared_world: World, kind: str
) -> None:
    citizen = await new_citizen(shared_world)
    early = await write(shared_world, citizen, kind, startDate="2026-03-10")
    assert codes(early) == [("R90", "OFFER_TOO_EARLY")]
    assert early["breaches"][0]["message"].startswith("Tilbuddet kan tidligst starte 11. marts")
    assert (await write(shared_world, citizen, kind, startDate="2026-03-11"))["version"] == 1


@pytest.mark.rule("R93", "refused")
@pytest.mark.rule("R90", "allowed")
async def test_what_is_no_offer_may_start_today(shared_world: World) -> None:
    citizen = await new_citizen(shared_world, rightAndDuty=True)
    others = [kind for kind in KINDS if kind not in OFFERS]
    for kind in others:
        answer = await write(shared_world, citizen, kind, startDate=str(shared_world.day[0]))
        assert "breaches" not in answer
    assert len(await seen(shared_world, citizen)) == len(others) == 12


@pytest.mark.parametrize("basis", ["CONVERSATION", "LETTER", "PHONE", "OTHER"])
@pytest.mark.rule("R91", "allowed")
@pytest.mark.rule("R91", "refused")
@pytest.mark.rule("R92", "allowed")
@pytest.mark.rule("R92", "refused")
async def test_who_was_told_in_another_way_may_start_at_once(
    shared_world: World, basis: str
) -> None:
    today = str(shared_world.day[0])
    told = {"startDate": TOMORROW, "noticeBasis": basis, "noticeOn": today}
    citizen = await new_citizen(shared_world)
    assert (await write(shared_world, citizen, "COURSE", **told))["version"] == 1
    assert (await seen(shared_world, citizen))[0]["offer"]["noticeBasis"] == basis
    for part in ("noticeBasis", "noticeOn"):
        half = await write(shared_world, citizen, "COURSE", **{**told, part: None})
        assert ("R91", "INTERVENTION_INCOMPLETE") in codes(half)
    ahead = await write(shared_world, citizen, "COURSE", **{**told, "noticeOn": TOMORROW})
    assert codes(ahead) == [("R91", "INVALID_PERIOD")]
    # a right-and-duty person is phoned, too, unless it was told in a conversation
    active = await new_citizen(shared_world, rightAndDuty=True)
    answer = await write(shared_world, active, "COURSE", **told)
    if basis == "CONVERSATION":
        assert answer["version"] == 1
    else:
        assert codes(answer) == [("R92", "PHONE_ATTEMPT_REQUIRED")]
        called = [{"at": today, "reached": basis == "PHONE"}]
        assert (await write(shared_world, active, "COURSE", contactAttempts=called, **told))[
            "version"
        ]


@pytest.mark.rule("R49", "allowed")
@pytest.mark.rule("R49", "refused")
@pytest.mark.usefixtures("occupations")
async def test_an_offer_outside_the_shortage_areas_has_a_reason(world: World) -> None:
    citizen = await new_citizen(world)
    for code in ("W", "G"):
        assert (await write(world, citizen, "WAGE_SUBSIDY", occupationCode=code))["version"]
    bare = await write(world, citizen, "WAGE_SUBSIDY", occupationCode="C")
    assert codes(bare) == [("R49", "REASON_REQUIRED")]
    assert bare["breaches"][0]["path"][-1] == "outsideShortageReason"
    reason = {"outsideShortageReason": "Du har et tilsagn."}
    given = await write(world, citizen, "WAGE_SUBSIDY", occupationCode="C", **reason)
    assert given["version"] == 3
    (clerk,) = [one for one in await seen(world, citizen) if one["what"]["occupationCode"] == "C"]
    assert clerk["what"]["occupation"] == "Kontormedhjælper"
    # nor does a change take the reason away
    bare_change = update(world, citizen, clerk["id"], "WAGE_SUBSIDY", occupationCode="C")
    assert codes(await act(world, *bare_change)) == [("R49", "REASON_REQUIRED")]
    # what is no offer is held against no list
    assert (await write(world, citizen, "FLEX_JOB", occupationCode="C"))["version"] == 4


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.rule("R76", "refused")
@pytest.mark.rule("R78", "allowed")
@pytest.mark.rule("R78", "refused")
async def test_each_kind_says_what_it_lacks_and_whether_it_may_run_on(
    shared_world: World, kind: str
) -> None:
    citizen = await new_citizen(shared_world)
    where = {"contactName": None} if kind == "AID" else {"place": None}
    empty = {"description": "", "why": "", "startDate": None, **where}
    answer = await write(shared_world, citizen, kind, **empty)
    missing = [b["path"][-1] for b in answer["breaches"] if b["rule"] == "R76"]
    last = "contactName" if kind == "AID" else "place"
    assert missing == ["description", "startDate", "why", last]
    running = await write(shared_world, citizen, kind, endDate=None)
    assert (running["__typename"] == "RuleBreaches") == (kind not in OPEN_ENDED)
    if kind not in OPEN_ENDED:
        assert codes(running) == [("R78", "INVALID_PERIOD")]
    backwards = await write(shared_world, citizen, kind, endDate="2026-03-15")
    assert codes(backwards) == [("R78", "INVALID_PERIOD")]


@pytest.mark.parametrize(
    ("hours", "minutes", "fits"), [(59, 59, True), (0, 0, True), (60, -1, False)]
)
@pytest.mark.rule("R79", "allowed")
@pytest.mark.rule("R79", "refused")
async def test_hours_and_minutes_have_their_bounds(
    shared_world: World, hours: int, minutes: int, fits: bool
) -> None:
    citizen = await new_citizen(shared_world)
    answer = await write(
        shared_world, citizen, "MENTOR", hoursPerWeek=hours, minutesPerWeek=minutes
    )
    if fits:
        assert answer["version"] == 1
    else:
        assert [(b["rule"], b["path"][-1]) for b in answer["breaches"]] == [
            ("R79", "hoursPerWeek"),
            ("R79", "minutesPerWeek"),
        ]


@pytest.mark.parametrize("length", [1500, 1501])
@pytest.mark.rule("R80", "allowed")
@pytest.mark.rule("R80", "refused")
async def test_a_text_is_stored_whole_or_refused_with_its_length(
    shared_world: World, length: int
) -> None:
    citizen = await new_citizen(shared_world)
    texts = dict.fromkeys(("description", "why", "latestStatus"), "æ" * length)
    answer = await write(shared_world, citizen, "MENTOR", **texts)
    if length <= 1500:
        (stored,) = await seen(shared_world, citizen)
        assert (stored["why"], stored["what"]["description"]) == (texts["why"],) * 2
        assert stored["latestStatus"]["text"] == texts["latestStatus"]
    else:
        assert codes(answer) == [("R80", "TEXT_TOO_LONG")] * 3
        assert "1501" in answer["breaches"][0]["message"]


@pytest.mark.rule("R83", "allowed")
@pytest.mark.rule("R83", "refused")
async def test_a_resource_programme_is_reminded_until_its_parts_are_registered(
    shared_world: World,
) -> None:
    citizen = await new_citizen(shared_world, "RESOURCE_PROGRAMME")
    reminded = []
    for kind in ("MENTOR", "SOCIAL", "MENTOR"):
        warnings = (await write(shared_world, citizen, kind))["warnings"]
        reminded.append("COURSE_INTERVENTION_MISSING" in [w["code"] for w in warnings])
    assert reminded == [True, False, False]


@pytest.mark.rule("R22", "allowed")
@pytest.mark.rule("R22", "refused")
async def test_the_jobcenter_gives_offers_also_while_the_fund_is_responsible(
    shared_world: World,
) -> None:
    citizen = await new_citizen(
        shared_world, "UNEMPLOYMENT_BENEFIT", fund="18194686", contactCourseStart="2026-02-02"
    )
    step = intervention(shared_world, citizen, "COURSE")
    refused = await act(shared_world, *step, role=Role.FUND)
    assert codes(refused) == [("R22", "FORBIDDEN_KIND")]
    assert (await act(shared_world, *step))["version"] == 1
    own = await act(
        shared_world, *intervention(shared_world, citizen, "OTHER_AGREED"), role=Role.FUND
    )
    assert own["version"] == 2
