"""The wordings that elements are made with; the texts fill them, so the domain holds none."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class StepWords:
    """The words of one education step; None where the step has no such part.

    The names are those of the sections `education_step.N` of the texts.
    """

    heading: str
    intro: str
    save: str | None = None
    send: str | None = None
    help_link: str | None = None
    film_link: str | None = None
    add_proposal: str | None = None
    reason: str | None = None
    add_reason: str | None = None
    sent_question: str | None = None
    sent_yes: str | None = None
    answer: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementWords:
    """headings: by element code; descriptions: heading by variant; steps: by number 1-4;
    answers: by answer code of an application."""

    headings: Mapping[str, str]
    descriptions: Mapping[str, str]
    steps: Mapping[int, StepWords]
    answers: Mapping[str, str]
    contract_text: str
    contract_download: str
