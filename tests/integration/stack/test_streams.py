"""The sensors of the local stack: broker, collector and platform, down to the warehouse."""

from pathlib import Path

import polars as pl
import pytest

from hub.pipeline import ingest as pipeline
from hub.settings import Settings
from hub.stack import streams
from hub.stack.waiting import wait_until
from simulator.truth.place import today
from tests.support.departments import Departments
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.integration


def ingest(settings: Settings, warehouse: Warehouse, folder: Path) -> int:
    job = pipeline.Job(
        dsn=warehouse.dsn(),
        landing=folder / "landing",
        data_docs=folder / "docs",
        run_id=pipeline.new_run_id(),
        trigger="test",
        say=print,
    )
    return pipeline.ingest(job, pipeline.chosen(settings.contracts_dir, ["city_management"]))


def test_what_the_sensors_said_is_in_the_warehouse_and_only_once(
    hub_home: Settings, departments: Departments, clean_warehouse: Warehouse, tmp_path: Path
) -> None:
    for service in streams.services(hub_home):
        wait_until(service.is_ready, service.title, timeout=30)
    assert ingest(hub_home, clean_warehouse, tmp_path) == 0
    with clean_warehouse.connect() as connection:
        landed = {
            table: {
                key
                for (key,) in connection.execute(
                    f"select {key} from raw.city_management__{table} where _recorded_to is null"
                )
            }
            for table, key in {
                "device": "devid",
                "alarm": "recid",
                "alarm_message": "msgid",
                "telemetry": "msgid",
            }.items()
        }
        [unbalanced] = connection.execute(
            "select count(*) from ops.batch where received"
            " <> appended + unchanged + rejected + held"
        ).fetchone() or (1,)
    truth = departments.district / "truth"
    meant = pl.read_parquet(truth / "message" / f"{today()}.parquet")
    whole = meant.filter(pl.col("wrong").ne_missing("cut_short"))
    for channel, table in (("alarm", "alarm_message"), ("telemetry", "telemetry")):
        wanted = whole.filter(pl.col("channel") == channel)["message_id"]
        assert landed[table] == set(wanted), table
    assert landed["device"] == set(pl.read_parquet(truth / "sensor.parquet")["device_id"])
    assert len(landed["alarm"]) >= len(pl.read_parquet(truth / "alarm.parquet"))
    assert unbalanced == 0
    assert ingest(hub_home, clean_warehouse, tmp_path) == 0
