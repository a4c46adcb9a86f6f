"""Real data of two cities goes through file connectors: counted, unchanged, its oddities visible.

The excerpts in ``tests/fixtures/real_data`` always run; the full files where they are at hand.
"""

import csv
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from connectors.contracts import Contract, load_contracts
from hub.pipeline.ingest import Job, chosen, ingest
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.integration

REPOSITORY = Path(__file__).parents[3]
FIXTURES = REPOSITORY / "tests" / "fixtures" / "real_data"
CONTRACTS = FIXTURES / "contracts"
SHARED = Path(os.environ.get("HUB_SHARED_DATA", REPOSITORY.parent / "shared" / "data"))
Record = dict[str, Any]


@dataclass(frozen=True)
class Sample:
    """A file, how often things are in it, and an independent way to read it."""

    folder: Path
    file: str
    records: int


def full(folder: str, file: str, records: int) -> Any:
    there = (SHARED / folder / file).exists()
    skip = pytest.mark.skipif(not there, reason=f"{file} is not at hand (HUB_SHARED_DATA)")
    return pytest.param(Sample(SHARED / folder, file, records), id="full", marks=skip)


REQUESTS = [
    pytest.param(Sample(FIXTURES / "requests", "sf311_excerpt.csv", 200), id="excerpt"),
    full("requests_sf311", "sf311_10509.csv", 10_000),
]
HYDRANTS = [
    pytest.param(Sample(FIXTURES / "hydrants", "hydrants_excerpt.geojson", 200), id="excerpt"),
    full("components_taichung", "hydrants.geojson", 6_328),
]
Pull = Callable[[], int]


