"""Each system is wrong as often as the rate table says, and the truth knows every wrong cell."""

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
import yaml

from hub.settings import REPOSITORY
from simulator.dirt.gcj02 import gcj02
from simulator.dirt.kinds import KINDS
from simulator.home import SYSTEMS
from simulator.systems.view import View
from simulator.tables import settings
from simulator.truth import geometry
from simulator.truth.district import generate
from simulator.truth.place import parts

Tables = Callable[[str], pl.DataFrame]
VIEWS = [view for system in SYSTEMS for view in system.VIEWS]
SEED = 7
FEWEST = 25  # fewer cells than this say nothing about a rate

every_view = pytest.mark.parametrize("view", VIEWS, ids=lambda view: f"{view.system}.{view.table}")


@pytest.fixture(scope="module")
def looks() -> dict[str, tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]]:
    """Of each view: the clean rows, the rows shown, the ledger."""
    (part,) = parts("community", SEED)
    district = generate(part)
    return {v.table: (v.rows(district), *v.look(district, SEED)) for v in VIEWS}


@every_view
def test_a_system_shows_exactly_the_columns_of_its_contract(view: View, looks: dict) -> None:
    path = REPOSITORY / "connectors" / "contracts" / view.system / f"{view.table}.yaml"
    columns = yaml.safe_load(path.read_text())["schema"][0]["properties"]
    shown = looks[view.table][1]
    assert shown.columns == [column["name"] for column in columns]
    headers = {column["name"]: column["physicalName"] for column in columns}
    for name, header in view.headers.items():
        assert headers[name] == header


@every_view
def test_keys_are_present_and_unique(view: View, looks: dict) -> None:
    keys = looks[view.table][1][view.key]
    assert keys.null_count() == 0
    assert keys.is_unique().all()


@every_view
def test_the_ledger_names_every_dirty_cell_and_no_other(view: View, looks: dict) -> None:
    clean, shown, ledger = looks[view.table]
    for name in clean.columns:
        entries = ledger.filter(pl.col("column") == name)
        cells = shown.select(view.key, shown=pl.col(name).cast(pl.String)).join(
            entries.select("key", "dirty", "clean"),
            left_on=view.key, right_on="key", how="left", maintain_order="left",
        )  # fmt: skip
        dirty = cells[view.key].is_in(entries["key"].to_list())
        assert cells.filter(dirty)["shown"].equals(cells.filter(dirty)["dirty"]), name
        right = cells.select(pl.when(dirty).then("clean").otherwise("shown")).to_series()
        originals = right.head(len(clean))
        assert originals.rename(name).equals(clean[name].cast(pl.String)), name


@every_view
def test_rates_are_those_of_the_table(view: View, looks: dict) -> None:
    clean, shown, ledger = looks[view.table]
    for columns, kinds in settings("dirt")[view.system].get(view.table, {}).items():
        for kind, share in kinds.items():
            names = columns.split("+")
            first = names[0]
            found = ledger.filter((pl.col("column") == first) & (pl.col("kind") == kind)).height
            if columns == "_rows":
                able = len(clean)
            else:
                fits = clean.select(names).select(KINDS[kind].fits.fill_null(False))
                able = int(fits.to_series().sum()) * len(shown) / len(clean)
            if able * share >= FEWEST:
                assert found / able == pytest.approx(share, rel=0.15), f"{columns}: {kind}"


@pytest.mark.parametrize(
    ("table", "column", "kind", "share"),
    [
        ("resident", "gmsfhm", "missing", 0.03),
        ("family_doctor_contract", "zjhm", "missing", 0.15),
        ("resident", "xzdz", "alias", 0.30),
        ("resident", "xzdz", "stale_address", 0.10),
        ("resident", "_rows", "duplicate", 0.01),
        ("resident", "xm", "wrong_name", 0.02),
        ("resident", "csrq", "wrong_date", 0.015),
        ("resident", "lxdh", "missing", 0.25),
        ("population", "sfzh", "missing", 0.08),
        ("population", "xm", "wrong_name", 0.02),
        ("population", "csrq", "wrong_date", 0.015),
        ("visit", "zfdd", "alias", 0.30),
        ("request", "caller_id_card", "missing", 0.60),
        ("request", "caller_phone", "missing", 0.25),
        ("request", "address", "alias", 0.30),
        ("case", "address", "alias", 0.30),
        ("component", "deptcode2", "missing", 0.05),
        ("component", "deptcode3", "missing", 0.05),
    ],
)
def test_the_promised_rates_hold(
    table: str, column: str, kind: str, share: float, looks: dict
) -> None:
    clean, _, ledger = looks[table]
    present = len(clean) if column == "_rows" else clean[column].count()
    found = ledger.filter((pl.col("column") == column) & (pl.col("kind") == kind)).height
    assert found / present == pytest.approx(share, rel=0.05)


def test_repeated_rows_name_their_original(looks: dict) -> None:
    _, shown, ledger = looks["resident"]
    copies = ledger.filter(pl.col("kind") == "duplicate")
    assert set(copies["clean"]) <= set(shown["xlh"])
    assert set(copies["dirty"]) <= set(shown["xlh"])
    assert not set(copies["dirty"]) & set(copies["clean"])


def test_the_served_ledger_covers_all_systems(truth: Tables) -> None:
    ledger = truth("dirty_cell")
    assert set(ledger["system"]) == set(settings("dirt"))
    assert ledger["dirty"].ne_missing(ledger["clean"]).all()


def test_gcj02_moves_shenzhen_by_some_hundred_metres(truth: Tables) -> None:
    points = truth("building").select("lon", "lat").to_numpy()
    moved = geometry.to_plane(gcj02(points)) - geometry.to_plane(points)
    distance = (moved**2).sum(axis=1) ** 0.5
    assert 300 < distance.min() < distance.max() < 900


def test_a_district_says_of_itself_that_it_is_synthetic(district: Path) -> None:
    assert "合成数据" in (district / "SYNTHETIC.txt").read_text()
    assert pl.read_parquet_metadata(district / "truth" / "person.parquet")["synthetic"] == "true"
