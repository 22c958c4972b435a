"""Who sends the documents, and of what: the demo plans and everything that has an id in them."""

import asyncio
import json
import random
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import asyncpg
import httpx
from graphql import GraphQLError, parse, validate

from app.domain.viewer import Role
from tests.fuzz.answers import error_problems, problems
from tests.fuzz.documents import SCHEMA, Case
from tests.fuzz.values import KNOWN, OWN
from tests.world import World

PATIENCE: Final = 20.0
"""Seconds after which an answer counts as none."""

_CITIZENS = """
    select c.citizen_id::text, c.municipality_code, o.code
    from citizen c
    left join membership m on m.citizen_id = c.citizen_id and m.valid_to is null
    left join organisation o on o.organisation_id = m.fund_id
    order by c.citizen_id
"""
_IDS = """
    select table_name, column_name from information_schema.columns
    where table_schema = 'public' and data_type = 'uuid' and column_name = table_name || '_id'
    order by table_name
"""
_SYSTEMS: Final = ("BOOKING", "VITAS", "REGISTER")


@dataclass(slots=True)
class Tally:
    """What was sent and what came back."""

    kinds: Counter[str] = field(default_factory=Counter)
    mutations: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    """Codes of errors, and what mutations answered."""
    failures: list[str] = field(default_factory=list)
    slowest: float = 0.0


@dataclass(frozen=True, slots=True)
class Stage:
    """One API with data; citizens: id, municipality and fund of each."""

    world: World
    citizens: Sequence[tuple[str, str, str | None]]
    ids: Sequence[str]
    tally: Tally = field(default_factory=Tally)

    async def send(self, case: Case) -> None:
        """Sends a document and notes what was wrong with its answer."""
        luck = random.Random(repr(case))
        citizen, municipality, fund = luck.choice(self.citizens)
        organisation = {
            Role.JOBCENTER: municipality,
            Role.FUND: fund,
            Role.SYSTEM: luck.choice(_SYSTEMS),
        }.get(case.role)
        own = citizen if case.role is Role.CITIZEN else None
        token = None
        if case.role is not Role.ANONYMOUS:
            token = self.world.token(case.role, citizen=own, organisation=organisation)
        text = self._told(case.text, citizen)
        variables = json.loads(self._told(json.dumps(case.variables), citizen))
        began = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(PATIENCE):
                answer = await self._answer(case, text, variables, token)
            found = self._problems(text, answer)
        except (httpx.HTTPError, ValueError, TimeoutError, AssertionError) as error:
            found = [f"{type(error).__name__}: {error}"]
        self.tally.slowest = max(self.tally.slowest, asyncio.get_running_loop().time() - began)
        if found:
            said = "; ".join(found[:5])
            self.tally.failures.append(f"{said}\n  {case.role} {case.way} {variables}\n{text}")

    def _told(self, text: str, citizen: str) -> str:
        """With the ids of this stage."""
        known = re.compile(rf"{KNOWN}(\d+)")
        text = known.sub(lambda found: self.ids[int(found[1]) % len(self.ids)], text)
        return text.replace(OWN, citizen)

    async def _answer(
        self, case: Case, text: str, variables: Any, token: str | None
    ) -> dict[str, Any]:
        self.tally.kinds[case.kind] += 1
        headers = {"content-type": "application/json"}
        if token:
            headers["authorization"] = f"Bearer {token}"
        url = f"{self.world.base_url}/graphql"
        client = self.world.client
        if case.way == "GET":
            response = await client.get(url, params={"query": text}, headers=headers)
        else:
            if case.way == "stream":
                headers["accept"] = "text/event-stream"
            # escaped, so that half of a character can be sent
            body = json.dumps({"query": text, "variables": variables}).encode()
            response = await client.post(url, content=body, headers=headers)
        assert response.status_code < 500, f"HTTP {response.status_code}"
        content = response.text
        if response.headers["content-type"].startswith("text/event-stream"):
            content = content.split("data: ", 1)[1].split("\n", 1)[0]
        answer: dict[str, Any] = json.loads(content)
        return answer

    def _problems(self, text: str, answer: dict[str, Any]) -> list[str]:
        codes = {error["extensions"]["code"] for error in answer.get("errors", ())}
        self.tally.outcomes.update(codes or {"answered"})
        try:
            document = parse(text)
            wrong = validate(SCHEMA, document)
        except (GraphQLError, RecursionError) as error:
            wrong = [error]  # type: ignore[list-item]
        if not wrong and len(document.definitions) == 1:
            self._note(document.definitions[0], answer)
            return problems(SCHEMA, document, answer)
        found = error_problems(answer)
        if wrong and answer.get("data") is not None:
            found.append(f"a document was answered that is not valid: {wrong[0]}")
        return found

    def _note(self, operation: Any, answer: dict[str, Any]) -> None:
        """Which mutations were sent, and which results they had."""
        if operation.operation.value == "mutation":
            for root in operation.selection_set.selections:
                self.tally.mutations[root.name.value] += 1
            for value in (answer.get("data") or {}).values():
                self.tally.outcomes["a mutation carried out" if value else "a mutation empty"] += 1


async def staged(world: World) -> Stage:
    """The stage of an API on the demo plans."""
    connection = await asyncpg.connect(world.settings.database_url)
    try:
        citizens = [tuple(row) for row in await connection.fetch(_CITIZENS)]
        ids: list[str] = []
        for table, column in await connection.fetch(_IDS):
            rows = await connection.fetch(f'select "{column}"::text from "{table}" limit 40')
            ids += [row[0] for row in rows]
    finally:
        await connection.close()
    return Stage(world, citizens, ids)
