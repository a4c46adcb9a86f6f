"""Contracts for tests, written as a department would write them."""

import copy
from pathlib import Path
from typing import Any

import yaml

from connectors.contracts import Contract, load_contracts

DEPARTMENT: dict[str, Any] = {
    "apiVersion": "v3.1.0",
    "kind": "DataContract",
    "department": "parks",
    "title": "公园",
    "domain": "parks",
    "team": {"name": "公园管理科"},
    "authority": {"basis": "公园条例", "sharing": "无条件共享"},
    "server": {"type": "folder", "directory": "${PARKS_FOLDER}"},
    "schedule": "0 2 * * *",
}
CSV = {"kind": "csv", "encoding": "utf-8", "delimiter": ","}
FILES = {"object": "trees_*", "mode": "files", "format": CSV}


def column(name: str, physical: str | None = None, **more: Any) -> dict[str, Any]:
    """One text column; ``more`` are fields of the contract."""
    return {
        "name": name,
        "physicalName": physical or name,
        "businessName": physical or name,
        "description": f"The {name}.",
        "logicalType": "string",
        "classification": "L1",
        **more,
    }


def key(name: str, physical: str | None = None) -> dict[str, Any]:
    """One key column."""
    return column(name, physical, primaryKey=True, required=True)


TREE = [key("code", "编号"), column("species", "树种"), column("planted", "种植日期")]


def table(columns: list[dict[str, Any]] | None = None, **more: Any) -> dict[str, Any]:
    """The contract of table ``tree``; ``more`` replaces top-level fields."""
    return {
        "version": "1.0.0",
        "status": "active",
        "name": "树木",
        "description": {"purpose": "One row per tree."},
        "extract": FILES,
        "slaProperties": [{"property": "latency", "value": 2, "unit": "d"}],
        "gate": {"max_rejected_share": 0.5, "min_type_share": 0, "max_lost_keys": 1},
        "schema": [{"name": "tree", "properties": copy.deepcopy(columns or TREE)}],
        **more,
    }


def write(folder: Path, tree: dict[str, Any] | None = None, **department: Any) -> Path:
    """Write ``parks/department.yaml`` and ``parks/tree.yaml`` below ``folder``; return it."""
    parks = folder / "parks"
    parks.mkdir(parents=True, exist_ok=True)
    for name, content in (("department", {**DEPARTMENT, **department}), ("tree", tree or table())):
        text = yaml.safe_dump(content, allow_unicode=True, sort_keys=False)
        (parks / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


def tree_contract(folder: Path, tree: dict[str, Any] | None = None, **department: Any) -> Contract:
    """Write and load the contract of parks' trees."""
    return load_contracts(write(folder, tree, **department))[0]
