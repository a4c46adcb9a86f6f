import stat
from pathlib import Path

import psycopg
import pytest

from hub.settings import Settings
from hub.stack.ports import free_port
from tests.support.warehouse import Warehouse, throwaway_warehouse

pytestmark = pytest.mark.integration


def test_the_warehouse_has_postgis_and_a_writing_hub(clean_warehouse: Warehouse) -> None:
    with clean_warehouse.connect("hub") as connection:
        connection.execute("CREATE SCHEMA raw CREATE TABLE raw.t (one integer)")
        near = connection.execute("SELECT ST_Distance('POINT(0 0)', 'POINT(3 4)')").fetchone()
    assert near == (5.0,)


def test_a_home_that_the_servers_account_cannot_enter_is_no_obstacle(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    settings = Settings(home=closed / "home", port_postgres=free_port())
    with throwaway_warehouse(settings) as warehouse:
        assert warehouse.connect("hub_reader").execute("SELECT 1").fetchone() == (1,)
        data = warehouse.cluster.data.resolve()
        assert stat.S_IMODE(data.stat().st_mode) == 0o700
    assert not data.exists()


def test_what_an_error_quotes_stays_out_of_the_log(clean_warehouse: Warehouse) -> None:
    person = "张三 13800000000"
    with clean_warehouse.connect("hub") as connection:
        connection.execute("CREATE SCHEMA raw CREATE TABLE raw.t (one integer)")
        with pytest.raises(psycopg.errors.InvalidTextRepresentation):
            connection.execute("INSERT INTO raw.t VALUES (%s::text::integer)", [person])
        with (
            pytest.raises(psycopg.errors.InvalidTextRepresentation),
            connection.cursor().copy("COPY raw.t FROM STDIN") as copy,
        ):
            copy.write(f"{person}\n")
    log = (clean_warehouse.settings.home / "postgres.log").read_text()
    assert "ready to accept connections" in log
    assert "张三" not in log
    assert "13800000000" not in log
