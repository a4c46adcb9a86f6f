"""Requests and cases: how many, when, of whom, how late; and how a day lets them go on."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from simulator.home import generate_home
from simulator.life.advance import advance
from simulator.tables import settings, table
from simulator.truth import calendar
from simulator.truth.progress import Stage, reached

Tables = Callable[[str], pl.DataFrame]
AS_OF = date(2026, 11, 20)
REQUEST_MOMENTS = ["accepted_at", "assigned_at", "suspended_at", "closed_at", "rated_at",
                   "archived_at", "voided_at"]  # fmt: skip


def share(condition: pl.Expr, rows: pl.DataFrame) -> float:
    return float(rows.select(condition.fill_null(False).mean()).item())


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


class TestHowMany:
    def test_as_many_as_a_street_of_110000_requests_and_40000_cases_has_per_resident(
        self, truth: Tables, living: pl.DataFrame
    ) -> None:
        assert len(truth("request")) / len(living) == pytest.approx(110_000 / 328_000, rel=0.01)
        assert len(truth("case")) / len(living) == pytest.approx(40_000 / 328_000, rel=0.01)

    def test_they_fill_the_last_twelve_months_and_not_a_day_more(self, truth: Tables) -> None:
        for name, column in [("request", "accepted_at"), ("case", "reported_at")]:
            days = truth(name)[column].dt.date()
            assert (days.min(), days.max()) == (AS_OF - timedelta(days=364), AS_OF), name

    def test_ids_are_unique_and_in_order_of_time(self, truth: Tables) -> None:
        for name, column in [
            ("fact", "told_at"),
            ("request", "accepted_at"),
            ("case", "reported_at"),
        ]:
            rows = truth(name)
            assert rows[f"{name}_id"].is_unique().all(), name
            assert rows[column].is_sorted(), name


class TestWhen:
    def test_rain_brings_blocked_drains_and_spring_brings_school_places(
        self, truth: Tables
    ) -> None:
        facts = truth("fact").join(table("request_types"), on="type_code")
        months = facts.with_columns(month=pl.col("told_at").dt.month())
        school = months.filter(pl.col("season") == "school")
        rain = months.filter(pl.col("season") == "rain")
        assert share(pl.col("month").is_between(4, 6), school) > 0.33
        assert share(pl.col("month").is_between(5, 8), rain) > 0.5
        assert share(pl.col("month").is_in([11, 12, 1]), rain) < 0.12

    def test_people_call_on_workdays_and_in_office_hours_but_of_noise_at_night(
        self, truth: Tables
    ) -> None:
        requests = truth("request").join(truth("fact"), on="fact_id")
        calls = requests.join(table("request_types"), on="type_code")
        night = (pl.col("accepted_at").dt.hour() >= 20) | (pl.col("accepted_at").dt.hour() < 6)
        assert share(night, calls.filter(pl.col("hours") == "night")) > 0.5
        assert share(night, calls.filter(pl.col("hours") == "office")) < 0.2
        weekend = share(pl.col("accepted_at").dt.weekday() >= 6, requests)
        assert 0.18 < weekend < 0.26, "less than two days in seven"

    def test_officers_walk_by_day(self, truth: Tables) -> None:
        hours = pl.col("reported_at").dt.hour()
        assert share(hours.is_between(7, 20), truth("case")) > 0.9

    def test_working_time_stands_still_at_night_at_weekends_and_on_holidays(self) -> None:
        start = np.array(
            ["2026-11-20T16:00:00", "2026-11-21T11:00:00", "2026-09-30T16:30:00"], "datetime64[s]"
        )
        never = np.zeros(3, dtype=bool)
        two_hours = calendar.later(start, np.array([2.0, 2.0, 1.0]), never)
        assert [str(moment) for moment in two_hours] == [
            "2026-11-23T10:00:00",  # one hour on Friday, one on Monday
            "2026-11-23T11:00:00",
            "2026-10-08T09:30:00",  # after the holidays of October
        ]
        assert str(calendar.later(start, np.ones(3), ~never)[0]) == "2026-11-20T17:00:00"


class TestOfWhom:
    def test_one_fact_in_five_requests_was_told_before(self, truth: Tables) -> None:
        requests, facts = truth("request"), truth("fact")
        assert share(pl.col("repeats"), requests) == pytest.approx(0.2, abs=0.01)
        assert set(requests["fact_id"]) == set(facts["fact_id"])
        told = requests.group_by("fact_id").len()["len"]
        assert told.max() >= 6, "a few facts stir many people"

    def test_repeats_come_later_from_the_same_people_or_their_neighbours(
        self, truth: Tables
    ) -> None:
        people = truth("person").select("person_id", "grid_code", "age", "presence")
        repeats = truth("request").filter("repeats").join(truth("fact"), on="fact_id")
        assert (repeats["accepted_at"] >= repeats["told_at"]).all()
        assert 0.35 < share(pl.col("person_id") == pl.col("told_by"), repeats) < 0.55
        callers = repeats.join(people, on="person_id", suffix="_caller")
        assert (callers["grid_code"] == callers["grid_code_caller"]).all()
        assert callers["age"].min() >= 18
        assert set(callers["presence"]) == {"living"}

    def test_some_people_call_again_and_again(self, truth: Tables) -> None:
        calls = truth("request").drop_nulls("person_id").group_by("person_id").len()["len"]
        assert calls.max() >= 8
        assert calls.median() == 1

    def test_six_of_ten_requests_and_more_show_no_usable_identity_number(
        self, district: Path
    ) -> None:
        shown = pl.read_parquet(district / "systems/requests/request.parquet")
        usable = pl.col("caller_id_card").str.strip_chars().str.contains(r"^\d{17}[\dXx]$")
        assert 0.60 < 1 - share(usable, shown) < 0.75


class TestHowTheyEnd:
    def test_nearly_all_are_done_in_time_and_the_others_are_known(self, truth: Tables) -> None:
        requests = truth("request").drop_nulls("closed_at")
        assert 0.02 < share(pl.col("closed_at") > pl.col("due_at"), requests) < 0.08
        cases = truth("case").drop_nulls("handled_at")
        assert 0.02 < share(pl.col("handled_at") > pl.col("due_at"), cases) < 0.08
        urgent = requests.join(truth("fact"), on="fact_id").join(
            table("request_types"), on="type_code"
        )
        assigned = (pl.col("assigned_at") - pl.col("accepted_at")).dt.total_minutes()
        urgent = urgent.filter(pl.col("grade") == "紧急")
        assert share(assigned <= 30, urgent) > 0.98, "as 深圳 demands"

    def test_what_happens_happens_in_order(self, truth: Tables) -> None:
        requests, cases = truth("request"), truth("case")
        lives = [
            (requests, ["accepted_at", "assigned_at", "closed_at", "rated_at", "archived_at"]),
            (requests, ["assigned_at", "suspended_at", "closed_at"]),
            (requests, ["accepted_at", "voided_at"]),
            (cases, ["reported_at", "filed_at", "dispatched_at", "handled_at", "checked_at",
                     "closed_at"]),
        ]  # fmt: skip
        for rows, moments in lives:
            for earlier, later in pairwise(moments):
                both = rows.drop_nulls([earlier, later])
                assert len(both)
                assert (both[earlier] <= both[later]).all(), later

    def test_a_rating_belongs_to_a_moment_and_a_void_request_ends_nowhere_else(
        self, truth: Tables
    ) -> None:
        requests = truth("request")
        assert (requests["rating"].is_null() == requests["rated_at"].is_null()).all()
        void = requests.drop_nulls("voided_at")
        assert len(void)
        assert void.select("closed_at", "rated_at", "archived_at").null_count().row(0) == (
            (len(void),) * 3
        )

    def test_a_state_says_how_far_a_matter_has_come_by_the_end_of_a_day(self) -> None:
        stages = [Stage("a", "1", "begun"), Stage("b", "2", "done")]
        rows = pl.DataFrame(
            {
                "a": [at("2026-01-01T08"), at("2026-01-01T08")],
                "b": [at("2026-01-02T23"), at("2026-01-03")],
            }
        )
        now = reached(rows, stages, date(2026, 1, 2))
        assert now["state"].to_list() == ["2", "1"]
        assert now["updated_at"].to_list() == [at("2026-01-02T23"), at("2026-01-01T08")]


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """沙嘴 on its first day, and four days later."""
    first = tmp_path_factory.mktemp("first") / "district"
    generate_home(first, "community", 3)
    later = tmp_path_factory.mktemp("later") / "district"
    generate_home(later, "community", 3)
    advance(later, 4)
    return first, later


class TestADay:
    def test_what_was_under_way_goes_on_as_planned(self, week: tuple[Path, Path]) -> None:
        first, later = (pl.read_parquet(home / "truth/request.parquet") for home in week)
        both = first.join(later, on="request_id", suffix="_now")
        assert len(both) == len(first), "nothing is forgotten"
        for column in [*REQUEST_MOMENTS, "due_at", "rating", "person_id"]:
            assert both[column].equals(both[f"{column}_now"].alias(column)), column
        moved = both.filter(pl.col("state") != pl.col("state_now"))
        assert len(moved) > 50
        assert (moved["updated_at_now"].dt.date() > AS_OF).all()
        assert moved.filter(pl.col("state").is_in(["9", "80"])).is_empty(), "the end is the end"

    def test_new_ones_come_at_the_usual_rate_some_of_them_about_old_facts(
        self, week: tuple[Path, Path]
    ) -> None:
        first, later = (pl.read_parquet(home / "truth/request.parquet") for home in week)
        new = later.join(first, on="request_id", how="anti")
        a_year = 26_959 * settings("casework")["requests"]["per_resident"]
        expected = a_year * 4 / 365 * 0.92  # a Saturday and a Sunday among the four
        assert len(new) == pytest.approx(expected, abs=4 * expected**0.5)
        old = pl.read_parquet(week[0] / "truth/fact.parquet")["fact_id"].to_list()
        assert new.filter(pl.col("fact_id").is_in(old))["repeats"].all()
        assert new["repeats"].any()

    def test_events_say_what_was_reached_when(self, week: tuple[Path, Path]) -> None:
        events = pl.read_parquet(week[1] / "truth/event/*.parquet")
        requests = pl.read_parquet(week[1] / "truth/request.parquet")
        closed = requests.filter(
            (pl.col("closed_at").dt.date() > AS_OF)
            & (pl.col("closed_at").dt.date() <= AS_OF + timedelta(days=4))
        )
        told = events.filter(pl.col("event") == "request_closed")
        assert sorted(told["id"]) == sorted(closed["request_id"])

    def test_the_system_shows_no_future_and_moves_the_cursor_to_the_moment_of_change(
        self, week: tuple[Path, Path]
    ) -> None:
        first, later = (pl.read_parquet(h / "systems/requests/request.parquet") for h in week)
        end = at("2026-11-25")
        for name, kind in later.schema.items():
            if isinstance(kind, pl.Datetime) and name != "deadline_time":
                assert later[name].max() < end, name
        both = first.join(later, on="task_num", suffix="_now")
        changed = pl.any_horizontal(
            pl.col(name).ne_missing(pl.col(f"{name}_now")) for name in first.columns[1:-1]
        )
        moved = pl.col("update_time") < pl.col("update_time_now")
        assert both.filter(changed != moved).is_empty()
        closed = both.filter(pl.col("dispose_end_time").is_null() & (pl.col("state_now") == "2"))
        assert len(closed) > 20
        assert (closed["update_time_now"] >= closed["dispose_end_time_now"]).all()

    def test_cases_show_their_photos_and_units_only_when_there_are_some(
        self, week: tuple[Path, Path]
    ) -> None:
        cases = pl.read_parquet(week[1] / "systems/city_management/case.parquet")
        waiting = cases.filter(pl.col("STATE").is_in(["受理", "立案"]))
        assert waiting["DISPOSE_UNIT_NAME"].null_count() == len(waiting)
        unhandled = cases.filter(pl.col("DISPOSE_TIME").is_null())
        assert unhandled["PHOTO_AFTER"].null_count() == len(unhandled)
        assert cases["PHOTO_BEFORE"].null_count() == 0
