"""The words of an SMS or e-mail that tells of one or several notices (R125, R127).

They say only that something is new, of what sort, and to log in.
"""

from collections.abc import Iterable, Sequence
from typing import Literal, TypeAlias

from app.domain.notice import NoticeEvent
from app.texts import Language, Mail, text, text_key

Channel: TypeAlias = Literal["sms", "mail"]

_ORDER = {event.value: place for place, event in enumerate(NoticeEvent)}


def sms_about(events: Iterable[str], language: Language = "da") -> str:
    """One SMS of one part about notices with these events (not empty).

    Raises KeyError for an event that this release does not know.
    """
    keys = _keys(events, "sms")
    if len(keys) == 1:
        return text(f"sms.{keys[0]}", language)
    return text("sms.several", language).format(news=_joined(keys, "sms", language))


def mail_about(events: Iterable[str], language: Language = "da") -> Mail:
    """One e-mail about notices with these events (not empty); raises as `sms_about`."""
    keys = _keys(events, "mail")
    if len(keys) == 1:
        return Mail(
            text(f"mail.{keys[0]}.subject", language), text(f"mail.{keys[0]}.body", language)
        )
    body = text("mail.several.body", language).format(news=_joined(keys, "mail", language))
    return Mail(text("mail.several.subject", language), body)


def _joined(keys: Sequence[str], channel: Channel, language: Language) -> str:
    """Two or more kinds of news: by commas, and a word before the last."""
    *most, last = (text(f"news.{channel}.{key}", language) for key in keys)
    return text("news.join", language).format(most=", ".join(most), last=last)


def _keys(events: Iterable[str], channel: Channel) -> list[str]:
    """The texts that the events use, each once, in the order of the events' table."""
    told = sorted(set(events), key=_ORDER.__getitem__)
    return list(dict.fromkeys(text_key(event, channel) for event in told))
