"""A plan as a PDF, set by Typst; a contract is put behind it page by page."""

import io
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, TypedDict

import orjson
import typst
from pypdf import PdfReader, PdfWriter
from pypdf.errors import PyPdfError

from app.domain.pdf import PdfSection

_TEMPLATE = Path(__file__).with_name("plan.typ")
_SETTING = Lock()


class Booklet(TypedDict):
    """All that a PDF of a plan says; notice: what a fund is told on each page, else None."""

    title: str
    name: str
    contents: str
    page_word: str
    of_word: str
    footer: str
    notice: str | None
    sections: list[PdfSection]


def render(booklet: Booklet) -> bytes:
    """The PDF, tagged for readers that speak it (PDF/UA-1). Blocks for some ten milliseconds."""
    inputs = {"plan": orjson.dumps(booklet).decode()}
    with _SETTING:  # the compiler keeps what it has read, and is nobody else's meanwhile
        pdf: Any = _compiler().compile(format="pdf", sys_inputs=inputs, pdf_standards="ua-1")
    return bytes(pdf)


@cache
def _compiler() -> typst.Compiler:
    return typst.Compiler(_TEMPLATE, root=_TEMPLATE.parent, ignore_system_fonts=True)


class UnreadableContract(Exception):
    """The stored contract is no PDF that pages can be taken from."""


def with_contract(pdf: bytes, contract: bytes) -> bytes:
    """The plan with the contract's pages behind it. Raises `UnreadableContract`."""
    writer = PdfWriter(clone_from=io.BytesIO(pdf))
    try:
        writer.append(PdfReader(io.BytesIO(contract)), import_outline=False)
        whole = io.BytesIO()
        writer.write(whole)
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UnreadableContract from error
    return whole.getvalue()
