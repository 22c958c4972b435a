"""The settings of a command that needs the servers."""

from typing import Final

from app.settings import Settings, SettingsError, load_settings

ANY_HOUR: Final = (0, 24)
"""When `minplan up` sends: whoever tries the product at night sees its messages at once."""
EVENTS_PATH: Final = "/dev/events"
"""Where the API that it runs takes events in the receiver's place."""


def connected() -> Settings:
    """The settings with URLs: given ones, or those of the servers that `minplan up` runs here.

    Raises SettingsError when there are none.
    """
    settings = load_settings()
    if settings.database_url and settings.redis_url:
        return settings
    from app.dev.embedded import running_servers

    servers = running_servers(settings.data_dir)
    if servers is None:
        raise SettingsError(
            "MINPLAN_DATABASE_URL and MINPLAN_REDIS_URL are not set, and no embedded servers run"
            f" in {settings.data_dir}: start `minplan up` first."
        )
    return load_settings(database_url=servers.database_url, redis_url=servers.redis_url)


def send_hours(settings: Settings) -> tuple[int, int]:
    """First and last hour of sending: the given ones; in development else at any hour.

    A worker that keeps other hours keeps them: what is due earlier waits until they begin.
    """
    start, end = ANY_HOUR
    given = settings.model_fields_set
    if settings.is_production or "send_window_start_hour" in given:
        start = settings.send_window_start_hour
    if settings.is_production or "send_window_end_hour" in given:
        end = settings.send_window_end_hour
    return start, end
