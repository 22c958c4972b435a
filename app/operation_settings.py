"""How a process is watched, and how long things are kept; a part of `app.settings.Settings`."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class OperationSettings(BaseSettings):
    """The worker's own port, and days until a purge."""

    model_config = SettingsConfigDict(use_attribute_docstrings=True)

    worker_metrics_port: int | None = Field(default=None, ge=0, le=65535)
    """Port of a worker's `/metrics` and `/healthz`, one a worker; 0: a free one. Unset: none."""
    worker_metrics_host: str = Field(default="127.0.0.1", min_length=1)
    """Address that port is opened on; only what scrapes it should reach it."""
    keep_contact_codes_days: int = Field(default=30, ge=1, le=3650)
    """Days that a one-time code is kept after it was asked for: its hash and the tries at it."""
    keep_events_days: int = Field(default=90, ge=1, le=3650)
    """Days that an event is kept after the common data base took it."""
    keep_provider_ids_days: int = Field(default=90, ge=1, le=3650)
    """Days that the providers' own ids of messages are kept; the ledger itself stays."""
