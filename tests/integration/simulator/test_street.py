"""The whole street of twelve communities: its known figures, and what it costs to make."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from hub.settings import REPOSITORY

pytestmark = pytest.mark.integration

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


@pytest.fixture(scope="module")
def living(made: tuple[Path, dict[str, float]]) -> pl.DataFrame:
    people = pl.read_parquet(made[0] / "truth/person.parquet")
    return people.filter(pl.col("presence") == "living")


def test_it_takes_less_than_a_minute_and_3_gb(made: tuple[Path, dict[str, float]]) -> None:
    assert made[1]["seconds"] < 60
    assert made[1]["megabytes"] < 3_000


def test_a_day_takes_less_than_ten_seconds_of_processor_time(
    made: tuple[Path, dict[str, float]], tmp_path: Path
) -> None:
    home = tmp_path / "district"
    shutil.copytree(made[0], home)
    done = subprocess.run(
        [sys.executable, "-c", ADVANCED, str(home)],
        cwd=REPOSITORY, capture_output=True, text=True, check=True,
    )  # fmt: skip
    cost = json.loads(done.stdout)
    assert cost["seconds"] < 10, "of all cores together, so that a busy machine does not matter"
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


def test_328000_people_live_in_219_grids_of_12_communities(living: pl.DataFrame) -> None:
    assert len(living) == 328_000
    assert living["community_code"].n_unique() == 12
    assert living["grid_code"].n_unique() == 219
    assert living["id_number"].drop_nulls().is_unique().all()
    assert 0.05 < living.select((pl.col("age") >= 60).mean()).item() < 0.11


def test_populations_exceed_the_known_lower_bounds(made: tuple[Path, dict[str, float]]) -> None:
    truth = made[0] / "truth"
    members = pl.read_parquet(truth / "party_member.parquet")
    organisations = pl.read_parquet(truth / "party_organisation.parquet")
    new = organisations.filter(pl.col("unit_kind").is_in(["非公企业", "社会组织"]))
    in_new = members.filter(pl.col("organisation_code").is_in(new["organisation_code"].to_list()))
    enterprises = pl.read_parquet(truth / "enterprise.parquet")
    assert len(members) >= 4_815
    assert len(in_new) >= 3_769
    assert len(enterprises) >= 9_167
    assert enterprises["covered"].mean() == pytest.approx(0.7627, abs=0.001)


def test_shazui_is_the_same_alone_and_within_its_street(
    made: tuple[Path, dict[str, float]], district: Path
) -> None:
    street = pl.read_parquet(made[0] / "truth/person.parquet")
    alone = pl.read_parquet(district / "truth/person.parquet")
    assert street.filter(pl.col("community_code") == "440304005024").equals(alone)


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
