"""Addresses as departments send them, and worse, against what the simulator knows to be true.

The whole of 沙嘴: every text that a department writes counts as often as it is written. Precision
is over what was answered, recall over what the text names at all. What is shown with ``measured:``
is what was reached; the bounds are what the project promises.
"""

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from resolution.addresses import gazetteer, match
from resolution.addresses.gazetteer import Gazetteer
from resolution.addresses.text import written

pytestmark = pytest.mark.integration

# file of what a department shows, column of the address, of a building's and a house's code, weight
SAID: list[tuple[str, str, str | None, str | None, float | None]] = [
    ("systems/police/building", "dz", "ldbm", None, 100),
    ("systems/police/resident", "xzdz", None, "fwbm", 1),
    ("systems/police/resident", "hjdz", None, None, None),
    ("systems/grid/visit", "ZFDD", None, "HID", 3),
    ("systems/grid/small_place", "ADDRESS", "LDDM", None, 3),
    ("systems/city_management/case", "ADDRESS", None, None, None),
    ("systems/requests/request", "address", None, None, None),
    ("kept/health/family_doctor_contract", "xzdz", None, None, None),
]
HOUSES = [("systems/grid/house", "FWDM"), ("systems/grid/population", "HID")]
NO_REGIONS = pl.DataFrame(
    schema=dict.fromkeys(["community", "street", "community_code"], pl.String)
)
NO_ALIASES = pl.DataFrame(schema=dict.fromkeys(["level", "alias", "name"], pl.String))
Measure = Callable[[str, object], None]


def complete(code: pl.Expr) -> pl.Expr:
    """A code of a house as it should be; those that Excel rounded are none."""
    return pl.when(code.str.contains(r"^\d{25}$")).then(code)


@pytest.fixture(scope="module")
def said(district: Path) -> pl.DataFrame:
    """Every address that a department writes, with the codes beside it."""
    return pl.concat(
        pl.read_parquet(district / f"{file}.parquet").select(
            address_text=pl.col(text),
            building_code=pl.col(building) if building else pl.lit(None, pl.String),
            house_code=complete(pl.col(house)) if house else pl.lit(None, pl.String),
            weight=pl.lit(weight, pl.Float64),
        )
        for file, text, building, house, weight in SAID
    ).drop_nulls("address_text")


@pytest.fixture(scope="module")
def known(district: Path, said: pl.DataFrame) -> Gazetteer:
    codes = [pl.read_parquet(district / f"{file}.parquet")[column] for file, column in HOUSES]
    houses = pl.concat([code.rename("code") for code in codes]).to_frame()
    house_codes = houses.select(complete(pl.col("code"))).to_series()
    return gazetteer.build(said.drop_nulls("weight"), house_codes, NO_REGIONS, NO_ALIASES)


@pytest.fixture(scope="module")
def meant(district: Path) -> pl.DataFrame:
    """Each dirty text with the one that it was, from the simulator's ledger."""
    ledger = pl.read_parquet(district / "truth" / "dirty_cell.parquet")
    aliases = ledger.filter(pl.col("kind") == "alias")
    return aliases.select(address_text="dirty", clean="clean").unique("address_text")


def judged(district: Path, texts: pl.DataFrame, known: Gazetteer) -> pl.DataFrame:
    """Add what is true and what was found to ``address_text`` and ``clean``."""
    building = pl.read_parquet(district / "truth" / "building.parquet")
    dwelling = pl.read_parquet(district / "truth" / "dwelling.parquet")
    rows = texts.with_columns(place=pl.col("clean").str.extract(r"^(.*?\d+栋)"))
    rows = rows.join(
        building.select(place="address", building="building_code"), on="place", how="left"
    )
    rows = rows.join(
        dwelling.select(clean="address", dwelling="house_code"), on="clean", how="left"
    )
    found = match.resolve(rows["address_text"], known)
    return rows.join(found, on="address_text", how="left")


def rightness(rows: pl.DataFrame, truth: str, found: str) -> tuple[float, float]:
    """Return precision and recall."""
    right = rows.filter(pl.col(found) == pl.col(truth)).height
    return right / rows[found].count(), right / rows[truth].count()


def test_what_departments_write_finds_its_building_and_dwelling(
    district: Path, said: pl.DataFrame, known: Gazetteer, meant: pl.DataFrame,
    record_property: Measure,
) -> None:  # fmt: skip
    texts = said.select("address_text").join(meant, on="address_text", how="left")
    rows = judged(district, texts.with_columns(pl.coalesce("clean", "address_text")
                                               .alias("clean")), known)  # fmt: skip
    building = rightness(rows, "building", "building_code")
    dwelling = rightness(rows, "dwelling", "house_code")
    record_property("addresses: precision and recall of buildings", building)
    record_property("addresses: precision and recall of dwellings", dwelling)
    assert building[0] >= 0.99
    assert building[1] >= 0.97
    assert dwelling[0] >= 0.98
    assert dwelling[1] >= 0.94


ROAD = r"沙嘴路\d+号"
PREFIX = "^广东省深圳市福田区沙头街道"
HARDER = {
    "numerals in Chinese": (pl.col("clean").str.replace_many(
        [f"坊{n}栋" for n in range(1, 60)], [f"坊{written(n)}栋" for n in range(1, 60)]), 0.97),
    "full width and blanks": (pl.col("clean").str.replace_many(
        list("0123456789"), list("０１２３４５６７８９")).str.replace("栋", " 栋 "), 0.97),
    "compound, building and room only": (pl.col("clean").str.replace(f"{PREFIX}.*社区{ROAD}", "")
                                         .str.replace("房$", ""), 0.97),
    "the road's number without the compound": (
        pl.col("clean").str.replace("号.*坊", "号"), 0.97),
    "the building without its word": (pl.col("clean").str.replace("栋", "号"), 0.97),
    "a dash for the building's word": (pl.col("clean").str.replace(r"栋(\d+)房", "-$1"), 0.97),
    "a remark behind it": (pl.col("clean") + "（近地铁口，找阿强）", 0.97),
    "a road's number that is wrong": (pl.col("clean").str.replace("号", "1号"), 0.97),
    "the compound misspelt": (pl.col("clean").str.replace("沙嘴村", "沙咀村"), 0.95),
}  # fmt: skip


@pytest.mark.parametrize("way", HARDER)
def test_addresses_are_found_though_they_are_written_in_ways_that_the_simulator_does_not_know(
    way: str, district: Path, known: Gazetteer, record_property: Measure
) -> None:
    homes = pl.read_parquet(district / "truth" / "dwelling.parquet").select(clean="address")
    rewritten, least = HARDER[way]
    texts = homes.with_columns(address_text=rewritten).unique("address_text")
    assert (texts["address_text"] != texts["clean"]).all()
    precision, recall = rightness(judged(district, texts, known), "dwelling", "house_code")
    record_property(f"addresses with {way}: precision and recall of dwellings", (precision, recall))
    assert precision >= 0.98
    assert recall >= least
