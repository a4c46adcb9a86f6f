"""The ways a cell can be wrong: which cells fit, and what becomes of them.

Each kind maps the cells of some rows (one column, or a few that go wrong together) to wrong ones.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl

from simulator.dirt.gcj02 import gcj02
from simulator.tables import table

Change = Callable[[pl.DataFrame, np.random.Generator], pl.DataFrame]


@dataclass(frozen=True)
class Kind:
    """``fits`` says of the first column's cells which can go wrong so; ``spoil`` does it."""

    fits: pl.Expr
    spoil: Change


KINDS: dict[str, Kind] = {}
CELL = pl.first()
DATE = CELL.str.replace_all("-", "").str.to_date("%Y%m%d", strict=False)
DIGITS18 = CELL.str.contains(r"^\d{17}[\dX]$")


def _cell(name: str, fits: pl.Expr, wrong: pl.Expr) -> None:
    """Register a kind that needs nothing but the cell itself."""
    KINDS[name] = Kind(fits, lambda rows, _: rows.with_columns(wrong.alias(rows.columns[0])))


def _one_of(rows: pl.DataFrame, rng: np.random.Generator, wrongs: list[pl.Expr]) -> pl.DataFrame:
    """Give each cell one of several wrong forms, drawn from those that differ from it."""
    forms = pl.concat_list(pl.when(wrong != CELL).then(wrong) for wrong in wrongs)
    forms = forms.list.drop_nulls()
    draw = pl.lit(pl.Series(rng.integers(0, 2**31, len(rows))))
    return rows.select(forms.list.get(draw % forms.list.len()).alias(rows.columns[0]))


ANY = CELL.is_not_null()
KINDS["missing"] = Kind(ANY, lambda rows, _: rows.clear(len(rows)))

# identifiers
_cell("lower_case_x", CELL.str.ends_with("X"), CELL.str.replace("X$", "x"))
_cell("lower_case", CELL.str.contains("[A-Z]"), CELL.str.to_lowercase())
_cell("letter_for_digit", CELL.str.contains("0"), CELL.str.replace("0([^0]*)$", "O$1"))
_other = pl.when(CELL.str.ends_with("1")).then(pl.lit("2")).otherwise(pl.lit("1"))
_cell("wrong_code", CELL.str.contains("[0-9A-Z]$"), CELL.str.head(-1) + _other)
_cell("without_dash", CELL.str.contains("-"), CELL.str.replace("-", ""))
_cell("trailing_blank", ANY, CELL + "  ")
_cell("inner_blank", CELL.str.len_chars() == 2, CELL.str.replace("^(.)", "$1 "))
_cell("fifteen_digits", DIGITS18 & (CELL.str.slice(6, 2) == "19"),
      CELL.str.slice(0, 6) + CELL.str.slice(8, 9))  # fmt: skip
_cell("broken_by_excel", DIGITS18, CELL.str.slice(0, 15) + "000")
_cell("bad_check_digit", DIGITS18,
      CELL.str.slice(0, 17) + CELL.str.slice(17).replace({"X": "0", "9": "X"})
      .replace({str(n): str(n + 1) for n in range(9)}))  # fmt: skip
_cell("bad_luhn", CELL.str.contains(r"^\d{15}$"),
      CELL.str.head(14) + ((CELL.str.tail(1).cast(pl.Int64) + 1) % 10).cast(pl.String))  # fmt: skip
_cell("full_width", CELL.str.contains(r"\d"),
      CELL.str.replace_many(list("0123456789"), list("０１２３４５６７８９")))  # fmt: skip
_cell("excel_notation", CELL.str.contains(r"^\d{25}$"),
      CELL.str.slice(0, 1) + "." + CELL.str.slice(1, 5) + "E+24")  # fmt: skip
_cell("country_code", CELL.str.len_chars() == 11, "+86" + CELL)

# code lists
_cell("sex_as_word", CELL.is_in(["1", "2"]), CELL.replace({"1": "男", "2": "女"}))
_cell("yes_no_as_word", CELL.is_in(["0", "1"]), CELL.replace({"1": "有", "0": "无"}))
_cell("no_leading_zero", CELL.str.starts_with("0"), CELL.str.slice(1))
_ethnic = table("ethnic_groups")
_cell("ethnic_name", ANY, CELL.replace(_ethnic["code"], _ethnic["name"]))
_cell("ethnic_name_zu", ANY, CELL.replace(_ethnic["code"], _ethnic["name"]) + "族")
_cell("state_synonym", CELL == "破损", pl.lit("损坏"))
_states = {"0": "受理", "1": "分拨", "2": "办结", "3": "已评价", "9": "归档"}
_cell("state_as_word", CELL.is_in(list(_states)), CELL.replace(_states))
_cell("short_community", CELL.str.ends_with("社区"), CELL.str.strip_suffix("社区"))
_cell("open_synonym", CELL == "存续", pl.lit("开业"))
_cell("with_unit", CELL.str.contains(r"^\d+$"), CELL + "万元")
_cell("currency_name", CELL == "156", pl.lit("人民币"))
_cell("without_city", CELL.str.starts_with("深圳市"), CELL.str.strip_prefix("深圳市"))

_cell("online_synonym", CELL.is_in(["在线", "离线"]), CELL.replace({"在线": "1", "离线": "0"}))
_cell("level_as_word", CELL.is_in(["1", "2", "3"]),
      CELL.replace({"1": "一级", "2": "二级", "3": "三级"}))  # fmt: skip

