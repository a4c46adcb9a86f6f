"""A department is added by following its guide to the letter: YAML, one SQL file, no Python.

The files come out of ``docs/add-a-department.md`` itself, so that the guide cannot be wrong; the
same is done with two departments of real public data, up to ``core``: all of it where it is at
hand (``HUB_SHARED_DATA``, or ``../shared/data`` beside the repository), else an excerpt.
"""

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml

from hub.settings import REPOSITORY
from tests.support.orchestrator import environment, run_python
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.integration

GUIDE = REPOSITORY / "docs" / "add-a-department.md"
REAL_DATA = REPOSITORY / "tests" / "fixtures" / "real_data"
SHARED = Path(os.environ.get("HUB_SHARED_DATA", REPOSITORY.parent / "shared" / "data"))
PARTS = ("connectors", "dags", "dbt_project", "expectations", "hub", "resolution")
# `path/of/a/file` at the start of a line, then the first block of code below it.
FILE = re.compile(r"^`([\w/.]+\.(?:yaml|sql))`.*?^```\w+\n(.*?)^```", re.MULTILINE | re.DOTALL)
ADDED = {
    "parks": "stg_parks__tree",
    "san_francisco": "stg_san_francisco__request",
    "taichung": "stg_taichung__hydrant",
}
# What makes their rows requests and components: one line each in dbt_project.yml.
SOURCES = {
    "request_sources": ADDED["san_francisco"],
    "component_sources": ADDED["taichung"],
}
TREES = "编号,树种,种植日期\nA1,榕树,1901-03-12\nA2, 樟树,1899年5月1日\nA3,无,\n".encode("gb18030")
DAGS = """
import json
from airflow.dag_processing.dagbag import DagBag
bag = DagBag("dags/departments.py")
assert not bag.import_errors, bag.import_errors
print(json.dumps(sorted(bag.dags)))
"""


def at_hand(full: str, excerpt: str) -> Path:
    """Return the folder with all records, or that with some."""
    return SHARED / full if (SHARED / full).is_dir() else REAL_DATA / excerpt


REQUESTS = at_hand("requests_sf311", "requests")
HYDRANTS = at_hand("components_taichung", "hydrants")


def requests() -> list[dict[str, str]]:
    """Read the real requests in an independent way."""
    with next(REQUESTS.glob("sf311_*.csv")).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def hydrants() -> list[dict[str, Any]]:
    """Read the real hydrants in an independent way."""
    text = next(HYDRANTS.glob("hydrants*.geojson")).read_text(encoding="utf-8")
    return list(json.loads(text)["features"])


