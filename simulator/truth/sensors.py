"""Sensors in the street and in buildings, and the alarms of their last twelve months."""

from datetime import date, timedelta

import numpy as np
import polars as pl

from simulator.identifiers import imei_numbers
from simulator.randomness import Ints, choose
from simulator.tables import settings, table
from simulator.truth.place import Place, dates_before
from simulator.truth.progress import Stage, reached

SENSORS_PER_COMMUNITY = 10_000  # of all kinds, at most
SECONDS_PER_DAY = 86_400
FLAP_SECONDS = 90  # an alarm that flaps comes back after so long
BUILDING = "building"
STAGES = [
    Stage("raised_at", "未处置", "alarm_raised"),
    Stage("dismissed_at", "已解除", "alarm_dismissed"),
    Stage("verified_at", "已核实", "alarm_verified"),
]


def sensors(place: Place, component: pl.DataFrame, building: pl.DataFrame) -> pl.DataFrame:
    """Return the sensors: what each sits on, since when, and how it is."""
    rng, rules = place.rng("sensors"), settings("iot")
    each = [_of_kind(place, kind, component, building) for kind in table("sensors").to_dicts()]
    rows = pl.concat(each)
    count = len(rows)
    kinds = rows.join(table("sensors"), on="kind_code", maintain_order="left")
    newest, oldest = rules["installed_days"]
    age = rng.integers(newest, oldest, count)
    wanders = pl.Series(rng.random(count) < rules["drifting"])
    way = pl.Series(rng.choice([-1.0, 1.0], count)) * rules["drift_per_day"] * kinds["spread"]
    since = dates_before(rng.integers(1, np.minimum(age, 200)))
    serial = place.index * SENSORS_PER_COMMUNITY + np.arange(1, count + 1)
    return rows.with_columns(
        imei=imei_numbers(serial),
        installed=dates_before(age),
        drift_from=pl.when(wanders).then(since),
        drift_per_day=pl.when(wanders).then(way),
        online=pl.Series(rng.random(count) >= rules["offline"]),
    ).with_columns(battery=battery(place.today))


def _of_kind(
    place: Place, kind: dict[str, str | float], component: pl.DataFrame, building: pl.DataFrame
) -> pl.DataFrame:
    """Return the sensors of one kind, on different components or buildings."""
    code, where = str(kind["kind_code"]), str(kind["on"])
    rng = place.rng(f"sensors {code}")
    if where == BUILDING:
        spots = building.select("building_code", "grid_code", "lon", "lat")
        spots = spots.with_columns(component_code=pl.lit(None, pl.String))
    else:
        spots = component.filter(pl.col("class_code").is_in(where.split("|")))
        spots = spots.with_columns(building_code=pl.lit(None, pl.String))
    wanted = round(float(place.profile["area_km2"]) * float(kind["per_km2"]))
    chosen = spots[np.sort(rng.permutation(len(spots))[:wanted])]
    number = pl.int_range(1, pl.len() + 1).cast(pl.String).str.zfill(4)
    return chosen.select(
        device_id=pl.lit(place.code + code) + number,
        kind_code=pl.lit(code),
        component_code="component_code",
        building_code="building_code",
        grid_code="grid_code",
        community_code=pl.lit(place.code),
        lon="lon",
        lat="lat",
    )


def battery(day: date) -> pl.Expr:
    """Return the charge in per cent, in steps of five; batteries are changed when they are flat."""
    kinds = table("sensors")
    lasts = pl.col("kind_code").replace_strict(kinds["kind_code"], kinds["battery_days"])
    age = (pl.lit(day) - pl.col("installed")).dt.total_days()
    left = 100 - 100 * (age % lasts) // lasts
    return pl.when(lasts > 0).then((left + 4) // 5 * 5).cast(pl.Int64)


def alarms(place: Place, sensor: pl.DataFrame) -> pl.DataFrame:
    """Return the alarms of a community's last twelve months."""
    rng = place.rng("alarms")
    days = (pl.lit(place.today) - pl.col("installed")).dt.total_days().clip(0, 365)
    age = sensor.select(days).to_series().to_numpy()
    times = rng.poisson(yearly(sensor) * age / 365)
    at = np.repeat(np.arange(len(sensor)), times)
    back = rng.integers(0, np.repeat(age, times) * SECONDS_PER_DAY)
    end = np.datetime64(place.today + timedelta(days=1), "s")
    return reached(raised(sensor[at], end - 1 - back, rng), STAGES, place.today)


def yearly(sensor: pl.DataFrame) -> np.ndarray:
    """Return how many alarms a year each sensor gives."""
    kinds = table("sensors")
    rates = sensor["kind_code"].replace_strict(kinds["kind_code"], kinds["alarms_per_year"])
    return rates.to_numpy().astype(float)


def raised(sensor: pl.DataFrame, moments: np.ndarray, rng: np.random.Generator) -> pl.DataFrame:
    """Return an alarm of each sensor at a moment, with the whole life that it will have."""
    rules, count = settings("iot")["alarm"], len(sensor)
    (fewest, most), (soonest, latest) = rules["repeats"], rules["verified_hours"]
    kinds = sensor.join(table("sensors"), on="kind_code", maintain_order="left")
    repeats = np.where(rng.random(count) < rules["flapping"], rng.integers(fewest, most, count), 1)
    lasts = rng.lognormal(np.log(rules["minutes"][0]), rules["minutes"][1], count) * 60
    lasts = np.clip(lasts, 30, SECONDS_PER_DAY).astype(np.int64) + (repeats - 1) * FLAP_SECONDS
    checked = rng.uniform(soonest, latest, count) * 3600
    verified = lasts + checked.astype(np.int64)
    excess = rng.uniform(1.05, 1.8, count)
    rows = sensor.select("device_id", "kind_code", "community_code").with_columns(
        level=pl.Series(list(rules["levels"])).gather(
            choose(rng, list(rules["levels"].values()), count)
        ),
        value=(kinds["threshold"] * pl.Series(excess)).round(2),
        repeats=pl.Series(repeats),
        noticed=pl.Series(rng.random(count) < rules["noticed_before"]),
        false_alarm=pl.Series(rng.random(count) < kinds["false_share"].to_numpy()),
        raised_at=_moments(moments),
        dismissed_at=_moments(moments, lasts),
        verified_at=pl.when(pl.Series(rng.random(count) < rules["verified"])).then(
            _moments(moments, verified)
        ),
    )
    stamp = pl.col("raised_at").dt.strftime("%y%m%d%H%M%S")
    rows = rows.select((pl.col("device_id") + "-" + stamp).alias("alarm_id"), pl.all())
    return rows.unique("alarm_id", keep="first", maintain_order=True).sort("raised_at", "alarm_id")


def _moments(start: np.ndarray, seconds: Ints | int = 0) -> pl.Series:
    return pl.Series((start + seconds).astype("datetime64[us]"))
