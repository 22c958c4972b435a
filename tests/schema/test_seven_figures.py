"""Each composition is built from nothing, by clients of the roles that may write its parts."""

from typing import Any

import asyncpg
import pytest

from app.domain.viewer import Role
from tests.schema.figures import FIGURES, WELDER, Figure, Part
from tests.story import REFUSED, new_citizen
from tests.world import FUND, World


@pytest.fixture
async def occupations(world: World) -> None:
    """The one code list that no release brings: occupations are imported."""
    connection = await asyncpg.connect(world.settings.database_url)
    try:
        await connection.execute(
            "insert into occupation (code, label) values ($1, 'Svejser')", WELDER
        )
    finally:
        await connection.close()


async def write(world: World, citizen: str, role: Role, *parts: Part) -> dict[str, Any]:
    """The answer of one operation with a mutation for each part."""
    token = world.token(role, citizen=citizen if role is Role.CITIZEN else None)
    names = [part.mutation for part in parts]
    declared = ", ".join(f"${name}: {name[0].upper()}{name[1:]}Input!" for name in names)
    fields = " ".join(f"{name}(input: ${name}) {{ __typename {REFUSED} }}" for name in names)
    given = {part.mutation: {"citizenId": citizen, **part.given(world.day[0])} for part in parts}
    return await world.post(token, f"mutation({declared}) {{ {fields} }}", **given)


def operations(figure: Figure) -> list[tuple[Part, ...]]:
    """The parts one by one, but for goals that a plan needs together (R45)."""
    goals = tuple(part for part in figure.parts if part.mutation in GOALS)
    if figure.group != "UNEMPLOYMENT_BENEFIT_EDU_ORDER":
        return [(part,) for part in figure.parts]
    return [goals, *((part,) for part in figure.parts if part not in goals)]


async def elements(world: World, citizen: str, role: Role) -> list[str] | None:
    """Codes of the elements as a role sees them, in order; None: it sees no plan."""
    types = ("Contract", "EducationGoals", "JobGoals", "PlanDescription", "EducationStep")
    parts = " ".join(
        f"... on {name}Element {{ element }}" for name in (*types, "LatestAgreement", "Timeline")
    )
    if role is Role.FUND:
        parts = parts.replace("... on ContractElement { element }", "")
    token = world.token(role, citizen=citizen if role is Role.CITIZEN else None)
    data = await world.ask(
        token,
        f"query($id: ID!) {{ citizen(id: $id) {{ plan {{ elements {{ {parts} }} }} }} }}",
        id=citizen,
    )
    plan = data["citizen"] and data["citizen"]["plan"]
    return [one["element"] for one in plan["elements"]] if plan else None


GOALS = ("setEducationGoals", "setJobGoals")
WRITERS = (Role.CITIZEN, Role.JOBCENTER, Role.FUND, Role.INSTITUTION, Role.SYSTEM)


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.rule("R5", "allowed")
@pytest.mark.rule("R4", "allowed")
@pytest.mark.rule("R1", "allowed")
async def test_a_figure_is_built_from_nothing_by_the_roles_that_may_write_its_parts(
    world: World, occupations: None, name: str
) -> None:
    figure = FIGURES[name]
    citizen = await new_citizen(
        world,
        figure.group,
        fund=figure.fund,
        **{"contactCourseStart": str(world.day[0]), **figure.facts},
    )
    for parts in operations(figure):
        answer = await write(world, citizen, parts[0].role, *parts)
        assert "errors" not in answer, answer
        for part in parts:
            assert answer["data"][part.mutation]["__typename"].endswith("Payload"), answer
    for role in (Role.CITIZEN, Role.JOBCENTER):
        assert await elements(world, citizen, role) == list(figure.elements)
    if figure.fund:
        assert await elements(world, citizen, Role.FUND) == list(figure.elements)


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.rule("R1", "refused")
@pytest.mark.rule("R121", "refused")
async def test_nobody_else_writes_a_part_of_a_figure(
    world: World, occupations: None, name: str
) -> None:
    figure = FIGURES[name]
    citizen = await new_citizen(
        world,
        figure.group,
        fund=figure.fund or FUND,
        **{"contactCourseStart": str(world.day[0]), **figure.facts},
    )
    may = {(part.mutation, part.role) for part in figure.parts}
    may |= {("addSoughtJob", Role.CITIZEN)}
    for part in figure.parts:
        for role in WRITERS:
            if (part.mutation, role) in may:
                continue
            answer = await write(world, citizen, role, part)
            refused = answer.get("errors") or answer["data"][part.mutation]["__typename"] in (
                *("RuleBreaches", "NotFound"),
            )
            assert refused, (part.mutation, role, answer)
    for role in (Role.CITIZEN, Role.JOBCENTER, Role.FUND):
        assert await elements(world, citizen, role) is None, "a refused part opens no plan"
