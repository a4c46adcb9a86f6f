import pytest

from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.integration


def test_the_warehouse_has_postgis_and_a_writing_hub(clean_warehouse: Warehouse) -> None:
    with clean_warehouse.connect("hub") as connection:
        connection.execute("CREATE SCHEMA raw CREATE TABLE raw.t (one integer)")
        near = connection.execute("SELECT ST_Distance('POINT(0 0)', 'POINT(3 4)')").fetchone()
    assert near == (5.0,)
