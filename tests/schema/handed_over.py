"""Handover packages: a youth whose package is released, and the institution that reads it."""

from typing import Any

from app.domain.viewer import Role
from tests.schema.eyes import intervention, operation
from tests.schema.youth import CONTACT, SCHOOL, admitted, done, mutation, open_schools
from tests.world import World

PACKAGES = (
    "query ReadPackages($first: Int = 10, $after: String) {"
    " handoverPackages(first: $first, after: $after) {"
    " pageInfo { hasNextPage endCursor } edges { cursor node { id institution"
    " citizenName { full } civilRegistrationNumber citizenContact { phone email }"
    " admission { goal institution startDate }"
    " supportNeed { assessedOn hasNeed text interventions { label headline what why } }"
    " institutionContact { name phone email } otherEssentialInformation"
    " releasedAt receivedAt } } } }"
)
FACTS = {
    "civilRegistrationNumber": "0107057777",
    "phone": "00141762",
    "email": "signe@borger.example",
}
NEED: dict[str, Any] = {"hasNeed": True, "text": "Tydelige ugeplaner.", "contact": CONTACT}


async def packages(world: World, school: str = SCHOOL, **page: Any) -> list[dict[str, Any]]:
    """What an institution reads of the packages released to it."""
    token = world.token(Role.INSTITUTION, organisation=school)
    found = (await world.ask(token, PACKAGES, **page))["handoverPackages"]["edges"]
    return [edge["node"] for edge in found]


async def mentor(world: World, citizen: str, why: str) -> str:
    """An intervention of the plan, by its id."""
    field, given = intervention(world, citizen, "MENTOR", why=why, headline="Din mentor")
    data = await world.ask(world.token(Role.JOBCENTER), operation([(field, given)]), i0=given)
    found: str = data["f0"]["interventionId"]
    return found


async def released(world: World, **facts: Any) -> tuple[str, str]:
    """A youth whose package has been released, and the package's id."""
    await open_schools(world)
    citizen = await admitted(world, **facts)
    await done(world, "assessSupportNeed", citizen, **NEED)
    answer = await done(world, "releaseHandover", citizen, institutionCode=SCHOOL)
    package: str = answer["handoverPackageId"]
    return citizen, package


async def confirm(world: World, package: str, school: str = SCHOOL, **given: Any) -> dict[str, Any]:
    """The answer to an institution's receipt."""
    token = world.token(Role.INSTITUTION, organisation=school, name="Frida Kornager")
    data = await world.ask(
        token, mutation("confirmHandover"), input={"handoverPackageId": package} | given
    )
    found: dict[str, Any] = data["confirmHandover"]
    return found
