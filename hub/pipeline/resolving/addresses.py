"""Addresses: every text that any department writes, with the building and dwelling it names."""

from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from hub.warehouse.tables import Tables
from resolution.addresses import gazetteer, match

REGIONS = """
select distinct community.short_name as community, street.name as street,
    left(community.region_code, 12) as community_code
from reference.region as community
inner join reference.region as street on street.region_code = community.parent_code
where community.level = 'community'
"""
ALIASES = "select level, alias, name from reference.address_alias"
NEW_TEXTS = """
select address_text from ({texts}) as said except select address_text from resolve.address
"""
FORGET_UNSAID = """
delete from resolve.address as kept
where not exists (select from ({texts}) as said where said.address_text = kept.address_text)
"""
TEXTS = "select {text} as address_text from staging.{table} where {text} is not null"
EVIDENCE = """
select {text} as address_text, {building_code} as building_code, {house_code} as house_code,
    {weight} * count(*)::float8 as weight
from staging.{table} where {text} is not null group by 1, 2, 3
"""
# A building's code in the place of a house code names no home.
USABLE = (
    "case when {code}_status in ('ok', 'repaired') and length({code}) = {digits} then {code} end"
)
HOUSE_CODES = """
select house_code from staging.{table}
where house_code_status in ('ok', 'repaired') and length(house_code) = 25
"""
DIGITS = {"building_code": 19, "house_code": 25}


def resolve_addresses(tables: Tables) -> None:
    """Bring ``resolve.address`` up to date, and with it what the gazetteer knows.

    A text that was resolved before is kept as long as the gazetteer's version is the same.
    """
    known = learn(tables)
    kept = tables.read("select version from resolve.gazetteer")["version"].to_list()
    if kept == [known.version]:
        tables.execute(FORGET_UNSAID.format(texts=_texts()))
        fresh = tables.read(NEW_TEXTS.format(texts=_texts()))
        tables.append("address", match.resolve(fresh["address_text"], known))
        return
    texts = tables.read(_texts())
    tables.replace("address", match.resolve(texts["address_text"], known))
    tables.replace("building_address", known.buildings)
    tables.replace("dwelling", known.dwellings)
    tables.replace("gazetteer", _described(known))


def learn(tables: Tables) -> gazetteer.Gazetteer:
    """Return the gazetteer of what departments say today."""
    return gazetteer.build(
        tables.read(_evidence()),
        tables.read(_house_codes())["house_code"],
        tables.read(REGIONS),
        tables.read(ALIASES),
    )


def _described(known: gazetteer.Gazetteer) -> pl.DataFrame:
    """Return the one row of ``resolve.gazetteer``."""
    return pl.DataFrame(
        {
            "version": known.version,
            "buildings": known.buildings["building_code"].n_unique(),
            "dwellings": len(known.dwellings),
        },
        schema_overrides={"buildings": pl.Int64, "dwellings": pl.Int64},
    )


def _texts() -> str:
    """Return the query of all distinct address texts."""
    return " union ".join(TEXTS.format_map(source) for source in address_sources()["addresses"])


def _evidence() -> str:
    """Return the query of addresses that stand beside a code, with the weight of who says so."""
    telling = [source for source in address_sources()["addresses"] if "weight" in source]
    return " union all ".join(
        EVIDENCE.format_map(source | {name: _usable(source, name) for name in DIGITS})
        for source in telling
    )


def _usable(source: dict[str, Any], name: str) -> str:
    if name not in source:
        return "null::text"
    return USABLE.format(code=source[name], digits=DIGITS[name])


def _house_codes() -> str:
    """Return the query of all house codes."""
    return " union ".join(
        HOUSE_CODES.format(table=table) for table in address_sources()["house_codes"]
    )


@cache
def address_sources() -> dict[str, Any]:
    """Return where departments write addresses (``address_sources.yaml``, explained there)."""
    path = Path(__file__).parent / "address_sources.yaml"
    found: dict[str, Any] = yaml.safe_load(path.read_text())
    return found
