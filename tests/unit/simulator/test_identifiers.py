"""Check digits against python-stdnum and against the standards' own examples."""

import numpy as np
import polars as pl
import pytest
from stdnum.cn import ric, uscc

from simulator.identifiers import (
    PRIVATE_ORGANISATIONS,
    credit_codes,
    organisation_codes,
    phone_numbers,
    resident_numbers,
)


def test_resident_numbers_end_in_the_check_digit_of_the_standard() -> None:
    first17 = pl.Series(["11010519491231002", "44030419122029997", "44990120000101161"])
    numbers = resident_numbers(first17)
    assert numbers[0] == "11010519491231002X"
    assert [number[-1] for number in numbers] == [ric.calc_check_digit(n) for n in numbers]


def test_organisation_codes_are_the_standards_private_ones() -> None:
    codes = organisation_codes(np.array([1, 17]))
    assert codes.to_list() == ["PDY00001X", "PDY000175"]


def test_private_codes_repeat_only_when_all_are_used_up() -> None:
    codes = organisation_codes(np.arange(1, PRIVATE_ORGANISATIONS + 2))
    assert codes.n_unique() == PRIVATE_ORGANISATIONS
    assert codes[-1] == codes[0]


@pytest.mark.parametrize("kind", ["91", "52", "53"])
def test_credit_codes_hold_outside_and_inside(kind: str) -> None:
    codes = credit_codes(kind, np.arange(1, 200))
    assert all(uscc.is_valid(code) for code in codes)
    assert codes.str.slice(8, 3).unique().to_list() == ["PDY"]


def test_the_credit_code_of_the_domain_reference() -> None:
    assert credit_codes("91", np.array([1]))[0] == "91440304PDY00001XW"


def test_phone_numbers_differ_and_lie_in_a_range_that_nobody_has() -> None:
    phones = phone_numbers("154", np.arange(1, 200_000))
    assert phones.is_unique().all()
    assert phones.str.contains(r"^154\d{8}$").all()


def test_no_rows_give_no_codes() -> None:
    assert resident_numbers(pl.Series([], dtype=pl.String)).is_empty()
