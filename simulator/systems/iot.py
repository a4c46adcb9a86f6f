"""What the sensors' platform sends in a day: alarm events and readings, with all that goes wrong.

A message is made from the truth of its day alone, so that one which is late can be made on the day
on which it arrives.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl
import polars_hash as plh

from simulator.randomness import stream
from simulator.tables import settings, table
from simulator.truth.calendar import Floats
from simulator.truth.sensors import FLAP_SECONDS

LOCAL_TIME = timedelta(hours=8)
NOTICE_SECONDS = 240  # at most, before the alarm
SKEWS = [-3600, -600, 420, 900, 28_800]  # seconds; the last: a clock set to UTC
CLOCK_BEGINS = pl.datetime(1970, 1, 1)  # a device that lost its clock starts here
ALARM, TELEMETRY = "alarm", "telemetry"
FIELDS = {
    ALARM: ["msgId", "devId", "imei", "event", "alarmId", "alarmType", "level", "value", "unit",
            "ts", "gwTs"],
    TELEMETRY: ["msgId", "devId", "imei", "value", "unit", "battery", "ts", "gwTs"],
}  # fmt: skip


ONLY_READINGS = pl.DataFrame(schema={"battery": pl.Int64})  # columns that events lack


@dataclass(frozen=True)
class Sent:
    """A day's messages in the order in which they are sent, and what is true of each."""

    messages: pl.DataFrame  # topic, payload, retain
    truth: pl.DataFrame  # one row per message: what it should have said, and what is wrong with it


def day_of_messages(
    sensor: pl.DataFrame, alarm: pl.DataFrame, day: date, seed: int, *, first: bool = False
) -> Sent:
    """Return what arrives on a day, community by community in one order of time.

    On the ``first`` the alarms of some weeks come with it.
    """
    before = int(settings("iot")["first_alarm_days"]) if first else 0
    codes = sensor["community_code"].unique(maintain_order=True).to_list() or [""]
    parts = [
        _of_community(
            sensor.filter(pl.col("community_code") == code),
            alarm.filter(pl.col("community_code") == code),
            (day, before),
            code,
            seed,
        )
        for code in codes
    ]
    rows = pl.concat(parts).sort("sent_at", "message_id", "copy")
    shown = rows.select("topic", "payload", "retain")
    truth = rows.filter(pl.col("copy") == 0).drop("payload", "copy")
    return Sent(shown, truth.with_columns(copies=_copies(rows)))


def _copies(rows: pl.DataFrame) -> pl.Series:
    first = rows.filter(pl.col("copy") == 0).select("message_id")
    times = rows.group_by("message_id").len()
    return first.join(times, on="message_id", maintain_order="left")["len"]


def _of_community(
    sensor: pl.DataFrame, alarm: pl.DataFrame, days: tuple[date, int], code: str, seed: int
) -> pl.DataFrame:
    """Return what arrives on a day from one community; before it, the alarms of some days."""
    day, before = days
    yesterday = day - timedelta(days=1)
    readings = [
        _readings(sensor, made, stream(seed, "iot", str(made), code)) for made in (yesterday, day)
    ]
    rows = _sent([_events(sensor, alarm, yesterday, day), *readings], seed)
    rows = rows.filter(pl.col("sent_at").dt.date() == day)
    if not before:
        return rows
    earlier = _sent([_events(sensor, alarm, day - timedelta(days=before), yesterday)], seed)
    known = rows.select("message_id", "copy")
    return pl.concat([earlier.join(known, on=known.columns, how="anti"), rows])


def _sent(made: list[pl.DataFrame], seed: int) -> pl.DataFrame:
    """Return messages that devices made as they are sent, whenever that is."""
    rows = pl.concat([*made, ONLY_READINGS], how="diagonal").sort("at", "message_id")
    luck = _Luck(rows["message_id"], seed)
    return _copied(_spoilt(rows, luck), luck)


