"""Reads the asset files of this folder and completes them to what Superset imports.

The files say only what differs between assets. Superset wants every key spelled out, numbers the
charts of a dashboard, and keeps their places in a tree of some hundred lines; that is derived here:

- every asset gets its ``version``; a dataset names its database, a chart its dataset, a dashboard
  its charts by file name, and gets their uuids;
- a dataset's columns, with their titles, are those of the dbt model; the file adds metrics and what
  is computed; a figure of ``mart.metric_registry`` takes title and definition from there, so that
  the two never part;
- a chart takes ``charts/_defaults.yaml`` of its kind, and as title the title of its one metric;
- ``layout`` and ``filters`` of a dashboard become Superset's tree and scopes (``layout.py``).

Nothing here needs Superset or a server, so the static checks run anywhere.
"""

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from superset_assets import layout
from superset_assets.definitions import Definitions

Asset = dict[str, Any]

HERE = Path(__file__).resolve().parent

# A key that an import leaves out keeps the value it had, so nothing is left out.
# "Managed externally": people copy the asset instead of editing it, and apply.py may delete it.
COMMON = {"version": "1.0.0", "is_managed_externally": True}
DATASET = {"description": "", "cache_timeout": None, "sql": None, "filter_select_enabled": True}
COLUMN = {"groupby": True, "filterable": True, "is_dttm": False, "expression": None}
CHART = {"cache_timeout": None}
DASHBOARD = {"description": "", "css": "", "published": True}


class BundleError(Exception):
    """An asset file is not usable: the message names the file and what is wrong in it."""


