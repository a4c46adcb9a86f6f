"""Command line of the simulator; heavy imports wait until a verb runs."""

import os
import resource
import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from simulator.faults.cli import app as fault
from simulator.loaders.access import Access, Home, Host, PasswordFile, Port, User, secret

app = typer.Typer(
    help="A synthetic district behind real departmental servers.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)
load = typer.Typer(help="Fill a department's database.", no_args_is_help=True)
serve = typer.Typer(help="Run a department's server on loopback.", no_args_is_help=True)
app.add_typer(load, name="load")
app.add_typer(serve, name="serve")
app.add_typer(fault, name="fault")

SecretFile = Annotated[Path, typer.Option(exists=True, dir_okay=False)]


class Scale(StrEnum):
    """沙嘴 alone, 沙头街道 with twelve communities, the whole of 福田, or all Shenzhen."""

    community = "community"
    street = "street"
    district = "district"
    city = "city"


@app.command()
def generate(
    home: Home,
    scale: Scale = Scale.community,
    seed: int = 20261121,
    residents: Annotated[
        int | None, typer.Option(min=1, help="only the first communities that have so many")
    ] = None,
) -> None:
    """Generate the district into a folder, unless it is already there."""
    from simulator.home import generate_home, is_generated

    if is_generated(home, scale, seed, residents):
        typer.echo(f"{home}: {scale} with seed {seed} is already there")
        return
    start = time.monotonic()

    def report(reached: int) -> None:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        seconds = time.monotonic() - start
        typer.echo(f"{reached:,} residents in {seconds:.1f} s, {peak:.0f} MB at most")

    rows = sum(generate_home(home, scale, seed, residents, report).values())
    typer.echo(f"{home}: {scale} with seed {seed}, {rows:,} rows, {time.monotonic() - start:.1f} s")


@app.command()
def advance(home: Home, days: Annotated[int, typer.Option(min=1)] = 1) -> None:
    """Live the district forward; web and file servers show it at once, databases after `load`."""
    # What polars frees it keeps for itself until the end: a short run asks the kernel less often.
    os.environ.setdefault("_RJEM_MALLOC_CONF", "dirty_decay_ms:-1,muzzy_decay_ms:-1")
    from simulator.life.advance import advance as live

    start = time.monotonic()
    day = live(home, days)
    typer.echo(f"{home}: it is {day}, {time.monotonic() - start:.1f} s")


@load.command("police")
def load_police(
    home: Home, dsn: Annotated[str, typer.Option()], reader_password_file: SecretFile
) -> None:
    """Load 公安's PostgreSQL; ``--dsn`` is a superuser's, on any database of the server."""
    from simulator.home import settle
    from simulator.loaders import postgres

    settle(home)
    loaded = postgres.load(home, dsn, secret(reader_password_file))
    Access(home, dsn).resume("police")
    typer.echo(f"police: loaded {loaded or 'nothing, it is already there'}")


def _loads_mariadb(system: str, title: str) -> None:
    """Add the command that fills a system's MariaDB."""

    @load.command(system, help=f"Load {title}'s MariaDB as an administrator.")
    def load_mariadb(  # noqa: PLR0913, PLR0917 -- each is an option
        home: Home,
        port: Port,
        reader_password_file: SecretFile,
        host: Host = "127.0.0.1",
        user: User = "root",
        password_file: PasswordFile = None,
    ) -> None:
        from simulator.home import settle
        from simulator.loaders import mariadb

        settle(home)
        access = Access(home, "", host, port, user, password_file)
        loaded = mariadb.load(home, system, access.administrator(), secret(reader_password_file))
        access.resume(system)
        typer.echo(f"{system}: loaded {loaded or 'nothing, it is already there'}")


_loads_mariadb("civil_affairs", "民政")
_loads_mariadb("requests", "民生诉求")


@serve.command("party_building")
def serve_party_building(
    home: Home, port: Port, app_key: Annotated[str, typer.Option()], app_secret_file: SecretFile
) -> None:
    """Serve 党建: signed, paged JSON."""
    from simulator.faults.orders import OrderBook
    from simulator.servers import web

    platform = web.party_building(home, app_key, secret(app_secret_file))
    web.run(platform, port, OrderBook(home, "party_building"))


@serve.command("city_management")
def serve_city_management(
    home: Home, port: Port, app_key: Annotated[str, typer.Option()], app_secret_file: SecretFile
) -> None:
    """Serve 城管: signed JSON and GeoJSON."""
    from simulator.faults.orders import OrderBook
    from simulator.servers import web

    platform = web.city_management(home, app_key, secret(app_secret_file))
    web.run(platform, port, OrderBook(home, "city_management"))


@serve.command("health")
def serve_health(
    home: Home, port: Port, host_key: SecretFile, authorized_key: SecretFile, user: str = "health"
) -> None:
    """Serve 卫健's file drop over SFTP."""
    from simulator.servers import sftp

    sftp.run(home, port, host_key, authorized_key, user)


@serve.command("market_regulation")
def serve_market_regulation(home: Home, port: Port) -> None:
    """Serve 市场监管's open data: one CSV file over plain HTTP."""
    from simulator.faults.orders import OrderBook
    from simulator.servers import open_data, web

    web.run(open_data.market_regulation(home), port, OrderBook(home, "market_regulation"))


@serve.command("grid")
def serve_grid(
    home: Home, port: Port, user: Annotated[str, typer.Option()], password_file: SecretFile
) -> None:
    """Serve 网格: paged JSON for whoever has logged in."""
    from simulator.faults.orders import OrderBook
    from simulator.servers import web
    from simulator.servers.grid import grid

    web.run(grid(home, user, secret(password_file)), port, OrderBook(home, "grid"))


@serve.command("iot")
def serve_iot(
    home: Home,
    port: Port,
    user: Annotated[str, typer.Option()],
    password_file: SecretFile,
    host: Host = "127.0.0.1",
) -> None:
    """Publish what 城管's sensors send, day by day, to an MQTT broker."""
    from simulator.servers.mqtt import Platform

    Platform(home, host, port, user, secret(password_file)).run()
