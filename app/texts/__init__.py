"""Every text of the product, in Danish and English, from `da.toml` and `en.toml`.

A text is found by its dotted key (`"timeline.hint"`); the same keys exist in both languages.
Texts with `{name}` in them are filled by the caller with `str.format`. Texts of notices follow
R122-R125: the front page may name the element, SMS and e-mail say only that something is new.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

Language = Literal["da", "en"]
LANGUAGES: tuple[Language, ...] = ("da", "en")


class Mail(NamedTuple):
    """Subject and plain-text body of an e-mail."""

    subject: str
    body: str


@cache
def load(language: Language = "da") -> Mapping[str, Any]:
    """All texts of one language as a read-only tree; read from disk once per process."""
    path = Path(__file__).with_name(f"{language}.toml")
    return _frozen(tomllib.loads(path.read_text(encoding="utf-8")))


def _frozen(tree: dict[str, Any]) -> Mapping[str, Any]:
    return MappingProxyType(
        {key: _frozen(value) if isinstance(value, dict) else value for key, value in tree.items()}
    )


@cache
def text(key: str, language: Language = "da") -> str:
    """The text at a dotted key.

    Raises KeyError when there is no such key, or when it names a whole section.

    >>> text("timeline.hint")
    'Klik på indholdet af din plan'
    """
    node: Any = load(language)
    for part in key.split("."):
        if not isinstance(node, Mapping) or part not in node:
            raise KeyError(key)
        node = node[part]
    if not isinstance(node, str):
        raise KeyError(key)
    return node


def section(name: str, language: Language = "da") -> Mapping[str, str]:
    """The texts directly in one section, without its subsections; KeyError when there is none.

    >>> section("element")["JOB_GOALS"]
    'Jobmål'
    """
    node: Any = load(language)
    for part in name.split("."):
        node = node[part]
    return {key: value for key, value in node.items() if isinstance(value, str)}


def notice_events() -> tuple[str, ...]:
    """The codes of all events that can cause a notice."""
    return tuple(load()["notice"])


def front_page(event: str, language: Language = "da") -> str:
    """The notice on the front page of Jobnet for an event code; KeyError for an unknown event."""
    return text(f"notice.{event}.front_page", language)


def text_key(event: str, channel: Literal["sms", "mail"]) -> str:
    """The name of the shared text that an event uses: two events with one key read the same.

    >>> text_key("OFFER_GIVEN", "sms")
    'plan_changed'
    """
    return text(f"notice.{event}.{channel}")


def element_heading(code: str, language: Language = "da") -> str:
    """Heading of a plan element by its code (not PLAN_DESCRIPTION or EDUCATION_STEP, which vary).

    >>> element_heading("TIMELINE")
    'Indsatser og aftaler'
    """
    return text(f"element.{code}", language)


def description_heading(variant: str, language: Language = "da") -> str:
    """Heading of the plan description: `AGREED_PATH` or `CASEWORKER_COMMENT`."""
    return text(f"plan_description.{variant}", language)


def step_heading(step: int, language: Language = "da") -> str:
    """Heading of education step 1-4.

    >>> step_heading(4)
    'Start på uddannelse'
    """
    return text(f"education_step.{step}.heading", language)


def step_intro(step: int, language: Language = "da") -> str:
    """The lines that introduce education step 1-4 to the citizen."""
    return text(f"education_step.{step}.intro", language)
