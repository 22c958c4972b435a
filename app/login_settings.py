"""What a professional's token must say; a part of `app.settings.Settings`."""

from pydantic_settings import BaseSettings, SettingsConfigDict


class LoginSettings(BaseSettings):
    """Privileges, level of assurance and revocation of professionals' logins."""

    model_config = SettingsConfigDict(use_attribute_docstrings=True)
