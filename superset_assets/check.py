"""Finds what is wrong in the bundle without Superset, a server or a password: ``problems``.

Every dashboard's chart, every chart's dataset, metric and column, and every column of a dataset
must exist, down to dbt's models; uuids differ; what people read is Chinese.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator

from superset_assets import layout
from superset_assets.bundle import HERE, Asset, Bundle, BundleError, load

KINDS = ("databases", "datasets", "charts", "dashboards")
ONE_METRIC, METRICS = ("metric",), ("metrics",)
ONE_COLUMN, COLUMNS = ("x_axis", "line_column"), ("groupby", "all_columns", "tooltip_contents")
# In SQL of ours what is written small is a column or a type, the rest is SQL.
QUOTED, SMALL_WORD = re.compile(r"'[^']*'"), re.compile(r"\b[a-z_][a-z0-9_]*\b")
TYPES = {"numeric"}
LATIN_WORD = re.compile(r"[A-Za-z]{2,}")
ALLOWED_WORDS = {"SQL", "GeoJSON"}


def problems(bundle: Bundle) -> list[str]:
    """Return one line per mistake, each naming its file; an empty list when the bundle is sound."""
    try:
        return [
            *_uuids(bundle),
            *_datasets(bundle),
            *_charts(bundle),
            *_dashboards(bundle),
            *_roles(bundle),
        ]
    except BundleError as error:
        return [str(error)]


def _uuids(bundle: Bundle) -> Iterator[str]:
    used = Counter(asset["uuid"] for kind in KINDS for asset in getattr(bundle, kind).values())
    yield from (f"uuid {uuid} is used {count} times" for uuid, count in used.items() if count > 1)


def _datasets(bundle: Bundle) -> Iterator[str]:
    for name, dataset in bundle.datasets.items():
        file = f"datasets/{name}.yaml"
        columns = bundle.definitions.tables[f"{dataset['schema']}.{dataset['table_name']}"]
        stored = {column["name"] for column in columns["columns"]}
        declared = {column["column_name"]: column["expression"] for column in dataset["columns"]}
        for column, expression in declared.items():
            if expression is None and column not in stored:
                yield f"{file}: dbt's model has no column {column}"
        expressions = [expression for expression in declared.values() if expression]
        expressions += [metric["expression"] for metric in dataset["metrics"]]
        for expression in expressions:
            for word in SMALL_WORD.findall(QUOTED.sub("", expression)):
                if word not in stored | TYPES:
                    yield f"{file}: dbt's model has no column {word} (in {expression})"
        for titled in (*dataset["columns"], *dataset["metrics"]):
            own = titled.get("metric_name") or titled["column_name"]
            yield from _chinese(file, titled.get("verbose_name") or own)


def _charts(bundle: Bundle) -> Iterator[str]:
    by_uuid = {dataset["uuid"]: dataset for dataset in bundle.datasets.values()}
    for name, chart in bundle.charts.items():
        file, params = f"charts/{name}.yaml", chart["params"]
        dataset = by_uuid[chart["dataset_uuid"]]
        metrics = {metric["metric_name"] for metric in dataset["metrics"]}
        columns = {column["column_name"] for column in dataset["columns"]}
        for metric in _named(params, ONE_METRIC, METRICS):
            if metric not in metrics:
                yield f"{file}: its dataset has no metric {metric}"
        ordered = [json.loads(order)[0] for order in params.get("order_by_cols", [])]
        for column in [*_named(params, ONE_COLUMN, COLUMNS), *ordered]:
            if column not in columns:
                yield f"{file}: its dataset has no column {column}"
        formatted = {each["column"] for each in params.get("conditional_formatting", [])}
        for key in formatted | set(params.get("column_config", {})):
            if key not in columns | metrics:
                yield f"{file}: its dataset has neither column nor metric {key}"
        yield from _chinese(file, chart["slice_name"])
        yield from _chinese(file, params.get("subtitle", "无"))


def _named(params: Asset, one: tuple[str, ...], many: tuple[str, ...]) -> list[str]:
    return [params[key] for key in one if key in params] + [
        name for key in many for name in params.get(key, [])
    ]


def _dashboards(bundle: Bundle) -> Iterator[str]:
    shown: set[str] = set()
    for name, dashboard in bundle.dashboards.items():
        file = f"dashboards/{name}.yaml"
        shown |= {chart["uuid"] for chart in layout.charts(dashboard["position"])}
        for row in (node for node in dashboard["position"].values() if _is_row(node)):
            width = sum(dashboard["position"][cell]["meta"]["width"] for cell in row["children"])
            if width != 12:
                yield f"{file}: {row['id']} is {width} wide instead of 12"
        yield from _chinese(file, dashboard["dashboard_title"])
        for each in dashboard["metadata"]["native_filter_configuration"]:
            yield from _chinese(file, each["name"])
            yield from _target(bundle, file, each["targets"][0])
    for name, chart in bundle.charts.items():
        if chart["uuid"] not in shown:
            yield f"charts/{name}.yaml: no dashboard shows it"


def _is_row(node: object) -> bool:
    return isinstance(node, dict) and node["type"] == "ROW"


def _target(bundle: Bundle, file: str, target: Asset) -> Iterator[str]:
    dataset = next(d for d in bundle.datasets.values() if d["uuid"] == target["datasetUuid"])
    column = target["column"]["name"]
    if column not in {each["column_name"] for each in dataset["columns"]}:
        yield f"{file}: a filter names the column {column}, which its dataset does not have"


def _roles(bundle: Bundle) -> Iterator[str]:
    said = load(HERE / "roles.yaml")
    known = set(said["roles"])
    for name in bundle.dashboards:
        if not said["dashboards"].get(name):
            yield f"roles.yaml: nobody may see the dashboard {name}"
    for name, roles in said["dashboards"].items():
        if name not in bundle.dashboards:
            yield f"roles.yaml: there is no dashboard {name}"
        yield from (f"roles.yaml: there is no role {role}" for role in roles if role not in known)


def _chinese(file: str, text: str) -> Iterator[str]:
    if set(LATIN_WORD.findall(text)) - ALLOWED_WORDS:
        yield f"{file}: people read Chinese, not {text!r}"