@dataclass(frozen=True)
class Checkout:
    """A copy of the repository to which departments are added, and the warehouse it works on."""

    folder: Path
    warehouse: Warehouse
    connection: psycopg.Connection[Any]

    def write(self, path: str, content: str) -> None:
        """Write a file as the guide tells."""
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")

    def hub(self, *arguments: str) -> str:
        """Run a verb of the copy; it must succeed."""
        done = subprocess.run(
            [sys.executable, "-m", "hub", *arguments],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(self.folder)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
        return done.stdout

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """Query the warehouse."""
        return self.connection.execute(query).fetchall()


@pytest.fixture(scope="module")
def checkout(warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    """The copy with three more departments, pulled and built."""
    warehouse.clean()
    folder = tmp_path_factory.mktemp("checkout")
    for part in PARTS:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(REPOSITORY / part, folder / part, ignore=ignored)
    drop = tmp_path_factory.mktemp("drop")
    (drop / "trees_2026.csv").write_bytes(TREES)
    with pytest.MonkeyPatch.context() as patch, warehouse.connect() as connection:
        patch.setenv("PARKS_FOLDER", str(drop))
        patch.setenv("REAL_REQUESTS_FOLDER", str(REQUESTS))
        patch.setenv("REAL_HYDRANTS_FOLDER", str(HYDRANTS))
        copy = Checkout(folder, warehouse, connection)
        for path, content in FILE.findall(GUIDE.read_text(encoding="utf-8")):
            copy.write(path, content)
        add_real_departments(copy)
        copy.hub("contract", "lint")
        copy.hub("ingest", *ADDED)
        copy.hub("contract", "export", "--dbt-sources")
        copy.hub("build")
        yield copy
    warehouse.clean()


def add_real_departments(copy: Checkout) -> None:
    """Add the two departments of real data: contracts, a staging model each, a line in a list."""
    contracts = copy.folder / "connectors" / "contracts"
    shutil.copytree(REAL_DATA / "contracts", contracts, dirs_exist_ok=True)
    for department in ("san_francisco", "taichung"):
        model = REAL_DATA / "staging" / f"{ADDED[department]}.sql"
        target = f"dbt_project/models/staging/{department}/{model.name}"
        copy.write(target, model.read_text(encoding="utf-8"))
    project = copy.folder / "dbt_project" / "dbt_project.yml"
    settings = yaml.safe_load(project.read_text(encoding="utf-8"))
    for sources, model_name in SOURCES.items():
        settings["vars"][sources].append(model_name)
    project.write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")


def test_the_guide_names_three_files_and_none_of_them_is_python(checkout: Checkout) -> None:
    files = [path for path, _ in FILE.findall(GUIDE.read_text(encoding="utf-8"))]
    assert files == [
        "connectors/contracts/parks/department.yaml",
        "connectors/contracts/parks/tree.yaml",
        "dbt_project/models/staging/parks/stg_parks__tree.sql",
    ]


def test_what_the_new_departments_sent_is_landed_in_balance(checkout: Checkout) -> None:
    assert checkout.ask(
        "select department, status, received, appended, rejected from ops.batch order by 1"
    ) == [
        ("parks", "landed", 3, 3, 0),
        ("san_francisco", "landed", len(requests()), len(requests()), 0),
        ("taichung", "landed", len(hydrants()), len(hydrants()), 0),
    ]
    again = checkout.hub("ingest", *ADDED)
    assert again.count("no new file") == len(ADDED)


def test_their_dags_appear_by_themselves(checkout: Checkout, tmp_path: Path) -> None:
    contracts = checkout.folder / "connectors" / "contracts"
    env = environment(tmp_path, HUB_CONTRACTS_DIR=str(contracts))
    found = json.loads(run_python(DAGS, env))
    assert {f"ingest_{department}" for department in ADDED} <= set(found)


def test_they_have_a_line_in_the_status_and_checks_with_an_owner(checkout: Checkout) -> None:
    status = json.loads(checkout.hub("status", "--json"))
    fresh = {one["name"]: not one["stale"] for one in status["departments"]}
    assert all(fresh[department] for department in ADDED)
    owners = checkout.ask(
        "select distinct owner from quality.check_result where department = 'parks'"
    )
    assert ("区公园管理中心",) in owners


def test_the_guides_table_is_staged_as_the_guide_says(checkout: Checkout) -> None:
    assert checkout.ask(
        "select source_key, species, planted_on::text, planted_on_status"
        " from staging.stg_parks__tree order by 1"
    ) == [
        ("A1", "榕树", "1901-03-12", "ok"),
        ("A2", "樟树", "1899-05-01", "repaired"),
        ("A3", None, None, None),
    ]


def test_real_requests_reach_core_with_their_oddities_flagged(checkout: Checkout) -> None:
    sent = requests()
    early = [r for r in sent if r["closed_date"] and r["closed_date"] < r["created_date"]]
    nowhere = [r for r in sent if r["latitude"] == r["longitude"] == "0.0"]
    assert early and nowhere
    counted = checkout.ask(
        "select count(*), count(accepted_at), count(closed_at),"
        " count(*) filter (where closed_at_status = 'suspect'),"
        " count(*) filter (where closed_at_status = 'suspect' and hours_to_close is not null),"
        " count(*) filter (where coordinate_status = 'invalid' and approximate_location is null)"
        " from core_next.fct_request where source_system = 'san_francisco.request'"
    )
    closed = sum(bool(r["closed_date"]) for r in sent)
    assert counted == [(len(sent), len(sent), closed, len(early), 0, len(nowhere))]


def test_a_real_request_is_in_core_what_the_city_sent(checkout: Checkout) -> None:
    sent = next(r for r in requests() if r["closed_date"] and float(r["latitude"]))
    found = checkout.ask(
        "select to_char(accepted_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS+00:00'),"
        " to_char(closed_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS+00:00'),"
        " type_level_1, type_level_2, charged_unit, channel, state from core_next.fct_request"
        f" where request_id = 'san_francisco.request:{sent['unique_key']}'"
    )
    names = ["created_date", "closed_date", "category", "complaint_type", "agency_name", "source"]
    assert found == [(*(sent[name] for name in names), "办结")]


def test_real_hydrants_reach_core_each_a_component_with_class_and_place(
    checkout: Checkout,
) -> None:
    sent = hydrants()
    places = {tuple(feature["geometry"]["coordinates"]) for feature in sent}
    assert checkout.ask(
        "select count(*), count(distinct component_id), count(distinct geometry), min(class_name),"
        " max(class_name), count(*) filter (where st_x(geometry) between 120 and 122)"
        " from core_next.dim_urban_component"
    ) == [(len(sent), len(sent), len(places), "消防设施", "消防设施", len(sent))]
    spelled = {feature["properties"].get("種類") or None for feature in sent} - {None}
    kinds = checkout.ask(
        "select count(distinct kind_raw) filter (where kind_raw <> ''), count(distinct kind)"
        " from staging.stg_taichung__hydrant"
    )
    assert kinds == [(len(spelled), 2)]