def _events(sensor: pl.DataFrame, alarm: pl.DataFrame, first: date, last: date) -> pl.DataFrame:
    """Return the alarm events of some days: notify, alarm and dismiss, repeated if it flaps."""
    raised = pl.col("raised_at").dt.date()
    near = alarm.filter(raised.is_between(first - timedelta(days=2), last + timedelta(days=1)))
    before = NOTICE_SECONDS - pl.int_range(pl.len()) % (NOTICE_SECONDS // 2)
    notice = near.filter("noticed").with_columns(
        event=pl.lit("notify"),
        at=pl.col("raised_at") - pl.duration(seconds=before),
        step=pl.lit(0, pl.Int64),
        value=(pl.col("value") * 0.6).round(2),
    )
    each = near.with_columns(step=pl.int_ranges(0, "repeats")).explode("step")
    begins = pl.col("raised_at") + pl.duration(seconds=pl.col("step") * FLAP_SECONDS)
    final = pl.col("step") == pl.col("repeats") - 1
    ends = pl.when(final).then("dismissed_at").otherwise(begins + pl.duration(seconds=45))
    on = each.with_columns(event=pl.lit("alarm"), at=begins)
    off = each.with_columns(event=pl.lit("dismiss"), at=ends, value=pl.lit(0.0))
    rows = pl.concat([notice.select(on.columns), on, off])
    number = pl.format("{}-{}{}", "alarm_id", pl.col("event").str.head(1), "step")
    kinds = table("sensors").select("kind_code", "unit", alarm_type="alarm")
    about = sensor.select("device_id", "imei")
    return (
        rows.filter(pl.col("at").dt.date().is_between(first, last))
        .join(kinds, on="kind_code", maintain_order="left")
        .join(about, on="device_id", maintain_order="left")
        .select(
            message_id=number, device_id="device_id", imei="imei", kind_code="kind_code",
            channel=pl.lit(ALARM), event="event", alarm_id="alarm_id", alarm_type="alarm_type",
            level="level", value="value", unit="unit", at="at",
        )
    )  # fmt: skip


def _readings(sensor: pl.DataFrame, day: date, rng: np.random.Generator) -> pl.DataFrame:
    """Return the readings of a day: each sensor in its own minute, every few hours."""
    rounds = int(settings("iot")["telemetry_per_day"])
    minute = pl.Series(rng.integers(0, 24 * 60 // rounds, len(sensor)))
    noise = pl.Series(rng.standard_normal(len(sensor) * rounds))
    kinds = table("sensors").select("kind_code", "unit", "normal", "spread")
    each = (
        sensor.with_columns(minute=minute, round=pl.lit(list(range(rounds))))
        .explode("round")
        .join(kinds, on="kind_code", maintain_order="left")
        .with_columns(noise=noise)
        .filter(pl.col("online") & (pl.col("installed") <= pl.lit(day)))
    )
    wandered = (pl.lit(day) - pl.col("drift_from")).dt.total_days().clip(0) * pl.col(
        "drift_per_day"
    )
    value = pl.col("normal") + pl.col("spread") * pl.col("noise") + wandered.fill_null(0.0)
    minutes = pl.col("minute") + pl.col("round") * (24 * 60 // rounds)
    return each.select(
        message_id=pl.format("{}-t{}{}", "device_id", pl.lit(f"{day:%y%m%d}"), "round"),
        device_id="device_id", imei="imei", kind_code="kind_code", channel=pl.lit(TELEMETRY),
        value=value.clip(0).round(3), unit="unit", battery="battery",
        at=pl.lit(day).cast(pl.Datetime("us")) + pl.duration(minutes=minutes),
    )  # fmt: skip


class _Luck:
    """Random numbers per message and purpose, the same on whatever day it is looked at."""

    def __init__(self, message_ids: pl.Series, seed: int) -> None:
        self._ids = message_ids
        self._seed = seed

    def share(self, purpose: str) -> Floats:
        """Return numbers from 0 up to 1."""
        text = pl.DataFrame({"text": self._ids + f" {self._seed} {purpose}"})
        hashed = text.select(plh.col("text").nchash.xxh3_64()).to_series()
        return (hashed.to_numpy() >> np.uint64(11)) / float(1 << 53)

    def whole(self, purpose: str, low: int, high: int) -> pl.Expr:
        """Return whole numbers from ``low`` up to but not including ``high``."""
        return pl.lit(pl.Series((low + self.share(purpose) * (high - low)).astype(np.int64)))


def _spoilt(rows: pl.DataFrame, luck: _Luck) -> pl.DataFrame:
    """Let messages be late, out of order, or wrong; each in one way at most."""
    rates = settings("iot")["wrong"]
    names = list(rates)
    edges = np.cumsum([rates[name] for name in names])
    kind = np.searchsorted(edges, luck.share("wrong"), side="right")
    wrong = pl.Series([*names, None]).gather(kind)
    is_ = {name: wrong == name for name in names}
    gateway = pl.col("at") + pl.duration(seconds=luck.whole("gateway", 0, 4))
    behind = (
        pl.when(is_["late"]).then(luck.whole("late", 3_600, 20 * 3_600))
        .when(is_["out_of_order"]).then(luck.whole("overtaken", 30, 600))
        .otherwise(2)
    )  # fmt: skip
    skew = pl.lit(pl.Series(SKEWS)).gather(luck.whole("skew", 0, len(SKEWS)))
    since_boot = luck.whole("since boot", 0, 9_000)
    clock = (
        pl.when(is_["clock_skew"]).then(pl.col("at") + pl.duration(seconds=skew))
        .when(is_["clock_lost"]).then(CLOCK_BEGINS + pl.duration(seconds=since_boot))
        .otherwise("at")
    )  # fmt: skip
    shown = (
        pl.when(is_["value_missing"]).then(None)
        .when(is_["value_impossible"]).then(pl.lit(-9999.0))
        .otherwise("value")
    )  # fmt: skip
    rows = rows.with_columns(
        wrong=wrong, gateway_at=gateway, sent_at=gateway + pl.duration(seconds=behind)
    )
    payload = _payload(rows.with_columns(ts=clock, shown=shown))
    broken = payload.str.head(40)
    return rows.with_columns(
        topic=pl.format("iot/{}/{}/{}", "kind_code", "device_id", "channel"),
        payload=pl.when(is_["cut_short"]).then(broken).otherwise(payload),
    )


def _payload(rows: pl.DataFrame) -> pl.Series:
    """Return the messages as JSON, as the platform spells it."""
    epoch = (pl.col("ts") - LOCAL_TIME).dt.epoch("ms")
    fields = rows.with_columns(
        msgId="message_id", devId="device_id", alarmId="alarm_id", alarmType="alarm_type",
        value="shown", ts=epoch, gwTs=pl.col("gateway_at").dt.strftime("%Y-%m-%d %H:%M:%S"),
    )  # fmt: skip
    of = {
        name: fields.select(pl.struct(names).struct.json_encode()) for name, names in FIELDS.items()
    }
    alarm = rows["channel"] == ALARM
    texts = pl.DataFrame({"a": of[ALARM].to_series(), "t": of[TELEMETRY].to_series()})
    return texts.select(pl.when(alarm).then("a").otherwise("t")).to_series()


def _copied(rows: pl.DataFrame, luck: _Luck) -> pl.DataFrame:
    """Send some messages twice, and mark the readings that the broker keeps for newcomers."""
    again = pl.Series(luck.share("again") < settings("iot")["repeated"])
    seconds = luck.whole("copy", 1, 90)
    kept = rows["device_id"].unique(maintain_order=True).sort()
    kept = kept.head(int(settings("iot")["retained_per_community"]))
    rows = rows.with_columns(
        copy=pl.lit(0, pl.Int64),
        retain=(pl.col("channel") == TELEMETRY) & pl.col("device_id").is_in(kept.to_list()),
    )
    later = (pl.col("sent_at") + pl.duration(seconds=seconds)).alias("sent_at")
    copies = rows.with_columns(later).filter(again)
    return pl.concat([rows, copies.with_columns(copy=pl.lit(1, pl.Int64))])
