"""Settings: defaults for development, and a production that refuses each of them by name."""

import base64
from datetime import date
from typing import Any

import pytest

from app.settings import Settings, SettingsError, env_name, load_settings

PRODUCTION = {
    "MINPLAN_ENVIRONMENT": "production",
    "MINPLAN_DATABASE_URL": "postgresql://minplan:hemmeligt@db/minplan",
    "MINPLAN_REDIS_URL": "redis://:hemmeligt@cache/0",
    "MINPLAN_OIDC_ISSUER": "https://broker.example",
    "MINPLAN_OIDC_AUDIENCE": "minplan",
    "MINPLAN_OIDC_JWKS_URL": "https://broker.example/jwks",
    "MINPLAN_CPR_KEY": base64.b64encode(b"a" * 32).decode(),
    "MINPLAN_CPR_INDEX_KEY": base64.b64encode(b"b" * 32).decode(),
    "MINPLAN_SMS_URL": "https://sms.example/rest",
    "MINPLAN_SMS_TOKEN": "hemmeligt",
    "MINPLAN_SMS_CALLBACK_SECRET": "hemmeligt-nok-til-kvitteringer",
    "MINPLAN_SMTP_URL": "smtp://minplan:hemmeligt@mail.example:587",
    "MINPLAN_MAIL_FROM": "minplan@example.dk",
    "MINPLAN_PUBLIC_BASE_URL": "https://minplan.example",
}
REQUIRED = sorted(set(PRODUCTION) - {"MINPLAN_ENVIRONMENT"})


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(env_name(name), raising=False)


def put(monkeypatch: pytest.MonkeyPatch, values: dict[str, str]) -> None:
    for name, value in values.items():
        monkeypatch.setenv(name, value)


def test_development_needs_no_setting_at_all() -> None:
    settings = load_settings()
    assert not settings.is_production
    assert settings.uses_development_issuer
    assert settings.allows_introspection
    assert settings.database_url is None
    assert len(settings.cpr_key_bytes()) == len(settings.cpr_index_key_bytes()) == 32


def test_every_setting_says_what_it_is() -> None:
    undocumented = [name for name, one in Settings.model_fields.items() if not one.description]
    assert undocumented == []


def test_a_complete_production_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    put(monkeypatch, PRODUCTION)
    settings = load_settings()
    assert settings.is_production
    assert not settings.allows_introspection
    assert not settings.uses_development_issuer


def test_an_empty_production_lists_everything_it_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINPLAN_ENVIRONMENT", "production")
    with pytest.raises(SettingsError) as refused:
        load_settings(today=date(2026, 3, 1))
    missing = [name for name in [*REQUIRED, "MINPLAN_TODAY"] if name not in str(refused.value)]
    assert missing == []


@pytest.mark.parametrize("name", REQUIRED)
@pytest.mark.parametrize("how", ["absent", "empty"])
def test_production_names_the_one_setting_it_lacks(
    monkeypatch: pytest.MonkeyPatch, name: str, how: str
) -> None:
    put(monkeypatch, PRODUCTION)
    if how == "absent":
        monkeypatch.delenv(name)
    else:
        monkeypatch.setenv(name, "")
    with pytest.raises(SettingsError) as refused:
        load_settings()
    named = [one for one in REQUIRED if f"{one} is required" in str(refused.value)]
    assert named == [name]


