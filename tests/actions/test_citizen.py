"""The citizen's facts from the registers: idempotent, one citizen for each number."""

import asyncio
from datetime import date
from typing import Any

import pytest

from app.domain.citizen import ExemptionFact, PersonName
from app.errors import BadUserInput, NotFound, RulesBroken
from tests.actions.desk import COLLEAGUE, JOBCENTER_VIEWER, STRANGER, TODAY, Desk, day
from tests.actions.register import (
    NUMBER,
    OTHER_NUMBER,
    REGISTER,
    VAULT,
    document,
    newcomer,
    published,
    registered,
    responsibilities,
    upsert,
)


@pytest.mark.rule("R17", "allowed")
async def test_a_new_citizen_has_the_facts_a_group_and_a_responsible_jobcenter(desk: Desk) -> None:
    citizen_id = await registered(desk, phone="+45 00 14 17 62", first_benefit_date=day(-10))
    known = await document(desk, citizen_id)
    assert known["name"]["full"] == "Signe Kirkegaard"
    assert known["birth_date"] == "1990-01-01"
    assert known["contact"] == {"phone": "00141762", "email": None}
    assert known["target_group"]["code"] == "CASH_BENEFIT_JOB_READY"
    assert await responsibilities(desk, citizen_id) == [
        ("JOBCENTER", "OTHER_GROUP", TODAY.isoformat(), None)
    ]
    stored = await desk.value("select cpr_encrypted from citizen where citizen_id = $1", citizen_id)
    assert VAULT.decrypt(stored) == NUMBER.replace("-", "")


async def test_the_same_import_again_changes_nothing_even_on_a_later_day(desk: Desk) -> None:
    facts: dict[str, Any] = {
        "phone": "00141762",
        "digital_exemptions": (ExemptionFact("DIGITAL_POST", day(-100)),),
    }
    citizen_id = await registered(desk, **facts)
    await published(desk, citizen_id)
    before = await desk.value("select xmin::text from citizen")
    desk.today = day(3)
    again = await desk.run(REGISTER, newcomer(**facts))
    assert again.done.citizen_id == citizen_id
    assert (again.versions, again.notices, again.warnings) == ({}, 0, [])
    assert await desk.value("select xmin::text from citizen") == before
    assert await desk.value("select count(*) from target_group_period") == 1
    assert await desk.value("select count(*) from case_responsibility") == 1


async def test_concurrent_first_imports_of_a_number_make_one_citizen(desk: Desk) -> None:
    async def once() -> object:
        return (await desk.run(REGISTER, newcomer())).done.citizen_id

    ids = await asyncio.gather(*(once() for _ in range(8)))
    assert len(set(ids)) == 1
    assert await desk.value("select count(*) from citizen") == 1
    assert await desk.value("select count(*) from target_group_period") == 1


async def test_what_is_left_out_stays_and_null_clears(desk: Desk) -> None:
    citizen_id = await registered(desk, phone="12345678", email="signe@borger.example")
    await desk.run(REGISTER, upsert(phone=None, right_and_duty=True))
    known = await document(desk, citizen_id)
    assert known["contact"] == {"phone": None, "email": "signe@borger.example"}
    assert known["right_and_duty"] is True
    assert known["name"]["given"] == "Signe"


@pytest.mark.parametrize(
    ("facts", "path"),
    [
        ({"municipality_code": "999"}, ("input", "municipalityCode")),
        ({"target_group": "NO_SUCH_GROUP"}, ("input", "targetGroup")),
        ({"phone": "ring"}, ("input", "phone")),
        ({"email": "signe"}, ("input", "email")),
        ({"name": PersonName(" ", "Kirkegaard")}, ("input", "name", "given")),
        ({"contact_course_start": date(9999, 12, 31)}, ("input", "contactCourseStart")),
    ],
)
async def test_what_cannot_be_understood_is_refused(
    desk: Desk, facts: dict[str, Any], path: tuple[str, ...]
) -> None:
    with pytest.raises(BadUserInput) as refused:
        await desk.run(REGISTER, newcomer(**facts))
    assert refused.value.path == path
    assert await desk.value("select count(*) from citizen") == 0


@pytest.mark.parametrize("number", ["1234", "310290-4000", "010136-4000", "010190 40 01"])
async def test_no_civil_registration_number_is_refused_without_repeating_it(
    desk: Desk, number: str
) -> None:
    with pytest.raises(BadUserInput) as refused:
        await desk.run(REGISTER, newcomer(number))
    assert refused.value.path == ("input", "civilRegistrationNumber")
    assert number not in str(refused.value)


