"""Every setting, with its unit and default, read from `MINPLAN_...` environment variables.

An empty variable counts as unset. Error messages name the variable and never repeat its value.
"""

import hmac
from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import SettingsConfigDict

from app.domain.policy import Policy
from app.letter_settings import LetterSettings
from app.login_settings import LoginSettings
from app.message_settings import MessageSettings
from app.operation_settings import OperationSettings
from app.setting_types import (
    BaseUrl,
    ClaimName,
    HttpUrl,
    Key,
    KeysById,
    Seconds,
    TextLimit,
    WebhookSecrets,
    key_bytes,
    keys_by_id,
    secret_bytes,
)
from app.stream_settings import StreamSettings
from app.wire_settings import WireSettings

PREFIX: Final = "MINPLAN_"

_REQUIRED_IN_PRODUCTION: Final = {
    "database_url": "the URL of PostgreSQL (the embedded server is for development)",
    "redis_url": "the URL of Valkey or Redis (the embedded server is for development)",
    "oidc_issuer": "the issuer of your tokens (the token issuer is for development)",
    "oidc_audience": "the audience of your tokens",
    "oidc_jwks_url": "where the issuer publishes its keys",
    "cpr_key": "base64 of 32 random bytes (the default is public)",
    "cpr_index_key": "base64 of 32 other random bytes (the default is public)",
    "sms_url": "the SMS gateway (the sink is for development)",
    "sms_token": "the SMS gateway's API token",
    "sms_callback_secret": "the secret that signs delivery status",
    "smtp_url": "the mail server (the sink is for development)",
    "mail_from": "the sender address of e-mails",
    "public_base_url": "the address clients use",
}


class SettingsError(Exception):
    """The environment does not make a usable set of settings; the message lists every problem."""


