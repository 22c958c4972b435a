"""A plan as a PDF, set by Typst."""

import re
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, Final, TypedDict

import orjson
import typst

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


class Unset(Exception):
    """The plan could not be set; says nothing of what is in it."""


def render(booklet: Booklet) -> bytes:
    """The PDF, tagged for readers that speak it. Blocks for some ten milliseconds.

    PDF/UA-1 takes no character that no font has: a plan with one is set without that promise.
    Raises `Unset`.
    """
    inputs = {"plan": orjson.dumps(_settable(booklet)).decode()}
    with _SETTING:  # the compiler keeps what it has read, and is nobody else's meanwhile
        try:
            return _set(inputs, "ua-1")
        except typst.TypstError:
            return _set(inputs, [])


def _set(inputs: dict[str, str], standards: Any) -> bytes:
    try:
        pdf: Any = _compiler().compile(format="pdf", sys_inputs=inputs, pdf_standards=standards)
    except typst.TypstError:
        if standards:
            raise
        raise Unset from None
    except BaseException as error:
        # a panic of the setter, which is no Exception; the next plan gets a fresh one
        _compiler.cache_clear()
        if type(error).__name__ != "PanicException":
            raise
        raise Unset from None
    return bytes(pdf)


@cache
def _compiler() -> typst.Compiler:
    # fonts of the system are asked for what the setter's own do not have
    return typst.Compiler(_TEMPLATE, root=_TEMPLATE.parent)


_UNSETTABLE: Final = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\ufeff\ufffe\uffff]")
_PRIVATE: Final = re.compile("[\ue000-\uf8ff]")
_LONG_WORD: Final = re.compile(r"\S{2000}")


def _settable(said: Any) -> Any:
    """The same without what cannot be set: control characters go, a private font's are bullets.

    Longer words than any line are broken: the setter fails on a word of 64 KiB.

    >>> _settable({"a": ["\\x01\\uf0b7 Ring\\ufeff", None]})
    {'a': ['• Ring', None]}
    """
    if isinstance(said, str):
        plain = _PRIVATE.sub("•", _UNSETTABLE.sub("", said))
        return _LONG_WORD.sub(r"\g<0> ", plain)
    if isinstance(said, dict):
        return {key: _settable(value) for key, value in said.items()}
    if isinstance(said, list):
        return [_settable(value) for value in said]
    return said
