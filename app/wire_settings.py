"""What one client may ask of the endpoint; a part of `app.settings.Settings`."""

import os
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Final, Literal, Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.domain.quota import Quota, Quotas, Rate
from app.domain.viewer import Role

PROXIES: Final = "FORWARDED_ALLOW_IPS"
"""uvicorn's variable: the proxies whose word for a client's address counts, by commas."""


class WireSettings(BaseSettings):
    """Sizes, times and budgets of GraphQL over HTTP, WebSocket and server-sent events."""

    model_config = SettingsConfigDict(use_attribute_docstrings=True)

    graphql_over_http: Literal["audit", "2026"] = "audit"
    """Whose reading decides where they differ: the audit suite's, or the edition of 2026."""
    max_body_bytes: int = Field(default=4 * 1024 * 1024, ge=1024, le=64 * 1024 * 1024)
    """Bytes of a request's body."""
    body_seconds: float = Field(default=20, gt=0, le=600)
    """Seconds in which a request's headers must have arrived, and then its body."""
    shutdown_seconds: int = Field(default=25, ge=1, le=600)
    """Seconds that a process which is told to end gives to requests under way."""
    idempotency_wait_seconds: float = Field(default=10, gt=0, le=25)
    """Seconds that a repeated mutation waits for the first one with its idempotency key."""

    documents: Literal["any", "trusted"] = "any"
    """Which documents are run: any, or those of `trusted_documents` alone (docs/documents.md)."""
    trusted_documents: Path | None = None
    """Manifest of persisted documents, or a folder of manifests (`*.json`); unset: none."""
    automatic_documents: bool | None = None
    """Whether clients may register documents by their hash; development only."""

    max_cost_anonymous: int = Field(default=100_000, ge=100)
    """Largest cost of one operation without a login, in units (docs/limits.md)."""
    max_cost_citizen: int = Field(default=300_000, ge=100)
    """The same for a citizen."""
    max_cost_professional: int = Field(default=350_000, ge=100)
    """The same for jobcenters, funds, institutions and systems."""
    budgets: bool = True
    """Whether operations are counted against the budgets below."""
    budget_seconds: int = Field(default=10, ge=1, le=3600)
    """Bursts are as many seconds' worth of a budget."""
    subject_requests_per_second: int = Field(default=100, ge=1)
    """Operations of one person."""
    subject_cost_per_second: int = Field(default=50_000, ge=100)
    """Their cost, in units."""
    organisation_requests_per_second: int = Field(default=2_000, ge=1)
    """Operations of all who act for one organisation, and of one system."""
    organisation_cost_per_second: int = Field(default=4_000_000, ge=100)
    """Their cost, in units."""
    address_requests_per_second: int = Field(default=50, ge=1)
    """Operations of one client address without a login."""
    address_cost_per_second: int = Field(default=30_000, ge=100)
    """Their cost, in units."""

    def registers_documents(self, *, is_production: bool) -> bool:
        """Whether a client may register a document by its hash (APQ)."""
        if is_production or self.documents == "trusted":
            return False
        return self.automatic_documents is not False

    @model_validator(mode="after")
    def _documents_can_be_found(self) -> Self:
        if self.documents == "trusted" and self.trusted_documents is None:
            raise ValueError("MINPLAN_DOCUMENTS=trusted needs MINPLAN_TRUSTED_DOCUMENTS")
        if self.documents == "trusted" and self.automatic_documents:
            raise ValueError("MINPLAN_DOCUMENTS=trusted refuses MINPLAN_AUTOMATIC_DOCUMENTS=true")
        return self

    def unsafe_wire(self) -> list[str]:
        """What production refuses of the wire."""
        problems = []
        if self.automatic_documents:
            problems.append(
                "MINPLAN_AUTOMATIC_DOCUMENTS is refused: documents are kept for whoever sends them"
                " in development only"
            )
        if any(map(_is_everybody, os.environ.get(PROXIES, "").split(","))):
            problems.append(
                f"{PROXIES} must name your proxies: whoever is believed gives any client's address"
            )
        return problems

    def max_costs(self) -> Mapping[Role, int]:
        """The largest cost of one operation, by role."""
        own = {Role.ANONYMOUS: self.max_cost_anonymous, Role.CITIZEN: self.max_cost_citizen}
        return {role: own.get(role, self.max_cost_professional) for role in Role}

    def quotas(self) -> Quotas:
        """What may be asked in a time."""

        def quota(requests: int, cost: int) -> Quota:
            return Quota(Rate(requests, self.budget_seconds), Rate(cost, self.budget_seconds))

        return Quotas(
            subject=quota(self.subject_requests_per_second, self.subject_cost_per_second),
            organisation=quota(
                self.organisation_requests_per_second, self.organisation_cost_per_second
            ),
            address=quota(self.address_requests_per_second, self.address_cost_per_second),
        )


def _is_everybody(proxy: str) -> bool:
    """Whether one part of uvicorn's variable means every address there is."""
    try:
        return proxy.strip() == "*" or ip_network(proxy.strip(), strict=False).prefixlen == 0
    except ValueError:  # the name of a socket
        return False
