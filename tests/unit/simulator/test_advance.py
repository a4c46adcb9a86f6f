"""The district lives on: the same bytes however days are split, and each system in its rhythm."""

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from stdnum.cn import ric, uscc
from typer.testing import CliRunner

from simulator.cli import app
from simulator.home import generate_home, is_generated, settle
from simulator.life import advance as life
from simulator.life.advance import VIEWS, advance
from simulator.systems.view import View
from simulator.tables import settings
from simulator.truth.district import IDENTITY

START = date(2026, 11, 20)
DAYS = 12  # with a Friday and the first of a month
Read = Callable[[str], pl.DataFrame]


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def born(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("born") / "district"
    generate_home(home, "community", 5)
    return home


@pytest.fixture(scope="module")
def lived(born: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The district after twelve days in one go."""
    home = tmp_path_factory.mktemp("lived") / "district"
    shutil.copytree(born, home)
    assert advance(home, DAYS) == date(2026, 12, 2)
    return home


@pytest.fixture(scope="module")
def before(born: Path) -> Read:
    return lambda name: pl.read_parquet(born / f"{name}.parquet")


@pytest.fixture(scope="module")
def after(lived: Path) -> Read:
    return lambda name: pl.read_parquet(lived / f"{name}.parquet")


@pytest.fixture(scope="module")
def events(lived: Path) -> pl.DataFrame:
    return pl.read_parquet(lived / "truth/event/*.parquet")


def count(events: pl.DataFrame, kind: str) -> int:
    return events.filter(pl.col("event") == kind).height


def alive(people: pl.DataFrame) -> pl.DataFrame:
    return people.filter(pl.col("presence") == "living")


class TestTheSameBytes:
    def test_however_the_days_are_split(self, born: Path, lived: Path, tmp_path: Path) -> None:
        home = tmp_path / "district"
        shutil.copytree(born, home)
        for days in (1, 4, 7):
            advance(home, days)
        split, whole = files(home), files(lived)
        assert split.keys() == whole.keys()
        assert [name for name in whole if split[name] != whole[name]] == []

    def test_an_interrupted_move_is_finished_by_the_next_who_comes(
        self, born: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        home, whole = tmp_path / "district", tmp_path / "whole"
        shutil.copytree(born, home)
        shutil.copytree(born, whole)
        advance(whole, 1)
        monkeypatch.setattr(life, "settle", lambda _: None)
        advance(home, 1)
        moved = home / "truth/person.parquet"
        (home / "advance.ready/truth/person.parquet").replace(moved)
        settle(home)
        assert files(home) == files(whole)

    def test_a_failure_changes_nothing(
        self, born: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(*_: object) -> None:
            raise OSError("no space left on device")

        home = tmp_path / "district"
        shutil.copytree(born, home)
        monkeypatch.setattr(life, "_write", fail)
        with pytest.raises(OSError, match="no space"):
            advance(home, 1)
        shutil.rmtree(home / "advance.part")
        assert files(home) == files(born)

    def test_a_district_that_lived_on_is_not_generated_again(self, lived: Path) -> None:
        assert is_generated(lived, "community", 5)
        assert not is_generated(lived, "community", 6)

    def test_the_command_says_which_day_it_is(self, born: Path, tmp_path: Path) -> None:
        home = tmp_path / "district"
        shutil.copytree(born, home)
        result = CliRunner().invoke(app, ["advance", "--days", "2", "--home", str(home)])
        assert "it is 2026-11-22" in result.output
        nowhere = CliRunner().invoke(app, ["advance", "--home", str(tmp_path / "nowhere")])
        assert "generate one first" in str(nowhere.exception)


class TestWhatIsTrue:
    def test_people_are_conserved(self, before: Read, after: Read, events: pl.DataFrame) -> None:
        then, now = alive(before("truth/person")), alive(after("truth/person"))
        gains = count(events, "birth") + count(events, "arrival")
        losses = count(events, "death") + count(events, "departure")
        assert len(now) == len(then) + gains - losses
        assert min(gains, losses) > 0

    def test_every_kind_of_event_happens_about_as_often_as_the_table_says(
        self, events: pl.DataFrame
    ) -> None:
        rates, people = settings("life"), 26_959
        births = people * rates["births"] * DAYS / 365
        assert count(events, "birth") == pytest.approx(births, abs=4 * births**0.5)
        broken = 5_642 * rates["component"]["breaks"] * DAYS / 365
        assert count(events, "broken") == pytest.approx(broken, abs=4 * broken**0.5)
        kinds = "move marriage succession contract new_doctor repaired installed correction"
        kinds += " party_transfer party_struck"
        assert set(kinds.split()) <= set(events["event"])

    def test_numbers_of_newcomers_are_valid_and_nobody_elses(self, after: Read) -> None:
        people = after("truth/person")
        for column in ("person_id", "id_number", "phone"):
            assert people[column].drop_nulls().is_unique().all(), column
        new = people.filter(pl.col("changed_date") > START)["id_number"].drop_nulls()
        assert [number[-1] for number in new] == [ric.calc_check_digit(number) for number in new]
        assert (new.str.slice(2, 2) == "99").all()

    def test_codes_stay_unique(self, after: Read) -> None:
        for table, column in [
            ("component", "component_code"),
            ("social_organisation", "credit_code"),
            ("party_member", "person_id"),
            ("old_age_benefit", "person_id"),
            ("family_doctor_contract", "contract_id"),
            ("chronic_followup", "visit_id"),
            ("household", "household_id"),
        ]:
            assert after(f"truth/{table}")[column].is_unique().all(), table
        assert all(
            uscc.is_valid(code) for code in after("truth/social_organisation")["credit_code"]
        )

    def test_each_household_lives_in_one_dwelling_of_its_own_under_one_head(
        self, after: Read
    ) -> None:
        people = alive(after("truth/person"))
        homes = people.group_by("household_id").agg(
            pl.col("house_code").n_unique(), heads=(pl.col("relation") == "0").sum()
        )
        assert homes["house_code"].max() == 1
        assert homes["heads"].to_list() == [1] * len(homes)
        assert (
            people.group_by("house_code")
            .agg(pl.col("household_id").n_unique())["household_id"]
            .max()
            == 1
        )
        households = after("truth/household").filter(pl.col("presence") == "living")
        assert households["size"].sum() == len(people)
        assert set(households["household_id"]) == set(people["household_id"])

    def test_newborns_have_parents_in_their_home(self, after: Read, events: pl.DataFrame) -> None:
        people = after("truth/person")
        births = events.filter(pl.col("event") == "birth").select("id", mother="after")
        homes = people.select("person_id", "household_id", "name")
        born = births.join(homes, left_on="id", right_on="person_id").join(
            homes, left_on="mother", right_on="person_id", suffix="_mother"
        )
        assert len(born) == len(births)
        assert set(people.filter(pl.col("birth_date") > START)["age"]) == {0}

    def test_events_say_when_they_became_true(self, lived: Path, events: pl.DataFrame) -> None:
        names = [path.stem for path in sorted((lived / "truth/event").iterdir())]
        assert (len(names), names[0], names[-1]) == (DAYS, "2026-11-21", "2026-12-02")
        assert events["day"].min() == date(2026, 11, 21)
        assert events["day"].max() == date(2026, 12, 2)


every_view = pytest.mark.parametrize("view", VIEWS, ids=lambda view: f"{view.system}.{view.table}")


class TestWhatIsShown:
    @every_view
    def test_the_ledger_still_names_every_dirty_cell_and_no_other(
        self, view: View, lived: Path
    ) -> None:
        world = life._open(lived)
        office = next(o for o in world.offices if o.view.table == view.table)
        record = office.record.filter(pl.col("until").is_null())
        truth = world.district[view.of]
        identity = IDENTITY[view.of]
        clean = view.rows(world.district).with_columns(id=truth[identity])
        if view.table == "chronic_followup":
            clean = clean.filter(pl.col("id").is_in(record["id"].to_list()))
        own = [view.key] if view.key in clean.columns else []
        clean = record.select("key", "id").join(clean.drop(own), on="id", maintain_order="left")
        shown = office.shown.rename({view.key: "key"})
        assert shown["key"].sort().equals(clean["key"].sort())
        for name in set(clean.columns) - {"key", "id", view.stamp}:
            ledger = office.dirty.filter(pl.col("column") == name).select(
                "key", "dirty", right="clean"
            )
            cells = (
                shown.select("key", shown=pl.col(name).cast(pl.String))
                .join(clean.select("key", clean=pl.col(name).cast(pl.String)), on="key")
                .join(ledger, on="key", how="left")
            )
            wrong = pl.col("shown").ne_missing(pl.col("clean"))
            listed = pl.col("key").is_in(ledger["key"].to_list())
            assert cells.filter(wrong != listed).is_empty(), name
            assert cells.filter(listed & pl.col("right").ne_missing(pl.col("clean"))).is_empty(), (
                name
            )

    @every_view
    def test_keys_stay_unique_and_records_say_who_is_who(self, view: View, lived: Path) -> None:
        office = next(o for o in life._open(lived).offices if o.view.table == view.table)
        assert office.shown[view.key].is_unique().all()
        assert office.record["key"].is_unique().all()
        open_ = office.record.filter(pl.col("until").is_null())["key"]
        assert set(open_) == set(office.shown[view.key])

    def test_police_moves_the_cursor_of_changed_rows_only(self, before: Read, after: Read) -> None:
        then, now = before("systems/police/resident"), after("systems/police/resident")
        both = then.join(now, on="xlh", suffix="_now")
        assert len(both) == len(then), "police forgets nobody"
        columns = [name for name in then.columns if name not in {"xlh", "gxsj"}]
        changed = pl.any_horizontal(
            pl.col(name).ne_missing(pl.col(f"{name}_now")) for name in columns
        )
        moved = pl.col("gxsj") != pl.col("gxsj_now")
        assert both.filter(changed & ~moved).is_empty()
        assert (
            both.filter(moved)["gxsj_now"]
            .dt.date()
            .is_between(date(2026, 11, 21), date(2026, 12, 2))
            .all()
        )
        assert 50 < both.filter(moved).height < len(both) * 0.05
        assert len(now) > len(then)

    def test_what_is_new_is_as_dirty_as_what_was_there(self, after: Read) -> None:
        record, dirty = after("truth/record/police.resident"), after("truth/dirty_cell")
        new = record.filter(pl.col("since") > START)
        cells = dirty.filter(pl.col("key").is_in(new["key"].to_list()))
        for column, kind, share in [("lxdh", "missing", 0.25), ("xzdz", "alias", 0.30)]:
            found = cells.filter((pl.col("column") == column) & (pl.col("kind") == kind))
            assert len(found) / len(new) == pytest.approx(share, rel=0.5), kind

    def test_civil_affairs_pays_each_month_and_hears_of_deaths_late(
        self, after: Read, events: pl.DataFrame
    ) -> None:
        files_ = after("truth/old_age_benefit")
        running = files_.filter(~pl.col("ended"))
        assert set(running["last_paid"]) == {"202612"}
        waiting = running.filter(pl.col("noticed").is_not_null()).join(
            after("truth/person"), on="person_id"
        )
        lag = (waiting["noticed"] - waiting["gone_date"]).dt.total_days()
        assert lag.is_between(30, 60).all()

    def test_party_strikes_those_who_are_gone_at_the_months_begin(
        self, before: Read, after: Read, events: pl.DataFrame
    ) -> None:
        people = after("truth/person")
        members = after("truth/party_member").join(people, on="person_id")
        gone = members.filter(pl.col("presence") != "living")
        assert (gone["gone_date"] > date(2026, 12, 1)).all()
        struck = events.filter(pl.col("event") == "party_struck")
        assert set(struck["day"]) == {date(2026, 12, 1)}
        shown = after("systems/party_building/member")
        assert (
            len(shown)
            < len(before("systems/party_building/member")) + count(events, "party_joined") + 5
        )

    def test_health_leaves_a_file_each_friday_and_one_each_month(self, lived: Path) -> None:
        outbox = lived / "systems/health/outbox"
        names = {path.name for path in outbox.iterdir()}
        data = {
            "jtys_qy_20261120.csv",
            "jtys_qy_20261127.csv",
            "mb_sf_202610.xlsx",
            "mb_sf_202611.xlsx",
        }
        assert names == data | {f"{name}.ok" for name in data}
        week = (outbox / "jtys_qy_20261127.csv").read_bytes().decode("gb18030").splitlines()
        assert 50 < len(week) < 1_500, "new and changed contracts only"
        first = (outbox / "jtys_qy_20261120.csv").read_bytes().decode("gb18030").splitlines()
        known = {line.split(",")[0] for line in first}
        assert 0 < sum(line.split(",")[0] in known for line in week[1:]) < len(week) - 10

    def test_city_management_shows_what_broke_was_repaired_and_put_up(
        self, before: Read, after: Read, events: pl.DataFrame
    ) -> None:
        then, now = (read("systems/city_management/component") for read in (before, after))
        assert len(now) == len(then) + count(events, "installed")
        assert list(now.columns) == list(then.columns)
        changed = now.filter(pl.col("CHDate").str.replace_all("/", "-") > "2026-11-20")
        assert len(changed) >= count(events, "broken") // 2

    def test_a_correction_puts_right_what_was_shown(
        self, events: pl.DataFrame, after: Read
    ) -> None:
        corrections = events.filter(
            (pl.col("event") == "correction") & (pl.col("thing") == "police.resident.xzdz")
        )
        shown = after("systems/police/resident")
        found = corrections.join(shown, left_on="id", right_on="xlh")
        assert len(found) == len(corrections) > 0
        assert (found["xzdz"] == found["after"]).mean() > 0.9, "unless they moved afterwards"
