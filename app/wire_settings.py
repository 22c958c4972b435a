"""What one client may ask of the endpoint; a part of `app.settings.Settings`."""

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class WireSettings(BaseSettings):
    """Sizes, times and budgets of GraphQL over HTTP, WebSocket and server-sent events."""

    model_config = SettingsConfigDict(use_attribute_docstrings=True)

    graphql_over_http: Literal["audit", "2026"] = "audit"
    """Whose reading decides where they differ: the audit suite's, or the edition of 2026."""
    max_body_bytes: int = Field(default=4 * 1024 * 1024, ge=1024, le=64 * 1024 * 1024)
    """Bytes of a request's body."""
    body_seconds: float = Field(default=20, gt=0, le=600)
    """Seconds in which a request's body must have arrived."""
    idempotency_wait_seconds: float = Field(default=10, gt=0, le=25)
    """Seconds that a repeated mutation waits for the first one with its idempotency key."""

    documents: Literal["any", "trusted"] = "any"
    """Which documents are run: any, or those of `trusted_documents` alone (docs/documents.md)."""
    trusted_documents: Path | None = None
    """Manifest of persisted documents, or a folder of manifests (`*.json`); unset: none."""
    automatic_documents: bool | None = None
    """Whether clients may register documents by their hash; unset: in development, with `any`."""

    @model_validator(mode="after")
    def _documents_can_be_found(self) -> Self:
        if self.documents == "trusted" and self.trusted_documents is None:
            raise ValueError("MINPLAN_DOCUMENTS=trusted needs MINPLAN_TRUSTED_DOCUMENTS")
        if self.documents == "trusted" and self.automatic_documents:
            raise ValueError("MINPLAN_DOCUMENTS=trusted refuses MINPLAN_AUTOMATIC_DOCUMENTS=true")
        return self
