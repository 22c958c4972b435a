"""The rules by number: type, source and the sentences for people, read from `sources.toml`."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from string import Formatter
from typing import Any, Final, Literal, Protocol

from app.domain.danish import long_date

Language = Literal["da", "en"]


@dataclass(frozen=True, slots=True)
class Source:
    """One rule of the law.

    number: R1...R155. title: the rule in one sentence. kind: HARD, SOFT, AUTO or VIS. codes: error
    or warning code -> sentence per language; the first is the default, none when the rule cannot
    be broken by input. kept: file:name of what keeps the rule beside functions of the register.
    """

    number: str
    title: str
    kind: str
    source: str
    codes: Mapping[str, Mapping[str, str]]
    kept: tuple[str, ...]

    def placeholders(self, code: str) -> frozenset[str]:
        """Names of the details that the sentences of `code` need."""
        return _PLACEHOLDERS[self.number][code]


class Broken(Protocol):
    """What a sentence can be made from: a breach or a finding."""

    @property
    def rule(self) -> str: ...
    @property
    def code(self) -> str: ...
    @property
    def details(self) -> Mapping[str, object]: ...


def _load() -> tuple[dict[str, Source], dict[str, dict[str, str]]]:
    raw: dict[str, Any] = tomllib.loads(
        Path(__file__).with_name("sources.toml").read_text(encoding="utf-8")
    )
    words: dict[str, dict[str, str]] = raw.pop("words")
    rules = {
        number: Source(
            number,
            row["title"],
            row["type"],
            row["source"],
            row.get("codes", {}),
            tuple(row.get("kept", ())),
        )
        for number, row in raw.items()
    }
    return rules, words


def _names(sentences: Iterable[str]) -> frozenset[str]:
    return frozenset(
        name for sentence in sentences for _, name, _, _ in Formatter().parse(sentence) if name
    )


SOURCES, _WORDS = _load()
_PLACEHOLDERS: Final = {
    number: {code: _names(sentences.values()) for code, sentences in source.codes.items()}
    for number, source in SOURCES.items()
}
CODES: Final = frozenset(code for source in SOURCES.values() for code in source.codes)
"""Every error and warning code a rule can answer with."""


def default_code(rule: str) -> str:
    """The code of a rule that names no other; raises `ValueError` for a rule without codes.

    >>> default_code("R90")
    'OFFER_TOO_EARLY'
    """
    source = SOURCES.get(rule)
    if source is None or not source.codes:
        raise ValueError(f"{rule} is not a rule that can be broken")
    return next(iter(source.codes))


def message(broken: Broken, language: Language = "da") -> str:
    """The sentence for whoever broke the rule.

    >>> from app.rules.breach import Breach
    >>> message(Breach("R90", earliest=date(2026, 3, 10)), "en")[:45]
    'The offer can start on 2026-03-10 at the earl'
    >>> message(Breach("R76", missing=("where", "why")))
    'Indsatsen mangler: hvor, hvorfor.'
    """
    sentence = SOURCES[broken.rule].codes[broken.code][language]
    return sentence.format_map({k: _shown(v, language) for k, v in broken.details.items()})


def _shown(value: object, language: Language) -> str:
    """A detail in words: Danish dates as '10. marts 2026', codes by their name, lists by commas."""
    if isinstance(value, date):
        day = value.isoformat()[:10]  # strftime writes years before 1000 in fewer digits
        return long_date(day) if language == "da" else day
    if isinstance(value, tuple | list):
        return ", ".join(_shown(item, language) for item in value)
    return _WORDS[language].get(str(value), str(value))
