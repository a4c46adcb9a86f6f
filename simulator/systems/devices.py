"""城管 again: the devices of its sensors' platform and their alarms (the stream: ``iot``)."""

import polars as pl

from simulator.systems.view import View
from simulator.tables import table
from simulator.truth.district import District
from simulator.truth.progress import known


def devices(district: District) -> pl.DataFrame:
    """Return the devices with what they sit on; those in buildings have no component."""
    kinds = table("sensors")
    return district["sensor"].select(
        devid="device_id",
        imei="imei",
        devtype="kind_code",
        devname=pl.col("kind_code").replace_strict(kinds["kind_code"], kinds["kind"]) + "传感器",
        objid="component_code",
        lddm="building_code",
        bgid="grid_code",
        azrq=pl.col("installed").dt.strftime("%Y-%m-%d"),
        battery=pl.col("battery").cast(pl.String),
        state=pl.when("online").then(pl.lit("在线")).otherwise(pl.lit("离线")),
        pointx="lon",
        pointy="lat",
    )


def alarms(district: District) -> pl.DataFrame:
    """Return the alarms as far as they have come; whether one was false is known once verified."""
    kinds = table("sensors")
    verified = pl.col("verified_at") <= pl.col("updated_at")
    result = pl.when("false_alarm").then(pl.lit("误报")).otherwise(pl.lit("真实"))

    def moment(column: str) -> pl.Expr:
        return known(column).dt.strftime("%Y-%m-%d %H:%M:%S")

    return district["alarm"].select(
        alarmid="alarm_id",
        devid="device_id",
        alarmtype=pl.col("kind_code").replace_strict(kinds["kind_code"], kinds["alarm"]),
        alarm_level="level",
        alarm_value=pl.col("value").cast(pl.String),
        times=pl.col("repeats").cast(pl.String),
        alarm_time=moment("raised_at"),
        dismiss_time=moment("dismissed_at"),
        state="state",
        result=pl.when(verified).then(result),
        verify_time=moment("verified_at"),
    )


DEVICE_HEADERS = {
    "devid": "DevID",
    "imei": "IMEI",
    "devtype": "DevType",
    "devname": "DevName",
    "objid": "ObjID",
    "lddm": "LDDM",
    "bgid": "BGID",
    "azrq": "AZRQ",
    "battery": "Battery",
    "state": "DevState",
    "pointx": "PointX",
    "pointy": "PointY",
}
ALARM_HEADERS = {
    "alarmid": "AlarmID",
    "devid": "DevID",
    "alarmtype": "AlarmType",
    "alarm_level": "AlarmLevel",
    "alarm_value": "AlarmValue",
    "times": "Times",
    "alarm_time": "AlarmTime",
    "dismiss_time": "DismissTime",
    "state": "State",
    "result": "VerifyResult",
    "verify_time": "VerifyTime",
}

VIEWS = [
    View("city_management", "device", "devid", devices, "sensor", headers=DEVICE_HEADERS),
    View(
        "city_management",
        "alarm",
        "recid",
        alarms,
        "alarm",
        numbering="GJ",
        headers={"recid": "RecID", **ALARM_HEADERS},
    ),
]