@pytest.mark.parametrize("field", ["name", "municipality_code", "target_group"])
async def test_a_new_citizen_needs_name_municipality_and_group(desk: Desk, field: str) -> None:
    facts: dict[str, Any] = {
        "name": PersonName("Signe", "Kirkegaard"),
        "municipality_code": "101",
        "target_group": "CASH_BENEFIT_JOB_READY",
    }
    with pytest.raises(BadUserInput, match="needs this"):
        await desk.run(REGISTER, upsert(**{k: v for k, v in facts.items() if k != field}))
    assert await desk.value("select count(*) from citizen") == 0


async def test_a_name_too_long_and_a_group_of_the_past_break_rules(desk: Desk) -> None:
    with pytest.raises(RulesBroken) as long:
        await desk.run(REGISTER, newcomer(name=PersonName("S" * 51, "Kirkegaard")))
    assert [b.code for b in long.value.breaches] == ["TEXT_TOO_LONG"]
    with pytest.raises(RulesBroken) as legacy:
        await desk.run(REGISTER, newcomer(target_group="TEMP_LABOUR_MARKET_BENEFIT"))
    assert [b.code for b in legacy.value.breaches] == ["INVALID_TARGET_GROUP"]


@pytest.mark.rule("R29", "allowed")
@pytest.mark.rule("R29", "refused")
async def test_a_move_gives_the_new_jobcenter_the_case_and_the_old_one_nothing(desk: Desk) -> None:
    citizen_id = await registered(desk)
    await published(desk, citizen_id)
    desk.today = day(5)
    moved = await desk.run(REGISTER, upsert(municipality_code="751"))
    assert moved.notices == 0
    assert await responsibilities(desk, citizen_id) == [
        ("JOBCENTER", "OTHER_GROUP", TODAY.isoformat(), day(5).isoformat()),
        ("JOBCENTER", "MOVED", day(5).isoformat(), None),
    ]
    assert await desk.plan(citizen_id, STRANGER) is not None
    with pytest.raises(NotFound):
        await published(desk, citizen_id, COLLEAGUE)
    tasks = await desk.value(
        "select count(*) from inbox_item join organisation using (organisation_id)"
        " where code = '101' and done_at is null"
    )
    assert tasks == 0


async def test_a_fact_that_the_citizen_sees_makes_a_version_and_a_notice(desk: Desk) -> None:
    citizen_id = await registered(desk)
    await published(desk, citizen_id)
    changed = await desk.run(REGISTER, upsert(first_benefit_date=day(-100)))
    assert (changed.versions, changed.notices) == ({"FULL": 2, "FUND": 2}, 1)
    assert await desk.value("select event from notice order by notice_id desc") == "PLAN_CHANGED"
    again = await desk.run(REGISTER, upsert(first_benefit_date=day(-100)))
    assert (again.versions, again.notices) == ({}, 0)
    unseen = await desk.run(REGISTER, upsert(phone="12345678"))
    assert (unseen.versions, unseen.notices) == ({}, 0)
    plan = await desk.plan(citizen_id)
    assert plan["lower_bound"] == day(-100).isoformat()


async def test_a_wrong_number_is_corrected_by_the_citizens_id(desk: Desk) -> None:
    citizen_id = await registered(desk)
    taken = await registered(desk, OTHER_NUMBER)
    with pytest.raises(BadUserInput, match="Another citizen"):
        await desk.run(REGISTER, upsert(OTHER_NUMBER, citizen_id=citizen_id))
    corrected = await desk.run(REGISTER, upsert("020290-4003", citizen_id=citizen_id))
    assert corrected.done.citizen_id == citizen_id
    assert (await document(desk, citizen_id))["birth_date"] == "1990-02-02"
    assert (await document(desk, taken))["birth_date"] == "1990-01-01"


async def test_a_group_sent_later_changes_it_and_the_plan_follows(desk: Desk) -> None:
    citizen_id = await registered(desk)
    await published(desk, citizen_id)
    desk.today = day(4)
    changed = await desk.run(REGISTER, upsert(target_group="RESOURCE_PROGRAMME"))
    assert changed.notices == 1
    plan = await desk.plan(citizen_id, JOBCENTER_VIEWER)
    assert (plan["type"], plan["composition"]) == ("REHABILITATION_PLAN", "C")
    again = await desk.run(REGISTER, upsert(target_group="RESOURCE_PROGRAMME"))
    assert (again.versions, again.notices) == ({}, 0)


async def test_register_exemptions_are_set_as_a_whole(desk: Desk) -> None:
    citizen_id = await registered(
        desk, digital_exemptions=(ExemptionFact("DIGITAL_POST", day(-9)),)
    )
    await desk.run(REGISTER, upsert(digital_exemptions=(ExemptionFact("SELF_SERVICE", day(0)),)))
    kinds = [e["kind"] for e in (await document(desk, citizen_id))["digital_exemptions"]]
    assert kinds == ["SELF_SERVICE"]
    await desk.run(REGISTER, upsert(digital_exemptions=()))
    assert (await document(desk, citizen_id))["digital_exemptions"] == []
