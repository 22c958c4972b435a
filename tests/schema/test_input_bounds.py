"""Days beyond every calendar and lists without an end are refused, with the path to them."""

import json
from typing import Any

import pytest
from hypothesis import given, strategies as st

from app.domain.viewer import Role
from app.schema.input_guard import MAX_ITEMS, VariableCheck
from app.schema.page import cursor_of
from app.schema.scalars import SCALARS, Date
from tests.schema.handed_over import PACKAGES
from tests.schema.youth import CONTACT, SMITH, mutation, youth
from tests.story import new_citizen
from tests.world import World

ELEMENTS = "query($id: ID!) { citizen(id: $id) { plan { version elements { __typename } } } }"
CV = "mutation($input: UpdateCvSettingsInput!) { updateCvSettings(input: $input) { __typename } }"
UUID = "018f5b3e-0000-7000-8000-000000000000"


async def refusal(world: World, token: str, query: str, **variables: Any) -> dict[str, Any]:
    """Code and path of the only error."""
    answer = await world.post(token, query, **variables)
    assert not any((answer.get("data") or {}).values()), answer
    (error,) = answer["errors"]
    found: dict[str, Any] = error["extensions"]
    return found


def bad(*path: str | int) -> dict[str, Any]:
    return {"code": "BAD_USER_INPUT", "path": list(path)}


@pytest.mark.parametrize("day", ["0001-01-01", "1899-12-31", "9001-01-01", "9999-12-31"])
async def test_a_day_beyond_the_calendar_is_refused_and_the_plan_stays_readable(
    shared_world: World, day: str
) -> None:
    citizen = await youth(shared_world)
    staff = shared_world.token(Role.JOBCENTER)
    step = {"citizenId": citizen, "step": 1, "deadline": day}
    query = mutation("openEducationStep")
    assert await refusal(shared_world, staff, query, input=step) == bad("input", "deadline")
    admission = {"citizenId": citizen, "admission": {"startDate": day}}
    assert await refusal(shared_world, staff, query, input=admission) == bad(
        *("input", "admission", "startDate")
    )
    for token in (staff, shared_world.token(Role.CITIZEN, citizen=citizen)):
        assert (await shared_world.ask(token, ELEMENTS, id=citizen))["citizen"]["plan"][
            "version"
        ] == 2


@given(day=st.dates())
def test_every_day_of_1900_to_9000_is_one_and_no_other(day: Any) -> None:
    parse = SCALARS[Date].parse_value
    assert parse is not None
    try:
        assert parse(day.isoformat()) == day
        taken = True
    except Exception as error:
        assert "This must be a date" in str(error)
        taken = False
    assert taken == (1900 <= day.year <= 9000)


@pytest.mark.parametrize(
    ("name", "step", "field", "item"),
    [
        ("EducationStep", 1, "educationProposals", SMITH),
        ("EducationStep", 2, "institutionProposals", {"goal": "Smed", "institution": "A"}),
        ("EducationStep", 3, "applications", {"goal": "Smed"}),
    ],
)
async def test_a_step_takes_twenty_proposals_and_no_more(
    shared_world: World, name: str, step: int, field: str, item: dict[str, Any]
) -> None:
    citizen = await youth(shared_world, step)
    own = shared_world.token(Role.CITIZEN, citizen=citizen)
    wanted = {"citizenId": citizen, "step": step, field: [item] * 21}
    for verb in ("save", "send"):
        query = mutation(verb + name)
        assert await refusal(shared_world, own, query, input=wanted) == bad("input", field)
    reason = {"institutionReason": "Tæt på bussen"} if step == 2 else {}
    sent = await shared_world.ask(
        own, mutation("sendEducationStep"), input=wanted | {field: [item] * 20} | reason
    )
    assert sent["sendEducationStep"]["__typename"] == "SendEducationStepPayload"


@pytest.mark.parametrize(
    ("name", "field", "item"),
    [
        ("saveEducationStep", "educationProposals", SMITH),
        ("openEducationStep", "applications", {"goal": "Smed"}),
        ("assessSupportNeed", "interventionIds", UUID),
    ],
)
async def test_no_list_is_longer_than_two_hundred(
    shared_world: World, name: str, field: str, item: Any
) -> None:
    given = {"citizenId": await new_citizen(shared_world), field: [item] * (MAX_ITEMS + 1)}
    query = mutation(name, "version")
    staff = shared_world.token(Role.JOBCENTER)
    role = staff if name != "saveEducationStep" else shared_world.token(Role.CITIZEN, citizen=UUID)
    assert await refusal(shared_world, role, query, input=given) == bad("input", field)


async def test_a_list_written_in_the_document_has_the_same_bound_and_a_path(
    shared_world: World,
) -> None:
    items = json.dumps([UUID] * (MAX_ITEMS + 1))
    query = (
        f'mutation {{ assessSupportNeed(input: {{citizenId: "{UUID}", hasNeed: true,'
        f" interventionIds: {items}}}) {{ __typename }} }}"
    )
    staff = shared_world.token(Role.JOBCENTER)
    assert await refusal(shared_world, staff, query) == bad("input", "interventionIds")
    nul = '{ citizen(id: "a\\u0000") { id } }'
    assert await refusal(shared_world, staff, nul) == bad("id")


@given(st.integers(0, 2 * MAX_ITEMS))
def test_the_bound_is_of_items_wherever_the_list_is(items: int) -> None:
    check = VariableCheck({"outer", "inner"})
    check.look({"input": {"outer": [{"inner": [0] * items}]}}, {"input"})
    assert [error.extensions for error in check.errors] == (
        [bad("input", "outer", 0, "inner")] if items > MAX_ITEMS else []
    )


@pytest.mark.parametrize(
    "moment",
    ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-01-01T00:00:00", "x"],
)
async def test_a_hostile_cursor_of_packages_is_not_one_of_ours(
    shared_world: World, moment: str
) -> None:
    token = shared_world.token(Role.INSTITUTION)
    found = await refusal(shared_world, token, PACKAGES, after=cursor_of(moment, UUID))
    assert found == bad("after")


@pytest.mark.parametrize(
    "link",
    [
        *("https://x y\n<script>", "https://", "https://x\ty", "https://[x", "javascript:alert(1)"),
        *("https://jobnet.dk/‮cv", 'https://jobnet.dk/"cv', "https:///cv", "https://jobnet.dk/<b>"),
    ],
)
async def test_the_link_of_a_cv_is_a_web_address(shared_world: World, link: str) -> None:
    citizen = await new_citizen(shared_world)
    own = shared_world.token(Role.CITIZEN, citizen=citizen)
    wrong = {"citizenId": citizen, "link": link}
    assert await refusal(shared_world, own, CV, input=wrong) == bad("input", "link")
    right = {"citizenId": citizen, "link": "https://jobnet.dk/cv/søg?a=1&b=%20#top"}
    assert (await shared_world.ask(own, CV, input=right))["updateCvSettings"]["__typename"] == (
        "UpdateCvSettingsPayload"
    )


@pytest.mark.parametrize("email", ["not mail", "ida@", "@jobcenter.example", "ida@x y.example"])
async def test_the_contact_person_has_an_email_address(shared_world: World, email: str) -> None:
    given = {
        "citizenId": await youth(shared_world),
        "hasNeed": False,
        "contact": {**CONTACT, "email": email},
    }
    query = mutation("assessSupportNeed")
    staff = shared_world.token(Role.JOBCENTER)
    assert await refusal(shared_world, staff, query, input=given) == bad(
        "input", "contact", "email"
    )