# what should have ended
_cell("still_listed", CELL == "1", pl.lit("0"))
_cell("still_paid", CELL == "停发", pl.lit("在享"))
_cell("still_registered", CELL == "注销", pl.lit("正常"))
_cell("still_open", CELL == "注销", pl.lit("存续"))

# dates
_cell("dotted_date", DATE.is_not_null(),
      pl.format("{}.{}.{}", DATE.dt.year(), DATE.dt.month(), DATE.dt.day()))  # fmt: skip
_cell("slashed_date", DATE.is_not_null(),
      pl.format("{}/{}/{}", DATE.dt.year(), DATE.dt.month(), DATE.dt.day()))  # fmt: skip
_cell("slashed_time", CELL.str.contains(r"^\d{4}-\d\d-\d\d "), CELL.str.replace_all("-", "/"))
_cell("compact_date", CELL.str.contains("-"), CELL.str.replace_all("-", ""))
_cell("chinese_date", DATE.is_not_null(),
      pl.format("{}年{}月{}日", DATE.dt.year(), DATE.dt.month(), DATE.dt.day()))  # fmt: skip
_cell("excel_serial", DATE.is_not_null(),
      ((DATE - pl.date(1899, 12, 30)).dt.total_days()).cast(pl.String))  # fmt: skip
_cell("impossible_date", DATE.is_not_null(),
      CELL.str.replace(r"^(\d{4})(-?)\d{2}(-?)\d{2}$", "${1}${2}02${3}30"))  # fmt: skip


def _wrong_date(rows: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Another real date of the same spelling: month off by one, day typed wrong, year off."""
    days = pl.Series(rng.choice([-365, -31, -10, -1, 1, 9, 30, 366], len(rows)))
    moved = DATE + pl.duration(days=pl.lit(days))
    compact = ~CELL.str.contains("-")
    return rows.select(
        pl.when(compact)
        .then(moved.dt.strftime("%Y%m%d"))
        .otherwise(moved.dt.strftime("%Y-%m-%d"))
        .alias(rows.columns[0])
    )


KINDS["wrong_date"] = Kind(DATE.is_not_null(), _wrong_date)


# names and addresses
_cell("familiar_name", CELL.str.len_chars() >= 2, "阿" + CELL.str.tail(1))


def _wrong_name(rows: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """A character that sounds or looks alike; else the last one dropped or doubled."""
    pairs = table("lookalikes")
    alike = CELL.str.replace_many(pairs["written"].to_list(), pairs["typed"].to_list())
    shorter = pl.when(CELL.str.len_chars() > 2).then(CELL.str.head(-1)).otherwise(
        CELL + CELL.str.tail(1)
    )  # fmt: skip
    return rows.select(pl.when(alike != CELL).then(alike).otherwise(shorter).alias(rows.columns[0]))


KINDS["wrong_name"] = Kind(ANY, _wrong_name)

ALIASES = [
    CELL.str.replace("栋", "幢"),
    CELL.str.replace("栋", "座"),
    CELL.str.replace("栋", "号楼"),
    CELL.str.strip_prefix("广东省"),
    CELL.str.strip_prefix("广东省深圳市"),
    CELL.str.replace("^广东省深圳市[^区]+区[^道]+街道", ""),
    CELL.str.replace(r"社区[^路街]+[路街]\d+号", "社区"),
    CELL.str.strip_suffix("房").str.replace(r"栋(\d)", "栋-$1"),
]
KINDS["alias"] = Kind(CELL.str.contains("栋"), lambda rows, rng: _one_of(rows, rng, ALIASES))


def _of_another(rows: pl.DataFrame, _: np.random.Generator) -> pl.DataFrame:
    """What belongs to another row, far enough away not to be of the same household."""
    middle = len(rows) // 2
    return pl.concat([rows[middle:], rows[:middle]])


KINDS["stale_address"] = Kind(ANY, _of_another)

# what is known of tenants and of settled people differs: the last column is the kind of residence
_LAST = pl.nth(-1).is_in(["3", "4"])
for _group, _of_group in {"tenant": _LAST, "settled": ~_LAST}.items():
    KINDS[f"stale_of_{_group}"] = Kind(
        ANY & _of_group, lambda rows, rng: _of_another(rows, rng).with_columns(rows[:, -1])
    )
    KINDS[f"missing_of_{_group}"] = Kind(
        ANY & _of_group, lambda rows, _: rows.clear(len(rows)).with_columns(rows[:, -1])
    )

# places
_cell("neighbour_grid", ANY, CELL.str.slice(0, 12) + pl.when(CELL.str.ends_with("001"))
      .then(pl.lit("002"))
      .otherwise((CELL.str.slice(12).cast(pl.Int64) - 1).cast(pl.String).str.zfill(3)))  # fmt: skip
_cell("ten_times", ANY, CELL * 10)
KINDS["swapped"] = Kind(
    ANY,
    lambda rows, _: rows.select(pl.nth(1).alias(rows.columns[0]), pl.nth(0).alias(rows.columns[1])),
)
KINDS["gcj02"] = Kind(
    ANY, lambda rows, _: pl.DataFrame(gcj02(rows.to_numpy()), schema=rows.columns)
)
