"""Finds the building that an address names: exact levels first, then with levels missing."""

import polars as pl

from resolution.addresses.thresholds import Rung, thresholds

LEVELS = ["community_code", "road", "number", "compound", "building_number"]
FOUND = {"building_code": pl.String, "building_confidence": pl.Float64, "conflicts": pl.Int64}


def find_buildings(places: pl.DataFrame, buildings: pl.DataFrame) -> pl.DataFrame:
    """Return the distinct places with what each rung of the ladder finds first.

    Args:
        places: :data:`LEVELS`, null where the address does not name one.
        buildings: the gazetteer's: the same levels, ``building_code``, ``weight``.

    Returns:
        The levels, ``building_code``, ``building_confidence``, ``conflicts`` (how many levels the
        address names otherwise) and ``is_ambiguous`` (several buildings answer equally well).
    """
    pending = places.select(LEVELS).unique()
    ambiguous = pending.head(0)
    found = []
    for rung in thresholds().ladder:
        named = _fits(rung)
        answers, several = _answers(buildings, rung)
        climbed = _climb(pending.filter(named), answers, rung)
        found.append(climbed)
        ambiguous = pl.concat(
            [ambiguous, pending.filter(named).join(several, on=rung.levels, how="semi")]
        )
        pending = pending.join(climbed, on=LEVELS, how="anti", nulls_equal=True)
    nothing = pending.with_columns(pl.lit(None, type_).alias(name) for name, type_ in FOUND.items())
    some = ambiguous.unique().with_columns(is_ambiguous=pl.lit(True))
    return (
        pl.concat([*found, nothing])
        .join(some, on=LEVELS, how="left", nulls_equal=True)
        .with_columns(pl.col("is_ambiguous").fill_null(False) & pl.col("building_code").is_null())
    )


def _fits(rung: Rung) -> pl.Expr:
    """Tell whether an address names a rung's levels, and no building where the rung needs none."""
    named = pl.all_horizontal(pl.col(level).is_not_null() for level in rung.levels)
    if "building_number" in rung.levels:
        return named
    return named & pl.col("building_number").is_null()


def every_answer(buildings: pl.DataFrame) -> list[pl.DataFrame]:
    """Return what each rung of the ladder answers to which levels: two lists that agree are one."""
    return [_answers(buildings, rung)[0] for rung in thresholds().ladder]


def _answers(buildings: pl.DataFrame, rung: Rung) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the values of a rung's levels that one building has, and those that several have.

    The first have ``building_code`` and, as ``known_…``, what the other levels of it are.
    """
    others = [level for level in LEVELS if level not in rung.levels]
    weight = pl.col("weight")
    by_building = (
        buildings.drop_nulls(rung.levels)
        .sort("weight", "building_code", descending=[True, False])
        .group_by(*rung.levels, "building_code", maintain_order=True)
        .agg(weight.sum(), *(pl.col(level).first().alias(f"known_{level}") for level in others))
        .sort("weight", "building_code", descending=[True, False])
    )
    known = [f"known_{level}" for level in others]
    first = by_building.group_by(rung.levels, maintain_order=True).agg(
        pl.col("building_code", *known).first(), share=weight.first() / weight.sum()
    )
    sure = pl.col("share") >= thresholds().majority
    return first.filter(sure).drop("share"), first.filter(~sure).select(rung.levels)


def _climb(pending: pl.DataFrame, answers: pl.DataFrame, rung: Rung) -> pl.DataFrame:
    """Return the places that a rung's answers fit well enough to be believed."""
    rows = pending.join(answers, on=rung.levels, how="inner")
    others = [level for level in LEVELS if level not in rung.levels]
    differ = {
        level: pl.col(level).ne(pl.col(f"known_{level}")).fill_null(False) for level in others
    }
    penalty = pl.sum_horizontal(
        pl.lit(0.0), *(differ[level] * thresholds().penalties.get(level, 0.0) for level in others)
    )
    conflicts = pl.sum_horizontal(pl.lit(0), *differ.values()).cast(pl.Int64)
    rows = rows.with_columns(
        building_confidence=pl.lit(rung.confidence) - penalty, conflicts=conflicts
    )
    believed = pl.col("building_confidence") >= thresholds().believed
    return rows.filter(believed).select(*LEVELS, *FOUND)
