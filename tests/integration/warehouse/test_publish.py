"""Readers see one build, whole, at every instant; whoever may not read cannot."""

import threading
import time
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import errors

from hub.errors import HubError
from hub.pipeline.publish import publish, rollback
from hub.warehouse import builds, rotation
from hub.warehouse.apply import apply_schema
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.integration

ROWS = 500
LOOK = (
    "select min(resident.build), max(resident.build), min(grid.build), max(overview.build),"
    " count(*)"
    " from core.resident inner join core.grid using (id) inner join mart.overview using (id)"
)


@pytest.fixture
def house(clean_warehouse: Warehouse) -> Warehouse:
    """A warehouse with the hub's tables and no build."""
    apply_schema(clean_warehouse.dsn())
    return clean_warehouse


def make_build(house: Warehouse, *, checked: bool = True, selection: str | None = None) -> int:
    """Stand in for `hub build` and `hub check`: four tables that know which build they are of."""
    with house.connect() as connection:
        build_id = builds.start(connection, "test", selection)
        rotation.prepare_next(connection)
        for table in ("core_next.resident", "core_next.grid", "mart_next.overview",
                      "core_private_next.identity"):  # fmt: skip
            connection.execute(
                f"create table {table} as select id, {build_id} as build"
                f" from generate_series(1, {ROWS}) as id"
            )
        rotation.mark_next(connection, build_id)
        builds.finish(connection, build_id, None)
        if checked:
            connection.execute(
                "update ops.build set checked_at = now() where build_id = %s", [build_id]
            )
    return build_id


def seen(house: Warehouse, role: str = "hub_reader") -> int:
    with house.connect(role) as connection:
        low, high, grid, overview, count = connection.execute(LOOK).fetchone()
    assert low == high == grid == overview
    assert count == ROWS
    return int(low)


def statuses(house: Warehouse) -> dict[int, str]:
    with house.connect() as connection:
        return dict(connection.execute("select build_id, status from ops.build").fetchall())


def test_readers_see_the_build_that_was_published_last(house: Warehouse) -> None:
    for _ in range(4):  # more builds than buffers
        build_id = make_build(house)
        assert publish(house.dsn()).build_id == build_id
        assert seen(house, "hub_reader") == seen(house, "hub_dashboards") == build_id
    assert statuses(house) == {1: "superseded", 2: "superseded", 3: "superseded", 4: "published"}


def test_rollback_shows_the_build_before(house: Warehouse) -> None:
    for _ in range(2):
        make_build(house)
        publish(house.dsn())
    make_build(house)  # built, but not yet published: a rollback discards it

    assert rollback(house.dsn()).build_id == 1
    assert seen(house) == 1
    assert statuses(house) == {1: "published", 2: "rolled_back", 3: "failed"}
    with pytest.raises(HubError, match="nothing to roll back to"):
        rollback(house.dsn())

    build_id = make_build(house)
    publish(house.dsn())
    assert seen(house) == build_id


@pytest.mark.parametrize(
    ("checked", "selection", "reason"),
    [(False, None, "has not been checked"), (True, "+dim_grid", "only a part was built")],
)
def test_what_is_not_whole_and_checked_is_not_published(
    house: Warehouse, checked: bool, selection: str | None, reason: str
) -> None:
    make_build(house)
    publish(house.dsn())
    make_build(house, checked=checked, selection=selection)
    with pytest.raises(HubError, match=reason):
        publish(house.dsn())
    assert seen(house) == 1


def test_nothing_a_second_time_and_nothing_at_all(house: Warehouse) -> None:
    with pytest.raises(HubError, match="nothing has been built yet"):
        publish(house.dsn())
    make_build(house)
    publish(house.dsn())
    with pytest.raises(HubError, match="published already"):
        publish(house.dsn())


