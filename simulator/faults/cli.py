"""``python -m simulator fault``: order, list and end faults."""

import time
from pathlib import Path
from typing import Annotated

import typer

from simulator.errors import SimulatorError
from simulator.faults import catalogue
from simulator.faults.orders import OrderBook
from simulator.loaders.access import Access, Dsn, Home, Host, PasswordFile, Port, User

app = typer.Typer(
    help="Let a department's system fail on demand: fault <system> <fault>, or list, or clear.",
    no_args_is_help=True,
)
Argument = Annotated[list[str] | None, typer.Option("--arg", help="an argument, name=value")]
Times = Annotated[int | None, typer.Option(help="so many times, then no more")]
Seconds = Annotated[float | None, typer.Option("--for", help="so many seconds, then no more")]
Fault = Annotated[str, typer.Argument(help="see: fault list")]


def _arguments(given: list[str] | None) -> dict[str, str]:
    pairs = [text.partition("=") for text in given or []]
    if any(not sign for _, sign, _ in pairs):
        raise SimulatorError("an argument is given as name=value")
    return {name: value for name, _, value in pairs}


def _order_of_database(
    system: str, fault: str, given: list[str] | None, seconds: float | None, access: Access
) -> None:
    """Carry out a fault on a database; with a time limit, stay until it is over."""
    book = OrderBook(access.home, system)
    order = catalogue.order(system, fault, _arguments(given))
    if fault == "cut_connection":
        access.cut(system, seconds or 0.0, float(order.arguments["every"]))
        typer.echo(f"{system}: connections cut")
        return
    book.add(order)
    try:
        access.realise(system, book.active())
        typer.echo(f"{system}: {order}")
        if seconds is not None:
            time.sleep(seconds)
    except BaseException:
        book.remove(fault)
        access.realise(system, book.active())
        raise
    if seconds is not None:
        book.remove(fault)
        access.realise(system, book.active())


def _serverside(system: str) -> None:
    """Add the command of a system whose server reads its orders itself."""

    @app.command(system, help=f"Order a fault of {system}.")
    def order(
        fault: Fault,
        home: Home,
        arg: Argument = None,
        times: Times = None,
        seconds: Seconds = None,
    ) -> None:
        until = None if seconds is None else time.time() + seconds
        order = catalogue.order(system, fault, _arguments(arg), times, until)
        OrderBook(home, system).add(order)
        typer.echo(f"{system}: {order}")


def _mariadb(system: str) -> None:
    """Add the command of a system whose MariaDB an administrator brings to fail."""

    @app.command(system, help=f"Order a fault of {system}'s MariaDB, as an administrator.")
    def order(  # noqa: PLR0913, PLR0917 -- each is an option
        fault: Fault,
        home: Home,
        port: Port,
        host: Host = "127.0.0.1",
        user: User = "root",
        password_file: PasswordFile = None,
        arg: Argument = None,
        seconds: Seconds = None,
    ) -> None:
        access = Access(home, "", host, port, user, password_file)
        _order_of_database(system, fault, arg, seconds, access)


for _system, _protocol in catalogue.PROTOCOLS.items():
    if _protocol == "mariadb":
        _mariadb(_system)
    elif _protocol not in catalogue.REALISED:
        _serverside(_system)


@app.command("police")
def police(
    fault: Fault, home: Home, dsn: Dsn, arg: Argument = None, seconds: Seconds = None
) -> None:
    """Order a fault of 公安's PostgreSQL; ``--dsn`` is a superuser's."""
    _order_of_database("police", fault, arg, seconds, Access(home, dsn=dsn))


@app.command("others")
def others(fault: Fault, home: Home, arg: Argument = None, seconds: Seconds = None) -> None:
    """Order a fault of the drop folder."""
    _order_of_database("others", fault, arg, seconds, Access(home))


@app.command("list")
def list_(
    home: Annotated[Path | None, typer.Option(help="show what is at work there")] = None,
) -> None:
    """Show which faults each system knows, and which are at work."""
    for system in catalogue.PROTOCOLS:
        typer.echo(system)
        for fault, arguments in catalogue.known(system).items():
            defaults = " ".join(f"{name}={value}" for name, value in arguments.items())
            typer.echo(f"  {fault:<18} {defaults:<48} {catalogue.imitates(fault)}")
        for order in [] if home is None else OrderBook(home, system).active():
            typer.echo(f"  at work: {order}")


@app.command("clear")
def clear(  # noqa: PLR0913, PLR0917 -- each is an option
    home: Home,
    system: Annotated[str | None, typer.Argument(help="all systems if not given")] = None,
    dsn: Dsn = "",
    port: Port = 0,
    host: Host = "127.0.0.1",
    user: User = "root",
    password_file: PasswordFile = None,
) -> None:
    """End faults; databases need the same options as for the order."""
    access = Access(home, dsn, host, port, user, password_file)
    for name in [system] if system else list(catalogue.PROTOCOLS):
        catalogue.known(name)
        book = OrderBook(home, name)
        if catalogue.PROTOCOLS[name] in catalogue.REALISED and (system or book.active()):
            access.realise(name, [])
        book.clear()
        typer.echo(f"{name}: no faults")
