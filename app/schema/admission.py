"""Whether an operation may run: what it costs at most, and what its caller has left.

Decided before anything of it runs, and before its document is validated: what that costs is paid
with it. What was refused before costs its caller something too, or bad documents would be free.
"""

from collections.abc import Mapping
from typing import Any, Final

from graphql import OperationDefinitionNode

from app.domain.quota import Allowance
from app.domain.viewer import Role
from app.errors import OperationTooCostly, RateLimited
from app.schema.cost import Costs
from app.schema.prepared import Prepared
from app.schema.request import Caller, OperationRequest
from app.store.budget import Budgets

REFUSED_COST: Final = 50
"""Units of a document that was read and refused."""

PROOF_COST: Final = 10
"""Units for each token of a document that is validated for the first time: some 40 microseconds."""

Told = tuple[dict[str, str], dict[str, Any]]
"""Headers and `extensions` of the answer."""


class Admission:
    """most: the largest cost of one operation, by role. budgets: None where nobody counts."""

    def __init__(self, costs: Costs, most: Mapping[Role, int], budgets: Budgets | None) -> None:
        self._costs = costs
        self._most = most
        self._budgets = budgets

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
        self, cost: int, beside: int, request: OperationRequest, caller: Caller
    ) -> Told:
        """Takes what an operation costs. Raises RateLimited.

        beside: what it costs to get it ready, which is not the operation's own. A request with
        `extensions: {"cost": true}` is told what it costs itself.
        """
        allowance = await self._take(caller, cost + beside)
        told: dict[str, Any] = {}
        if request.extensions and request.extensions.get("cost") is True:
            available = allowance.available if allowance else None
            told["cost"] = {"requested": cost, "available": available}
        return (allowance.headers() if allowance else {}), told

    async def charge(self, caller: Caller, values: int = 0) -> None:
        """Takes what a refused document costs. Raises RateLimited instead of refusing it.

        values: in its variables.
        """
        await self._take(caller, REFUSED_COST + values)

    def refuse_at_once(self, caller: Caller) -> None:
        """Raises RateLimited where that is known already, before a document is even read."""
        if self._budgets is None:
            return
        allowance = self._budgets.known_refusal(caller.viewer, address=caller.address)
        if allowance is not None:
            raise RateLimited(allowance.retry_after, allowance.headers())

    async def _take(self, caller: Caller, cost: int) -> Allowance | None:
        if self._budgets is None:
            return None
        allowance = await self._budgets.take(caller.viewer, cost, address=caller.address)
        if not allowance.allowed:
            raise RateLimited(allowance.retry_after, allowance.headers())
        return allowance


def cost_of_proof(prepared: Prepared) -> int:
    """What it costs to have a document validated; nobody pays for it once it is."""
    return prepared.unproven.tokens * PROOF_COST if prepared.unproven else 0
