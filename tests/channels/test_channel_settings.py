"""Settings and addresses, as the channels read them."""

import pytest
from yarl import URL

from app.channels.email import EmailChannel
from app.channels.sms import SmsChannel, msisdn
from app.channels.smtp_server import SmtpServer
from app.channels.web import environment_proxy, gateway_session
from app.settings import Settings, SettingsError, load_settings


@pytest.mark.parametrize(
    ("address", "number"),
    [
        ("12345678", 4512345678),
        ("12 34 56 78", 4512345678),
        ("00141762", 4500141762),
        ("+4512345678", 4512345678),
        ("4512345678", 4512345678),
        ("0045 12345678", 4512345678),
        ("+299 123456", 299123456),
    ],
)
def test_a_danish_number_gets_its_country_prefix(address: str, number: int) -> None:
    assert msisdn(address) == number


@pytest.mark.parametrize(
    "options",
    [
        {"sender": "ALT FOR LANGT"},
        {"sender": ""},
        {"sender": "JOBNET", "validity_seconds": 59},
        {"sender": "JOBNET", "url": "gatewayapi.com"},
        {"sender": "JOBNET", "url": "http://x\n"},
        {"sender": "JOBNET", "url": "http://:80"},
        {"sender": "JOBNET", "url": "http://x:99999"},
        {"sender": "JOBNET", "url": "https://anna:hemmeligt@x"},
        {"sender": "JOBNET", "token": "hemmeligt:2"},
    ],
)
async def test_settings_that_the_gateway_would_refuse_are_refused_at_start(
    options: dict[str, str | int],
) -> None:
    async with gateway_session() as client:
        with pytest.raises(ValueError) as caught:
            SmsChannel(client, **{"url": "http://127.0.0.1", "token": "t"} | options)  # type: ignore[arg-type]  # the keywords vary
    assert "hemmeligt" not in str(caught.value)


def test_the_environment_says_by_which_proxy_a_gateway_is_reached(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,.internal")
    assert environment_proxy(URL("https://gateway.example/")) == "http://proxy.example:3128"
    assert environment_proxy(URL("http://gateway.example/")) is None
    assert environment_proxy(URL("https://127.0.0.1:99/")) is None
    assert environment_proxy(URL("https://sms.internal/")) is None


def test_without_a_word_there_is_one_gateway_and_no_limit_to_the_rate() -> None:
    settings = Settings()
    assert settings.sms_fallback_url is None
    assert (settings.sms_at_once, settings.email_at_once) == (100, 20)
    assert settings.sms_per_second is None and settings.email_per_second is None


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"sms_fallback_url": "https://x"}, "MINPLAN_SMS_FALLBACK_TOKEN"),
        ({"sms_fallback_token": "hemmeligt"}, "MINPLAN_SMS_FALLBACK_URL"),
        ({"sms_fallback_sender": "MERE END ELLEVE"}, "MINPLAN_SMS_FALLBACK_SENDER"),
        ({"sms_per_second": 0}, "MINPLAN_SMS_PER_SECOND"),
        ({"email_per_second": "nan"}, "MINPLAN_EMAIL_PER_SECOND"),
        ({"sms_at_once": 0}, "MINPLAN_SMS_AT_ONCE"),
        ({"email_at_once": 1001}, "MINPLAN_EMAIL_AT_ONCE"),
    ],
)
def test_settings_that_make_no_sense_are_refused_by_their_name(
    options: dict[str, object], named: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(**options)
    assert named in str(caught.value) and "hemmeligt" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://127.0.0.1:2525", SmtpServer("127.0.0.1", 2525, None, None, False, False)),
        ("smtp://localhost", SmtpServer("localhost", 25, None, None, False, False)),
        ("smtp://mail.example", SmtpServer("mail.example", 587, None, None, False, True)),
        (
            "smtp://u%40x:p%2Fw@mail.example:2587?starttls=auto",
            SmtpServer("mail.example", 2587, "u@x", "p/w", False, None),
        ),
        ("smtps://u:p@mail.example", SmtpServer("mail.example", 465, "u", "p", True, False)),
        ("smtp://[::1]:26", SmtpServer("::1", 26, None, None, False, False)),
    ],
)
def test_the_address_of_the_server_says_how_to_reach_it(url: str, expected: SmtpServer) -> None:
    assert SmtpServer.from_url(url) == expected


@pytest.mark.parametrize(
    "url",
    [
        "mail.example",
        "http://mail.example",
        "smtp://",
        "smtp://u:hemmeligt@mail.example:x",
        "smtp://u:hemmeligt@mail\u2100.example",
        "smtp://u:p@[hemmeligt]",
        "smtp://mail.example?starttls=perhaps",
        "smtps://mail.example?starttls=true",
    ],
)
def test_an_unusable_address_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ValueError) as caught:
        SmtpServer.from_url(url)
    assert "hemmeligt" not in str(caught.value)


def test_the_password_is_not_printed() -> None:
    assert "hemmeligt" not in repr(SmtpServer.from_url("smtp://u:hemmeligt@mail.example"))


@pytest.mark.parametrize(
    ("sender", "unsubscribe_url"),
    [("Jobnet", "https://x.example"), ("a@b.example", "https://x.example>\r\nBcc: c@d.example")],
)
def test_unusable_settings_are_refused_at_start(sender: str, unsubscribe_url: str) -> None:
    with pytest.raises(ValueError):
        EmailChannel(smtp_url="smtp://localhost", sender=sender, unsubscribe_url=unsubscribe_url)
