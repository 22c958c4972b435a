"""Whether an operation may run: what it costs at most, and what its caller has left.

Decided before anything of it runs, and before its document is validated: what that costs is paid
with it. What was refused before costs its caller something too, or bad documents would be free.
"""

from collections.abc import Mapping
from typing import Any, Final

from graphql import OperationDefinitionNode

from app.domain.quota import Allowance
from app.domain.viewer import Role, Viewer
from app.errors import OperationTooCostly, RateLimited
from app.schema.cost import Costs
from app.schema.prepared import Prepared
from app.schema.request import Caller, OperationRequest
from app.store.budget import Budgets
from app.store.live_accounts import LiveAccount, LiveAccounts

REFUSED_COST: Final = 50
"""Units of an operation that was refused, beside what it took to read its document."""

CHARACTERS_A_UNIT: Final = 2
"""Of a document that is read: up to 1.5 microseconds each."""

MORE_CHARACTERS: Final = 1_000
"""A short document takes longer to read than its characters say."""

PROOF_COST: Final = 10
"""Units for each token of a document that is validated for the first time: some 40 microseconds."""

Told = tuple[dict[str, str], dict[str, Any]]
"""Headers and `extensions` of the answer."""


class Admission:
    """most: the largest cost of one operation, by role. budgets, live: None where nobody counts."""

    def __init__(
        self,
        costs: Costs,
        most: Mapping[Role, int],
        budgets: Budgets | None,
        live: LiveAccounts | None = None,
    ) -> None:
        self._costs = costs
        self._most = most
        self._budgets = budgets
        self._live = live

    def cost_of(
        self,
        prepared: Prepared,
        definition: OperationDefinitionNode,
        request: OperationRequest,
        caller: Caller,
    ) -> int:
        """What an operation costs at most; raises OperationTooCostly."""
        cost = self._costs.of(prepared, definition, request.variables).requested
        most = self._most[caller.viewer.role]
        if cost > most:
            raise OperationTooCostly(cost, most)
        return cost

    async def admit(
        self, cost: int, beside: int, read: int, request: OperationRequest, caller: Caller
    ) -> Told:
        """Takes what an operation costs. Raises RateLimited.

        beside: what it costs to get it ready, which is not the operation's own. read: what was
        taken for reading its document, which is not kept if this raises. A request with
        `extensions: {"cost": true}` is told what it costs itself.
        """
        allowance = await self._take(caller, cost + beside, again=read)
        told: dict[str, Any] = {}
        if request.extensions and request.extensions.get("cost") is True:
            available = allowance.available if allowance else None
            told["cost"] = {"requested": cost, "available": available}
        return (allowance.headers() if allowance else {}), told

    async def charge_reading(self, caller: Caller, characters: int) -> int:
        """Takes and returns what it costs to read a document that is new here. Raises RateLimited.

        Before it is read and whatever comes of it: one that is refused, or that its caller cannot
        pay for, would else be read for nothing each time it is sent.
        """
        cost = (characters + MORE_CHARACTERS) // CHARACTERS_A_UNIT
        await self._take(caller, cost, requests=0)
        return cost

    async def charge(self, caller: Caller, values: int = 0) -> None:
        """Takes what a refused operation costs. Raises RateLimited instead of refusing it.

        values: in its variables.
        """
        await self._take(caller, REFUSED_COST + values)

    def live_account(self, viewer: Viewer) -> LiveAccount | None:
        """What the events of a viewer's subscriptions are taken from."""
        return self._live.of(viewer) if self._live else None

    def refuse_at_once(self, caller: Caller) -> None:
        """Raises RateLimited where that is known already, before a document is even read."""
        if self._budgets is None:
            return
        allowance = self._budgets.known_refusal(caller.viewer, address=caller.address)
        if allowance is not None:
            raise RateLimited(allowance.retry_after, allowance.headers())

    async def _take(
        self, caller: Caller, cost: int, *, requests: int = 1, again: int = 0
    ) -> Allowance | None:
        if self._budgets is None:
            return None
        allowance = await self._budgets.take(
            caller.viewer, cost, address=caller.address, requests=requests, again=again
        )
        if not allowance.allowed:
            raise RateLimited(allowance.retry_after, allowance.headers())
        return allowance


def cost_of_proof(prepared: Prepared) -> int:
    """What it costs to have a document validated; nobody pays for it once it is."""
    return prepared.unproven.tokens * PROOF_COST if prepared.unproven else 0
