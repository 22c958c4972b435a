"""The Danish words that elements and the PDF are made with."""

from functools import cache

from app.domain.pdf import PdfWords
from app.domain.words import ElementWords, StepWords
from app.texts import section, text


@cache
def element_words() -> ElementWords:
    """Headings and labels of the elements."""
    steps = {
        step: StepWords(
            **section(f"education_step.{step}"),
            save=text("education_step.save") if step < 4 else None,
        )
        for step in range(1, 5)
    }
    return ElementWords(
        headings=section("element"),
        descriptions=section("plan_description"),
        steps=steps,
        answers=section("application_answer"),
        contract_text=text("contract.text"),
        contract_download=text("contract.download"),
    )


@cache
def pdf_words() -> PdfWords:
    """The same with the PDF's own."""
    return PdfWords(element_words(), section("pdf"))