def test_a_failed_build_is_not_published(house: Warehouse) -> None:
    with house.connect() as connection:
        build_id = builds.start(connection, "test", None)
        builds.finish(connection, build_id, "a check failed")
    with pytest.raises(HubError, match="its status is 'failed'"):
        publish(house.dsn())


def test_a_build_under_way_keeps_publication_out(house: Warehouse) -> None:
    make_build(house)
    with (
        house.connect() as connection,
        builds.only_one(connection),
        pytest.raises(HubError, match="under way"),
    ):
        publish(house.dsn())
    assert publish(house.dsn()).build_id == 1


@pytest.mark.parametrize("role", rotation.EVERY_READER)
@pytest.mark.parametrize(
    "table",
    ["core_private.identity", "core_previous.resident", "mart_next.overview", "staging.secret",
     "resolve.secret", "raw.secret"],
)  # fmt: skip
def test_readers_may_read_nothing_else(house: Warehouse, role: str, table: str) -> None:
    with house.connect() as connection:
        for schema in ("staging", "resolve", "raw"):
            connection.execute(f"create schema if not exists {schema}")
            connection.execute(f"create table {schema}.secret (id int)")
    for _ in range(3):
        make_build(house)
        publish(house.dsn())
    make_build(house)
    with house.connect(role) as connection, pytest.raises(errors.InsufficientPrivilege):
        connection.execute(f"select * from {table}")


def test_readers_may_change_nothing(house: Warehouse) -> None:
    make_build(house)
    publish(house.dsn())
    with house.connect("hub_reader") as connection, pytest.raises(errors.InsufficientPrivilege):
        connection.execute("delete from mart.overview")


def test_an_impatient_publication_says_who_reads(house: Warehouse) -> None:
    make_build(house)
    publish(house.dsn())
    make_build(house)
    with house.connect("hub_reader") as reader, reader.transaction():
        reader.execute(LOOK)
        with pytest.raises(HubError, match=r"in use by hub_reader \(pid \d+\)"):
            publish(house.dsn(), patience_s=0.5)
    assert seen(house) == 1
    assert publish(house.dsn()).build_id == 2


@pytest.fixture
def crowd(house: Warehouse) -> Iterator["Crowd"]:
    make_build(house)
    publish(house.dsn())
    with Crowd(house) as readers:
        yield readers


def test_nobody_sees_an_error_or_a_mixture_while_builds_are_switched(
    house: Warehouse, crowd: "Crowd"
) -> None:
    for _ in range(12):
        make_build(house)
        publish(house.dsn())
        time.sleep(0.05)
    rollback(house.dsn())
    crowd.leave()
    assert crowd.errors == []
    assert crowd.mixtures == 0
    assert crowd.reads > 50


class Crowd:
    """Readers that look all the time: two prepare their statement, one holds it open for long."""

    def __init__(self, house: Warehouse) -> None:
        self.reads = 0
        self.mixtures = 0
        self.errors: list[str] = []
        self._leave = threading.Event()
        self._count = threading.Lock()
        looks = [(LOOK, 0), (LOOK, 0), (LOOK, None), (LOOK.replace("count(*)", _SLOWLY), None)]
        self._threads = [threading.Thread(target=self._look, args=(house, *each)) for each in looks]

    def __enter__(self) -> "Crowd":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.leave()

    def leave(self) -> None:
        self._leave.set()
        for thread in self._threads:
            thread.join()

    def _look(self, house: Warehouse, query: str, prepare: int | None) -> None:
        connection = psycopg.connect(
            house.dsn("hub_reader"), autocommit=True, prepare_threshold=prepare
        )
        with connection:
            while not self._leave.is_set():
                try:
                    low, high, grid, overview, count = connection.execute(query).fetchone()[:5]
                except psycopg.Error as error:
                    self.errors.append(str(error))
                    continue
                with self._count:
                    self.reads += 1
                    self.mixtures += {low, high, grid, overview} != {low} or count != ROWS
                time.sleep(0.005)


_SLOWLY = "count(*), pg_sleep(0.15)"
