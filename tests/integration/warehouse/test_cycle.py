"""Day after day: build, publish, build again; what readers see, and what they see when it fails."""

import psycopg
import pytest

from hub.errors import HubError
from hub.pipeline.build import build
from hub.pipeline.publish import publish, rollback
from tests.integration.warehouse.district import EXPECTED, SHAZUI, district, land
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.integration

RESIDENTS = f"select residents from mart.community_overview where community_code = '{SHAZUI}'"
IDS = "select resident_id, masked_name from core.dim_resident order by 1"


def read(warehouse: Warehouse, query: str) -> list[tuple[object, ...]]:
    with warehouse.connect("hub_reader") as connection:
        return connection.execute(query).fetchall()


def build_and_publish(warehouse: Warehouse) -> None:
    """Build, say that the checks passed, publish."""
    build_id = build(warehouse.settings).build_id
    with warehouse.connect() as connection:
        connection.execute(
            "update ops.build set checked_at = now() where build_id = %s", [build_id]
        )
    publish(warehouse.dsn())


def test_from_nothing_through_days_to_a_rollback(empty_warehouse: Warehouse) -> None:
    """One story, because every chapter needs the one before (and dbt takes seconds)."""
    build_and_publish(empty_warehouse)
    assert read(empty_warehouse, RESIDENTS) == []
    assert {
        stale for (stale,) in read(empty_warehouse, "select stale from mart.department_status")
    } == {True}

    land(empty_warehouse, district())
    build_and_publish(empty_warehouse)
    first_day = read(empty_warehouse, IDS)
    assert read(empty_warehouse, RESIDENTS) == [(EXPECTED[SHAZUI]["residents"],)]

    fewer = district()["police.resident"][1:]
    land(empty_warehouse, {"police.resident": fewer})
    build_and_publish(empty_warehouse)
    assert read(empty_warehouse, RESIDENTS) == [(EXPECTED[SHAZUI]["residents"] - 1,)]
    assert read(empty_warehouse, IDS) == first_day  # others still know who is gone

    with empty_warehouse.connect() as connection:
        connection.execute("alter table raw.police__resident rename column csrq to csrq_gone")
        connection.execute("alter table raw.police__resident add csrq date")
    with pytest.raises(HubError, match=r"model staging\.stg_police__resident: .*does not exist"):
        build(empty_warehouse.settings)
    assert read(empty_warehouse, RESIDENTS) == [(EXPECTED[SHAZUI]["residents"] - 1,)]
    with pytest.raises(HubError, match="its status is 'failed'"):
        publish(empty_warehouse.dsn())

    rollback(empty_warehouse.dsn())
    assert read(empty_warehouse, RESIDENTS) == [(EXPECTED[SHAZUI]["residents"],)]
    assert read(empty_warehouse, IDS) == first_day
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        read(empty_warehouse, "select * from core_private.resident_identity")