class Settings(
    MessageSettings,
    LetterSettings,
    OperationSettings,
    WireSettings,
    StreamSettings,
    LoginSettings,
):
    """The whole configuration of one process; frozen, secrets hidden in `repr` and errors."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
        validate_default=True,
    )

    environment: Literal["development", "production"] = "development"
    """Production refuses every development default."""
    data_dir: Path = Path(".data")
    """Folder of the embedded servers and of the development token issuer's key."""
    public_base_url: BaseUrl = "http://127.0.0.1:8000"
    """Address clients use; a slash at the end is taken away."""
    today: date | None = None
    """The application's date instead of the clock's (development only); tokens keep real time."""
    introspection: bool | None = None
    """Whether the schema may be asked for; unset: in development only."""
    page_size_limit: int = Field(default=100, ge=1, le=1000)
    """Largest `first` of a connection, in rows."""

    database_url: str | None = Field(default=None, repr=False)
    """PostgreSQL; unset: the embedded server (development only)."""
    redis_url: str | None = Field(default=None, repr=False)
    """Valkey or Redis; unset: the embedded server (development only)."""

    oidc_issuer: str = Field(default="https://issuer.minplan.invalid", min_length=1)
    """Expected `iss` of a token, compared exactly."""
    oidc_audience: str = Field(default="minplan-development", min_length=1)
    """Expected `aud` of a token (or one member of it)."""
    oidc_jwks_url: HttpUrl | None = None
    """Where the issuer publishes its keys; unset: the development issuer's own."""
    oidc_leeway_seconds: int = Field(default=30, ge=0, le=300)
    """Accepted clock difference to the issuer, in seconds."""
    jwks_cache_seconds: int = Field(default=600, ge=1)
    """How long fetched keys, and tokens verified with them, are trusted without asking again."""
    jwks_min_refetch_seconds: Seconds = 30
    """Shortest time between two fetches of the keys, in seconds, whatever tokens arrive."""
    token_cache_size: int = Field(default=10_000, ge=1)
    """Number of verified tokens kept, to spare their signature check."""
    claim_subject: ClaimName = "sub"
    """Claim with the bearer's stable id at the issuer."""
    claim_role: ClaimName = "role"
    """Claim with the role: citizen, jobcenter, fund, institution or system."""
    claim_name: ClaimName = "name"
    """Claim with the bearer's name."""
    claim_organisation: ClaimName = "organisation"
    """Claim with municipality code, fund code, institution code or system name."""
    claim_citizen: ClaimName = "citizen_id"
    """Claim with the citizen's internal id (UUID)."""
    claim_civil_registration_number: str | None = None
    """Claim with a CPR number, for brokers that give no internal id; unset: never read."""

    cpr_key: Key = SecretStr("bWlucGxhbi1kZXZlbG9wbWVudC1jcHIta2V5LTAwMDE=")
    """Encrypts CPR numbers at rest: base64 of 32 bytes."""
    cpr_key_id: int = Field(default=1, ge=1, le=255)
    """Id stored with what `cpr_key` encrypts; give a new key a new id."""
    cpr_retired_keys: KeysById = SecretStr("")
    """Earlier keys that still decrypt: `id:base64`, separated by commas."""
    cpr_index_key: Key = SecretStr("bWlucGxhbi1kZXZlbG9wbWVudC1pbmRleC1rZXktMDE=")
    """Keyed hash by which a CPR number is found: base64 of 32 bytes; never change it."""

    dfdg_url: HttpUrl | None = Field(default=None, repr=False)
    """Where the common data base takes events (docs/events.md); unset: none are written."""
    dfdg_secret: WebhookSecrets = SecretStr("whsec_bWlucGxhbi1kZXZlbG9wbWVudC1ldmVudC1rZXktMDE=")
    """Signs events: `whsec_` and base64 of 24-64 bytes; two, by a comma, while one is replaced."""
    send_window_start_hour: int = Field(default=9, ge=0, le=23)
    """First hour of the day (Europe/Copenhagen) in which SMS and e-mail are sent."""
    send_window_end_hour: int = Field(default=22, ge=1, le=24)
    """Hour of the day (Europe/Copenhagen) from which none are sent any more."""

    text_limit_what: TextLimit = 1500
    """Largest length of "Hvad", in characters (R80)."""
    text_limit_why: TextLimit = 1500
    """Largest length of "Hvorfor", in characters (R80)."""
    timeline_default_months: int = Field(default=6, ge=1, le=120)
    """Length of the timeline's window when none is asked for, in months."""
    deadline_reminder_days: int = Field(default=2, ge=1, le=30)
    """Days before the deadline of an open education step when the citizen is reminded of it."""
    acknowledgement_reminder_days: int = Field(default=5, ge=1, le=29)
    """Days after an offer's publication when the citizen is reminded to acknowledge it."""

    @model_validator(mode="after")
    def _window_is_open(self) -> Self:
        if self.send_window_start_hour >= self.send_window_end_hour:
            raise ValueError(
                f"{env_name('send_window_start_hour')} must be"
                f" before {env_name('send_window_end_hour')}"
            )
        return self

    @model_validator(mode="after")
    def _key_ids_differ(self) -> Self:
        if self.cpr_key_id in self.cpr_retired_key_bytes():
            raise ValueError(
                f"{env_name('cpr_retired_keys')} must not hold the id of {env_name('cpr_key')}"
            )
        return self

    @property
    def is_production(self) -> bool:
        return self.environment == "production"

    @property
    def allows_introspection(self) -> bool:
        return not self.is_production if self.introspection is None else self.introspection

    @property
    def sends_events(self) -> bool:
        """Whether somebody listens to the event stream; without, publishing writes no events."""
        return self.dfdg_url is not None

    @property
    def uses_development_issuer(self) -> bool:
        """Whether tokens are checked with the local development key instead of a broker's."""
        return not self.is_production and self.oidc_jwks_url is None

    def cpr_key_bytes(self) -> bytes:
        return key_bytes(self.cpr_key.get_secret_value())

    def cpr_index_key_bytes(self) -> bytes:
        return key_bytes(self.cpr_index_key.get_secret_value())

    def contact_code_key_bytes(self) -> bytes:
        """For the hashes of one-time codes: made from `cpr_index_key`, and of no use for it."""
        return hmac.digest(self.cpr_index_key_bytes(), b"minplan contact code key", "sha256")

    def idempotency_key_bytes(self) -> bytes:
        """For answers kept for clients that ask again: made from `cpr_index_key` likewise."""
        return hmac.digest(self.cpr_index_key_bytes(), b"minplan idempotency key", "sha256")

    def budget_key_bytes(self) -> bytes:
        """For the hashes under which Valkey keeps budgets: those of another database differ."""
        database = urlsplit(self.database_url or "").path
        return hmac.digest(
            self.cpr_index_key_bytes(), b"minplan budget key " + database.encode(), "sha256"
        )

    def client_key_bytes(self) -> bytes:
        """For the hashes of clients' addresses: made from `cpr_index_key`, and of no use for it."""
        return hmac.digest(self.cpr_index_key_bytes(), b"minplan client address key", "sha256")

    def cpr_retired_key_bytes(self) -> Mapping[int, bytes]:
        """Earlier encryption keys by their id."""
        return keys_by_id(self.cpr_retired_keys.get_secret_value())

    def dfdg_secret_bytes(self) -> tuple[bytes, ...]:
        """The one or two secrets that sign events."""
        return secret_bytes(self.dfdg_secret.get_secret_value())

    def refuse_unsafe_production(self) -> None:
        """Raise one `SettingsError` naming everything production lacks; nothing in development."""
        if not self.is_production:
            return
        problems = [
            f"{env_name(name)} is required: {what}"
            for name, what in _REQUIRED_IN_PRODUCTION.items()
            if getattr(self, name) == type(self).model_fields[name].default
        ]
        if self.today is not None:
            problems.append(f"{env_name('today')} is refused: the clock moves in development only")
        problems += self._unsafe_public_base_url() + self.unsafe_messages()
        problems += self._unsafe_event_stream() + self.unsafe_letters() + self.unsafe_wire()
        problems += self.unsafe_logins(self.oidc_issuer, self.oidc_jwks_url)
        if self.cpr_key_bytes() == self.cpr_index_key_bytes():
            problems.append(f"{env_name('cpr_index_key')} must differ from {env_name('cpr_key')}")
        if problems:
            raise SettingsError(_listed("Refusing to start in production", problems))

    def _unsafe_public_base_url(self) -> list[str]:
        """What its https lacks; nothing of the default, which is refused as such."""
        default = type(self).model_fields["public_base_url"].default
        if self.public_base_url == default or self.public_base_url.startswith("https://"):
            return []
        return [
            f"{env_name('public_base_url')} must begin with https://: tokens and receipts need TLS"
        ]

    def _unsafe_event_stream(self) -> list[str]:
        """What the event stream lacks; nothing where none is sent."""
        if self.dfdg_url is None:
            return []
        problems = []
        if not self.dfdg_url.startswith("https://"):
            problems.append(f"{env_name('dfdg_url')} must begin with https://: events need TLS")
        public = secret_bytes(type(self).model_fields["dfdg_secret"].default.get_secret_value())
        if set(public) & set(self.dfdg_secret_bytes()):
            problems.append(
                f"{env_name('dfdg_secret')} is required with {env_name('dfdg_url')}:"
                " whsec_ and base64 of 32 random bytes (the default is public)"
            )
        return problems


def env_name(field: str) -> str:
    """The environment variable of a setting."""
    return PREFIX + field.upper()


def load_settings(**overrides: Any) -> Settings:
    """The settings of this process, safe to run with; overrides (by field name) win.

    Raises `SettingsError` with every problem at once, by environment name, without values.
    """
    try:
        settings = Settings(**overrides)
    except ValidationError as error:
        problems = [
            f"{env_name(str(one['loc'][0]))}: {one['msg']}" if one["loc"] else one["msg"]
            for one in error.errors(include_input=False, include_url=False, include_context=False)
        ]
        raise SettingsError(_listed("The settings cannot be used", problems)) from None
    settings.refuse_unsafe_production()
    return settings


def _listed(heading: str, problems: list[str]) -> str:
    return "\n".join((f"{heading}:", *(f"  - {problem}" for problem in problems)))


def policy_of(settings: Settings) -> Policy:
    """The numbers that settings may change."""
    return Policy(**{field.name: getattr(settings, field.name) for field in fields(Policy)})
