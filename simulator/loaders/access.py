"""How the command line reaches a department's database as its administrator."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.errors import SimulatorError
from simulator.faults.orders import Order, OrderBook

if TYPE_CHECKING:
    from simulator.loaders.mariadb import Administrator

Home = Annotated[Path, typer.Option(help="folder of the generated district")]
Port = Annotated[int, typer.Option(help="port on 127.0.0.1")]
Dsn = Annotated[str, typer.Option(help="libpq address of a superuser, any database")]
Host = Annotated[str, typer.Option(help="address of the database server")]
User = Annotated[str, typer.Option(help="administrator of the database")]
PasswordFile = Annotated[
    Path | None, typer.Option(exists=True, dir_okay=False, help="the administrator's password")
]


def secret(path: Path | None) -> str:
    """Return what a file of one secret holds."""
    return "" if path is None else path.read_text(encoding="utf-8").strip()


@dataclass(frozen=True)
class Access:
    """The options of the command line that lead to one of the databases."""

    home: Path
    dsn: str = ""
    host: str = "127.0.0.1"
    port: int = 0
    user: str = "root"
    password_file: Path | None = None

    def administrator(self) -> "Administrator":
        """Return who fills a MariaDB server."""
        from simulator.loaders.mariadb import Administrator

        return Administrator(self.host, self.port, self.user, secret(self.password_file))

    def realise(self, system: str, orders: Sequence[Order]) -> None:
        """Make a database, or the drop folder, behave as these orders say."""
        if system == "others":
            from simulator.faults import folder

            folder.realise(self.home, orders)
        elif system == "police":
            from simulator.faults import postgres

            postgres.realise(self._dsn(), orders)
        else:
            from simulator.faults import mariadb
            from simulator.loaders.mariadb import DATABASES

            administrator = self._reachable(system).administrator()
            mariadb.realise(administrator, DATABASES[system], orders)

    def resume(self, system: str) -> None:
        """Carry on with the faults that were at work before the database was loaded."""
        orders = OrderBook(self.home, system).active()
        if orders:
            self.realise(system, orders)

    def cut(self, system: str, seconds: float, every: float) -> None:
        """Break the reader's connections for so many seconds."""
        if system == "police":
            from simulator.faults import postgres

            postgres.cut(self._dsn(), seconds, every)
        else:
            from simulator.faults import mariadb
            from simulator.loaders.mariadb import DATABASES

            administrator = self._reachable(system).administrator()
            mariadb.cut(administrator, DATABASES[system], seconds, every)

    def _dsn(self) -> str:
        if not self.dsn:
            raise SimulatorError("police needs --dsn, the address of its database's superuser")
        return self.dsn

    def _reachable(self, system: str) -> "Access":
        if not self.port:
            raise SimulatorError(f"{system} needs --port (and --user, --password-file)")
        return self
