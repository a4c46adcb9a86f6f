"""A REST source over a service that a test plays itself."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from connectors.contracts import RestContract
from connectors.protocols.base import Since
from connectors.protocols.rest import RestSource
from tests.support import contracts as given

Answer = Callable[[httpx.Request], httpx.Response]
TREES = [{"code": str(number), "species": "榕树"} for number in range(5)]


def source(folder: Path, answer: Answer, server: dict[str, Any], **extract: Any) -> RestSource:
    """Read the parks' trees at ``https://parks.example/api/trees`` from whoever answers."""
    columns = [given.key("code"), given.column("species")]
    if extract.get("mode") == "cursor":
        columns.append(given.column("changed", logicalType="timestamp", required=True))
    declared = {"object": "/trees", "mode": "snapshot", **extract}
    contract = given.tree_contract(
        folder,
        given.table(columns, extract=declared),
        server={"type": "rest", "url": "https://parks.example/api/", **server},
    )
    assert isinstance(contract, RestContract)
    return RestSource(contract, wait_seconds=0.0, transport=httpx.MockTransport(answer))


def rows(source: RestSource, since: Since | None = None) -> list[dict[str, Any]]:
    """Read everything that is new."""
    (extraction,) = source.extractions(since or Since())
    return [row for batch in extraction.rows for row in batch.to_pylist()]


def page(found: list[Any], total: int | None = None, **more: Any) -> httpx.Response:
    """Answer with one page of rows."""
    data = {"rows": found, **({} if total is None else {"total": total}), **more}
    return httpx.Response(200, json={"code": 0, "msg": "ok", "data": data})
