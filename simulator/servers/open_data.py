"""The open-data site of market regulation: a whole table as one CSV file, for everybody.

Its writer puts every field in quotes and never escapes those inside. A file can be asked for in
part (``Range``), as long as it is still the same one (``If-Range``).
"""

import hashlib
import re
from pathlib import Path

import polars as pl
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulator.faults.columns import reshape
from simulator.faults.orders import Order, OrderBook
from simulator.servers.faulty import CONTROL, Control, Faulty, orders_of
from simulator.servers.web import Endpoint

BOM = "\ufeff"
RANGE = re.compile(r"bytes=(\d+)-")


def unescaped_csv(rows: pl.DataFrame) -> str:
    """Return rows as CSV: every field in quotes, the quotes inside as they are."""
    cells = pl.concat_str(pl.all().cast(pl.String).fill_null(""), separator='","')
    lines = rows.select(pl.concat_str(pl.lit('"'), cells, pl.lit('"'))).to_series()
    header = '"' + '","'.join(rows.columns) + '"'
    return BOM + "\r\n".join([header, *lines]) + "\r\n"


def csv_file(path: Path) -> Endpoint:
    """Return an endpoint that serves a Parquet file as a CSV file."""

    def file(request: Request) -> Response:
        orders = request.scope.get("faults", [])
        text = unescaped_csv(reshape(pl.read_parquet(path.read_bytes()), orders))
        content = _altered(text, orders)
        mark = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
        headers = {"ETag": mark, "Accept-Ranges": "bytes"}
        asked = RANGE.fullmatch(request.headers.get("range", ""))
        if asked is None or request.headers.get("if-range", mark) != mark:
            return Response(content, media_type="text/csv", headers=headers)
        start = int(asked[1])
        if start >= len(content):
            return Response(None, 416, {"Content-Range": f"bytes */{len(content)}"})
        headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        return Response(content[start:], 206, headers, "text/csv")

    return file


def _altered(text: str, orders: list[Order]) -> bytes:
    """Return the file as its orders have it: in another encoding, or only its beginning."""
    scope = {"faults": orders}
    encoding = next((str(o.arguments["encoding"]) for o in orders_of(scope, "mojibake")), "utf-8")
    content = text.removeprefix(BOM).encode(encoding) if encoding != "utf-8" else text.encode()
    for order in orders_of(scope, "truncate_file"):
        content = content[: int(len(content) * order.arguments["share"])]
    return content


def market_regulation(home: Path) -> Starlette:
    """Return the open-data site; nothing on it needs a key."""

    def health(_: Request) -> Response:
        return JSONResponse({"status": "up", "synthetic": True})

    book = OrderBook(home, "market_regulation")
    table = home / "systems" / "market_regulation" / "business.parquet"
    return Starlette(
        routes=[
            Route(CONTROL, Control(book).answer, methods=["GET", "POST", "DELETE"]),
            Route("/health", health),
            Route("/opendata/scztxx.csv", csv_file(table)),
        ],
        middleware=[Middleware(Faulty, book=book)],
    )
