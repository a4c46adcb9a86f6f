"""The district has the figures that are known of 沙头街道 and 沙嘴."""

from collections.abc import Callable

import polars as pl
import pytest
from stdnum.cn import ric, uscc

from simulator.tables import settings, table

Tables = Callable[[str], pl.DataFrame]


def share(condition: pl.Expr, rows: pl.DataFrame) -> float:
    return float(rows.select(condition.mean()).item())


def test_the_plan_adds_up_to_the_street() -> None:
    plan = table("profiles")
    assert plan["residents"].sum() == 328_000
    assert plan["grids"].sum() == 219
    assert plan["area_km2"].sum() == pytest.approx(13.59)
    assert plan["enterprises"].sum() >= 9_167
    assert plan["code"].to_list() == table("communities")["code"].head(12).to_list()


def test_shazui_has_its_buildings_and_households(truth: Tables, living: pl.DataFrame) -> None:
    assert len(truth("building")) == 416
    assert living["household_id"].n_unique() == 13_346
    assert len(living) / 13_346 == pytest.approx(2.02, abs=0.005)


def test_a_village_grid_carries_some_600_households(living: pl.DataFrame) -> None:
    households = living.group_by("grid_code").agg(pl.col("household_id").n_unique())
    assert len(households) == 22
    assert households["household_id"].mean() == pytest.approx(600, rel=0.05)
    assert households["household_id"].std() > 60, "grids differ, as real ones do"


def test_party_branches_cover_the_known_share_of_enterprises(truth: Tables) -> None:
    assert share(pl.col("covered"), truth("enterprise")) == pytest.approx(0.7627, abs=0.002)


def test_ages_are_those_of_an_urban_village(living: pl.DataFrame) -> None:
    assert 0.08 < share(pl.col("age") < 15, living) < 0.18
    assert 0.60 < share(pl.col("age").is_between(20, 49), living) < 0.85
    assert 0.04 < share(pl.col("age") >= 60, living) < 0.10
    assert 0.003 < share(pl.col("age") >= 80, living) < 0.015


def test_no_age_of_children_is_heaped(living: pl.DataFrame) -> None:
    by_age = living.filter(pl.col("age") < 10).group_by("age").len().sort("age")["len"]
    assert (by_age / by_age.shift(1)).drop_nulls().is_between(0.6, 1.6).all()


def test_most_residents_of_a_village_are_registered_elsewhere(living: pl.DataFrame) -> None:
    kinds = dict(living["residence_kind"].value_counts(normalize=True).iter_rows())
    assert set(kinds) == {1, 2, 3, 4, 5, 6}
    assert 0.12 < kinds[1] < 0.20
    assert kinds[3] > 0.5
    assert 0 < kinds[5] < 0.02
    assert 0 < kinds[6] < 0.01


def test_common_surnames_are_common(living: pl.DataFrame) -> None:
    weights = table("surnames")
    expected = weights.filter(pl.col("surname") == "陈")["weight"][0] / weights["weight"].sum()
    found = share(pl.col("name").str.starts_with("陈"), living)
    assert found == pytest.approx(expected, rel=0.15)


def test_identity_numbers_are_valid_and_nobodys(truth: Tables) -> None:
    people = truth("person").drop_nulls("id_number")
    numbers = people["id_number"]
    assert numbers.is_unique().all()
    sample = numbers.gather_every(97)
    assert [number[-1] for number in sample] == [ric.calc_check_digit(n) for n in sample]
    assert (numbers.str.slice(6, 8) == people["birth_date"].dt.strftime("%Y%m%d")).all()
    assert ((numbers.str.slice(16, 1).cast(pl.Int8) % 2 == 1) == people["male"]).all()
    assert (numbers.str.slice(2, 2) == "99").all(), "no prefecture of China has the digits 99"


def test_people_without_a_chinese_registration_have_no_identity_number(
    living: pl.DataFrame,
) -> None:
    numbered = living.filter(pl.col("id_number").is_not_null())["residence_kind"]
    assert numbered.max() == 4


def test_ages_follow_from_birth_dates(living: pl.DataFrame) -> None:
    now = settings("habits")["as_of"]
    years = living.select((pl.lit(now) - pl.col("birth_date")).dt.total_days() / 365.2425)
    assert (years.to_series().floor().cast(pl.Int64) - living["age"]).abs().max() <= 1


def test_children_are_younger_than_the_heads_of_their_households(living: pl.DataFrame) -> None:
    heads = living.filter(pl.col("relation") == "0").select("household_id", head="age")
    children = living.filter(pl.col("relation").is_in(["2", "3"])).join(heads, on="household_id")
    assert len(heads) == 13_346
    assert (children["head"] - children["age"]).min() >= 18


def test_organisation_codes_are_valid_private_and_unique(truth: Tables) -> None:
    codes = pl.concat(
        [truth(name)["credit_code"] for name in ("enterprise", "social_organisation")]
    )
    assert all(uscc.is_valid(code) for code in codes)
    assert (codes.str.slice(8, 3) == "PDY").all()
    assert codes.str.slice(8, 9).is_unique().all()


def test_every_party_organisation_hangs_under_another(truth: Tables) -> None:
    organisations = truth("party_organisation")
    parents = organisations["parent_code"]
    assert organisations["organisation_code"].is_unique().all()
    assert parents.null_count() == 1, "only the street's committee has no parent"
    assert set(parents.drop_nulls()) <= set(organisations["organisation_code"])
    assert set(truth("party_member")["organisation_code"]) <= set(
        organisations["organisation_code"]
    )
    assert organisations["secretary"].null_count() == 0


def test_nobody_joins_the_party_before_18_or_signs_before_birth(truth: Tables) -> None:
    people = truth("person").select("person_id", "birth_date")
    members = truth("party_member").join(people, on="person_id")
    contracts = truth("family_doctor_contract").join(people, on="person_id")
    joined_at = (members["joined"] - members["birth_date"]).dt.total_days() / 365.2425
    assert joined_at.min() >= 18
    assert (contracts["signed"] >= contracts["birth_date"]).all()


def test_old_age_benefit_goes_to_registered_people_of_80_and_more(truth: Tables) -> None:
    files = truth("old_age_benefit").join(truth("person"), on="person_id")
    assert files["age"].min() >= 80
    assert files["residence_kind"].max() <= 2
    assert len(files) > 50


def test_thousands_of_components_with_codes_of_16_digits(truth: Tables) -> None:
    components = truth("component")
    assert len(components) > 4_000
    assert components["component_code"].is_unique().all()
    assert components["component_code"].str.contains(r"^440304\d{10}$").all()
    classes = set(table("components")["class_code"])
    assert set(components["component_code"].str.slice(6, 4)) == classes
    assert 0.93 < share(pl.col("state") == "完好", components) < 0.97
