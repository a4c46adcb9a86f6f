"""The sensors of a community, their alarms, and what their platform sends in a day."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from stdnum import imei, luhn

from simulator.faults import catalogue
from simulator.home import generate_home
from simulator.life.advance import advance
from simulator.servers.mqtt import Place, faulty
from simulator.tables import settings, table
from simulator.truth.place import today

Tables = Callable[[str], pl.DataFrame]


@pytest.fixture(scope="module")
def sent(district: Path) -> pl.DataFrame:
    return pl.read_parquet(district / f"systems/city_management/stream/{today()}.parquet")


@pytest.fixture(scope="module")
def meant(district: Path) -> pl.DataFrame:
    return pl.read_parquet(district / f"truth/message/{today()}.parquet")


def payloads(messages: pl.DataFrame) -> list[dict[str, object]]:
    return [json.loads(text) for text in messages["payload"] if text.endswith("}")]


def test_each_kind_sits_where_it_belongs(truth: Tables) -> None:
    area = float(table("profiles").filter(pl.col("code") == "440304005024")["area_km2"][0])
    classes = dict(truth("component").select("component_code", "class_code").iter_rows())
    sensor = truth("sensor")
    for kind in table("sensors").to_dicts():
        rows = sensor.filter(pl.col("kind_code") == kind["kind_code"])
        assert len(rows) == pytest.approx(area * kind["per_km2"], abs=1)
        if kind["on"] == "building":
            assert set(rows["building_code"]) <= set(truth("building")["building_code"])
        else:
            found = {classes[code] for code in rows["component_code"]}
            assert found <= set(kind["on"].split("|"))
    assert sensor["device_id"].is_unique().all()


def test_imeis_obey_their_check_digit_and_are_no_real_devices(truth: Tables) -> None:
    numbers = truth("sensor")["imei"].to_list()
    assert all(luhn.is_valid(number) and imei.is_valid(number) for number in numbers)
    assert all(number.startswith("00") for number in numbers)
    assert len(set(numbers)) == len(numbers)


def test_a_year_of_alarms_lies_behind_the_first_day(truth: Tables) -> None:
    alarm, sensor = truth("alarm"), truth("sensor")
    kinds = sensor.join(table("sensors"), on="kind_code")
    assert len(alarm) == pytest.approx(kinds["alarms_per_year"].sum(), rel=0.25)
    assert set(alarm["device_id"]) <= set(sensor["device_id"])
    assert alarm["raised_at"].max().date() <= today()
    verified = alarm.filter(pl.col("state") == "已核实")
    assert len(verified) / len(alarm) == pytest.approx(
        settings("iot")["alarm"]["verified"], abs=0.1
    )
    wanted = (kinds["alarms_per_year"] * kinds["false_share"]).sum() / kinds[
        "alarms_per_year"
    ].sum()
    assert alarm["false_alarm"].mean() == pytest.approx(wanted, abs=0.1)
    assert (alarm["repeats"] > 1).any()


def test_every_message_is_sent_at_least_once_and_says_what_is_true(
    sent: pl.DataFrame, meant: pl.DataFrame
) -> None:
    right = meant.filter(
        pl.col("wrong").is_null() | pl.col("wrong").is_in(["late", "out_of_order"])
    )
    said = {message["msgId"]: message for message in payloads(sent)}
    assert {row["message_id"] for row in right.to_dicts()} <= set(said)
    for row in right.to_dicts():
        message = said[row["message_id"]]
        assert (message["devId"], message["value"]) == (row["device_id"], row["value"])
    assert len(sent) == meant["copies"].sum()


def test_a_day_brings_a_bounded_number_of_messages(sent: pl.DataFrame, truth: Tables) -> None:
    """At most five per sensor, so that the street's 2,000 stay below 10,000 a day."""
    readings = sent.filter(pl.col("topic").str.ends_with("telemetry"))
    assert len(readings) <= 5 * len(truth("sensor"))
    street = table("profiles")["area_km2"].sum() * table("sensors")["per_km2"].sum()
    assert 1_900 <= street <= 2_100
    assert sent["retain"].sum() <= 5 * settings("iot")["retained_per_community"]


def test_the_same_days_bring_the_same_messages_and_late_ones_arrive(
    district: Path, tmp_path: Path
) -> None:
    scale, seed = "community", json.loads((district / "district.json").read_text())["seed"]
    home = tmp_path / "district"
    generate_home(home, scale, seed)
    advance(home, 3)
    days = [date.fromisoformat(path.stem) for path in _streams(home)]
    assert len(days) == 4
    made = pl.concat([pl.read_parquet(path) for path in sorted((home / "truth/message").glob("*"))])
    assert made["message_id"].is_unique().all()
    late = made.filter(pl.col("sent_at").dt.date() > pl.col("at").dt.date())
    assert len(late), "some messages arrive on the day after theirs"


def _streams(home: Path) -> list[Path]:
    return sorted((home / "systems/city_management/stream").glob("*.parquet"))


class TestFaults:
    @pytest.fixture
    def messages(self) -> pl.DataFrame:
        texts = [json.dumps({"msgId": f"m{n}", "value": n, "ts": 1000 * n}) for n in range(4)]
        topics = [f"iot/01/d/{'alarm' if n % 2 else 'telemetry'}" for n in range(4)]
        compact = [text.replace(" ", "") for text in texts]
        return pl.DataFrame({"topic": topics, "payload": compact, "retain": False})

    def shown(self, messages: pl.DataFrame, fault: str, **arguments: str) -> list[dict]:
        order = catalogue.order("iot", fault, arguments)
        return payloads(faulty(messages, [order], Place("2026-11-20", 0)))

    def test_alarms_come_twice(self, messages: pl.DataFrame) -> None:
        ids = [message["msgId"] for message in self.shown(messages, "send_twice")]
        assert sorted(ids) == ["m0", "m1", "m1", "m2", "m3", "m3"]

    def test_fields_go_come_and_are_renamed(self, messages: pl.DataFrame) -> None:
        assert [set(m) for m in self.shown(messages, "drop_column")] == [{"msgId", "ts"}] * 4
        assert all(m["bz"] == "新增" for m in self.shown(messages, "add_column"))
        renamed = self.shown(messages, "rename_column", to="val")
        assert [m["val"] for m in renamed] == [0, 1, 2, 3]

    def test_clocks_and_order_go_wrong(self, messages: pl.DataFrame) -> None:
        assert [m["ts"] for m in self.shown(messages, "skew_clock")] == [
            600_000, 601_000, 602_000, 603_000,
        ]  # fmt: skip
        order = [m["msgId"] for m in self.shown(messages, "out_of_order", seed="3")]
        assert order != sorted(order)
        assert sorted(order) == ["m0", "m1", "m2", "m3"]

    def test_messages_are_cut_short(self, messages: pl.DataFrame) -> None:
        assert self.shown(messages, "truncate_message") == []
