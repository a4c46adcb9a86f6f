"""Addresses into levels, whole columns at a time.

A building's address is written once for each of its homes, so a text is cut behind the building:
the distinct beginnings and the distinct ends are parsed, and put together again.
"""

import polars as pl

from resolution.addresses import grammar
from resolution.addresses.text import floor_of, in_digits, tidy

PLACE = [
    "province",
    "city",
    "district",
    "street",
    "community",
    "road",
    "number",
    "compound",
    "building_number",
]
HOME = ["unit", "floor", "room", "shop"]
LEVELS = [*PLACE, *HOME]


def parse(texts: pl.Series) -> pl.DataFrame:
    """Return one row per text, in the same order.

    Columns: ``address_text`` as given, the :data:`LEVELS` (text; null where the address does not
    name them), ``is_nearby`` (it names a place beside the one that is meant) and ``remainder``
    (what the grammar could not place; null when nothing is left).
    """
    rows = pl.DataFrame({"address_text": texts.cast(pl.String)})
    rows = rows.with_columns(tidied=tidy(rows["address_text"]))
    rows = rows.with_columns(said=pl.col("tidied").str.replace(grammar.nearby(), ""))
    cut = _cut(rows.select("said").unique())
    places = _places(cut.select("before", "building").unique())
    cut = cut.join(places, on=["before", "building"], how="left", nulls_equal=True)
    cut = cut.with_columns(end=pl.col("left") + pl.col("behind"))
    homes = _homes(cut.select("end").unique())
    levels = cut.join(homes, on="end", how="left")
    near = (pl.col("said") != pl.col("tidied")).alias("is_nearby")
    return rows.join(levels, on="said", how="left", maintain_order="left").select(
        "address_text", *LEVELS, near, "remainder"
    )


def _cut(texts: pl.DataFrame) -> pl.DataFrame:
    """Return what stands before a building, its number (null where none is named), what follows."""
    whole = pl.col("said").cast(pl.Binary)
    rows = texts.with_columns(at=pl.col("said").str.find(grammar.building_found()))
    with_word = rows.filter(pl.col("at").is_not_null()).select(
        "said",
        before=whole.bin.slice(0, pl.col("at")).cast(pl.String).str.strip_suffix("第"),
        home=whole.bin.slice(pl.col("at")).cast(pl.String),
    )
    groups = pl.col("home").str.extract_groups(grammar.building())
    homes = with_word.select("home").unique()
    homes = homes.with_columns(building=groups.struct[0], behind=groups.struct[1])
    with_word = with_word.join(homes, on="home", how="left").drop("home")
    return pl.concat([with_word, _bare(rows.filter(pl.col("at").is_null()).select("said"))])


def _bare(texts: pl.DataFrame) -> pl.DataFrame:
    """Return the same for texts in which no word says which number is the building's."""
    text = pl.col("said")
    found = texts.with_columns(
        before=text, building=pl.lit(None, pl.String), behind=pl.lit("", pl.String)
    )
    for pattern in reversed(grammar.bare_buildings()):  # the first that fits counts
        groups = text.str.extract_groups(pattern)
        fits = groups.struct[1].is_not_null()
        found = found.with_columns(
            before=pl.when(fits).then(groups.struct[0]).otherwise("before"),
            building=pl.when(fits).then(groups.struct[1]).otherwise("building"),
            behind=pl.when(fits).then(groups.struct[2].fill_null("")).otherwise("behind"),
        )
    return found


def _places(texts: pl.DataFrame) -> pl.DataFrame:
    """Return the levels down to the building, and ``left``, which they do not explain."""
    rows = texts.with_columns(left=pl.col("before"))
    for level, pattern in grammar.place_levels().items():
        rows = _take(rows, level, pattern)
    return rows.with_columns(
        road=pl.coalesce("road", "road_alone"),
        street=pl.col("street").str.replace("街道办(?:事处)?$", "街道"),
        number=in_digits(pl.col("number")),
        building_number=in_digits(pl.col("building")),
    ).select("before", "building", *PLACE, "left")


def _homes(texts: pl.DataFrame) -> pl.DataFrame:
    """Return the levels within a building, and ``remainder``."""
    rows = texts.with_columns(left=pl.col("end"))
    for level, pattern in grammar.home_levels().items():
        rows = _take(rows, level, pattern)
    below = pl.col("floor").str.replace("^(?:地下|B)", "负")
    rows = rows.with_columns(
        unit=in_digits(pl.coalesce("unit", "unit_dashed")),
        shop=in_digits(pl.col("shop")),
        room=in_digits(pl.col("room")),
        floor=pl.when(below.str.starts_with("负"))
        .then("-" + in_digits(below.str.strip_prefix("负")))
        .otherwise(in_digits(below)),
    )
    door = pl.col("room").str.extract(r"^(\d{1,2})$").str.zfill(2)  # 5楼02室 is 502
    return rows.select(
        "end",
        "unit",
        floor=pl.coalesce(pl.col("floor"), floor_of(pl.col("room"))),
        room=pl.coalesce(pl.col("floor").str.extract(r"^(\d+)$") + door, "room"),
        shop="shop",
        remainder=pl.when(pl.col("left") != "").then(pl.col("left")),
    )


def _take(rows: pl.DataFrame, level: str, pattern: str) -> pl.DataFrame:
    """Move what a level's pattern finds at the beginning of ``left`` into a column of its own."""
    groups = pl.col("left").str.extract_groups(pattern)
    rows = rows.with_columns(groups.struct[0].alias("taken"), groups.struct[1].alias(level))
    return rows.with_columns(
        left=pl.col("left").str.strip_prefix(pl.col("taken").fill_null(""))
    ).drop("taken")
