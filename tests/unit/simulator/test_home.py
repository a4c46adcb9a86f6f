"""A generated folder: the same bytes for the same seed, whole or not at all."""

import shutil
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from typer.testing import CliRunner

from simulator import home as simulator_home
from simulator.cli import app
from simulator.home import generate_home


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def generate(home: Path, seed: int) -> str:
    arguments = ["generate", "--home", str(home), "--seed", str(seed)]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("first") / "district"
    generate(home, 1)
    return home


def test_the_same_seed_gives_the_same_bytes(first: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    generate(again, 1)
    assert files(again) == files(first)


def test_another_seed_gives_other_people_on_the_same_ground(first: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    generate(other, 2)
    assert files(other)["truth/community.parquet"] == files(first)["truth/community.parquet"]
    assert files(other)["truth/person.parquet"] != files(first)["truth/person.parquet"]


def test_generating_again_does_nothing(first: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in first.rglob("*")}
    assert "already there" in generate(first, 1)
    assert {path: path.stat().st_mtime_ns for path in first.rglob("*")} == before


def test_a_district_made_before_a_system_was_added_is_generated_anew(
    first: Path, tmp_path: Path
) -> None:
    home = tmp_path / "district"
    shutil.copytree(first, home)
    (home / "systems/police/building.parquet").unlink()
    assert "already there" not in generate(home, 1)
    assert (home / "systems/police/building.parquet").exists()


def test_a_failed_generation_leaves_the_old_district(
    first: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError("no space left on device")

    before = files(first)
    monkeypatch.setattr(simulator_home, "record_file", fail)
    with pytest.raises(OSError, match="no space"):
        generate_home(first, "community", 3)
    assert files(first) == before


def test_the_contract_file_is_gb18030_with_its_flag(first: Path) -> None:
    path = first / "systems/health/outbox/jtys_qy_20261120.csv"
    text = path.read_bytes().decode("gb18030")
    header, *lines = text.split("\r\n")
    assert (
        header
        == "签约编号,姓名,证件号码,联系电话,现住址,签约机构,签约医生,签约日期,到期日期,人群标签"
    )
    assert len(lines) > 5_000
    assert path.with_name(path.name + ".ok").exists()


def test_the_visits_are_an_excel_sheet_with_merged_headers(first: Path) -> None:
    path = first / "systems/health/outbox/mb_sf_202610.xlsx"
    sheet = openpyxl.load_workbook(path)["随访记录"]
    assert {str(merged) for merged in sheet.merged_cells.ranges} == {"A1:D1", "E1:G1", "H1:I1"}
    assert [cell.value for cell in sheet[1] if cell.value] == ["基本信息", "随访", "血压", "血糖"]
    assert [cell.value for cell in sheet[2]][:5] == [
        "随访编号",
        "姓名",
        "证件号码",
        "联系电话",
        "慢病类型",
    ]
    kinds = {type(sheet.cell(row, 6).value).__name__ for row in range(3, sheet.max_row + 1)}
    assert kinds == {"str", "datetime"}, "dates are text, but for those that Excel took for days"
    assert path.with_name(path.name + ".ok").exists()


def test_only_the_outbox_is_left_of_health(first: Path) -> None:
    assert [path.name for path in (first / "systems/health").iterdir()] == ["outbox"]


def test_visits_point_at_contracts_of_the_same_people(first: Path) -> None:
    visits = pl.read_parquet(first / "truth/chronic_followup.parquet")
    contracts = pl.read_parquet(first / "truth/family_doctor_contract.parquet")
    assert set(visits["person_id"]) <= set(contracts["person_id"])
