"""Spelling: what makes one address out of many ways to type it."""

import polars as pl

NUMERALS = "〇零一二三四五六七八九十百两"
LARGEST_NUMERAL = 299
ODD = "[^一-龥0-9A-Z#-]"  # needs tidying
ONES = "零一二三四五六七八九"


def tidy(texts: pl.Series) -> pl.Series:
    """Return half-width capitals and plain dashes, without blanks, commas and a closing remark."""
    odd = texts.str.contains(ODD).fill_null(False)
    return texts.fill_null("").scatter(odd.arg_true(), _tidied(texts.filter(odd)))


def _tidied(texts: pl.Series) -> pl.Series:
    return (
        texts.str.normalize("NFKC")
        .str.to_uppercase()
        .str.replace_all(r"[\s\p{Cc}\p{Cf},，。、;；:：·\"'“”!?！？]+", "")
        .str.replace_all(r"[—－–‐‑−―~～_]+", "-")
        .str.replace_all(r"[(\[【{][^()\[\]【】{}]*[)\]】}]$", "")
        .str.replace_all(r"[()\[\]【】{}]", "")
    )


def written(number: int) -> str:
    """Return a number below a thousand in Chinese numerals, as it is said: 十二, 一百零三."""
    hundreds, tens, ones = number // 100, number // 10 % 10, number % 10
    if hundreds:
        between = "" if number % 100 == 0 else ("零" if not tens else f"{ONES[tens]}十")
        return f"{ONES[hundreds]}百{between}{ONES[ones] if ones else ''}"
    if not tens:
        return ONES[ones]
    return f"{'' if tens == 1 else ONES[tens]}十{ONES[ones] if ones else ''}"


SPOKEN = {written(number): str(number) for number in range(1, LARGEST_NUMERAL + 1)}


def in_digits(value: pl.Expr) -> pl.Expr:
    """Return 12 for 十二 and 302 for 三〇二, without leading zeros; other text as it is."""
    plain = value.str.replace_many(["两", "〇"], ["二", "零"])
    one_by_one = plain.str.replace_many(list(ONES), list("0123456789"))
    spoken = plain.replace_strict(SPOKEN, default=None, return_dtype=pl.String)
    is_numeral = value.str.contains(rf"^[{NUMERALS}]+$")
    number = pl.when(is_numeral).then(pl.coalesce(spoken, one_by_one)).otherwise(value)
    return number.str.replace(r"^([A-Z甲乙丙]?)0+(\d)", "${1}${2}")


def floor_of(room: pl.Expr) -> pl.Expr:
    """Return the floor that a room's number begins with: 5 of 502, 12 of A1203, 7 of 7D."""
    return room.str.extract(r"^[A-Z]?(\d{1,2})(?:\d{2}[A-Z]?|[A-Z])$")
