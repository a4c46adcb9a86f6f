"""What a Chinese name sounds and looks like, so that spellings of one name meet."""

from functools import cache
from pathlib import Path

import polars as pl
from pypinyin import Style, lazy_pinyin

HERE = Path(__file__).parent
LONGEST = 4  # characters that are compared; longer names are cut
DOUBLE_SURNAMES = (
    "欧阳", "司徒", "上官", "司马", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐", "钟离",
    "宇文", "长孙", "端木", "夏侯", "万俟", "轩辕", "独孤", "南宫", "西门", "太史",
)  # fmt: skip


@cache
def _table(name: str) -> pl.DataFrame:
    return pl.read_csv(HERE / f"{name}.csv", comment_prefix="#")


def surname(name: pl.Expr) -> pl.Expr:
    """Return the surname: two characters where they are one, else the first."""
    double = name.str.head(2).is_in(DOUBLE_SURNAMES)
    return pl.when(double).then(name.str.head(2)).otherwise(name.str.head(1))


def with_sounds_and_shapes(rows: pl.DataFrame) -> pl.DataFrame:
    """Add ``sound`` and ``shape`` of ``name``.

    ``sound`` is the reading without tones, surnames read as surnames, sounds that the south does
    not tell apart folded; ``shape`` is the name with characters that look alike made one.
    """
    names = rows.select(pl.col("name").drop_nulls().unique())
    characters = [pl.col("name").str.slice(at, 1) for at in range(LONGEST)]
    known = sorted(set("".join(names["name"].to_list())))
    usual = dict(zip(known, (_folded(reading) for reading in _readings(known)), strict=True))
    first = usual | {
        character: _folded(reading) for character, reading in _table("readings").iter_rows()
    }
    sound = [
        character.replace_strict(first if at == 0 else usual, default="", return_dtype=pl.String)
        for at, character in enumerate(characters)
    ]
    alike = dict(_table("shapes").iter_rows())
    names = names.with_columns(
        sound=pl.concat_str(sound, separator=" "),
        shape=pl.concat_str(character.replace(alike) for character in characters),
    )
    return rows.join(names, on="name", how="left", maintain_order="left")


def _readings(characters: list[str]) -> list[str]:
    """Return the usual reading of each character, without tone."""
    return [lazy_pinyin(character, style=Style.NORMAL)[0] for character in characters]


@cache
def _folded(reading: str) -> str:
    for part, sound, folded in _table("sounds").iter_rows():
        if part == "initial" and reading.startswith(sound):
            reading = folded + reading.removeprefix(sound)
        elif part == "final" and reading.endswith(sound):
            reading = reading.removesuffix(sound) + folded
    return reading
