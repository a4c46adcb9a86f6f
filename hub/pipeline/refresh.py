"""``hub refresh-dashboards``: after a publish, no screen shows a figure of the build before."""

from hub.errors import HubError
from hub.settings import Settings
from hub.warehouse.connection import connect, dsn


def refresh_dashboards(settings: Settings) -> int:
    """Make every cached answer of Superset obsolete; return the number of datasets concerned.

    Superset finds a cached answer by a key that holds the time of its dataset's last change, so
    a new time there turns all of them obsolete at once: for every worker, for every kind of cache,
    and also while Superset itself is down. Its own way, ``/api/v1/cachekey/invalidate``, looks in
    the cache of metadata instead of the one with the answers, so it leaves them as they are
    (Superset 6.1.0). Takes milliseconds.

    Raises :class:`HubError` when Superset's database does not answer or was never set up.
    """
    from psycopg.errors import InvalidCatalogName, UndefinedTable

    try:
        with connect(dsn("superset", "superset", settings)) as connection:
            # Superset writes local times without a zone; here only a new value counts.
            done = connection.execute("UPDATE tables SET changed_on = clock_timestamp()")
            return done.rowcount
    except (InvalidCatalogName, UndefinedTable):
        raise HubError(
            "Superset's database holds no dashboards; start the hub with `make up`"
        ) from None
