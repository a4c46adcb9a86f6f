"""Businesses: how many, run by whom, with which codes; and how they live on."""

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from stdnum.cn import uscc
from stdnum.iso7064 import mod_11_10

from simulator.home import generate_home
from simulator.life import businesses as life
from simulator.life.advance import advance
from simulator.life.things import FIRST_SERIAL
from simulator.tables import settings, table
from simulator.truth.businesses import COOPERATIVE, INDIVIDUAL, OPERATING
from simulator.truth.place import places

Tables = Callable[[str], pl.DataFrame]
CODES_SINCE = pl.date(2015, 10, 1)


def test_the_street_has_24_000_businesses_of_which_9_167_operate() -> None:
    habits, enterprises = settings("habits")["business"], table("profiles")["enterprises"]
    others = enterprises * habits["coded"] + enterprises * habits["uncoded"]
    assert enterprises.sum() + others.sum() >= 24_000
    assert enterprises.sum() >= 9_167, "each of them is in operation"


def test_five_villages_have_a_share_cooperative(truth: Tables) -> None:
    villages = [place for place in places("street", 1) if place.kind == "village"]
    assert len(villages) == 5
    (name,) = truth("business").filter(pl.col("kind") == COOPERATIVE)["name"]
    assert name == "深圳市仿真沙嘴股份合作公司"


@pytest.mark.parametrize("scale", ["street", "district"])
def test_the_private_range_has_codes_for_all_and_for_those_to_come(scale: str) -> None:
    last = places(scale, 1)[-1]
    bodies = last.profile["enterprises"] * 2 + last.profile["social_organisations"] + 1
    assert last.organisations_before + bodies < FIRST_SERIAL < life.FIRST_SERIAL


def test_codes_are_valid_private_and_nobody_elses(truth: Tables) -> None:
    business, social = truth("business"), truth("social_organisation")
    codes = business["credit_code"].drop_nulls()
    assert all(uscc.is_valid(code) for code in codes)
    assert (codes.str.slice(8, 3) == "PDY").all()
    assert pl.concat([codes, social["credit_code"]]).str.slice(8, 9).is_unique().all()
    individual = business.filter(pl.col("kind") == INDIVIDUAL)["credit_code"].drop_nulls()
    assert set(individual.str.slice(0, 2)) == {"92"}


def test_who_has_no_code_has_an_old_number(truth: Tables) -> None:
    business = truth("business")
    uncoded = business.filter(pl.col("credit_code").is_null())
    assert (uncoded.select(pl.col("registered") < CODES_SINCE)).to_series().all()
    numbers = business["register_number"].drop_nulls()
    assert uncoded["register_number"].null_count() == 0
    assert all(mod_11_10.is_valid(number) for number in numbers)
    assert (numbers.str.slice(0, 6) == "440399").all(), "no county has these digits"


def test_enterprises_are_businesses_in_operation(truth: Tables) -> None:
    found = truth("enterprise").join(truth("business"), on="credit_code", suffix="_registered")
    assert len(found) == len(truth("enterprise"))
    assert (found["name"] == found["name_registered"]).all()
    assert set(found["state"]) == set(OPERATING)


def test_a_living_grown_up_stands_for_each(truth: Tables) -> None:
    heads = truth("business").join(
        truth("person"), left_on="representative_id", right_on="person_id"
    )
    assert len(heads) == len(truth("business"))
    assert heads["age"].min() >= 18
    assert set(heads["presence"]) == {"living"}


def test_some_are_registered_where_they_do_not_operate(truth: Tables) -> None:
    elsewhere = truth("business").filter(
        pl.col("registered_address") != pl.col("operating_address")
    )
    assert 0.08 < len(elsewhere) / len(truth("business")) < 0.2
    assert elsewhere["registered_address"].str.contains("前海").all()


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, pl.DataFrame, pl.DataFrame]:
    """A folder after 20 days, and the businesses before and after."""
    home = tmp_path_factory.mktemp("trade") / "district"
    generate_home(home, "community", 11)
    before = pl.read_parquet(home / "truth/business.parquet")
    advance(home, 20)
    return home, before, pl.read_parquet(home / "truth/business.parquet")


def test_businesses_open_end_move_and_change_hands(days: tuple) -> None:
    home, before, after = days
    events = pl.read_parquet(home / "truth/event/*.parquet").filter(pl.col("thing") == "business")
    assert {"business_opened", "business_ended", "business_new_head"} <= set(events["event"])
    opened = after.join(before, on="business_id", how="anti")
    assert len(opened) == events.filter(pl.col("event") == "business_opened").height
    assert all(uscc.is_valid(code) for code in opened["credit_code"])
    assert after["credit_code"].drop_nulls().is_unique().all()
    assert after["business_id"].is_unique().all()


def test_what_ends_is_no_enterprise_in_operation_any_more(days: tuple) -> None:
    home, before, after = days
    running = pl.read_parquet(home / "truth/enterprise.parquet")
    ended = after.filter(~pl.col("state").is_in(OPERATING))["credit_code"].drop_nulls()
    assert not set(running["credit_code"]) & set(ended)
    gone = len(before) - before["state"].is_in(OPERATING).sum()
    assert len(after) - after["state"].is_in(OPERATING).sum() > gone


def test_the_register_shows_it_with_new_dirt_only_where_it_changed(days: tuple) -> None:
    home, _, after = days
    shown = pl.read_parquet(home / "systems/market_regulation/business.parquet")
    copies = pl.read_parquet(home / "truth/dirty_cell.parquet").filter(
        (pl.col("system") == "market_regulation") & (pl.col("kind") == "duplicate")
    )
    assert len(shown) == len(after) + len(copies)
    assert shown["HZRQ"].str.contains("2026-12").sum() > 0
