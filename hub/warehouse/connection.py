"""How our code reaches the warehouse: one address per role, the password in a passfile."""

from typing import Literal
from urllib.parse import quote, urlencode

from hub.settings import Settings, settings

Role = Literal["hub", "hub_reader", "hub_dashboards", "postgres"]

DATABASE = "warehouse"


def dsn(role: Role = "hub", database: str = DATABASE, hub: Settings | None = None) -> str:
    """Return the libpq address of the warehouse for ``role``, without any password in it.

    psycopg, ADBC and psql understand it alike; they take the password from the passfile that the
    address names (mode 600; the reader has one of its own, which can be handed on). ``hub``
    defaults to this process's settings.
    """
    hub = hub or settings()
    passfile = hub.secrets / ("reader.pgpass" if role == "hub_reader" else "pgpass")
    options = urlencode({"passfile": str(passfile)}, quote_via=quote, safe="/")
    return f"postgresql://{role}@127.0.0.1:{hub.port_postgres}/{database}?{options}"