@dataclass(frozen=True)
class Bundle:
    """All assets below one folder, by kind and file name, completed for Superset's importer."""

    folder: Path = HERE
    definitions: Definitions = field(default_factory=Definitions)

    @cached_property
    def databases(self) -> dict[str, Asset]:
        """Databases by file name."""
        return {name: COMMON | asset for name, asset in self._read("databases")}

    @cached_property
    def datasets(self) -> dict[str, Asset]:
        """Datasets by file name, with the uuid of their database."""
        return {name: self._dataset(name, asset) for name, asset in self._read("datasets")}

    @cached_property
    def charts(self) -> dict[str, Asset]:
        """Charts by file name, with the uuid of their dataset and the defaults of their kind."""
        defaults = load(self.folder / "charts" / "_defaults.yaml")
        return {name: self._chart(name, asset, defaults) for name, asset in self._read("charts")}

    @cached_property
    def dashboards(self) -> dict[str, Asset]:
        """Dashboards by file name, with Superset's tree of positions."""
        return {name: self._dashboard(name, asset) for name, asset in self._read("dashboards")}

    def contents(self) -> dict[str, str]:
        """Return the bundle as Superset's importer takes it: path → YAML text."""
        files = {"metadata.yaml": (self.folder / "metadata.yaml").read_text("utf-8")}
        for kind in ("databases", "datasets", "charts", "dashboards"):
            for name, asset in getattr(self, kind).items():
                files[f"{kind}/{name}.yaml"] = yaml.safe_dump(asset, allow_unicode=True)
        return files

    def uuid(self, kind: str, name: str, wanted_by: str) -> str:
        """Return the uuid of an asset that the file ``wanted_by`` names."""
        try:
            uuid: str = getattr(self, kind)[name]["uuid"]
        except KeyError:
            raise BundleError(f"{wanted_by}: there is no {kind}/{name}.yaml") from None
        return uuid

    def columns(self, chart: str) -> set[str]:
        """Return the columns of the dataset that a chart shows."""
        shown = self.charts[chart]["dataset_uuid"]
        dataset = next(each for each in self.datasets.values() if each["uuid"] == shown)
        return {column["column_name"] for column in dataset["columns"]}

    def _read(self, kind: str) -> list[tuple[str, Asset]]:
        files = sorted((self.folder / kind).glob("[!_]*.yaml"))
        return [(file.stem, load(file)) for file in files]

    def _dataset(self, name: str, said: Asset) -> Asset:
        table = f"{said['schema']}.{said['table_name']}"
        if table not in self.definitions.tables:
            raise BundleError(f"datasets/{name}.yaml: dbt has no model for {table}")
        columns = [
            COLUMN | {"column_name": column} | own
            for column, own in (self.definitions.columns(table) | said.pop("columns", {})).items()
        ]
        metrics = [
            {"metric_name": metric} | self.definitions.title(metric) | own
            for metric, own in said.pop("metrics", {}).items()
        ]
        database = self.uuid("databases", said.pop("database"), f"datasets/{name}.yaml")
        completed = {"database_uuid": database, "columns": columns, "metrics": metrics}
        return COMMON | DATASET | said | completed

    def _chart(self, name: str, said: Asset, defaults: dict[str, Asset]) -> Asset:
        kind, dataset = said["viz_type"], said.pop("dataset")
        params = defaults.get(kind, {}) | said.pop("params", {}) | {"viz_type": kind}
        metric = self._metric(dataset, params.get("metric"))
        if kind == "big_number_total":
            params.setdefault("subtitle", self.definitions.reckoning(params["metric"]))
        titles = {
            "slice_name": metric.get("verbose_name"),
            "description": metric.get("description", ""),
        }
        uuid = self.uuid("datasets", dataset, f"charts/{name}.yaml")
        chart = COMMON | CHART | titles | said | {"dataset_uuid": uuid, "params": params}
        if not chart["slice_name"]:
            raise BundleError(f"charts/{name}.yaml: it has no slice_name, and its metric no title")
        return chart

    def _metric(self, dataset: str, name: str | None) -> dict[str, str]:
        metrics = self.datasets.get(dataset, {}).get("metrics", [])
        return next((metric for metric in metrics if metric["metric_name"] == name), {})

    def _dashboard(self, name: str, said: Asset) -> Asset:
        file = f"dashboards/{name}.yaml"
        cells = {
            cell: self._cell(cell, number, file)
            for number, cell in enumerate(
                (cell for row in said["layout"] for cell in row["cells"]), start=1
            )
        }
        position = layout.position(said["dashboard_title"], said.pop("layout"), cells)
        filters = [self._filter(each, cells, file) for each in said.pop("filters", [])]
        metadata = said.pop("metadata", {}) | {"native_filter_configuration": filters}
        style = self.folder / "dashboards" / f"{name}.css"
        css = {"css": style.read_text("utf-8")} if style.exists() else {}
        return COMMON | DASHBOARD | css | said | {"position": position, "metadata": metadata}

    def _cell(self, name: str, number: int, file: str) -> layout.Cell:
        """Return a chart, or a text when there is a file ``dashboards/<name>.md``."""
        text = self.folder / "dashboards" / f"{name}.md"
        if text.exists():
            code = text.read_text("utf-8").replace("{definitions}", self._figures_shown())
            return layout.Cell("MARKDOWN", {"code": code})
        uuid = self.uuid("charts", name, file)
        title = self.charts[name]["slice_name"]
        return layout.Cell("CHART", {"uuid": uuid, "chartId": number, "sliceName": title})

    def _figures_shown(self) -> str:
        shown = {chart["params"].get("metric") for chart in self.charts.values()}
        return self.definitions.table_of(shown)

    def _filter(self, said: Asset, cells: dict[str, layout.Cell], file: str) -> Asset:
        """Return a filter; charts whose data has no such column are left out of its scope."""
        charts = {name: cell.meta["chartId"] for name, cell in cells.items() if cell.is_chart}
        without = [
            number for name, number in charts.items() if said["column"] not in self.columns(name)
        ]
        dataset = self.uuid("datasets", said["dataset"], file)
        return layout.select_filter(said["id"], said["name"], dataset, said["column"], without)


def load(file: Path) -> Asset:
    """Return what a YAML file holds; raises :class:`BundleError` unless that is a map."""
    try:
        loaded = yaml.safe_load(file.read_text("utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise BundleError(f"{file}: {error}") from error
    if not isinstance(loaded, dict):
        raise BundleError(f"{file}: a map of keys was expected")
    return loaded