def test_production_refuses_a_written_out_development_default(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    default = Settings().cpr_key.get_secret_value()
    put(monkeypatch, PRODUCTION | {"MINPLAN_CPR_KEY": default})
    with pytest.raises(SettingsError, match="MINPLAN_CPR_KEY is required") as refused:
        load_settings()
    assert default not in str(refused.value)


def test_production_refuses_one_key_for_two_purposes(monkeypatch: pytest.MonkeyPatch) -> None:
    put(monkeypatch, PRODUCTION | {"MINPLAN_CPR_INDEX_KEY": PRODUCTION["MINPLAN_CPR_KEY"]})
    with pytest.raises(SettingsError, match="MINPLAN_CPR_INDEX_KEY must differ"):
        load_settings()


def test_production_refuses_a_moved_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    put(monkeypatch, PRODUCTION | {"MINPLAN_TODAY": "2026-03-01"})
    with pytest.raises(SettingsError, match="MINPLAN_TODAY is refused"):
        load_settings()


@pytest.mark.parametrize("trusted", ["*", "10.0.0.1, *", "0.0.0.0/0", "10.0.0.0/8,::/0"])
def test_production_refuses_to_believe_anybody_who_names_a_client_address(
    monkeypatch: pytest.MonkeyPatch, trusted: str
) -> None:
    put(monkeypatch, PRODUCTION | {"FORWARDED_ALLOW_IPS": trusted})
    with pytest.raises(SettingsError, match="FORWARDED_ALLOW_IPS must name") as refused:
        load_settings()
    assert str(refused.value).count("  - ") == 1
    monkeypatch.setenv("MINPLAN_ENVIRONMENT", "development")
    assert load_settings()


@pytest.mark.parametrize("trusted", ["", "10.0.0.1", "10.0.0.0/8,fd00::/8", "proxy"])
def test_production_believes_the_proxies_that_are_named(
    monkeypatch: pytest.MonkeyPatch, trusted: str
) -> None:
    put(monkeypatch, PRODUCTION | {"FORWARDED_ALLOW_IPS": trusted})
    assert load_settings().is_production


def test_production_keeps_no_document_for_whoever_sends_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    put(monkeypatch, PRODUCTION | {"MINPLAN_AUTOMATIC_DOCUMENTS": "true"})
    with pytest.raises(SettingsError, match="MINPLAN_AUTOMATIC_DOCUMENTS is refused"):
        load_settings()
    monkeypatch.setenv("MINPLAN_AUTOMATIC_DOCUMENTS", "false")
    assert load_settings().is_production


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MINPLAN_ENVIRONMENT", "hemmeligt"),
        ("MINPLAN_CPR_KEY", "hemmeligt"),
        ("MINPLAN_CPR_INDEX_KEY", base64.b64encode(b"hemmeligt").decode()),
        ("MINPLAN_CPR_RETIRED_KEYS", "1:hemmeligt"),
        ("MINPLAN_CPR_RETIRED_KEYS", "hemmeligt"),
        ("MINPLAN_OIDC_JWKS_URL", "hemmeligt"),
        ("MINPLAN_SMTP_URL", "hemmeligt"),
        ("MINPLAN_TODAY", "hemmeligt"),
        ("MINPLAN_PAGE_SIZE_LIMIT", "hemmeligt"),
    ],
)
def test_a_bad_value_is_refused_by_name_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=name) as refused:
        load_settings()
    assert value not in str(refused.value)
    assert refused.value.__suppress_context__


def test_no_secret_shows_in_the_printed_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    put(monkeypatch, PRODUCTION)
    printed = repr(load_settings()) + str(load_settings())
    assert "hemmeligt" not in printed
    assert PRODUCTION["MINPLAN_CPR_KEY"] not in printed


def test_the_send_window_must_open_before_it_closes() -> None:
    with pytest.raises(SettingsError, match="MINPLAN_SEND_WINDOW_START_HOUR"):
        load_settings(send_window_start_hour=22, send_window_end_hour=9)


def test_a_retired_key_may_not_reuse_the_current_id() -> None:
    key = base64.b64encode(b"c" * 32).decode()
    kept: Any = load_settings(cpr_retired_keys=f"1:{key}", cpr_key_id=2).cpr_retired_key_bytes()
    assert kept == {1: b"c" * 32}
    with pytest.raises(SettingsError, match="MINPLAN_CPR_RETIRED_KEYS"):
        load_settings(cpr_retired_keys=f"1:{key}", cpr_key_id=1)


SECRET = "whsec_" + base64.b64encode(b"c" * 32).decode()


