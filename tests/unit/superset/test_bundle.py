"""What the asset files say, completed for Superset, and the mistakes that are found in them."""

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from superset_assets.bundle import HERE, Bundle, BundleError
from superset_assets.check import problems
from superset_assets.definitions import DBT, Definitions


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the asset files, to make mistakes in."""
    copy = tmp_path / "superset_assets"
    shutil.copytree(HERE, copy, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    return copy


@pytest.fixture
def dbt(tmp_path: Path) -> Path:
    """A copy of what dbt says about core and mart, to change."""
    copy = tmp_path / "dbt_project"
    shutil.copytree(DBT / "seeds", copy / "seeds")
    for schema in ("core", "mart"):
        shutil.copytree(DBT / "models" / schema, copy / "models" / schema)
    return copy


def change(file: Path, **keys: Any) -> None:
    file.write_text(yaml.safe_dump(yaml.safe_load(file.read_text("utf-8")) | keys))


class TestTheBundleOfTheRepository:
    def test_has_no_mistake(self) -> None:
        assert problems(Bundle()) == []

    def test_shows_a_dashboard_with_every_kind_of_chart(self) -> None:
        kinds = {chart["viz_type"] for chart in Bundle().charts.values()}
        assert {"big_number_total", "echarts_timeseries_bar", "table", "deck_polygon"} <= kinds

    def test_holds_no_password(self) -> None:
        for database in Bundle().databases.values():
            assert ":XXXXXXXXXX@" in database["sqlalchemy_uri"]

    def test_asks_nobody_else_for_a_map(self) -> None:
        maps = [chart for chart in Bundle().charts.values() if chart["viz_type"].startswith("deck")]
        assert maps
        assert {chart["params"]["mapbox_style"] for chart in maps} == {"none"}


class TestCompletion:
    def test_a_figure_takes_title_definition_and_reckoning_from_the_registry(self) -> None:
        figures = Definitions().figures
        chart = Bundle().charts["elderly_share"]
        said = figures["elderly_share"]
        assert chart["slice_name"] == said["title"]
        assert chart["description"] == said["definition"]
        assert said["numerator"] in chart["params"]["subtitle"]
        assert said["denominator"] in chart["params"]["subtitle"]
        assert said["owner"] in chart["params"]["subtitle"]

    def test_a_dataset_has_the_columns_of_its_model(self) -> None:
        model = Definitions().tables["mart.community_overview"]
        dataset = Bundle().datasets["community_overview"]
        assert [column["column_name"] for column in dataset["columns"]] == [
            column["name"] for column in model["columns"]
        ]

    def test_a_filter_leaves_out_charts_whose_data_lack_the_column(self) -> None:
        dashboard = Bundle().dashboards["community_overview"]
        (community,) = dashboard["metadata"]["native_filter_configuration"]
        numbers = {
            cell["meta"]["chartId"]: cell["meta"]["sliceName"]
            for cell in dashboard["position"].values()
            if isinstance(cell, dict) and cell["type"] == "CHART"
        }
        left_out = {numbers[number] for number in community["scope"]["excluded"]}
        assert left_out == {"数据时效", "滞后部门"}

    def test_every_asset_is_marked_as_ours(self) -> None:
        bundle = Bundle()
        for kind in ("databases", "datasets", "charts", "dashboards"):
            for asset in getattr(bundle, kind).values():
                assert asset["is_managed_externally"] is True


class TestMistakesThatAreFound:
    def test_a_dashboard_that_names_a_missing_chart(self, folder: Path) -> None:
        (folder / "charts" / "residents.yaml").unlink()
        assert problems(Bundle(folder)) == [
            "dashboards/community_overview.yaml: there is no charts/residents.yaml"
        ]

    def test_a_chart_that_names_a_missing_dataset(self, folder: Path) -> None:
        change(folder / "charts" / "households.yaml", dataset="nowhere", slice_name="户数")
        assert problems(Bundle(folder)) == [
            "charts/households.yaml: there is no datasets/nowhere.yaml"
        ]

    def test_a_chart_that_names_a_missing_metric(self, folder: Path) -> None:
        change(folder / "charts" / "households.yaml", slice_name="户数", params={"metric": "heads"})
        assert "charts/households.yaml: its dataset has no metric heads" in problems(Bundle(folder))

    def test_a_column_that_dbt_no_longer_has(self, dbt: Path) -> None:
        models = dbt / "models" / "mart" / "_mart.yml"
        models.write_text(models.read_text("utf-8").replace("name: load_level", "name: level"))
        found = problems(Bundle(definitions=Definitions(dbt)))
        assert "charts/grid_residents.yaml: its dataset has no column load_level" in found
        assert any("dbt's model has no column load_level (in MAX(CASE" in line for line in found)

    def test_a_table_that_dbt_no_longer_has(self, dbt: Path) -> None:
        models = dbt / "models" / "mart" / "_mart.yml"
        models.write_text(models.read_text("utf-8").replace("name: grid_overview", "name: grids"))
        assert problems(Bundle(definitions=Definitions(dbt))) == [
            "datasets/grid_overview.yaml: dbt has no model for mart.grid_overview"
        ]

    def test_a_uuid_used_twice(self, folder: Path) -> None:
        uuid = Bundle().charts["residents"]["uuid"]
        change(folder / "charts" / "households.yaml", uuid=uuid)
        assert f"uuid {uuid} is used 2 times" in problems(Bundle(folder))

    def test_an_english_title(self, folder: Path) -> None:
        change(folder / "charts" / "grid_map.yaml", slice_name="Load of grids")
        assert problems(Bundle(folder)) == [
            "charts/grid_map.yaml: people read Chinese, not 'Load of grids'"
        ]

    def test_a_row_that_does_not_fill_the_screen(self, folder: Path) -> None:
        file = folder / "dashboards" / "community_overview.yaml"
        file.write_text(file.read_text("utf-8").replace("residents: 2", "residents: 1", 1))
        (found,) = problems(Bundle(folder))
        assert found == "dashboards/community_overview.yaml: ROW-0 is 11 wide instead of 12"

    def test_a_chart_that_no_dashboard_shows(self, folder: Path) -> None:
        shutil.copy(folder / "charts" / "residents.yaml", folder / "charts" / "spare.yaml")
        change(folder / "charts" / "spare.yaml", uuid="00000000-0000-4000-8000-000000000000")
        assert problems(Bundle(folder)) == ["charts/spare.yaml: no dashboard shows it"]

    def test_a_file_that_is_no_yaml(self, folder: Path) -> None:
        (folder / "charts" / "grid_map.yaml").write_text("uuid: [")
        (found,) = problems(Bundle(folder))
        assert "charts/grid_map.yaml" in found

    def test_a_chart_without_a_title(self, folder: Path) -> None:
        chart = yaml.safe_load((folder / "charts" / "grid_map.yaml").read_text("utf-8"))
        del chart["slice_name"]
        (folder / "charts" / "grid_map.yaml").write_text(yaml.safe_dump(chart))
        change(folder / "charts" / "grid_map.yaml", params=chart["params"] | {"metric": "nothing"})
        with pytest.raises(BundleError, match="no slice_name"):
            _ = Bundle(folder).charts
