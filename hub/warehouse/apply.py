"""Create the hub's own tables in the warehouse; safe to run at every start of a verb."""

from pathlib import Path

from connectors.landing.ledger import ensure_schema
from hub.warehouse.connection import connect

NAMES = ("schema.sql", "resolve.sql", "addresses.sql")
SCHEMAS = [Path(__file__).with_name(name) for name in NAMES]


def apply_schema(dsn: str) -> None:
    """Create or update ``ops``, ``quality`` and ``resolve``: the landing's ledger first, then ours.

    One transaction under an advisory lock, so that verbs starting at once do not collide. Raises
    :class:`HubError` when the warehouse does not answer.
    """
    with connect(dsn) as connection:
        ensure_schema(dsn)
        connection.execute("select pg_advisory_xact_lock(hashtext('hub schema'))")
        for schema in SCHEMAS:
            connection.execute(schema.read_bytes())
