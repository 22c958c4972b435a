"""By whom SMS and e-mail are sent, and how fast; a part of `app.settings.Settings`."""

from typing import Final, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.channels.smtp_server import SmtpServer
from app.setting_types import AtOnce, BaseUrl, PerSecond, SharedSecrets, SmsSender

DEVELOPMENT_TOKEN: Final = "development"  # noqa: S105 - the local sink takes any
"""The SMS gateway's API token where none is set."""

_THIS_HOST: Final = frozenset({"localhost", "localdomain"})


class MessageSettings(BaseSettings):
    """One or two SMS gateways, a mail server, and their limits."""

    model_config = SettingsConfigDict(use_attribute_docstrings=True)

    sms_url: BaseUrl | None = None
    """SMS gateway's base URL; unset: the local sink (development only)."""
    sms_token: SecretStr | None = None
    """SMS gateway's API token."""
    sms_sender: SmsSender = "MinPlan"
    """Sender shown on the phone: at most 11 letters or 15 digits."""
    sms_callback_secret: SharedSecrets | None = None
    """Signs the gateways' delivery status, 16 characters or more; two, by a comma, while one is
    replaced; unset: none is asked for."""
    sms_fallback_url: BaseUrl | None = None
    """A second SMS gateway, used while the first one is in trouble; unset: none."""
    sms_fallback_token: SecretStr | None = None
    """The second gateway's API token."""
    sms_fallback_sender: SmsSender | None = None
    """Sender shown on the phone by the second gateway; unset: `sms_sender`."""
    sms_per_second: PerSecond | None = None
    """Most SMS begun in a second with each gateway, by all workers together; unset: no limit."""
    sms_at_once: AtOnce = 100
    """Most SMS under way at the same time in one worker process."""
    smtp_url: str | None = Field(default=None, repr=False, pattern=r"^smtps?://")
    """Mail server, `smtp://user:password@host:port`; unset: the local sink (development only)."""
    mail_sink_port: int | None = Field(default=None, ge=1, le=65535)
    """Port of the development mail sink that the API hosts; unset: none (development only)."""
    mail_from: str = Field(default="minplan@localhost", pattern=r"^[^\s@]+@[^\s@]+$")
    """Sender address of e-mails."""
    email_per_second: PerSecond | None = None
    """Most e-mails begun in a second, by all workers together; unset: no limit."""
    email_at_once: AtOnce = 20
    """Most e-mails under way at the same time in one worker process."""

    @model_validator(mode="after")
    def _fallback_is_whole(self) -> Self:
        if (self.sms_fallback_url is None) != (self.sms_fallback_token is None):
            raise ValueError(
                "MINPLAN_SMS_FALLBACK_URL and MINPLAN_SMS_FALLBACK_TOKEN"
                " are set together or not at all"
            )
        return self

    def unsafe_messages(self) -> list[str]:
        """What production refuses; what it lacks is told elsewhere."""
        problems = [
            *_unsafe_gateway("MINPLAN_SMS", self.sms_url, self.sms_token),
            *_unsafe_gateway(
                "MINPLAN_SMS_FALLBACK", self.sms_fallback_url, self.sms_fallback_token
            ),
        ]
        if self.smtp_url is not None:
            problems += _unsafe_mail_server(self.smtp_url)
        default = type(self).model_fields["mail_from"].default
        if self.mail_from != default and self._mail_is_from_this_host:
            problems.append("MINPLAN_MAIL_FROM must be an address that bounces reach")
        if self.mail_sink_port is not None:
            problems.append("MINPLAN_MAIL_SINK_PORT is refused: the sink is for development")
        return problems

    @property
    def _mail_is_from_this_host(self) -> bool:
        domain = self.mail_from.rpartition("@")[2].casefold().rstrip(".")
        return domain.rpartition(".")[2] in _THIS_HOST


def _unsafe_gateway(prefix: str, url: str | None, token: SecretStr | None) -> list[str]:
    problems = []
    if url is not None and not url.startswith("https://"):
        problems.append(f"{prefix}_URL must begin with https://: numbers and codes need TLS")
    if token is not None and token.get_secret_value() == DEVELOPMENT_TOKEN:
        problems.append(f"{prefix}_TOKEN is required: the gateway's API token (this one is public)")
    return problems


def _unsafe_mail_server(url: str) -> list[str]:
    try:
        server = SmtpServer.from_url(url)
    except ValueError as error:
        return [f"MINPLAN_SMTP_URL cannot be used: {error}"]
    if server.may_send_in_clear:
        return [
            "MINPLAN_SMTP_URL must be smtps://, or smtp:// with starttls=true:"
            " mail to another host needs TLS"
        ]
    return []
