"""Three buffers of what readers see: live, next and previous.

``core`` is live, ``core_next`` is being built, ``core_previous`` is kept for one rollback; the
same for ``core_private`` and ``mart``.

All functions expect an open transaction and leave it open: whoever calls decides what else belongs
to the same instant. The number of the build travels with a schema as its comment.
"""

import time

import psycopg
from psycopg import errors, sql

from hub.errors import HubError

LAYERS = ("core", "core_private", "mart")
# core_private holds clear names and numbers: nobody may read it until somebody is allowed to.
READERS = {"core": ("hub_reader", "hub_dashboards"), "mart": ("hub_reader", "hub_dashboards")}
EVERY_READER = ("hub_reader", "hub_dashboards")


def build_of(connection: psycopg.Connection, suffix: str = "") -> int | None:
    """Return the build that lies in the buffer with this suffix, None when there is none.

    Raises :class:`HubError` when its schemas are of different builds.
    """
    found = connection.execute(
        "select obj_description(oid, 'pg_namespace') from pg_namespace where nspname = any(%s)",
        [[layer + suffix for layer in LAYERS]],
    ).fetchall()
    marks = {mark for (mark,) in found}
    if not found or marks == {None}:
        return None
    if len(found) != len(LAYERS) or len(marks) != 1:
        names = ", ".join(layer + suffix for layer in LAYERS)
        raise HubError(f"the schemas {names} are not of one build; run `hub build` again")
    return int(str(marks.pop()).removeprefix("build "))


def clear(connection: psycopg.Connection, suffix: str) -> None:
    """Drop a buffer."""
    for layer in LAYERS:
        _do(connection, "drop schema if exists {} cascade", layer + suffix)


def prepare_next(connection: psycopg.Connection) -> None:
    """Make an empty buffer to build in, whatever an earlier build or rotation left there."""
    clear(connection, "_next")
    for layer in LAYERS:
        _do(connection, "create schema {}", f"{layer}_next")


def mark_next(connection: psycopg.Connection, build_id: int) -> None:
    """Say which build lies in the next buffer."""
    for layer in LAYERS:
        connection.execute(
            sql.SQL("comment on schema {} is {}").format(
                sql.Identifier(f"{layer}_next"), sql.Literal(f"build {build_id}")
            )
        )


class LiveTables:
    """The live tables, in the order in which a switch locks them.

    A reader that joins tables locks them one by one. If we hold one that it needs next and wait for
    one that it holds already, neither gets on; so the table that we could not get is the first one
    to ask for next time.
    """

    def __init__(self) -> None:
        self._order: list[tuple[str, str]] = []

    def lock(self, connection: psycopg.Connection, budget_ms: int) -> None:
        """Wait until no statement reads the live tables, and hold off new ones.

        Without it, a statement that looks its tables up during the switch may see two builds.
        Raises psycopg's LockNotAvailable when ``budget_ms`` are over: well below a second, after
        which PostgreSQL would take a waiting reader for deadlocked and cancel it.
        """
        give_up = time.monotonic() + budget_ms / 1000
        for table in self._current(connection):
            left_ms = max(1, round((give_up - time.monotonic()) * 1000))
            try:
                connection.execute(
                    sql.SQL("set local lock_timeout = {}; lock table {} in access exclusive mode")
                    .format(sql.Literal(left_ms), sql.Identifier(*table))
                )  # fmt: skip
            except errors.LockNotAvailable:
                self._order.remove(table)
                self._order.insert(0, table)
                raise

    def _current(self, connection: psycopg.Connection) -> list[tuple[str, str]]:
        live = connection.execute(
            "select schemaname, tablename from pg_tables where schemaname = any(%s) order by 1, 2",
            [list(LAYERS)],
        ).fetchall()
        self._order = [table for table in self._order if table in live]
        self._order += [table for table in live if table not in self._order]
        return list(self._order)


def forward(connection: psycopg.Connection) -> None:
    """Turn next into live, live into previous, and previous into the room of the next build."""
    for layer in LAYERS:
        _rename(connection, f"{layer}_previous", f"{layer}_retired")
        _rename(connection, layer, f"{layer}_previous")
        _rename(connection, f"{layer}_next", layer)
        _rename(connection, f"{layer}_retired", f"{layer}_next")


def backward(connection: psycopg.Connection) -> None:
    """Turn previous into live again; what was live waits in next until the next build."""
    clear(connection, "_next")
    for layer in LAYERS:
        _rename(connection, layer, f"{layer}_next")
        _rename(connection, f"{layer}_previous", layer)


def apply_grants(connection: psycopg.Connection) -> None:
    """Let readers into the live schemas, and only there; verified before anybody sees it."""
    for layer in LAYERS:
        for schema in (layer, f"{layer}_next", f"{layer}_previous"):
            _close(connection, schema)
        for reader in READERS.get(layer, ()):
            _do(connection, "grant usage on schema {} to {}", layer, reader)
            _do(connection, "grant select on all tables in schema {} to {}", layer, reader)
    wrong = connection.execute(_WRONG_GRANTS, [_should_see(), list(EVERY_READER)]).fetchall()
    if wrong:
        raise HubError("grants are not as they should be: " + "; ".join(each for (each,) in wrong))


_WRONG_GRANTS = """
with readable as (
    select
        reader,
        format('%%s reads %%I.%%I', reader, nspname, relname) as sentence,
        has_schema_privilege(reader, nspname, 'usage')
            and has_table_privilege(reader, pg_class.oid, 'select') as allowed,
        nspname || ' ' || reader = any(%s) as wanted
    from pg_class
    inner join pg_namespace on pg_namespace.oid = relnamespace
    cross join unnest(%s::text[]) as reader
    where relkind in ('r', 'v', 'm', 'p')
        and nspname ~ '^(core|core_private|mart)(_next|_previous)?$'
)
select case when allowed then '' else 'not: ' end || sentence from readable where allowed <> wanted
"""


def _should_see() -> list[str]:
    return [f"{layer} {reader}" for layer, readers in READERS.items() for reader in readers]


def _close(connection: psycopg.Connection, schema: str) -> None:
    if _exists(connection, schema):
        for reader in (*EVERY_READER, "public"):
            role = sql.SQL("public") if reader == "public" else sql.Identifier(reader)
            connection.execute(
                sql.SQL("revoke all on schema {} from {}").format(sql.Identifier(schema), role)
            )


def _rename(connection: psycopg.Connection, old: str, new: str) -> None:
    if _exists(connection, old):
        _do(connection, "alter schema {} rename to {}", old, new)


def _exists(connection: psycopg.Connection, schema: str) -> bool:
    return bool(
        connection.execute("select to_regnamespace(%s) is not null", [schema]).fetchone() == (True,)
    )


def _do(connection: psycopg.Connection, statement: str, *names: str) -> None:
    connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
