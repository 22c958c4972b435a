"""What `minplan up` prints when it is ready: addresses, and for each role a token and a request."""

import asyncpg
import orjson

from app.dev.issuer import DevelopmentIssuer
from app.domain.viewer import Role
from app.settings import Settings

TOKEN_MINUTES = 8 * 60

VIEW = (
    "query($id: ID!) { citizen(id: $id) { name { full } targetGroup { code } plan { version type"
    " elements { __typename } latestAgreement(authority: JOBCENTER)"
    " { agreementText attribution } } } }"
)
OWN = "{ viewer { role name organisationCode } }"


async def greeting(settings: Settings, database_url: str, port: int) -> str:
    """The text; without demo plans only the addresses."""
    base = f"http://127.0.0.1:{port}"
    lines = [
        "",
        f"Min Plan answers at {base}/graphql",
        f"  sent messages {base}/dev/sent   readiness {base}/readyz   metrics {base}/metrics",
        "",
    ]
    connection = await asyncpg.connect(database_url)
    try:
        row = await connection.fetchrow(
            "select c.citizen_id, c.municipality_code, o.code as fund from citizen c"
            " join membership m on m.citizen_id = c.citizen_id and m.valid_to is null"
            " join organisation o on o.organisation_id = m.fund_id"
            " join plan_document d on d.citizen_id = c.citizen_id and d.audience = 'FUND'"
            " and d.visible"
            " order by c.citizen_id limit 1"
        )
    finally:
        await connection.close()
    if row is None or not settings.uses_development_issuer:
        return "\n".join([*lines, "Ctrl-C stops everything."])
    issuer = DevelopmentIssuer(settings)
    citizen = row["citizen_id"]
    tokens = {
        Role.CITIZEN: issuer.issue(Role.CITIZEN, citizen_id=citizen, minutes=TOKEN_MINUTES),
        Role.JOBCENTER: issuer.issue(
            Role.JOBCENTER, organisation=row["municipality_code"], minutes=TOKEN_MINUTES
        ),
        Role.FUND: issuer.issue(Role.FUND, organisation=row["fund"], minutes=TOKEN_MINUTES),
        Role.INSTITUTION: issuer.issue(
            Role.INSTITUTION, organisation="INST-STJERNEURT", minutes=TOKEN_MINUTES
        ),
        Role.SYSTEM: issuer.issue(Role.SYSTEM, organisation="BOOKING", minutes=TOKEN_MINUTES),
    }
    for role, token in tokens.items():
        reads_plan = role in (Role.CITIZEN, Role.JOBCENTER, Role.FUND)
        body = {"query": VIEW, "variables": {"id": str(citizen)}} if reads_plan else {"query": OWN}
        lines += [
            f"{role}:",
            f"  curl -s {base}/graphql -H 'content-type: application/json' "
            f"-H 'authorization: Bearer {token}' -d '{orjson.dumps(body).decode()}'",
            "",
        ]
    return "\n".join(
        [*lines, "Tokens last 8 hours; more with `minplan token`. Ctrl-C stops everything."]
    )
