"""The grid system: what officers know and do not know, and a day of theirs."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from simulator.home import generate_home
from simulator.life.advance import advance
from simulator.tables import settings
from simulator.truth import visits
from simulator.truth.district import District, generate
from simulator.truth.place import parts

SEED = 7
FRIDAY = date(2026, 11, 20)  # the first day of every district; lived on, Monday is the next to work


@pytest.fixture(scope="module")
def truth() -> District:
    return generate(parts("community", SEED)[0])


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A district on its first Friday, and the same on the Monday after."""
    then, now = (tmp_path_factory.mktemp(name) / "district" for name in ("friday", "monday"))
    for home in (then, now):
        generate_home(home, "community", SEED)
    assert advance(now, 3) == date(2026, 11, 23)
    return then, now


def read(home: Path, name: str) -> pl.DataFrame:
    return pl.read_parquet(home / f"{name}.parquet")


@pytest.fixture(scope="module")
def known(truth: District) -> pl.DataFrame:
    """Everybody, with the day on which the register says each was seen."""
    seen = truth["grid_resident"].select("person_id", "verified")
    return truth["person"].join(seen, on="person_id", how="left")


class TestWhatOfficersKnow:
    def test_tenants_are_known_better_than_owners(self, known: pl.DataFrame) -> None:
        living = known.filter(pl.col("presence") == "living")
        share = living.group_by(pl.col("residence_kind") > 2).agg(
            known=pl.col("verified").is_not_null().mean(),
            lately=(pl.col("verified") > date(2025, 11, 20)).mean(),
        )
        tenants, owners = share.sort("residence_kind", descending=True).rows(named=True)
        assert tenants["known"] == pytest.approx(0.95, abs=0.01)
        assert owners["known"] == pytest.approx(0.88, abs=0.02)
        assert tenants["lately"] > owners["lately"] * 1.5

    def test_whole_households_are_missed(self, known: pl.DataFrame) -> None:
        living = known.filter(pl.col("presence") == "living")
        each = living.group_by("household_id").agg(pl.col("verified").is_not_null().mean())
        assert set(each["verified"]) == {0.0, 1.0}

    def test_some_of_the_gone_are_still_there_but_nobody_met_since(
        self, known: pl.DataFrame
    ) -> None:
        gone = known.filter(pl.col("presence") != "living")
        listed = gone.filter(pl.col("verified").is_not_null())
        assert 0.2 < len(listed) / len(gone) < 0.6
        assert (listed["verified"] < date(2025, 11, 20)).all()

    def test_sanxiao_places_are_run_by_businesses_of_their_building(self, truth: District) -> None:
        assert len(truth["small_place"]) == 526
        both = truth["small_place"].join(truth["business"], on="business_id", suffix="_business")
        assert len(both) == 526
        assert (both["building_code"] == both["building_code_business"]).all()
        assert (both["address"] == both["operating_address"]).all()
        most = settings("grid_work")["small_place"]["area_m2"]
        for kind, rows in both.group_by("kind"):
            assert rows["area_m2"].max() <= most[kind[0]][2]


class TestVisits:
    def test_officers_visit_on_working_days_in_their_own_grid(self, truth: District) -> None:
        visit = truth["visit"].join(
            truth["grid_house"].select("house_code", grid_of_house="grid_code"), on="house_code"
        )
        assert (visit["grid_code"] == visit["grid_of_house"]).all()
        days = truth["visit"]["visited_at"].dt.date()
        assert days.dt.weekday().max() == 5
        assert (days.min(), days.max()) == (date(2025, 11, 21), FRIDAY)
        working = visits.working_days(date(2025, 11, 21), FRIDAY)
        expected = len(working) * len(truth["grid"]) * settings("grid_work")["visits_per_day"]
        assert len(visit) + truth["visit"]["house_code"].null_count() == pytest.approx(
            expected, rel=0.05
        )

    def test_nobody_is_met_where_nobody_is_at_home(self, truth: District) -> None:
        absent = truth["visit"].filter(pl.col("result") == visits.ABSENT)
        assert len(absent) > 500
        assert absent["person_id"].null_count() == len(absent)

    def test_a_visit_goes_to_a_dwelling_or_to_a_place(self, truth: District) -> None:
        visit = truth["visit"]
        assert (visit["house_code"].is_null() != visit["place_id"].is_null()).all()


class TestADayOfTheirs:
    def test_nobody_works_on_the_weekend(self, homes: tuple[Path, Path]) -> None:
        for day in ("2026-11-21", "2026-11-22"):
            events = read(homes[1], f"truth/event/{day}")
            assert not (events["event"] == "visit").any()

    def test_whoever_is_met_is_collected_anew(self, homes: tuple[Path, Path]) -> None:
        visit = read(homes[1], "truth/visit").filter(pl.col("visited_at").dt.date() > FRIDAY)
        assert 30 < len(visit) < 100
        met = visits.met(visit)["house_code"].to_list()
        then, now = (read(home, "systems/grid/population") for home in homes)
        both = then.join(now, on="RYID", suffix="_NOW")
        fresh = both.filter(pl.col("CJRQ_NOW") > pl.col("CJRQ"))
        seen = both.filter(pl.col("HCRQ") != pl.col("HCRQ_NOW"))
        assert set(seen["HCRQ_NOW"]) == {"2026-11-23"}
        assert seen.join(fresh, on="RYID", how="anti").is_empty()
        where = read(homes[1], "truth/grid_resident").filter(pl.col("verified") > FRIDAY)
        assert set(where["house_code"]) <= set(met)
        assert len(seen) > 30

    def test_who_is_gone_is_struck_once_somebody_calls(self, homes: tuple[Path, Path]) -> None:
        register = read(homes[1], "truth/grid_resident").filter(pl.col("verified") > FRIDAY)
        people = register.join(read(homes[1], "truth/person"), on="person_id", suffix="_truth")
        assert set(people["presence"]) == {"living"}
        assert (people["house_code"] == people["house_code_truth"]).all()

    def test_new_visits_come_with_the_cursor(self, homes: tuple[Path, Path]) -> None:
        then, now = (read(home, "systems/grid/visit") for home in homes)
        new = now.join(then, on="ZFBH", how="anti")
        assert (new["CJRQ"] > then["CJRQ"].max()).all()
        assert new["CJRQ"].dt.date().unique().to_list() == [date(2026, 11, 23)]
