"""How our code reaches the warehouse: one address per role, the password in a passfile."""

from typing import TYPE_CHECKING, Literal
from urllib.parse import quote, urlencode

from hub.errors import HubError
from hub.settings import Settings, settings

if TYPE_CHECKING:
    import psycopg

Role = Literal["hub", "hub_reader", "hub_dashboards", "superset", "postgres"]

DATABASE = "warehouse"
CONNECT_SECONDS = 10


def dsn(role: Role = "hub", database: str = DATABASE, hub: Settings | None = None) -> str:
    """Return the libpq address of the warehouse for ``role``, without any password in it.

    psycopg, ADBC and psql understand it alike; they take the password from the passfile that the
    address names (mode 600; the reader has one of its own, which can be handed on). ``hub``
    defaults to this process's settings.
    """
    hub = hub or settings()
    passfile = hub.secrets / ("reader.pgpass" if role == "hub_reader" else "pgpass")
    options = urlencode({"passfile": str(passfile)}, quote_via=quote, safe="/")
    return f"postgresql://{role}@{hub.host('postgres')}:{hub.port_postgres}/{database}?{options}"


def connect(address: str, *, autocommit: bool = False) -> "psycopg.Connection":
    """Connect to the warehouse; raises :class:`HubError` when it does not answer."""
    import psycopg

    try:
        return psycopg.connect(address, autocommit=autocommit, connect_timeout=CONNECT_SECONDS)
    except psycopg.OperationalError as error:
        reason = str(error).splitlines()[-1].strip()
        raise HubError(
            f"the warehouse does not answer ({reason}); start the hub with `make up`"
        ) from None
