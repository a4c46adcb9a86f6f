"""What the web servers do when a fault is ordered, and the page where faults are ordered.

The page is ``/simulator/faults``: GET lists, POST orders (``fault``, ``arguments``, ``times``,
``seconds``), DELETE ends all. It answers on loopback only, to the app key's signature, and is never
faulted itself; but a server that refuses connections cannot be talked to: use the command line.
"""

import asyncio
import time
from dataclasses import asdict
from json import JSONDecodeError
from urllib.parse import parse_qs

import polars as pl
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from simulator.errors import SimulatorError
from simulator.faults import catalogue
from simulator.faults.columns import reshape
from simulator.faults.orders import Order, OrderBook
from simulator.randomness import stream

CONTROL = "/simulator/faults"
LOGIN = "/api/auth/login"
SPARED = {CONTROL, "/health"}


def failure(status: int, message: str, headers: dict[str, str] | None = None) -> JSONResponse:
    """Return an error as these platforms word it."""
    return JSONResponse({"code": status, "msg": message, "data": None}, status, headers)


def orders_of(scope: Scope, *faults: str) -> list[Order]:
    """Return the orders for this request, of these faults."""
    return [order for order in scope.get("faults", []) if order.fault in faults]


class Faulty:
    """Middleware: finds the orders for a request and carries out those that need no rows."""

    def __init__(self, app: ASGIApp, book: OrderBook) -> None:
        self._app = app
        self._book = book

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Delay the request, answer it with an error, cut its answer, or pass it on."""
        if scope["type"] == "http" and scope["path"] not in SPARED:
            page = _page(scope)
            scope["faults"] = self._book.due(lambda order: _applies(order, scope["path"], page))
            for order in orders_of(scope, "slow"):
                await asyncio.sleep(order.arguments["seconds"])
            error = _error(scope)
            if error is not None:
                await error(scope, receive, send)
                return
            for order in orders_of(scope, "cut_connection"):
                send = _cut(send, order.arguments["share"])
        await self._app(scope, receive, send)


def _page(scope: Scope) -> int:
    asked = parse_qs(scope["query_string"].decode("latin-1")).get("page", ["1"])[0]
    return int(asked) if asked.isascii() and asked.isdigit() else 1


def _applies(order: Order, path: str, page: int) -> bool:
    where = order.arguments
    if order.fault == "refuse" or where["path"] not in path:
        return False
    if order.fault == "expire_token" and path == LOGIN:
        return False
    if order.fault == "repeat_page":
        return page == int(where["page"]) + 1
    return page >= int(where.get("from_page", 1))


def _error(scope: Scope) -> Response | None:
    """Return the answer of the first order that is nothing but an error."""
    for order in orders_of(scope, "too_many_requests", "server_error"):
        if order.fault == "too_many_requests":
            wait = str(order.arguments["retry_after"])
            return failure(429, "请求过于频繁", {"Retry-After": wait})
        return failure(int(order.arguments["status"]), "服务器内部错误")
    return None


def _cut(send: Send, share: float) -> Send:
    """Return a ``send`` that passes on a share of the body; the server then closes the line."""

    async def send_part(message: Message) -> None:
        if message["type"] == "http.response.body":
            body = message.get("body", b"")
            message = {**message, "body": body[: int(len(body) * share)], "more_body": True}
        await send(message)

    return send_part


def rows_of_page(
    rows: pl.LazyFrame, page: int, size: int, scope: Scope
) -> tuple[int, pl.DataFrame]:
    """Return the page size used and the rows of a page, as the request's orders have them."""
    for order in orders_of(scope, "page_size"):
        size = min(size, int(order.arguments["size"]))
    for _ in orders_of(scope, "repeat_page"):
        page -= 1
    for order in orders_of(scope, "out_of_order"):
        rng = stream(int(order.arguments["seed"]), "out of order", scope["path"], str(page))
        count = rows.select(pl.len()).collect().item()
        rows = rows.collect()[rng.permutation(count)].lazy()
    found = rows.slice((page - 1) * size, size).collect()
    return size, reshape(found, scope.get("faults", []))


def refusing(book: OrderBook) -> type[H11Protocol]:
    """Return the server's side of a connection, which hangs up when ``refuse`` is ordered."""

    class Refusing(H11Protocol):
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            self._hang_up()

        def data_received(self, data: bytes) -> None:
            if not self._hang_up():
                super().data_received(data)

        def _hang_up(self) -> bool:
            if self.transport.is_closing() or book.due(lambda order: order.fault == "refuse"):
                self.transport.abort()
                return True
            return False

    return Refusing


class Control:
    """The page where faults are listed, ordered and ended."""

    def __init__(self, book: OrderBook) -> None:
        self._book = book

    async def answer(self, request: Request) -> Response:
        """Answer GET, POST and DELETE from this machine."""
        if request.client is None or request.client.host not in {"127.0.0.1", "::1"}:
            return failure(403, "仅限本机")
        try:
            if request.method == "POST":
                self._book.add(self._order(await request.json()))
            elif request.method == "DELETE":
                self._book.clear()
        except (SimulatorError, JSONDecodeError, TypeError, ValueError, AttributeError) as error:
            return failure(400, str(error))
        active = [asdict(order) for order in self._book.active()]
        known = catalogue.known(self._book.system)
        return JSONResponse({"code": 0, "msg": "ok", "data": {"active": active, "known": known}})

    def _order(self, asked: dict[str, object]) -> Order:
        seconds, times, arguments = (asked.get(n) for n in ("seconds", "times", "arguments"))
        return catalogue.order(
            self._book.system,
            str(asked.get("fault")),
            dict(arguments or {}),  # type: ignore[call-overload]
            None if times is None else int(times),  # type: ignore[call-overload]
            None if seconds is None else time.time() + float(seconds),  # type: ignore[arg-type]
        )
