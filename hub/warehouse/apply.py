"""Create the hub's own tables in the warehouse; safe to run at every start of a verb."""

from pathlib import Path

from connectors.landing.ledger import ensure_schema
from hub.warehouse.connection import connect

SCHEMA = Path(__file__).with_name("schema.sql")


def apply_schema(dsn: str) -> None:
    """Create or update ``ops`` and ``quality``: the landing's ledger first, then ours upon it.

    One transaction under an advisory lock, so that verbs starting at once do not collide. Raises
    :class:`HubError` when the warehouse does not answer.
    """
    with connect(dsn) as connection:
        ensure_schema(dsn)
        connection.execute("select pg_advisory_xact_lock(hashtext('hub schema'))")
        connection.execute(SCHEMA.read_bytes())
