"""Reads the asset files of this folder and completes them to what Superset imports.

The files say only what differs between assets. Superset wants every key spelled out, numbers the
charts of a dashboard, and keeps their places in a tree of some hundred lines; that is derived here:

- every asset gets its ``version``; a dataset names its database, a chart its dataset, a dashboard
  its charts by file name, and gets their uuids;
- columns and metrics are maps by name; a metric of ``metric_registry`` takes its Chinese title and
  definition from there, so that a figure and its definition never part;
- a chart takes ``charts/_defaults.yaml`` of its kind, and as title the title of its one metric;
- ``layout`` of a dashboard (rows of charts and texts) becomes Superset's position tree.

Nothing here needs Superset or a server, so the static checks run anywhere.
"""

import csv
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

Asset = dict[str, Any]

HERE = Path(__file__).resolve().parent
COLUMN = {"groupby": True, "filterable": True, "is_dttm": False}
REGISTRY = HERE.parent / "dbt_project" / "seeds" / "metric_registry.csv"
# Marks an asset as ours: people copy it instead of editing it, and apply.py may delete it again.
OURS = {"version": "1.0.0", "is_managed_externally": True}


class BundleError(Exception):
    """An asset file is not usable: the message names the file and what is wrong in it."""


@dataclass(frozen=True)
class Bundle:
    """All assets below one folder, by kind and file name, completed for Superset's importer."""

    folder: Path = HERE
    registry: dict[str, dict[str, str]] = field(default_factory=lambda: read_registry(REGISTRY))

    @cached_property
    def databases(self) -> dict[str, Asset]:
        """Databases by file name."""
        return {name: {**asset, **OURS} for name, asset in self._read("databases")}

    @cached_property
    def datasets(self) -> dict[str, Asset]:
        """Datasets by file name, with the uuid of their database."""
        return {name: self._dataset(name, asset) for name, asset in self._read("datasets")}

    @cached_property
    def charts(self) -> dict[str, Asset]:
        """Charts by file name, with the uuid of their dataset and the defaults of their kind."""
        defaults = _load(self.folder / "charts" / "_defaults.yaml")
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

    def _read(self, kind: str) -> list[tuple[str, Asset]]:
        files = sorted((self.folder / kind).glob("[!_]*.yaml"))
        return [(file.stem, _load(file)) for file in files]

    def _uuid(self, kind: str, name: str, wanted_by: str) -> str:
        try:
            uuid: str = getattr(self, kind)[name]["uuid"]
        except KeyError:
            raise BundleError(f"{wanted_by}: there is no {kind}/{name}.yaml") from None
        return uuid

    def _dataset(self, name: str, asset: Asset) -> Asset:
        columns = [
            {"column_name": column, **COLUMN, **self._registered(column), **said}
            for column, said in asset.pop("columns").items()
        ]
        metrics = [
            {"metric_name": metric, **self._registered(metric), **said}
            for metric, said in asset.pop("metrics").items()
        ]
        database = self._uuid("databases", asset.pop("database"), f"datasets/{name}.yaml")
        return {
            **asset,
            "database_uuid": database,
            "columns": columns,
            "metrics": metrics,
            **OURS,
        }

    def _registered(self, metric: str) -> dict[str, str]:
        """Return title and definition of a metric (or of the column that holds it)."""
        said = self.registry.get(metric)
        return {"verbose_name": said["title"], "description": said["definition"]} if said else {}

    def _chart(self, name: str, asset: Asset, defaults: dict[str, Asset]) -> Asset:
        kind = asset["viz_type"]
        dataset = asset.pop("dataset")
        said = asset.pop("params", {})
        metric = said.get("metric", "")
        params = {**defaults.get(kind, {}), **said, "viz_type": kind}
        if kind == "big_number_total":
            params.setdefault("subtitle", self._reckoning(metric))
        chart = {
            "slice_name": self._metric(dataset, metric).get("verbose_name"),
            "description": self._metric(dataset, metric).get("description", ""),
            **asset,
            "dataset_uuid": self._uuid("datasets", dataset, f"charts/{name}.yaml"),
            "params": params,
            **OURS,
        }
        if not chart["slice_name"]:
            raise BundleError(f"charts/{name}.yaml: needs a slice_name")
        return chart

    def _reckoning(self, metric: str) -> str:
        """Return how a figure comes about, short enough to stand below it."""
        said = self.registry.get(metric)
        if said is None:
            return ""
        parts = [said["numerator"], said["denominator"]]
        return f"{' ÷ '.join(part for part in parts if part)} · {said['owner']}"

    def _metric(self, dataset: str, name: str | None) -> dict[str, str]:
        metrics = self.datasets.get(dataset, {}).get("metrics", [])
        return next((metric for metric in metrics if metric["metric_name"] == name), {})

    def _dashboard(self, name: str, asset: Asset) -> Asset:
        file = f"dashboards/{name}.yaml"
        position = self._position(asset["dashboard_title"], asset.pop("layout"), file)
        filters = [self._filter(said, position, file) for said in asset.pop("filters", [])]
        style = self.folder / "dashboards" / f"{name}.css"
        css = style.read_text("utf-8") if style.exists() else ""
        metadata = {**asset.pop("metadata", {}), "native_filter_configuration": filters}
        return {**asset, "css": css, "position": position, "metadata": metadata, **OURS}

    def _position(self, title: str, layout: list[Asset], file: str) -> Asset:
        """Return Superset's tree for ``layout``: rows of ``{name: width}``, widths of 12 columns."""
        rows = [f"ROW-{number}" for number in range(len(layout))]
        tree: Asset = {
            "DASHBOARD_VERSION_KEY": "v2",
            "ROOT_ID": {"id": "ROOT_ID", "type": "ROOT", "children": ["GRID_ID"]},
            "GRID_ID": _node("GRID_ID", "GRID", rows, ["ROOT_ID"]),
            "HEADER_ID": {"id": "HEADER_ID", "type": "HEADER", "meta": {"text": title}},
        }
        for row, said in zip(rows, layout, strict=True):
            cells = {f"{row}-{name}": name for name in said["cells"]}
            parents = ["ROOT_ID", "GRID_ID"]
            tree[row] = _node(row, "ROW", list(cells), parents) | {
                "meta": {"background": "BACKGROUND_TRANSPARENT"}
            }
            for cell, name in cells.items():
                size = {"width": said["cells"][name], "height": said["height"]}
                kind, meta = self._cell(name, file, len(tree))
                tree[cell] = _node(cell, kind, [], [*parents, row]) | {"meta": size | meta}
        return tree

    def _cell(self, name: str, file: str, number: int) -> tuple[str, Asset]:
        text = self.folder / "dashboards" / f"{name}.md"
        if text.exists():
            code = text.read_text("utf-8").replace("{definitions}", self._definitions())
            return "MARKDOWN", {"code": code}
        uuid = self._uuid("charts", name, file)
        # The importer replaces the number by the id of the chart that has this uuid.
        return "CHART", {
            "uuid": uuid,
            "chartId": number,
            "sliceName": self.charts[name]["slice_name"],
        }

    def _definitions(self) -> str:
        """Return a table of the figures shown as big numbers, from the registry."""
        shown = [chart["params"].get("metric") for chart in self.charts.values()]
        rows = [
            f"| **{said['title']}** | {said['definition']} | {said['owner']} |"
            for metric, said in self.registry.items()
            if metric in shown
        ]
        return "\n".join(["| 指标 | 口径 | 来源 |", "|---|---|---|", *rows])

    def _filter(self, said: Asset, position: Asset, file: str) -> Asset:
        """Return the filter; charts whose data has no such column are left out of its scope."""
        column = said["column"]
        cells = [node["meta"] for node in _cells(position)]
        without = [cell["chartId"] for cell in cells if column not in self._columns(cell["uuid"])]
        target = {
            "datasetUuid": self._uuid("datasets", said["dataset"], file),
            "column": {"name": column},
        }
        return {
            "id": f"NATIVE_FILTER-{said['id']}",
            "name": said["name"],
            "type": "NATIVE_FILTER",
            "filterType": "filter_select",
            "targets": [target],
            "description": said.get("description", ""),
            "defaultDataMask": {"extraFormData": {}, "filterState": {}, "ownState": {}},
            "controlValues": {"multiSelect": True, "enableEmptyFilter": False},
            "cascadeParentIds": [],
            "scope": {"rootPath": ["ROOT_ID"], "excluded": without},
        }

    def _columns(self, chart: str) -> set[str]:
        """Return the columns of the dataset that the chart with this uuid shows."""
        dataset = next(c["dataset_uuid"] for c in self.charts.values() if c["uuid"] == chart)
        columns = next(d["columns"] for d in self.datasets.values() if d["uuid"] == dataset)
        return {column["column_name"] for column in columns}


def _cells(position: Asset) -> list[Asset]:
    """Return the charts in a position tree."""
    return [
        node for node in position.values() if isinstance(node, dict) and node["type"] == "CHART"
    ]


def _node(name: str, kind: str, children: list[str], parents: list[str]) -> Asset:
    return {"id": name, "type": kind, "children": children, "parents": parents}


def _load(file: Path) -> Asset:
    try:
        loaded = yaml.safe_load(file.read_text("utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise BundleError(f"{file}: {error}") from error
    if not isinstance(loaded, dict):
        raise BundleError(f"{file}: a map of keys was expected")
    return loaded


def read_registry(file: Path) -> dict[str, dict[str, str]]:
    """Return the metric registry by metric name (columns ``title, definition, …``)."""
    if not file.exists():
        return {}
    with file.open(encoding="utf-8", newline="") as rows:
        return {row["metric"]: row for row in csv.DictReader(rows)}
