"""JSON over HTTP: paged rows and a GeoJSON layer, read from Parquet when asked for."""

import json
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Protocol

import polars as pl
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from simulator.faults.columns import reshape
from simulator.faults.orders import OrderBook
from simulator.randomness import stream
from simulator.servers.address import bind
from simulator.servers.faulty import (
    CONTROL,
    LOGIN,
    Control,
    Faulty,
    failure,
    orders_of,
    refusing,
    rows_of_page,
)
from simulator.servers.signature import SignatureGate

PAGE_SIZE, LARGEST_PAGE = 500, 2000
Endpoint = Callable[[Request], Response]


class Gate(Protocol):
    """Judges by its headers (names in lower case) whether a request is let in."""

    def refusal(self, headers: Mapping[str, str], now_ms: int | None = None) -> str | None:
        """Return why a request is refused, or None."""
        ...

    def expire(self, headers: Mapping[str, str]) -> str:
        """Let what a request shows have run out; return why it is refused."""
        ...


class Guarded:
    """Middleware: everything but ``/health`` and the login needs a good signature or token."""

    def __init__(self, app: ASGIApp, gate: Gate) -> None:
        self._app = app
        self._gate = gate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on that the gate lets in, answer any other with 401."""
        if scope["type"] == "http" and scope["path"] not in {"/health", LOGIN}:
            headers = Request(scope).headers
            if orders_of(scope, "expire_token"):
                refusal: str | None = self._gate.expire(headers)
            else:
                refusal = self._gate.refusal(headers, clock(scope))
            if refusal is not None:
                await failure(401, refusal)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def clock(scope: Scope) -> int:
    """Return the time in milliseconds, as this server's clock has it for this request."""
    skew = sum(order.arguments["minutes"] for order in orders_of(scope, "skew_clock"))
    return int((time.time() + skew * 60) * 1000)


def paged(path: Path, since: tuple[str, str] | None = None) -> Endpoint:
    """Return an endpoint that serves a Parquet file page by page (``page``, ``pageSize``).

    ``since`` names the parameter that asks for later rows only, and their column.
    """

    def page_of_rows(request: Request) -> Response:
        asked = (
            request.query_params.get("page", "1"),
            request.query_params.get("pageSize", str(PAGE_SIZE)),
        )
        if not all(text.isascii() and text.isdigit() for text in asked):
            return failure(400, "分页参数应为正整数")
        page, size = int(asked[0]), int(asked[1])
        if page < 1 or not 1 <= size <= LARGEST_PAGE:
            return failure(400, f"page 应不小于 1，pageSize 应为 1 至 {LARGEST_PAGE}")
        # read in one go: polars opens a path more than once, and a new day may come in between
        rows = pl.scan_parquet(path.read_bytes())
        if since is not None and since[0] in request.query_params:
            try:
                start = datetime.fromisoformat(request.query_params[since[0]])
            except ValueError:
                return failure(400, f"{since[0]} 应为 yyyy-mm-dd hh:mm:ss")
            rows = rows.filter(pl.col(since[1]) >= start)
        total = rows.select(pl.len()).collect().item()
        size, shown = rows_of_page(rows, page, size, request.scope)
        head = f'{{"code":0,"msg":"ok","data":{{"total":{total},"page":{page},"pageSize":{size},'
        return Response(f'{head}"rows":{shown.write_json()}}}}}', media_type="application/json")

    return page_of_rows


def geojson(path: Path) -> Endpoint:
    """Return an endpoint that serves a Parquet file with a ``geometry`` column as GeoJSON."""

    def layer(request: Request) -> Response:
        rows = reshape(pl.read_parquet(path.read_bytes()), request.scope.get("faults", []))
        for order in orders_of(request.scope, "out_of_order"):
            rng = stream(int(order.arguments["seed"]), "out of order", request.url.path)
            rows = rows[rng.permutation(len(rows))]
        features = [
            {
                "type": "Feature",
                "geometry": json.loads(row.pop("geometry", "null")),
                "properties": row,
            }
            for row in rows.to_dicts()
        ]
        collection = {"type": "FeatureCollection", "features": features}
        text = json.dumps(collection, ensure_ascii=False)
        return Response(text, media_type="application/geo+json")

    return layer


def application(
    routes: dict[str, Endpoint], gate: Gate, book: OrderBook, *more: Route
) -> Starlette:
    """Return the web application of one department; ``/health`` answers everybody."""

    def health(_: Request) -> Response:
        return JSONResponse({"status": "up", "synthetic": True})

    control = Route(CONTROL, Control(book).answer, methods=["GET", "POST", "DELETE"])
    pages = [Route(path, endpoint) for path, endpoint in {"/health": health, **routes}.items()]
    return Starlette(
        routes=[control, *pages, *more],
        middleware=[Middleware(Faulty, book=book), Middleware(Guarded, gate=gate)],
    )


def party_building(home: Path, app_key: str, app_secret: str) -> Starlette:
    """Return the party-building platform (SHA-256)."""
    folder = home / "systems" / "party_building"
    routes = {
        "/api/v1/organisations": paged(folder / "organisation.parquet"),
        "/api/v1/members": paged(folder / "member.parquet"),
        "/api/v1/centres": paged(folder / "centre.parquet"),
        "/api/v1/bookings": paged(folder / "booking.parquet"),
        "/api/v1/projects": paged(folder / "project.parquet"),
    }
    gate = SignatureGate("sha256", app_key, app_secret)
    return application(routes, gate, OrderBook(home, "party_building"))


def city_management(home: Path, app_key: str, app_secret: str) -> Starlette:
    """Return the city-management platform (MD5)."""
    folder = home / "systems" / "city_management"
    routes = {
        "/api/components": paged(folder / "component.parquet"),
        "/api/cases": paged(folder / "case.parquet"),
        "/api/devices": paged(folder / "device.parquet"),
        "/api/alarms": paged(folder / "alarm.parquet"),
        "/geo/grids": geojson(folder / "grid.parquet"),
    }
    gate = SignatureGate("md5", app_key, app_secret)
    return application(routes, gate, OrderBook(home, "city_management"))


def run(application: Starlette, port: int, book: OrderBook) -> None:
    """Serve until the process is stopped."""
    uvicorn.run(application, host=bind(), port=port, log_level="warning", http=refusing(book))
