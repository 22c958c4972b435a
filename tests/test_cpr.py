"""Civil registration numbers: form, birth date, and what is stored of them."""

import traceback
from datetime import date

import pytest
from hypothesis import given, strategies as st

from app.domain.cpr import InvalidCpr, birth_date, is_valid, normalise
from app.store.cpr import CprUnreadable, CprVault

CPR_KEY, INDEX_KEY = b"k" * 32, b"i" * 32
TEN_DIGITS = st.text(alphabet="0123456789", min_size=10, max_size=10)


@pytest.fixture
def vault() -> CprVault:
    return CprVault(CPR_KEY, INDEX_KEY)


@pytest.mark.parametrize("text", ["0101901234", "010190-1234", "010190 1234", " 010190-1234\n"])
def test_a_number_is_read_with_and_without_its_hyphen(text: str) -> None:
    assert normalise(text) == "0101901234"


@pytest.mark.parametrize(
    "text",
    ["", "010190123", "01019012345", "0101-901234", "010190--1234", "٠١٠١٩٠١٢٣٤", "010190-123\x00"],
)
def test_other_texts_are_refused(text: str) -> None:
    assert not is_valid(text)
    with pytest.raises(InvalidCpr):
        normalise(text)


@pytest.mark.parametrize(
    ("number", "born"),
    [
        ("3112990000", date(1999, 12, 31)),
        ("3112993999", date(1999, 12, 31)),
        ("0101364999", date(2036, 1, 1)),
        ("0101374000", date(1937, 1, 1)),
        ("0101575000", date(2057, 1, 1)),
        ("0101585000", date(1858, 1, 1)),
        ("0101578999", date(2057, 1, 1)),
        ("0101588999", date(1858, 1, 1)),
        ("0101369000", date(2036, 1, 1)),
        ("0101379000", date(1937, 1, 1)),
        ("2902004000", date(2000, 2, 29)),
    ],
)
def test_the_seventh_digit_gives_the_century(number: str, born: date) -> None:
    assert birth_date(number) == born


@pytest.mark.parametrize("number", ["2902000000", "3104904321", "0013904321", "0001904321"])
def test_a_number_without_a_real_date_is_refused(number: str) -> None:
    assert not is_valid(number)


def test_a_number_that_fails_modulus_11_is_accepted() -> None:
    weights = (4, 3, 2, 7, 6, 5, 4, 3, 2, 1)
    number = "0101901234"
    assert sum(w * int(d) for w, d in zip(weights, number, strict=True)) % 11 != 0
    assert is_valid(number)


@given(text=TEN_DIGITS | st.text(max_size=40))
def test_no_failure_repeats_the_number(text: str) -> None:
    try:
        birth_date(text)
    except InvalidCpr as error:
        printed = "".join(traceback.format_exception(error))
        assert str(error) == "not a civil registration number"
        assert len(text) < 10 or text not in printed
        assert error.__suppress_context__ or error.__context__ is None


@given(number=TEN_DIGITS)
def test_a_stored_number_comes_back(number: str) -> None:
    vault = CprVault(CPR_KEY, INDEX_KEY)
    stored = vault.encrypt(number)
    assert len(stored) == 39
    assert number.encode() not in stored
    assert vault.decrypt(stored) == number


@given(number=TEN_DIGITS, place=st.integers(0, 38), flip=st.integers(1, 255))
def test_a_changed_byte_is_noticed(number: str, place: int, flip: int) -> None:
    vault = CprVault(CPR_KEY, INDEX_KEY)
    changed = bytearray(vault.encrypt(number))
    changed[place] ^= flip
    with pytest.raises(CprUnreadable) as refused:
        vault.decrypt(bytes(changed))
    assert number not in "".join(traceback.format_exception(refused.value))


@given(stored=st.binary(max_size=60))
def test_bytes_that_were_never_stored_are_unreadable(stored: bytes) -> None:
    with pytest.raises(CprUnreadable):
        CprVault(CPR_KEY, INDEX_KEY).decrypt(stored)


def test_equal_numbers_are_stored_differently_and_found_equally(vault: CprVault) -> None:
    assert vault.encrypt("0101901234") != vault.encrypt("0101901234")
    assert vault.index("010190-1234") == vault.index("0101901234")
    assert vault.index("0101901234") != vault.index("0101901235")
    assert vault.index("0101901234") != CprVault(CPR_KEY, b"j" * 32).index("0101901234")
    assert len(vault.index("0101901234")) == 32


def test_a_rotated_key_still_reads_what_the_old_one_wrote(vault: CprVault) -> None:
    before = vault.encrypt("0101901234")
    rotated = CprVault(b"n" * 32, INDEX_KEY, key_id=2, retired={1: CPR_KEY})
    after = rotated.encrypt("0101901234")
    assert (before[0], after[0]) == (1, 2)
    assert rotated.decrypt(before) == rotated.decrypt(after) == "0101901234"
    assert rotated.index("0101901234") == vault.index("0101901234")
    with pytest.raises(CprUnreadable):
        vault.decrypt(after)


def test_the_vault_shows_no_key_and_takes_no_weak_one(vault: CprVault) -> None:
    assert "kkkk" not in repr(vault)
    with pytest.raises(ValueError, match="32 bytes"):
        CprVault(b"short", INDEX_KEY)
    with pytest.raises(ValueError, match="differ"):
        CprVault(CPR_KEY, INDEX_KEY, retired={1: b"n" * 32})
    with pytest.raises(InvalidCpr):
        vault.encrypt("not a number")