@pytest.fixture
def pull(
    sample: Sample, clean_warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Pull:
    """Ingest the sample's department as ``hub ingest`` does."""
    variable = "REAL_REQUESTS_FOLDER" if sample.file.endswith("csv") else "REAL_HYDRANTS_FOLDER"
    department = "san_francisco" if sample.file.endswith("csv") else "taichung"
    monkeypatch.setenv(variable, str(sample.folder))
    runs = iter(range(9))

    def once() -> int:
        job = Job(
            dsn=clean_warehouse.dsn(),
            landing=tmp_path / "landing",
            data_docs=tmp_path / "docs",
            run_id=f"run {next(runs)}",
            trigger="test",
            say=print,
        )
        return ingest(job, chosen(CONTRACTS, [department]))

    return once


@pytest.fixture
def warehouse_rows(clean_warehouse: Warehouse) -> Iterator[psycopg.Connection[Any]]:
    with clean_warehouse.connect() as connection:
        yield connection


def contract(identifier: str) -> Contract:
    return next(c for c in load_contracts(CONTRACTS) if c.identifier == identifier)


def balanced(connection: psycopg.Connection[Any], sample: Sample) -> dict[str, Any]:
    """Return the one batch of the ledger, every row of it accounted for."""
    with connection.cursor(row_factory=psycopg.rows.dict_row) as cursor:
        (batch,) = cursor.execute("select * from ops.batch").fetchall()
    parts = ("appended", "unchanged", "rejected", "held")
    assert batch["received"] == sum(batch[part] for part in parts) == sample.records
    assert (batch["status"], batch["source_ref"]) == ("landed", sample.file)
    return batch


def landed(connection: psycopg.Connection[Any], table: Contract) -> list[tuple[Any, ...]]:
    names = ", ".join(column.name for column in table.columns)
    query = f"select {names} from raw.{table.raw_table} where _recorded_to is null"
    return connection.execute(query).fetchall()


@pytest.mark.parametrize("sample", REQUESTS)
def test_real_requests_land_whole_and_unchanged(
    sample: Sample, pull: Pull, warehouse_rows: psycopg.Connection[Any]
) -> None:
    assert pull() == 0
    batch = balanced(warehouse_rows, sample)
    assert (batch["appended"], batch["rejected"]) == (sample.records, 0)
    with (sample.folder / sample.file).open(encoding="utf-8", newline="") as file:
        expected = [tuple(record.values()) for record in csv.DictReader(file)]
    assert len(expected) == sample.records
    assert sorted(landed(warehouse_rows, contract("san_francisco.request"))) == sorted(expected)
    with_breaks = sum("\n" in record[5] for record in expected)
    assert with_breaks >= 14
    assert warehouse_rows.execute(
        "select count(*) from raw.san_francisco__request where status_notes like e'%\\n%'"
    ).fetchone() == (with_breaks,)


@pytest.mark.parametrize("sample", REQUESTS)
def test_odd_values_of_real_requests_are_there_to_be_flagged(
    sample: Sample, pull: Pull, warehouse_rows: psycopg.Connection[Any]
) -> None:
    pull()
    found = warehouse_rows.execute(
        "select count(*) filter (where latitude = '0.0' and longitude = '0.0'),"
        " count(*) filter (where nullif(closed_date, '')::timestamptz < created_date::timestamptz)"
        " from raw.san_francisco__request"
    ).fetchone()
    with (sample.folder / sample.file).open(encoding="utf-8", newline="") as file:
        records = list(csv.DictReader(file))
    nowhere = sum(r["latitude"] == r["longitude"] == "0.0" for r in records)
    early = sum(bool(r["closed_date"]) and r["closed_date"] < r["created_date"] for r in records)
    assert found == (nowhere, early)
    assert early == (17 if sample.records == 10_000 else 1)
    profile = dict(
        warehouse_rows.execute(
            "select column_name, min_value from quality.batch_profile"
            " where column_name in ('latitude', 'longitude')"
        ).fetchall()
    )
    assert profile["latitude"] == "0"  # 0.0 stands out as the smallest latitude of San Francisco
    assert float(profile["longitude"]) < -122
    closed = warehouse_rows.execute(
        "select null_count, type_ok_count from quality.batch_profile"
        " where column_name = 'closed_date'"
    ).fetchone()
    unfinished = sum(not r["closed_date"] for r in records)
    assert closed == (unfinished, sample.records - unfinished)


@pytest.mark.parametrize("sample", HYDRANTS)
def test_real_hydrants_land_whole_and_unchanged(
    sample: Sample, pull: Pull, warehouse_rows: psycopg.Connection[Any]
) -> None:
    assert pull() == 0
    batch = balanced(warehouse_rows, sample)
    assert (batch["appended"], batch["rejected"]) == (sample.records, 0)
    noted = warehouse_rows.execute("select note from quality.drift").fetchall()
    assert ("多出的列：F0",) in noted
    table = contract("taichung.hydrant")
    document = json.loads(
        (sample.folder / sample.file).read_text(encoding="utf-8"), parse_float=lambda text: text
    )
    expected = []
    for feature in document["features"]:
        point = feature["geometry"]["coordinates"]
        values = {
            **feature["properties"],
            "geometry": f'{{"type":"Point","coordinates":[{point[0]},{point[1]}]}}',
        }
        expected.append(tuple(values.get(column.physical_name) for column in table.columns))
    assert len(expected) == sample.records
    found = landed(warehouse_rows, table)
    assert sorted(found, key=repr) == sorted(expected, key=repr)


@pytest.mark.parametrize("sample", HYDRANTS)
def test_odd_values_of_real_hydrants_are_there_to_be_flagged(
    sample: Sample, pull: Pull, warehouse_rows: psycopg.Connection[Any]
) -> None:
    pull()
    profile = {
        column: (nulls, type_ok)
        for column, nulls, type_ok in warehouse_rows.execute(
            "select column_name, null_count, type_ok_count from quality.batch_profile"
        ).fetchall()
    }
    features = json.loads((sample.folder / sample.file).read_text(encoding="utf-8"))["features"]
    properties = [feature["properties"] for feature in features]
    assert profile["hydrant_no"][0] == sum(not p.get("消防栓編號") for p in properties)
    changed = [p["修改時間"] for p in properties if p.get("修改時間")]
    assert any("下午" in moment for moment in changed)
    assert profile["changed_at"] == (sample.records - len(changed), len(changed))
    kinds = warehouse_rows.execute(
        "select distinct kind from raw.taichung__hydrant where kind <> ''"
    ).fetchall()
    assert {"地上", "地下", "地下式", "下"} <= {kind for (kind,) in kinds}
    crowded = warehouse_rows.execute(
        "select count(*) from raw.taichung__hydrant group by geometry having count(*) > 1"
    ).fetchall()
    assert crowded


@pytest.mark.parametrize("sample", [*REQUESTS, *HYDRANTS])
def test_pulling_twice_adds_no_row(
    sample: Sample, pull: Pull, warehouse_rows: psycopg.Connection[Any]
) -> None:
    assert (pull(), pull()) == (0, 0)
    balanced(warehouse_rows, sample)
