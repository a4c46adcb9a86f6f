"""What others make of a contract: the full standard document, and dbt's sources with freshness."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any

import yaml

from connectors.contracts.loader import by_department
from connectors.contracts.model import Contract
from connectors.contracts.parts import Column
from connectors.contracts.rest import RestServer
from connectors.contracts.sources import (
    FolderServer,
    HttpServer,
    Server,
    SftpServer,
    SqlServer,
)
from connectors.contracts.streams import MqttServer

GENERATED = (
    "# Generated from connectors/contracts by `hub contract export --dbt-sources`; do not edit.\n"
)


def odcs(contract: Contract) -> dict[str, Any]:
    """Return the contract as a complete Open Data Contract Standard v3 document.

    References (``${…}``) stay references; secrets are left out altogether.
    """
    table = {
        "name": contract.table,
        "physicalName": f"raw.{contract.raw_table}",
        "physicalType": "table",
        "businessName": contract.name,
        "description": contract.description.purpose,
        "logicalType": "object",
        "properties": list(_properties(contract.columns)),
    }
    return {
        "apiVersion": contract.api_version,
        "kind": contract.kind,
        "id": f"{contract.department}.{contract.table}",
        "name": contract.name,
        "version": contract.version,
        "status": contract.status,
        "domain": contract.domain,
        "description": contract.description.model_dump(exclude_none=True),
        "team": {"name": contract.team.name},
        "servers": [{"server": contract.department, **_server(contract)}],
        "schema": [table],
        "slaProperties": [
            {"property": sla.name, "value": sla.value, "unit": sla.unit}
            for sla in contract.sla_properties
        ],
        "customProperties": [
            {"property": "departmentTitle", "value": contract.title},
            {"property": "legalBasis", "value": contract.authority.basis},
            {"property": "sharing", "value": contract.authority.sharing},
            {"property": "schedule", "value": contract.schedule},
            {"property": "extract", "value": _plain(contract.extract.model_dump())},
            {"property": "gate", "value": contract.gate.model_dump()},
            {"property": "drift", "value": contract.drift.model_dump()},
        ],
    }


def dbt_sources(contracts: Iterable[Contract]) -> str:
    """Return dbt's source file: one source per department, fresh while batches keep landing."""
    sources = [
        {
            "name": department,
            "schema": "raw",
            "description": tables[0].title,
            "tables": [_dbt_table(contract) for contract in tables],
        }
        for department, tables in by_department(list(contracts)).items()
    ]
    return GENERATED + dump({"version": 2, "sources": sources})


def dump(document: Mapping[str, Any]) -> str:
    """Write a document as YAML that people can read."""
    return yaml.safe_dump(dict(document), allow_unicode=True, sort_keys=False, width=100)


def _properties(columns: Iterable[Column]) -> Iterator[dict[str, Any]]:
    position = 0
    for column in columns:
        found: dict[str, Any] = {
            "name": column.name,
            "physicalName": column.physical_name,
            "physicalType": "text",
            "businessName": column.business_name,
            "description": column.description,
            "logicalType": column.logical_type,
            "classification": column.classification,
            "required": column.required,
        }
        if column.primary_key:
            position += 1
            found |= {"primaryKey": True, "primaryKeyPosition": position}
        if column.code_list:
            found["customProperties"] = [{"property": "codeList", "value": column.code_list}]
        yield found


def _server(contract: Contract) -> dict[str, Any]:
    server: Server = contract.server
    if isinstance(server, SqlServer):
        kind = "custom" if server.type == "sqlalchemy" else server.type
        found = {"type": kind, "host": server.host, "port": server.port}
        schema = {"schema": "public"} if server.type == "postgresql" else {}
        return {**found, "database": server.database, **schema}
    if isinstance(server, RestServer):
        return {"type": "api", "location": server.url + contract.extract.object}
    if isinstance(server, MqttServer):
        return {"type": "custom", "host": server.host, "port": server.port}
    files = contract.extract.object
    if isinstance(server, SftpServer):
        host = f"{server.host}:{server.port}"
        return {"type": "sftp", "location": f"sftp://{host}{server.directory}/{files}"}
    if isinstance(server, HttpServer):
        location = f"{server.url}{server.directory.rstrip('/')}/{files}"
        return {"type": "custom", "location": location}
    assert isinstance(server, FolderServer)  # noqa: S101 - the only other kind
    kind = contract.extract.model_dump()["format"]["kind"]
    return {"type": "local", "path": f"{server.directory}/{files}", "format": kind}


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Drop what is not set; write durations as they are written in contracts."""
    return {
        name: f"{value.days}d {value.seconds // 60}m" if isinstance(value, timedelta) else value
        for name, value in values.items()
        if value is not None
    }


def _dbt_table(contract: Contract) -> dict[str, Any]:
    hours = int(contract.fresh_within.total_seconds() // 3600)
    landed = (  # the names are those of a validated contract
        "select max(extracted_at) from ops.batch where status = 'landed'"  # noqa: S608
        f" and department = '{contract.department}' and table_name = '{contract.table}'"
    )
    return {
        "name": contract.table,
        "identifier": contract.raw_table,
        "description": contract.description.purpose,
        "config": {
            # An unchanged snapshot adds no row, yet the table is fresh: ask the ledger.
            "loaded_at_query": landed,
            "freshness": {"warn_after": {"count": hours, "period": "hour"}},
            "meta": {"title": contract.name, "owner": contract.team.name},
        },
        "columns": [{"name": c.name, "description": c.description} for c in contract.columns],
    }
