"""Settings and addresses, as the channels read them."""

import pytest

from app.channels.email import EmailChannel
from app.channels.sms import SmsChannel, msisdn
from app.channels.smtp_server import SmtpServer
from app.channels.web import http_client


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
    ],
)
async def test_settings_that_the_gateway_would_refuse_are_refused_at_start(
    options: dict[str, str | int],
) -> None:
    async with http_client() as client:
        with pytest.raises(ValueError):
            SmsChannel(client, **{"url": "http://127.0.0.1", "token": "t"} | options)  # type: ignore[arg-type]  # the keywords vary


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
