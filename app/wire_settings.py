"""What one client may ask of the endpoint; a part of `app.settings.Settings`."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class WireSettings(BaseSettings):
    """Sizes, times and budgets of GraphQL over HTTP, WebSocket and server-sent events."""

    model_config = SettingsConfigDict(use_attribute_docstrings=True)

    max_body_bytes: int = Field(default=4 * 1024 * 1024, ge=1024, le=64 * 1024 * 1024)
    """Bytes of a request's body."""
    body_seconds: float = Field(default=20, gt=0, le=600)
    """Seconds in which a request's body must have arrived."""
