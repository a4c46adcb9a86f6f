"""Service centres and 民生微实事: no room given away twice, no budget overspent, on any day."""

from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from simulator.life.advance import advance
from simulator.tables import settings
from simulator.truth.place import today

DAYS = 3
RULES = settings("centres")


@pytest.fixture(scope="module")
def lived(district: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the district, some days on."""
    import shutil

    home = tmp_path_factory.mktemp("centres") / "home"
    shutil.copytree(district, home)
    advance(home, DAYS)
    return home


@pytest.fixture(params=["district", "lived"])
def truth(request: pytest.FixtureRequest) -> Path:
    return Path(request.getfixturevalue(request.param)) / "truth"


def test_a_room_is_given_to_one_party_at_a_time(truth: Path) -> None:
    booking = pl.read_parquet(truth / "booking.parquet")
    assert booking.select("centre_code", "room", "begins_at").is_duplicated().sum() == 0
    assert booking["booking_id"].is_unique().all()
    made_before = booking["begins_at"] - booking["booked_at"]
    assert made_before.min() > timedelta(0)
    assert made_before.max() < timedelta(days=RULES["lead_days"] + 1)


def test_a_year_of_bookings_lies_behind_and_ends_as_often_as_the_table_says(
    district: Path,
) -> None:
    booking = pl.read_parquet(district / "truth" / "booking.parquet")
    assert booking["booked_at"].dt.date().min() == today() - timedelta(days=364)
    assert booking["booked_at"].dt.date().max() == today()
    over = booking.filter(pl.col("begins_at").dt.date() < today())
    share = over["state"].is_in(["已使用"]).mean()
    assert share == pytest.approx(RULES["outcome"]["used"], abs=0.03)
    assert over["state"].is_in(["已预约"]).sum() == 0


def test_no_community_spends_more_than_its_budget(truth: Path) -> None:
    project = pl.read_parquet(truth / "project.parquet")
    spent = project.filter(pl.col("approved_at").is_not_null()).group_by(
        "community_code", pl.col("applied_at").dt.year()
    )
    assert spent.agg(pl.col("amount").sum())["amount"].max() <= RULES["project"]["budget"]
    for kind, (_, _, most) in RULES["project"]["amount"].items():
        assert (project.filter(pl.col("kind") == kind)["amount"] <= most).all()


def test_a_project_shows_only_what_has_happened(truth: Path) -> None:
    shown = pl.read_parquet(truth.parent / "systems" / "party_building" / "project.parquet")
    stages = {"评议": "pyrq", "立项": "lxrq", "实施": "ssrq", "完成": "wcrq", "公示": "gsrq"}
    for at, state in enumerate(stages):
        rows = shown.filter(pl.col("zt") == state)
        for later, column in list(enumerate(stages.values())):
            assert rows[column].is_null().all() == (later > at) or rows.is_empty()
    assert shown.filter(pl.col("zfje").is_not_null() & pl.col("wcrq").is_null()).is_empty()


def test_days_bring_bookings_and_settle_those_of_the_day(district: Path, lived: Path) -> None:
    before, after = (
        pl.read_parquet(home / "truth" / "booking.parquet") for home in (district, lived)
    )
    assert after.height > before.height
    waiting = before.filter(pl.col("state") == "已预约").select("booking_id")
    settled = after.join(waiting, on="booking_id").filter(
        pl.col("begins_at").dt.date() <= today() + timedelta(days=DAYS)
    )
    assert settled.height
    assert (settled["state"] != "已预约").all()
