"""The drop folder of other departments: Excel as a person and as our connector opens it."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import fastexcel
import polars as pl
import pyarrow as pa
import pytest
from typer.testing import CliRunner

from connectors.contracts import Contract, load_contracts
from connectors.protocols.base import BatchHeldError, Since, SourceError
from connectors.protocols.registry import open_source
from hub.settings import Settings
from simulator.cli import app
from simulator.faults.catalogue import known
from simulator.life.advance import advance

pytestmark = pytest.mark.integration
Contracts = dict[str, Contract]


@pytest.fixture(scope="module")
def contracts(hub_home: Settings) -> Contracts:
    return {c.table: c for c in load_contracts(hub_home.contracts_dir) if c.department == "others"}


@pytest.fixture
def folder(district: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    found = district / "systems/others/outbox"
    monkeypatch.setenv("OTHERS_FOLDER", str(found))
    monkeypatch.setattr("connectors.protocols.files.SETTLE_SECONDS", 0.0)
    return found


def read(contract: Contract, since: Since | None = None) -> pl.DataFrame:
    frames = [
        pl.DataFrame(pl.from_arrow(pa.Table.from_batches([batch])))
        for extraction in open_source(contract).extractions(since or Since())
        for batch in extraction.rows
    ]
    return pl.concat(frames)


def kept(district: Path, table: str) -> pl.DataFrame:
    return pl.read_parquet(district / f"kept/others/{table}.parquet")


def test_each_year_has_another_layout(folder: Path) -> None:
    assert sorted(path.name for path in folder.iterdir()) == [
        "wyxq_2026Q4.xlsx", "xj_2025_2026.xlsx", "xj_2026_2027_202611.xlsx",
    ]  # fmt: skip
    this_year = fastexcel.read_excel(folder / "xj_2026_2027_202611.xlsx").sheet_names
    last_year = fastexcel.read_excel(folder / "xj_2025_2026.xlsx").sheet_names
    assert set(this_year) == {"仿真沙嘴小学", "仿真沙嘴中学"}
    assert last_year == ["学籍"]


@pytest.mark.parametrize("table", ["student", "student_2025", "compound"])
def test_the_connector_reads_what_the_office_has(
    table: str, contracts: Contracts, folder: Path, district: Path
) -> None:
    shown = kept(district, table).drop("_changed")
    key = shown.columns[0]
    days = pl.col("csrq").str.contains(r"^\d{5}$") if "csrq" in shown.columns else pl.lit(False)
    usual = shown.filter(~days).select(pl.all().cast(pl.String)).sort(key)
    rows = read(contracts[table]).select(shown.columns)
    assert rows.join(usual, on=key, how="semi").sort(key).equals(usual)
    assert len(rows) == len(shown)


def test_dates_that_excel_knows_arrive_as_dates(
    contracts: Contracts, folder: Path, district: Path
) -> None:
    shown = kept(district, "student").filter(pl.col("csrq").str.contains(r"^\d{5}$"))
    rows = read(contracts["student"]).join(shown, on="xjh", how="semi")
    assert rows["csrq"].str.contains(r"^20\d\d-\d\d-\d\d 00:00:00$").all()


def test_a_file_without_a_flag_is_read_once_it_stands_still(
    contracts: Contracts, folder: Path
) -> None:
    (extraction,) = open_source(contracts["compound"]).extractions(Since())
    seen = Since(files=frozenset({(extraction.source_ref, str(extraction.source_sha256))}))
    assert list(open_source(contracts["compound"]).extractions(seen)) == []


def test_on_the_first_of_a_month_schools_send_who_came_went_or_moved(
    district: Path, tmp_path: Path
) -> None:
    home = tmp_path / "district"
    shutil.copytree(district, home, ignore=shutil.ignore_patterns("faults"))
    advance(home, 12)
    outbox = home / "systems/others/outbox"
    assert (outbox / "xj_2026_2027_202612.xlsx").exists()
    events = pl.read_parquet(home / "truth/event/*.parquet")["event"].to_list()
    assert "pupil_left" in events or "pupil_came" in events
    changed = pl.read_parquet(home / "kept/others/student.parquet").filter(
        pl.col("_changed") > pl.date(2026, 11, 20)
    )
    assert 0 < len(changed) < 200


class TestFaults:
    @pytest.fixture
    def home(self, district: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        home = tmp_path / "district"
        shutil.copytree(district, home, ignore=shutil.ignore_patterns("faults"))
        monkeypatch.setenv("OTHERS_FOLDER", str(home / "systems/others/outbox"))
        monkeypatch.setattr("connectors.protocols.files.SETTLE_SECONDS", 0.0)
        return home

    @pytest.fixture
    def order(self, home: Path) -> Iterator[Callable[..., None]]:
        before = _contents(home)

        def run(*arguments: str) -> None:
            result = CliRunner().invoke(app, ["fault", *arguments, "--home", str(home)])
            if result.exception is not None:
                raise result.exception

        yield run
        run("clear", "others")
        assert _contents(home) == before

    def test_a_share_that_is_not_mounted_fails_clearly(
        self, order: Callable, contracts: Contracts
    ) -> None:
        order("others", "refuse")
        with pytest.raises(SourceError, match="无法读取目录"):
            read(contracts["compound"])

    def test_a_workbook_cut_short_is_held(self, order: Callable, contracts: Contracts) -> None:
        order("others", "truncate_file", "--arg", "file=wyxq*")
        with pytest.raises(BatchHeldError, match="不是可读的 Excel 文件"):
            read(contracts["compound"])

    def test_the_same_workbook_twice_says_the_same_twice(
        self, order: Callable, contracts: Contracts
    ) -> None:
        once = len(read(contracts["compound"]))
        order("others", "duplicate_file")
        assert len(read(contracts["compound"])) == 2 * once

    def test_every_fault_of_the_folder_is_tried_here(self) -> None:
        assert set(known("others")) == {"refuse", "truncate_file", "duplicate_file"}


def _contents(home: Path) -> dict[str, bytes]:
    outbox = home / "systems/others/outbox"
    return {path.name: path.read_bytes() for path in sorted(outbox.iterdir())}
