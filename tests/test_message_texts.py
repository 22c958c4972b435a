"""What one message says of several notices, and what is said of a message that was not sent."""

import pytest

from app import texts
from app.texts import LANGUAGES, Language
from app.texts.message import mail_about, sms_about

BOTH = pytest.mark.parametrize("language", LANGUAGES)


def test_a_message_about_several_things_reads_as_a_sentence() -> None:
    told = ["MEETING_NEW", "ACK_REMINDER", "PLAN_CHANGED"]
    assert sms_about(told) == (
        "Se Min Plan på jobnet.dk: nyt i planen, ny aftale og husk at kvittere."
        " Beskeden kan ikke besvares."
    )
    assert sms_about(told[:2], "en") == (
        "See Min Plan at jobnet.dk: new meeting and please confirm."
        " You cannot reply to this message."
    )
    assert mail_about(told).body.startswith(
        "Hej. Der er nyt til dig i Min Plan: en ændring i din Min Plan, en ny aftale i kalenderen"
        " og en plan at læse og kvittere for. Log ind på jobnet.dk"
    )


@BOTH
def test_what_is_joined_by_commas_has_none_of_its_own(language: Language) -> None:
    for channel in ("sms", "mail"):
        assert all("," not in news for news in texts.section(f"news.{channel}", language).values())


@BOTH
@pytest.mark.parametrize("channel", ["SMS", "EMAIL"])
def test_a_message_that_was_not_sent_says_no_reason_that_may_be_untrue(
    channel: str, language: Language
) -> None:
    """An unverified number, an operator's wish, letters instead: all of them read so."""
    not_sent, always = texts.text(f"delivery.{channel}.DROPPED", language).split(". ")
    assert not_sent.endswith({"da": "blev ikke sendt", "en": "was not sent"}[language])
    assert texts.text(f"delivery.{channel}.FAILED", language).endswith(always)
