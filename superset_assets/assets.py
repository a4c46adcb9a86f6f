"""Puts the bundle into Superset's database, takes out what it no longer has, and reads it back."""

from typing import Any

from superset import db
from superset.commands.importers.v1.assets import ImportAssetsCommand
from superset.connectors.sqla.models import SqlaTable
from superset.models.core import Database
from superset.models.dashboard import Dashboard
from superset.models.slice import Slice
from superset.utils import json

from superset_assets import layout
from superset_assets.bundle import Asset, Bundle

# In the order in which they may be deleted: whoever refers before whom it refers to.
MODELS = {"dashboards": Dashboard, "charts": Slice, "datasets": SqlaTable, "databases": Database}


def import_bundle(bundle: Bundle, host: str, port: str, password: str) -> None:
    """Import every asset, overwriting; the warehouse is reached at ``host:port``."""
    for asset in bundle.databases.values():
        asset["sqlalchemy_uri"] = (
            f"postgresql+psycopg2://hub_dashboards:XXXXXXXXXX@{host}:{port}/warehouse"
        )
    passwords = {f"databases/{name}.yaml": password for name in bundle.databases}
    ImportAssetsCommand(bundle.contents(), passwords=passwords).run()


def delete_orphans(bundle: Bundle) -> list[str]:
    """Delete what an earlier bundle brought and this one does not have; return their names.

    Ours are the assets marked *managed externally*; what people made by hand stays.
    """
    gone = []
    for kind, model in MODELS.items():
        ours = {asset["uuid"] for asset in getattr(bundle, kind).values()}
        for held in db.session.query(model).filter_by(is_managed_externally=True):
            if str(held.uuid) not in ours:
                gone.append(f"{kind}: {held}")
                db.session.delete(held)
        db.session.flush()
    return gone


def read_back(bundle: Bundle) -> list[str]:
    """Return what differs between the bundle and what Superset's database now holds."""
    wrong = []
    for kind, model in MODELS.items():
        held = {str(row.uuid): row for row in db.session.query(model)}
        for name, asset in getattr(bundle, kind).items():
            row = held.get(asset["uuid"])
            if row is None:
                wrong.append(f"{kind}/{name}.yaml: was not imported")
            else:
                wrong += [f"{kind}/{name}.yaml: {what}" for what in COMPARE[kind](asset, row)]
    return wrong


def _chart(asset: Asset, row: Slice) -> list[str]:
    held = json.loads(row.params)
    differing = _differing(asset["params"], held)
    if row.slice_name != asset["slice_name"]:
        differing.append("slice_name")
    if str(row.table.uuid) != asset["dataset_uuid"]:
        differing.append("dataset")
    return [f"{key} differs" for key in differing]


def _dataset(asset: Asset, row: SqlaTable) -> list[str]:
    wanted = {column["column_name"] for column in asset["columns"]}
    metrics = {metric["metric_name"]: metric["expression"] for metric in asset["metrics"]}
    wrong = []
    if {column.column_name for column in row.columns} != wanted:
        wrong.append("columns differ")
    if {metric.metric_name: metric.expression for metric in row.metrics} != metrics:
        wrong.append("metrics differ")
    return wrong


def _dashboard(asset: Asset, row: Dashboard) -> list[str]:
    charts = {chart["uuid"] for chart in layout.charts(asset["position"])}
    wrong = []
    if {str(chart.uuid) for chart in row.slices} != charts:
        wrong.append("its charts differ")
    if row.slug != asset["slug"] or not row.published:
        wrong.append("slug or publication differs")
    return wrong


def _database(asset: Asset, row: Database) -> list[str]:
    same = row.sqlalchemy_uri == asset["sqlalchemy_uri"] and not row.allow_dml
    return [] if same else ["address or rights differ"]


COMPARE = {
    "databases": _database,
    "datasets": _dataset,
    "charts": _chart,
    "dashboards": _dashboard,
}


def _differing(wanted: dict[str, Any], held: dict[str, Any]) -> list[str]:
    return [key for key, value in wanted.items() if held.get(key) != value]
