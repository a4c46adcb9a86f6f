"""Superset's own shapes of a dashboard: the tree of positions, and a filter with its scope."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Node = dict[str, Any]

GRID = ["ROOT_ID", "GRID_ID"]


@dataclass(frozen=True)
class Cell:
    """What stands in one place of a dashboard: ``CHART`` or ``MARKDOWN``, and its own keys."""

    kind: str
    meta: Node

    @property
    def is_chart(self) -> bool:
        """Whether it is a chart."""
        return self.kind == "CHART"


def position(title: str, rows: Sequence[Node], cells: Mapping[str, Cell]) -> Node:
    """Return the tree for ``rows``: ``height`` in 8 px, ``cells`` {name: width in twelfths}."""
    names = [f"ROW-{number}" for number in range(len(rows))]
    tree: Node = {
        "DASHBOARD_VERSION_KEY": "v2",
        "ROOT_ID": {"id": "ROOT_ID", "type": "ROOT", "children": ["GRID_ID"]},
        "GRID_ID": _node("GRID_ID", "GRID", names, ["ROOT_ID"]),
        "HEADER_ID": {"id": "HEADER_ID", "type": "HEADER", "meta": {"text": title}},
    }
    for row, said in zip(names, rows, strict=True):
        ids = {f"CELL-{cell}": cell for cell in said["cells"]}
        tree[row] = _node(row, "ROW", list(ids), GRID)
        tree[row]["meta"] = {"background": "BACKGROUND_TRANSPARENT"}
        for id_, cell in ids.items():
            size = {"width": said["cells"][cell], "height": said["height"]}
            tree[id_] = _node(id_, cells[cell].kind, [], [*GRID, row])
            tree[id_]["meta"] = size | cells[cell].meta
    return tree


def charts(tree: Node) -> list[Node]:
    """Return the ``meta`` of every chart in a tree."""
    nodes = (node for node in tree.values() if isinstance(node, dict))
    return [node["meta"] for node in nodes if node["type"] == "CHART"]


def select_filter(name: str, title: str, dataset: str, column: str, excluded: list[int]) -> Node:
    """Return a filter that offers the values of ``column``, for all charts but ``excluded``."""
    return {
        "id": f"NATIVE_FILTER-{name}",
        "name": title,
        "type": "NATIVE_FILTER",
        "filterType": "filter_select",
        "targets": [{"datasetUuid": dataset, "column": {"name": column}}],
        "description": "",
        "defaultDataMask": {"extraFormData": {}, "filterState": {}, "ownState": {}},
        "controlValues": {"multiSelect": True, "enableEmptyFilter": False},
        "cascadeParentIds": [],
        "scope": {"rootPath": ["ROOT_ID"], "excluded": excluded},
    }


def _node(name: str, kind: str, children: list[str], parents: list[str]) -> Node:
    return {"id": name, "type": kind, "children": children, "parents": parents}
