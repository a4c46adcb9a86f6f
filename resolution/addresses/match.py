"""Addresses to codes: which building, which dwelling, how sure, and why."""

import polars as pl

from resolution.addresses import names
from resolution.addresses.gazetteer import COMMUNITY_DIGITS, Gazetteer
from resolution.addresses.ladder import LEVELS, find_buildings
from resolution.addresses.parse import parse
from resolution.addresses.similar import respelt
from resolution.addresses.thresholds import thresholds

COLUMNS = [
    "address_text", "community_code", "road", "number", "compound", "building_number", "unit",
    "floor", "room", "shop", "building_code", "house_code", "confidence", "reason",
]  # fmt: skip
_FOUND = ["building_code", "building_confidence", "conflicts", "similarity"]


def resolve(texts: pl.Series, gazetteer: Gazetteer) -> pl.DataFrame:
    """Return one row per distinct text: its levels, the codes that it names, and how sure that is.

    ``community_code`` is the building's where one is found. ``confidence`` is that of the finest
    code found, null without any. ``reason`` is how it was found (``exact``, ``missing_level``,
    ``alias``, ``similar_name``, ``conflicting_level``), ``unknown_dwelling`` when only the
    building was, or why nothing was: ``elsewhere``, ``incomplete`` (no building is named),
    ``ambiguous``, ``unknown_building``.
    """
    parsed = parse(texts.drop_nulls().unique(maintain_order=True))
    rows = names.coded(names.standard(parsed, gazetteer.aliases), gazetteer.communities)
    rows = rows.with_columns(is_elsewhere=_elsewhere(gazetteer))
    places = _places(rows.filter(~pl.col("is_elsewhere")), gazetteer.buildings)
    rows = rows.join(places, on=LEVELS, how="left", nulls_equal=True, maintain_order="left")
    elsewhere = pl.col("is_elsewhere")
    rows = rows.with_columns(
        pl.when(~elsewhere).then(name).alias(name) for name in places.columns if name not in LEVELS
    )
    rows = _with_dwellings(rows, gazetteer.dwellings)
    return rows.select(
        pl.exclude("community_code", "confidence", "reason"),
        community_code=pl.coalesce(
            pl.col("building_code").str.head(COMMUNITY_DIGITS), "community_code"
        ),
        confidence=_confidence(),
        reason=_reason(),
    ).select(COLUMNS)


def _elsewhere(gazetteer: Gazetteer) -> pl.Expr:
    """Tell whether an address names a province, city or district in which we know no building."""
    foreign = [pl.lit(False)]
    for (level,), known in gazetteer.outer.group_by("level"):
        ours = [*known["name"], *known["name"].str.strip_suffix("省")]
        foreign.append(pl.col(str(level)).is_in(ours).not_().fill_null(False))
    return pl.any_horizontal(foreign)


def _places(rows: pl.DataFrame, buildings: pl.DataFrame) -> pl.DataFrame:
    """Return the distinct places with the building that each names, misspelt names included."""
    found = find_buildings(rows, buildings).with_columns(similarity=pl.lit(1.0))
    missing = pl.col("building_code").is_null() & ~pl.col("is_ambiguous")
    tried = found.filter(missing).select(LEVELS)
    again = [_respelt(tried, level, buildings) for level in names.NAMED]
    best = pl.concat(again).sort("building_confidence", "building_code", descending=[True, False])
    best = best.filter(pl.col("building_confidence") >= thresholds().believed)
    best = best.unique(LEVELS, keep="first", maintain_order=True)
    kept = found.join(best, on=LEVELS, how="anti", nulls_equal=True)
    return pl.concat([
        kept.select(*LEVELS, *_FOUND, "is_ambiguous"),
        best.with_columns(is_ambiguous=pl.lit(False)),
    ])  # fmt: skip


def _respelt(places: pl.DataFrame, level: str, buildings: pl.DataFrame) -> pl.DataFrame:
    """Return the places whose building is found once a level's name is spelt as it is known."""
    meant = respelt(places[level], buildings[level]).rename({"name": level})
    corrected = places.join(meant, on=level).with_columns(
        pl.col("meant").alias(level), pl.col(level).alias("written")
    )
    found = find_buildings(corrected, buildings).drop_nulls("building_code")
    rows = corrected.join(found, on=LEVELS, nulls_equal=True)
    lost = (1 - pl.col("similarity")) * thresholds().misspelling
    confidence = pl.col("building_confidence") - lost
    rows = rows.with_columns(pl.col("written").alias(level), confidence)
    return rows.select(*LEVELS, *_FOUND)


def _with_dwellings(rows: pl.DataFrame, dwellings: pl.DataFrame) -> pl.DataFrame:
    """Add ``house_code`` by building, unit and room, and ``unit_unknown`` if not by the unit."""
    by_unit = _only_one(dwellings, ["building_code", "unit", "room"])
    by_room = _only_one(dwellings, ["building_code", "room"], "unit")
    by_room = by_room.rename({"house_code": "by_room", "unit": "known_unit"})
    rows = rows.join(
        by_unit, on=["building_code", "unit", "room"], how="left", nulls_equal=True,
        maintain_order="left",
    ).join(by_room, on=["building_code", "room"], how="left", maintain_order="left")  # fmt: skip
    another_unit = pl.col("unit").ne(pl.col("known_unit")).fill_null(False)
    by_room_only = pl.col("house_code").is_null() & pl.col("by_room").is_not_null() & ~another_unit
    names_home = pl.col("shop").is_null() & ~pl.col("is_nearby")
    code = pl.when(by_room_only).then("by_room").otherwise("house_code")
    return rows.with_columns(
        house_code=pl.when(names_home).then(code), unit_unknown=names_home & by_room_only
    )


def _only_one(dwellings: pl.DataFrame, keys: list[str], *others: str) -> pl.DataFrame:
    """Return the dwellings that no other one shares these keys with."""
    named = dwellings.drop_nulls(["building_code", "room"])
    return named.filter(pl.len().over(keys) == 1).select(*keys, *others, "house_code")


def _confidence() -> pl.Expr:
    limits = thresholds()
    lost = (
        pl.col("by_alias") * limits.alias
        + pl.col("is_nearby") * limits.nearby
        + pl.col("remainder").is_not_null() * limits.remainder
        + pl.col("unit_unknown") * limits.unit_unknown
    )
    return (pl.col("building_confidence") - lost).clip(0, 1).round(4)


def _reason() -> pl.Expr:
    found = pl.col("building_code").is_not_null()
    home_named = pl.col("room").is_not_null() & ~pl.col("is_nearby")
    complete = pl.all_horizontal(pl.col(level).is_not_null() for level in LEVELS)
    return (
        pl.when(pl.col("is_elsewhere")).then(pl.lit("elsewhere"))
        .when(found & home_named & pl.col("house_code").is_null()).then(pl.lit("unknown_dwelling"))
        .when(found & (pl.col("similarity") < 1)).then(pl.lit("similar_name"))
        .when(found & (pl.col("conflicts") > 0)).then(pl.lit("conflicting_level"))
        .when(found & pl.col("by_alias")).then(pl.lit("alias"))
        .when(found & complete).then(pl.lit("exact"))
        .when(found).then(pl.lit("missing_level"))
        .when(pl.col("building_number").is_null()).then(pl.lit("incomplete"))
        .when(pl.col("is_ambiguous")).then(pl.lit("ambiguous"))
        .otherwise(pl.lit("unknown_building"))
    )  # fmt: skip
