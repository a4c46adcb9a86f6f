"""Check digits of Chinese identifiers, vectorised, and codes that belong to nobody.

Rules: GB 11643 (resident number), GB 11714 (organisation code), GB 32100 (unified social credit
code), 3GPP TS 23.003 (IMEI). Organisation codes use PDY00001–PDY99999, which the standard reserves
for private use.
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from simulator.randomness import Ints

RESIDENT_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
RESIDENT_CHECKS = "10X98765432"
ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CREDIT_WEIGHTS = tuple(pow(3, i, 31) for i in range(17))
PRIVATE_ORGANISATIONS = 99_999


def _values(codes: pl.Series, width: int, alphabet: str) -> NDArray[np.int64]:
    """Return an array (rows, width) of each character's place in ``alphabet``."""
    raw = np.frombuffer("".join(codes.to_list()).encode("ascii"), dtype=np.uint8)
    lookup = np.zeros(128, dtype=np.int64)
    lookup[[ord(letter) for letter in alphabet]] = np.arange(len(alphabet))
    return lookup[raw].reshape(-1, width)


def _append(codes: pl.Series, checks: list[str]) -> pl.Series:
    return codes + pl.Series(checks, dtype=pl.String)


def resident_numbers(first17: pl.Series) -> pl.Series:
    """Add the check digit of GB 11643 to the first 17 digits."""
    total = _values(first17, 17, "0123456789") @ np.array(RESIDENT_WEIGHTS)
    return _append(first17, [RESIDENT_CHECKS[rest] for rest in total % 11])


def organisation_codes(serials: Ints) -> pl.Series:
    """Return 9-character organisation codes of the private range.

    Serials run from 1; beyond 99,999 they repeat, which only matters above district scale.
    """
    within = pl.Series((serials - 1) % PRIVATE_ORGANISATIONS + 1)
    first8 = "PDY" + within.cast(pl.String).str.zfill(5)
    values = _values(first8, 8, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    check = 11 - (values @ np.array(ORGANISATION_WEIGHTS)) % 11
    return _append(first8, ["X" if c == 10 else "0" if c == 11 else str(c) for c in check])


def credit_codes(kind: str, serials: Ints, county: str = "440304") -> pl.Series:
    """Return unified social credit codes registered in a county for a kind such as ``91``."""
    first17 = f"{kind}{county}" + organisation_codes(serials)
    total = _values(first17, 17, CREDIT_ALPHABET) @ np.array(CREDIT_WEIGHTS)
    return _append(first17, [CREDIT_ALPHABET[(31 - rest) % 31] for rest in total % 31])


def mod_11_10(digits: pl.Series) -> Ints:
    """Return the check digits of ISO 7064 MOD 11,10, as business registration numbers have them."""
    values = _values(digits, int(digits.str.len_chars()[0]), "0123456789")
    product = np.full(len(values), 10)
    for column in values.T:
        total = (product + column) % 10
        product = np.where(total == 0, 10, total) * 2 % 11
    return (11 - product) % 10


def imei_numbers(serials: Ints) -> pl.Series:
    """Return 15-digit IMEIs with Luhn's check digit, one for each serial below 10¹⁰.

    Type codes that begin with 00 are for test equipment: none is a real device's.
    """
    scattered = pl.Series((serials * 74_207_281 + 31_415_926) % 10**10)
    first14 = "0010" + scattered.cast(pl.String).str.zfill(10)
    digits = _values(first14, 14, "0123456789")
    doubled = digits[:, 1::2] * 2
    total = digits[:, ::2].sum(axis=1) + (doubled - 9 * (doubled > 9)).sum(axis=1)
    return _append(first14, [str(check) for check in -total % 10])


def phone_numbers(prefix: str, serials: Ints) -> pl.Series:
    """Return a different mobile number for each serial below 10⁸, in no visible order."""
    scattered = pl.Series((serials * 74_207_281 + 31_415_926) % 10**8)
    return prefix + scattered.cast(pl.String).str.zfill(8)