def test_production_sends_no_events_unless_somebody_listens(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    put(monkeypatch, PRODUCTION)
    assert not load_settings().sends_events
    put(
        monkeypatch,
        {"MINPLAN_DFDG_URL": "https://dfdg.example/events", "MINPLAN_DFDG_SECRET": SECRET},
    )
    settings = load_settings()
    assert settings.sends_events
    assert settings.dfdg_secret_bytes() == (b"c" * 32,)
    assert SECRET not in repr(settings) and "dfdg.example" not in repr(settings)


@pytest.mark.parametrize(
    ("url", "secret", "named"),
    [
        ("http://dfdg.example/events", SECRET, "MINPLAN_DFDG_URL"),
        ("https://dfdg.example/events", None, "MINPLAN_DFDG_SECRET"),
        ("https://dfdg.example/events", f"{SECRET},default", "MINPLAN_DFDG_SECRET"),
    ],
)
def test_production_refuses_events_in_clear_or_signed_by_a_public_secret(
    monkeypatch: pytest.MonkeyPatch, url: str, secret: str | None, named: str
) -> None:
    default = Settings().dfdg_secret.get_secret_value()
    put(monkeypatch, PRODUCTION | {"MINPLAN_DFDG_URL": url})
    if secret:
        monkeypatch.setenv("MINPLAN_DFDG_SECRET", secret.replace("default", default))
    with pytest.raises(SettingsError, match=named) as refused:
        load_settings()
    assert str(refused.value).count("  - ") == 1
    assert default not in str(refused.value)


def test_two_secrets_sign_while_one_is_replaced_and_no_more() -> None:
    other = base64.b64encode(b"d" * 24).decode()
    settings = load_settings(dfdg_secret=f"{SECRET}, whsec_{other}")
    assert settings.dfdg_secret_bytes() == (b"c" * 32, b"d" * 24)
    for wrong in (f"{SECRET},{SECRET},{SECRET}", "whsec_c2hvcnQ=", f"{SECRET},", "æ"):
        with pytest.raises(SettingsError, match="MINPLAN_DFDG_SECRET") as refused:
            load_settings(dfdg_secret=wrong)
        assert wrong not in str(refused.value)


@pytest.mark.parametrize("slashes", ["", "/", "//"])
@pytest.mark.parametrize("name", ["public_base_url", "sms_url", "sms_fallback_url"])
def test_an_address_that_paths_are_put_behind_ends_without_a_slash(
    monkeypatch: pytest.MonkeyPatch, name: str, slashes: str
) -> None:
    put(monkeypatch, {"MINPLAN_SMS_FALLBACK_TOKEN": "t", "MINPLAN_SMS_FALLBACK_URL": "https://f"})
    monkeypatch.setenv(env_name(name), "https://minplan.example/plan" + slashes)
    assert getattr(load_settings(), name) == "https://minplan.example/plan"


@pytest.mark.parametrize(
    "value", ["https://hemmeligt?", "https://hemmeligt#a", "https://hemmelig t"]
)
def test_an_address_that_no_path_can_be_put_behind_is_refused(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("MINPLAN_PUBLIC_BASE_URL", value)
    with pytest.raises(SettingsError, match="MINPLAN_PUBLIC_BASE_URL") as refused:
        load_settings()
    assert value not in str(refused.value)


UNSAFE = [
    ("MINPLAN_PUBLIC_BASE_URL", "http://hemmeligt.example"),
    ("MINPLAN_SMS_URL", "http://hemmeligt.example"),
    ("MINPLAN_SMS_FALLBACK_URL", "http://hemmeligt.example"),
    ("MINPLAN_SMS_TOKEN", "development"),
    ("MINPLAN_SMS_FALLBACK_TOKEN", "development"),
    ("MINPLAN_SMTP_URL", "smtp://hemmeligt.example:25?starttls=false"),
    ("MINPLAN_SMTP_URL", "smtp://minplan:x@hemmeligt.example:587?starttls=auto"),
    ("MINPLAN_SMTP_URL", "smtp://minplan:hemmeligt@mail.example:x"),
    ("MINPLAN_SMTP_URL", "smtp://minplan:hemmeligt@[::1"),
    ("MINPLAN_MAIL_FROM", "hemmeligt@localhost"),
    ("MINPLAN_MAIL_FROM", "hemmeligt@LocalHost.localdomain"),
    ("MINPLAN_MAIL_SINK_PORT", "20250"),
    ("MINPLAN_OIDC_ISSUER", "HTTP://hemmeligt.example"),
    ("MINPLAN_OIDC_JWKS_URL", "http://hemmeligt.example/jwks"),
    ("MINPLAN_REQUIRED_ASSURANCE", "citizen=Low"),
]
FALLBACK = {
    "MINPLAN_SMS_FALLBACK_URL": "https://second.example",
    "MINPLAN_SMS_FALLBACK_TOKEN": "hemmeligt",
}


@pytest.mark.parametrize(("name", "value"), UNSAFE)
def test_production_refuses_messages_in_clear_and_what_is_for_development(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    put(monkeypatch, PRODUCTION | FALLBACK | {name: value})
    with pytest.raises(SettingsError, match=f"  - {name} ") as refused:
        load_settings()
    assert str(refused.value).count("  - ") == 1
    assert value not in str(refused.value) and "hemmeligt" not in str(refused.value)


def test_production_tells_all_that_is_unsafe_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    put(monkeypatch, PRODUCTION | FALLBACK | dict(UNSAFE))
    with pytest.raises(SettingsError) as refused:
        load_settings()
    assert {name for name, _ in UNSAFE if f"  - {name} " not in str(refused.value)} == set()
    assert str(refused.value).count("  - ") == len(dict(UNSAFE))


@pytest.mark.parametrize(
    "url",
    [
        "smtps://minplan:hemmeligt@mail.example",
        "smtp://mail.example?starttls=true",
        "smtp://127.0.0.1:25",
        "smtp://localhost?starttls=false",
    ],
)
def test_production_hands_mail_in_over_tls_or_on_its_own_host(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    put(monkeypatch, PRODUCTION | FALLBACK | {"MINPLAN_SMTP_URL": url})
    assert load_settings().smtp_url == url
