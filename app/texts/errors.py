"""Failures in the language of who reads them. The English sentence stands where it is raised."""

import re
from functools import cache
from string import Formatter

from app.texts import Language, section, text


def error_text(message: str, language: Language | None) -> str:
    """A failure's message in a language; as it is where there is no other text for it.

    >>> error_text("There is no such citizen.", "da")
    'Borgeren findes ikke.'
    >>> error_text("`first` is a number from 1 to 100.", "da")
    '`first` er et tal fra 1 til 100.'
    >>> error_text("There is no such citizen.", None)
    'There is no such citizen.'
    """
    return _in_danish(message) if language == "da" else message


def _in_danish(message: str) -> str:
    key = _without_gaps().get(message)
    if key is not None:
        return text(f"error.{key}", "da")
    for pattern, key in _with_gaps():
        found = pattern.fullmatch(message)
        if found:
            return text(f"error.{key}", "da").format_map(found.groupdict())
    return message


@cache
def _without_gaps() -> dict[str, str]:
    """English sentence -> key."""
    return {english: key for key, english in section("error", "en").items() if "{" not in english}


@cache
def _with_gaps() -> list[tuple[re.Pattern[str], str]]:
    """What fits each English sentence that has gaps, and its key."""
    return [
        (re.compile(_pattern(english)), key)
        for key, english in section("error", "en").items()
        if "{" in english
    ]


def _pattern(sentence: str) -> str:
    return "".join(
        re.escape(words) + (f"(?P<{gap}>.+)" if gap else "")
        for words, gap, _, _ in Formatter().parse(sentence)
    )
