"""The whole street of twelve communities: its known figures, and what it costs to make."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from hub.settings import REPOSITORY

pytestmark = pytest.mark.integration
Truth = Callable[[str], pl.DataFrame]
IN_SHAZUI = pl.col("community_code") == "440304005024"
OLD = pl.col("age") >= 60

MEASURED = """
import json, resource, sys, time
from pathlib import Path
from simulator.home import generate_home
start = time.monotonic()
generate_home(Path(sys.argv[1]), "street", 20261121)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({"seconds": time.monotonic() - start, "megabytes": peak / 1024}))
"""


ADVANCED = """
import json, resource, sys, time
from pathlib import Path
from simulator.life.advance import advance
advance(Path(sys.argv[1]), 1)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({"seconds": time.process_time(), "megabytes": peak / 1024}))
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, float]]:
    home = tmp_path_factory.mktemp("street") / "district"
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, str(home)],
        cwd=REPOSITORY, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return home, json.loads(done.stdout)


def test_it_needs_less_than_3_gb(
    made: tuple[Path, dict[str, float]], record_property: Callable[[str, object], None]
) -> None:
    record_property("street generated, seconds", round(made[1]["seconds"], 1))
    assert made[1]["megabytes"] < 3_000


def test_a_day_conserves_people_and_needs_less_than_3_gb(
    made: tuple[Path, dict[str, float]],
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    home = tmp_path / "district"
    shutil.copytree(made[0], home)
    done = subprocess.run(
        [sys.executable, "-c", ADVANCED, str(home)],
        cwd=REPOSITORY, capture_output=True, text=True, check=True,
    )  # fmt: skip
    cost = json.loads(done.stdout)
    record_property("a day of the street, processor seconds", round(cost["seconds"], 1))
    assert cost["megabytes"] < 3_000
    people = pl.read_parquet(home / "truth/person.parquet")
    events = pl.read_parquet(home / "truth/event/*.parquet")["event"].value_counts()
    happened = dict(events.iter_rows())
    gains, losses = (
        happened["birth"] + happened["arrival"],
        happened["death"] + happened["departure"],
    )
    assert people.filter(pl.col("presence") == "living").height == 328_000 + gains - losses
    assert people["id_number"].drop_nulls().is_unique().all()


@dataclass(frozen=True)
class Figure:
    """A known figure of the street: how it is counted, and how far off it may be."""

    name: str
    count: Callable[[Truth], float]
    known: float
    tolerance: float = 0.0


def living(truth: Truth) -> pl.DataFrame:
    return truth("person").filter(pl.col("presence") == "living")


def in_new_organisations(truth: Truth) -> pl.DataFrame:
    new = truth("party_organisation").filter(pl.col("unit_kind").is_in(["非公企业", "社会组织"]))
    return truth("party_member").join(new, on="organisation_code", how="semi")


def village_grids(truth: Truth) -> pl.DataFrame:
    villages = truth("community").filter(pl.col("kind") == "village")
    people = living(truth).join(villages, on="community_code", how="semi")
    return people.group_by("grid_code").agg(
        households=pl.col("household_id").n_unique(), people=pl.len()
    )


def kind_share(*kinds: int) -> Callable[[Truth], float]:
    there = pl.col("residence_kind").is_in(kinds)
    return lambda truth: living(truth).select(there.mean()).item()


def shazui(truth: Truth) -> pl.DataFrame:
    return living(truth).filter(IN_SHAZUI)


def night_gap(truth: Truth) -> float:
    compounds = truth("compound")
    return 1 - compounds["bays"].sum() / compounds["cars_by_night"].sum()


def cooperatives(truth: Truth) -> int:
    return truth("business")["name"].str.contains("股份合作公司").sum()


# fmt: off
FIGURES = [
    Figure("residents", lambda t: living(t).height, 328_000),
    Figure("communities", lambda t: t("community").height, 12),
    Figure("grids", lambda t: t("grid").height, 219),
    Figure("square kilometres", lambda t: t("community")["area_m2"].sum() / 1e6, 13.59, 0.001),
    Figure("buildings of 沙嘴", lambda t: t("building").filter(IN_SHAZUI).height, 416),
    Figure("households of 沙嘴", lambda t: shazui(t)["household_id"].n_unique(), 13_346),
    Figure("persons per household of 沙嘴",
           lambda t: len(shazui(t)) / shazui(t)["household_id"].n_unique(), 2.02, 0.005),
    Figure("households per village grid", lambda t: village_grids(t)["households"].mean(), 600, 30),
    Figure("people per village grid", lambda t: village_grids(t)["people"].mean(), 1_500, 300),
    Figure("party coverage", lambda t: t("enterprise")["covered"].mean(), 0.7627, 0.001),
    Figure("share-cooperative companies", cooperatives, 5),
    Figure("night parking gap", night_gap, 0.50, 0.05),
    Figure("registered in the city (户籍)", kind_share(1, 2), 0.36, 0.06),
    Figure("registered elsewhere (非户籍)", kind_share(3, 4), 0.62, 0.06),
    Figure("from 港澳台", kind_share(5), 0.013, 0.005),
    Figure("from abroad", kind_share(6), 0.0055, 0.003),
    Figure("60 years and older", lambda t: living(t).select(OLD.mean()).item(), 0.08, 0.03),
]
LOWER_BOUNDS = [
    Figure("party members who may donate", lambda t: t("party_member").height, 4_815),
    Figure("members in new organisations", lambda t: in_new_organisations(t).height, 3_769),
    Figure("enterprises in operation", lambda t: t("enterprise").height, 9_167),
    Figure("small places (三小)", lambda t: t("small_place").height, 5_170),
]
# fmt: on


@pytest.fixture(scope="module")
def truth(made: tuple[Path, dict[str, float]]) -> Truth:
    return cache(lambda name: pl.read_parquet(made[0] / f"truth/{name}.parquet"))


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.name)
def test_the_street_has_the_known_figure(
    figure: Figure, truth: Truth, record_property: Callable[[str, object], None]
) -> None:
    counted = figure.count(truth)
    record_property(figure.name, round(counted, 4))
    assert counted == pytest.approx(figure.known, abs=figure.tolerance)


@pytest.mark.parametrize("figure", LOWER_BOUNDS, ids=lambda figure: figure.name)
def test_a_population_exceeds_what_is_known_of_a_part_of_it(
    figure: Figure, truth: Truth, record_property: Callable[[str, object], None]
) -> None:
    counted = figure.count(truth)
    record_property(figure.name, counted)
    assert counted >= figure.known


def test_shazui_is_the_same_alone_and_within_its_street(
    made: tuple[Path, dict[str, float]], district: Path
) -> None:
    street = pl.read_parquet(made[0] / "truth/person.parquet")
    alone = pl.read_parquet(district / "truth/person.parquet")
    assert street.filter(IN_SHAZUI).equals(alone)


def test_codes_are_unique_over_the_whole_street(made: tuple[Path, dict[str, float]]) -> None:
    truth = made[0] / "truth"
    for table, column in [
        ("component", "component_code"),
        ("building", "building_code"),
        ("enterprise", "credit_code"),
        ("social_organisation", "credit_code"),
        ("party_organisation", "organisation_code"),
        ("person", "person_id"),
    ]:
        assert pl.read_parquet(truth / f"{table}.parquet")[column].is_unique().all(), table
