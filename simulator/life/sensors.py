"""What happens to sensors in a day: new alarms, silence, drift, calibration, batteries."""

import numpy as np
import polars as pl

from simulator.life.casework import move_on
from simulator.life.day import Day
from simulator.tables import settings, table
from simulator.truth import sensors
from simulator.truth.progress import reached

ENDED = ["已核实"]


def watch(day: Day) -> None:
    """Let the day pass for the sensors and their alarms."""
    rng, sensor = day.rng("alarms"), day.district["sensor"]
    rings = day.happens(np.where(sensor["online"], sensors.yearly(sensor), 0.0), rng)
    second = rng.integers(0, sensors.SECONDS_PER_DAY, len(sensor))[rings]
    moments = np.datetime64(day.date, "s") + second
    new = sensors.raised(sensor.filter(pl.Series(rings)), moments, rng)
    new = reached(new, sensors.STAGES, day.date)
    move_on(day, "alarm", new, sensors.STAGES, ENDED)
    _change(day)


def _change(day: Day) -> None:
    rng, rows, rates = day.rng("sensors"), day.district["sensor"], settings("iot")["yearly"]
    online, drifts = rows["online"].to_numpy(), rows["drift_from"].is_not_null().to_numpy()
    silent = day.happens(np.where(online, rates["falls_silent"], 0.0), rng)
    back = day.happens(np.where(online, 0.0, rates["comes_back"]), rng)
    begins = day.happens(np.where(drifts, 0.0, rates["begins_to_drift"]), rng)
    ends = day.happens(np.where(drifts, rates["is_calibrated"], 0.0), rng)
    for event, mask in {
        "sensor_silent": silent,
        "sensor_back": back,
        "drift_begins": begins,
        "calibrated": ends,
    }.items():
        day.note(event, "sensor", rows.filter(pl.Series(mask)).select(id="device_id"))
    way = pl.Series(rng.choice([-1.0, 1.0], len(rows))) * _pace(rows)
    new, over = pl.Series(begins), pl.Series(ends)
    after = rows.with_columns(
        online=pl.Series((online & ~silent) | back),
        drift_from=pl.when(new).then(pl.lit(day.date)).when(~over).then("drift_from"),
        drift_per_day=pl.when(new).then(way).when(~over).then("drift_per_day"),
        battery=sensors.battery(day.date),
    )
    day.touch("sensor", after.filter(after["battery"].ne_missing(rows["battery"]))["device_id"])
    day.district["sensor"] = after


def _pace(rows: pl.DataFrame) -> pl.Series:
    kinds = table("sensors")
    spread = kinds["spread"] * float(settings("iot")["drift_per_day"])
    return rows["kind_code"].replace_strict(kinds["kind_code"], spread)
