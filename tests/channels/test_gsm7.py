"""The length of an SMS, counted as the networks count it."""

import doctest
import math

import pytest
from hypothesis import given, strategies as st

from app.channels import gsm7

ALPHABET = "".join(sorted(gsm7.BASIC | gsm7.EXTENSION))


def test_the_examples_in_the_documentation_hold() -> None:
    assert doctest.testmod(gsm7).failed == 0


def test_the_alphabet_has_all_its_characters() -> None:
    assert len(gsm7.BASIC) == 127  # 128 places less the escape
    assert len(gsm7.EXTENSION) == 10


def test_danish_letters_are_in_the_alphabet() -> None:
    assert gsm7.septets("æøåÆØÅ") == 6


def test_characters_of_the_extension_table_count_two() -> None:
    assert gsm7.septets("^{}\\[~]|€\f") == 20


def test_a_text_outside_the_alphabet_has_no_septets() -> None:
    with pytest.raises(ValueError):
        gsm7.septets("Ж")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", 1),
        ("x" * 160, 1),
        ("x" * 161, 2),
        ("x" * 306, 2),
        ("x" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("x" * 152 + "€" + "x" * 152, 3),  # no character is split between two parts
        ("Ж" * 70, 1),
        ("Ж" * 71, 2),
        ("Ж" * 134, 2),
        ("Ж" * 135, 3),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
        ("Ж" * 66 + "😀" + "Ж" * 66, 3),
    ],
)
def test_a_text_is_split_where_the_networks_split_it(text: str, parts: int) -> None:
    assert gsm7.parts(text) == parts


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("‘Min’ “Plan” »læs« „den‟", '\'Min\' "Plan" "læs" "den"'),
        ("9–22 — i dag −1", "9-22 - i dag -1"),
        ("Min\u00a0Plan\u202fer\u2009ny", "Min Plan er ny"),
        ("a\u030a\u00adben…", "åben..."),
    ],
)
def test_typographic_signs_become_plain_ones(typed: str, plain: str) -> None:
    assert gsm7.normalise(typed) == plain
    assert gsm7.is_gsm7(gsm7.normalise(typed))


@given(st.text())
def test_normalising_twice_changes_nothing_more(text: str) -> None:
    once = gsm7.normalise(text)
    assert gsm7.normalise(once) == once


@given(st.text(alphabet=ALPHABET, max_size=700))
def test_parts_of_a_gsm7_text_hold_its_septets_with_at_most_one_lost_each(text: str) -> None:
    length, parts = gsm7.septets(text), gsm7.parts(text)
    if length <= 160:
        assert parts == 1
    else:
        assert math.ceil(length / 153) <= parts <= math.ceil(length / 152)


@given(st.text(max_size=300))
def test_every_text_fits_the_parts_it_is_said_to_need(text: str) -> None:
    if gsm7.is_gsm7(text):
        units, single, part = gsm7.septets(text), 160, 153
    else:
        units, single, part = len(text.encode("utf-16-le", "surrogatepass")) // 2, 70, 67
    parts = gsm7.parts(text)
    assert units <= (single if parts == 1 else part * parts)


@given(st.text(max_size=200), st.characters())
def test_a_longer_text_never_needs_fewer_parts(text: str, more: str) -> None:
    assert gsm7.parts(text) <= gsm7.parts(text + more)
