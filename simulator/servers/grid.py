"""The grid system of the street: log in, then read BLK tables page by page with the token."""

from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulator.faults.orders import OrderBook
from simulator.servers.faulty import LOGIN, failure
from simulator.servers.tokens import LIFETIME_SECONDS, TokenGate
from simulator.servers.web import application, clock, paged

SINCE = ("startTime", "CJRQ")  # the parameter that asks for what was collected since


def grid(
    home: Path, user: str, password: str, lifetime_seconds: int = LIFETIME_SECONDS
) -> Starlette:
    """Return the grid system, whose tokens live so long."""
    gate = TokenGate(user, password, lifetime_seconds)

    async def log_in(request: Request) -> Response:
        try:
            asked = await request.json()
            given = str(asked["username"]), str(asked["password"])
        except (ValueError, KeyError, TypeError):
            return failure(400, "请提供 username 与 password")
        token = gate.issue(*given, clock(request.scope))
        if token is None:
            return failure(401, "用户名或密码错误")
        data = {"token": token, "expiresIn": gate.lifetime_seconds}
        return JSONResponse({"code": 0, "msg": "ok", "data": data})

    folder = home / "systems" / "grid"
    routes = {
        "/api/blk/population": paged(folder / "population.parquet", SINCE),
        "/api/blk/house": paged(folder / "house.parquet"),
        "/api/blk/sanxiao": paged(folder / "small_place.parquet"),
        "/api/blk/visit": paged(folder / "visit.parquet", SINCE),
    }
    login = Route(LOGIN, log_in, methods=["POST"])
    return application(routes, gate, OrderBook(home, "grid"), login)
