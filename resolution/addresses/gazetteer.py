"""The gazetteer: what departments say of buildings and dwellings, as levels and codes.

A department that knows a code of a building (19 digits) or a dwelling (25 digits) and writes its
address down gives evidence. Each piece has a weight, and what is claimed by several codes goes to
the one with the most.
"""

from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path

import polars as pl

from resolution.addresses import names
from resolution.addresses.ladder import LEVELS, every_answer, find_buildings
from resolution.addresses.parse import parse
from resolution.addresses.text import floor_of, in_digits
from resolution.addresses.thresholds import thresholds

COMMUNITY_DIGITS, BUILDING_DIGITS = 12, 19
OUTER = ["province", "city", "district"]


@dataclass(frozen=True)
class Gazetteer:
    """Everything that a parsed address is compared with.

    Attributes:
        buildings: ``building_code``, :data:`~resolution.addresses.ladder.LEVELS`, ``weight``.
        dwellings: ``house_code``, ``building_code``, ``unit``, ``floor``, ``room``; a row per
            house code.
        communities: ``community``, ``street``, ``community_code``: names and codes.
        aliases: ``level``, ``alias``, ``name``.
        outer: ``level``, ``name``: provinces, cities and districts that the buildings lie in.
    """

    buildings: pl.DataFrame
    dwellings: pl.DataFrame
    communities: pl.DataFrame
    aliases: pl.DataFrame
    outer: pl.DataFrame

    @cached_property
    def version(self) -> str:
        """Sixteen digits that change whenever an address could be resolved in another way."""
        digest = sha256(_edition().encode())
        names = (self.dwellings, self.communities, self.aliases, self.outer)
        for rows in (*every_answer(self.buildings), *names):
            digest.update(rows.sort(rows.columns).write_csv().encode())
        return digest.hexdigest()[:16]


def build(
    evidence: pl.DataFrame, house_codes: pl.Series, regions: pl.DataFrame, aliases: pl.DataFrame
) -> Gazetteer:
    """Return the gazetteer.

    Args:
        evidence: ``address_text``, ``building_code`` and ``house_code`` (either may be null),
            ``weight`` of the source.
        house_codes: of dwellings that are known to exist, whether or not their address is.
        regions: ``community``, ``street`` (names and other names of both) and ``community_code``.
        aliases: ``level`` (road or compound), ``alias``, ``name``.
    """
    code = pl.coalesce("building_code", pl.col("house_code").str.head(BUILDING_DIGITS))
    said = evidence.drop_nulls("address_text").with_columns(building_code=code)
    said = said.group_by("address_text", "building_code", "house_code").agg(pl.col("weight").sum())
    parsed = parse(said["address_text"].unique())
    rows = said.join(names.standard(parsed, aliases), on="address_text", how="left")
    rows = rows.with_columns(
        pl.col("building_code").str.head(COMMUNITY_DIGITS).alias("community_code")
    )
    buildings = _buildings(rows)
    return Gazetteer(
        buildings,
        _dwellings(rows, buildings, house_codes),
        _communities(rows, regions),
        aliases,
        _outer(rows),
    )


def _buildings(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the addresses that are said of buildings, those with little support left out."""
    named = rows.drop_nulls(["building_code", "building_number"]).filter(~pl.col("is_nearby"))
    said = named.group_by("building_code", *LEVELS).agg(pl.col("weight").sum())
    share = pl.col("weight") / pl.col("weight").sum().over("building_code")
    return said.filter(share >= 1 - thresholds().majority)


def _dwellings(rows: pl.DataFrame, buildings: pl.DataFrame, house_codes: pl.Series) -> pl.DataFrame:
    """Return the dwellings: unit and room as most evidence says, else as the code itself says.

    Evidence counts where the address names the building that the house code begins with.
    """
    said = rows.drop_nulls(["house_code", "room"]).filter(~pl.col("is_nearby"))
    found = find_buildings(said, buildings).select(*LEVELS, named_code="building_code")
    agreed = said.join(found, on=LEVELS, how="left", nulls_equal=True).filter(
        pl.col("named_code") == pl.col("house_code").str.head(BUILDING_DIGITS)
    )
    votes = agreed.group_by("house_code", "unit", "room").agg(pl.col("weight").sum())
    known = pl.concat([house_codes.drop_nulls(), votes["house_code"]]).unique().rename("house_code")
    by_code = in_digits(pl.col("house_code").str.slice(BUILDING_DIGITS))
    spelt = known.to_frame().with_columns(
        unit=pl.lit(None, pl.String), room=by_code, weight=pl.lit(0.0)
    )
    if _agreement(votes) >= thresholds().room_in_house_code:
        votes = pl.concat([votes.select(spelt.columns), spelt])
    chosen = votes.sort("weight", "unit", "room", descending=[True, False, False], nulls_last=True)
    return chosen.group_by("house_code", maintain_order=True).first().select(
        "house_code", pl.col("house_code").str.head(BUILDING_DIGITS).alias("building_code"),
        "unit", floor_of(pl.col("room")).alias("floor"), "room",
    )  # fmt: skip


def _agreement(votes: pl.DataFrame) -> float:
    """Return the share of the evidence in which the room is the end of the house code."""
    same = pl.col("room") == in_digits(pl.col("house_code").str.slice(BUILDING_DIGITS))
    weight = pl.col("weight")
    share = votes.select(weight.filter(same).sum() / weight.sum()).item() if len(votes) else 0
    return float(share or 0)


def _communities(rows: pl.DataFrame, regions: pl.DataFrame) -> pl.DataFrame:
    """Return names and codes of communities: the given ones, and what buildings' addresses say."""
    said = rows.drop_nulls(["community", "community_code"])
    votes = said.group_by("street", "community", "community_code").agg(pl.col("weight").sum())
    share = pl.col("weight") / pl.col("weight").sum().over("street", "community")
    learnt = votes.filter(share >= thresholds().majority)
    columns = ["community", "street", "community_code"]
    return pl.concat([regions.select(columns), learnt.select(columns)]).unique()


def _outer(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the provinces, cities and districts that the known buildings' addresses name."""
    said = rows.drop_nulls("building_code").unpivot(
        OUTER, index="weight", variable_name="level", value_name="name"
    )
    said = said.drop_nulls("name").group_by("level", "name").agg(pl.col("weight").sum())
    share = pl.col("weight") / pl.col("weight").sum().over("level")
    return said.filter(share >= (1 - thresholds().majority) / 100).select("level", "name")


def _edition() -> str:
    """Return a digest of this package: its grammar, words and thresholds."""
    digest = sha256()
    here = Path(__file__).parent
    for path in sorted([*here.glob("*.py"), *here.glob("*.yaml")]):
        digest.update(path.read_bytes())
    return digest.hexdigest()
