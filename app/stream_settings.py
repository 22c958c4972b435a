"""WebSockets and event streams; a part of `app.settings.Settings`."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.setting_types import OriginList, origins


class StreamSettings(BaseSettings):
    """Times and bounds of connections that stay open (docs/streams.md)."""

    model_config = SettingsConfigDict(use_attribute_docstrings=True)

    allowed_origins: OriginList = ""
    """Origins whose pages may use the API, by commas; empty: those of the same host."""
    connection_init_seconds: float = Field(default=10, gt=0, le=600)
    """Seconds after its handshake in which a WebSocket's client must say who it is."""
    ws_ping_seconds: float = Field(default=30, gt=0, le=3600)
    """Seconds between the server's pings; who answers none for two rounds is closed."""
    ws_messages_per_second: float = Field(default=100, gt=0, le=100_000)
    """Messages a second that one WebSocket's client may send for long; more of them wait."""
    operations_per_connection: int = Field(default=100, ge=1, le=10_000)
    """Operations under way on one WebSocket or one shared event stream."""
    slow_client_seconds: float = Field(default=20, gt=0, le=3600)
    """Seconds in which a client must take what it is sent, before its connection is closed."""
    sse_heartbeat_seconds: float = Field(default=12, gt=0, le=3600)
    """Seconds between the comments that keep an event stream open."""
    stream_reservation_seconds: float = Field(default=30, gt=0, le=3600)
    """Seconds in which a reserved event stream must be opened."""
    stream_reservations_per_subject: int = Field(default=10, ge=1, le=10_000)
    """Shared event streams, reserved or open, of one subject in one process."""
    stream_reservations: int = Field(default=10_000, ge=1, le=1_000_000)
    """Shared event streams, reserved or open, of all subjects in one process."""

    def allowed_origin_list(self) -> list[str]:
        """The origins of `allowed_origins`."""
        return origins(self.allowed_origins)
