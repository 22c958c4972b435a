"""The settings of a command that needs the servers."""

from app.dev.embedded import running_servers
from app.settings import Settings, SettingsError, load_settings


def connected() -> Settings:
    """The settings with URLs: given ones, or those of the servers that `minplan up` runs here.

    Raises SettingsError when there are none.
    """
    settings = load_settings()
    if settings.database_url and settings.redis_url:
        return settings
    servers = running_servers(settings.data_dir)
    if servers is None:
        raise SettingsError(
            "MINPLAN_DATABASE_URL and MINPLAN_REDIS_URL are not set, and no embedded servers run"
            f" in {settings.data_dir}: start `minplan up` first."
        )
    return load_settings(database_url=servers.database_url, redis_url=servers.redis_url)
