"""The table that landing is measured with: people, 15 columns, as a statement and as a contract."""

from pathlib import Path
from typing import Any

import yaml

from connectors.contracts import Contract, load_contracts

# fmt: off
COLUMNS = [
    "xlh", "gmsfhm", "xm", "xbdm", "mzdm", "csrq", "hjdz", "sqbm",
    "lxdh", "hyzk", "whcd", "wgbm", "fwbm", "zxbs", "gxsj",
]
# fmt: on
SOURCE = """
create table people as select
  lpad(i::text, 10, '0') as xlh, md5(i::text) as gmsfhm, '仿' || chr((20000 + i % 5000)::int) as xm,
  (1 + i % 2)::text as xbdm, lpad((i % 56)::text, 2, '0') as mzdm,
  to_char(date '1950-01-01' + (i % 25000)::int, 'YYYYMMDD') as csrq,
  '广东省深圳市福田区沙头街道沙嘴社区' || (i % 400) || '号' as hjdz, '440304005013' as sqbm,
  '1' || lpad((i * 31)::text, 10, '3') as lxdh, ((i % 5) * 10)::text as hyzk, (i % 9)::text as whcd,
  lpad((i % 219)::text, 15, '4') as wgbm, lpad((i % 13346)::text, 25, '4') as fwbm, '0' as zxbs,
  timestamp '2026-01-01' + i * interval '1 second' as gxsj
from generate_series(1::bigint, {rows}) as i
"""
CHANGE = "update people set zxbs = '1' where right(xlh, 2) = '07'"
PASSWORD_VARIABLE = "BENCH_PASSWORD"  # noqa: S105 - the name of a variable
SECRET = {"gmsfhm", "xm", "hjdz", "lxdh", "fwbm"}
KINDS = {"csrq": "date", "gxsj": "timestamp"}


def contract(folder: Path, server: dict[str, Any], extract: dict[str, Any]) -> Contract:
    """Write the table's contract for one source into ``folder`` and load it."""
    home = folder / "contracts" / "bench"
    home.mkdir(parents=True, exist_ok=True)
    department = {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "department": "bench",
        "title": "测速",
        "domain": "bench",
        "team": {"name": "bench"},
        "authority": {"basis": "bench", "sharing": "无条件共享"},
        "server": server,
        "schedule": "0 2 * * *",
    }
    table = {
        "version": "1.0.0",
        "status": "active",
        "name": "测速",
        "description": {"purpose": "bench"},
        "extract": extract,
        "slaProperties": [{"property": "latency", "value": 1, "unit": "d"}],
        "gate": {"max_rejected_share": 0, "min_type_share": 1},
        "schema": [{"name": "people", "properties": [_property(name) for name in COLUMNS]}],
    }
    for name, content in (("department", department), ("people", table)):
        (home / f"{name}.yaml").write_text(yaml.safe_dump(content, allow_unicode=True))
    (loaded,) = load_contracts(home.parent)
    return loaded


def database(kind: str, port: int, user: str) -> dict[str, Any]:
    """Return the server part of a contract for database ``source`` on this machine."""
    return {
        "type": kind,
        "host": "127.0.0.1",
        "port": port,
        "database": "source",
        "user": user,
        "password": f"${{{PASSWORD_VARIABLE}}}",
    }


def _property(name: str) -> dict[str, Any]:
    key = {"primaryKey": True, "required": True} if name == "xlh" else {}
    return {
        "name": name,
        "physicalName": name.upper(),
        "businessName": name,
        "description": name,
        "logicalType": KINDS.get(name, "string"),
        "classification": "L3" if name in SECRET else "L1",
        **key,
    }
