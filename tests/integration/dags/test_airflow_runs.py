"""The DAGs in a real Airflow, with a stand-in for ``hub`` that fails as it is told."""

import io
import json
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from hub.errors import HubError
from hub.pipeline.airflow_api import Airflow, Run
from hub.pipeline.orchestrate import CityRun, Outcome
from hub.pipeline.progress import Progress
from hub.settings import REPOSITORY, Settings
from hub.stack import airflow as stack
from hub.stack.child import Child
from hub.stack.secrets import read_secret
from tests.support.repository import DEPARTMENTS
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.integration

FAKE_HUB = REPOSITORY / "tests" / "support" / "fake_hub.py"
STEPS = ["due", "build", "check", "publish", "refresh-dashboards"]


@dataclass
class FakeHub:
    """What the tasks called, and what the next calls shall do."""

    folder: Path

    def plan(self, **verbs: list[tuple[int, float]]) -> None:
        """Forget the calls so far; ``ingest_police=[(11, 0)]`` fails the first ingest of police."""
        plan = {name.replace("_", " ", 1): turns for name, turns in verbs.items()}
        (self.folder / "plan.json").write_text(json.dumps(plan))
        for recorded in self.folder.glob("recorded *"):
            recorded.unlink()
        (self.folder / "calls").write_text("")

    @property
    def calls(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.folder / "calls").read_text().splitlines()]

    def count(self, *arguments: str) -> int:
        found = [call["arguments"][: len(arguments)] for call in self.calls]
        return found.count(list(arguments))

    @property
    def steps(self) -> list[str]:
        return [call["arguments"][0] for call in self.calls if call["arguments"][0] in STEPS]


@dataclass
class RunningAirflow:
    """A real Airflow whose DAGs call the fake hub."""

    settings: Settings
    hub: FakeHub
    api: Airflow
    warehouse: Warehouse
    processor: Child
    processor_ready: Any

    def city(self) -> CityRun:
        progress = Progress(Console(file=io.StringIO(), width=200))
        return CityRun(self.api, DEPARTMENTS, progress, timeout=90)

    def run_city(self) -> Outcome:
        city = self.city()
        city.start()
        return city.follow()

    def pull(self, *departments: str) -> list[Run]:
        """Pull some departments by hand and wait for them."""
        mark = f"by_hand_{time.time_ns()}"
        runs = [self.api.trigger(f"ingest_{name}", mark) for name in departments]
        return [self.ended(run) for run in runs]

    def mark_failed(self, run: Run) -> None:
        """Do what the button of that name does in Airflow's pages."""
        path = f"/api/v2/dags/{run.dag_id}/dagRuns/{run.run_id}"
        self.api._http.patch(path, json={"state": "failed"}).raise_for_status()

    def ended(self, run: Run, within: float = 60) -> Run:
        give_up = time.monotonic() + within
        while time.monotonic() < give_up:
            now = next(r for r in self.api.latest_runs(run.dag_id) if r.run_id == run.run_id)
            if not now.active:
                return now
            time.sleep(0.5)
        raise AssertionError(f"{run.dag_id} {run.run_id} has not ended")

    def warehouse_runs(self, since: datetime | None = None) -> list[Run]:
        runs = self.api.latest_runs("warehouse", limit=50)
        return [run for run in runs if since is None or run.queued_at > since]

    def next_warehouse_run(self, known: list[Run], within: float = 40) -> Run:
        """Wait for a warehouse run that is not among the ``known`` ones, and for its end."""
        give_up = time.monotonic() + within
        before = {run.run_id for run in known}
        while time.monotonic() < give_up:
            if new := [run for run in self.warehouse_runs() if run.run_id not in before]:
                return self.ended(new[-1])
            time.sleep(0.5)
        raise AssertionError("the warehouse did not run")

    def queued_events(self) -> set[str]:
        """Return the departments whose event waits for the others."""
        with self.warehouse.cluster.connect("airflow") as connection:
            rows = connection.execute(
                "select asset.name from asset_dag_run_queue join asset on asset.id = asset_id"
            ).fetchall()
        return {name.removeprefix("reported_") for (name,) in rows}

    def forget_events(self) -> None:
        """Empty that queue."""
        with self.warehouse.cluster.connect("airflow") as connection:
            connection.execute("delete from asset_dag_run_queue")

    def announced(self, run_id: str) -> dict[str, str]:
        """Return what each department's event said of a run."""
        with self.warehouse.cluster.connect("airflow") as connection:
            rows = connection.execute(
                "select source_dag_id, extra from asset_event where source_run_id like %s",
                (f"{run_id}%",),
            ).fetchall()
        return {dag_id.removeprefix("ingest_"): extra["outcome"] for dag_id, extra in rows}

    def set_deadline(self, cron: str) -> None:
        """Have the DAG files read again with another deadline."""
        self.processor.stop()
        assert self.processor.environment is not None
        self.processor.environment = {**self.processor.environment, "HUB_DEADLINE": cron}
        self.processor.start(self.processor_ready, timeout=60)
        give_up = time.monotonic() + 30
        while self.api.dags()["warehouse"]["timetable_summary"] != f"Asset or {cron}":
            assert time.monotonic() < give_up
            time.sleep(0.5)


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> FakeHub:
    folder = tmp_path_factory.mktemp("fake_hub")
    command = folder / "hub"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -IS {FAKE_HUB} "$@"\n')
    command.chmod(0o755)
    fake = FakeHub(folder)
    fake.plan()
    return fake


@pytest.fixture(scope="module")
def airflow(warehouse: Warehouse, hub: FakeHub) -> Iterator[RunningAirflow]:
    settings = warehouse.settings
    stack.prepare_files(settings)
    settings.logs.mkdir(exist_ok=True)
    stack.migrate(settings)
    children: list[Child] = []
    try:
        ready = None
        for service in stack.services(settings):
            environment = {
                **service.environment,
                "HUB_COMMAND": str(hub.folder / "hub"),
                "FAKE_HUB": str(hub.folder),
                "HUB_RETRY_DELAY_SECONDS": "1",
                "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "2",
            }
            log = settings.logs / f"{service.name}.log"
            child = Child(service.title, service.command, log, environment)
            children.append(child)
            child.start(lambda: True)
            ready = service.is_ready
        for service in stack.services(settings):
            wait_for(service.is_ready, service.title)
        url, password = stack.address(settings), read_secret(settings, "airflow_admin_password")
        api = Airflow(url, stack.USER, password)
        yield RunningAirflow(settings, hub, api, warehouse, children[-1], ready)
    finally:
        with ThreadPoolExecutor() as pool:
            list(pool.map(Child.stop, children))


def wait_for(ready: Any, what: str, timeout: float = 90) -> None:
    give_up = time.monotonic() + timeout
    while not ready():
        assert time.monotonic() < give_up, f"{what} is not ready"
        time.sleep(0.3)


def test_the_warehouse_runs_exactly_once_when_all_departments_have_reported(
    airflow: RunningAirflow, hub: FakeHub
) -> None:
    hub.plan()

    outcome = airflow.run_city()

    assert outcome.warnings == []
    assert hub.steps == STEPS
    assert [run.run_type for run in airflow.warehouse_runs()] == ["asset_triggered"]
    assert airflow.queued_events() == set()
    assert outcome.warehouse is not None
    assert hub.count("build", "--run-id", outcome.warehouse.run_id) == 1


def test_failed_departments_are_red_and_the_city_goes_on_once(
    airflow: RunningAirflow, hub: FakeHub
) -> None:
    hub.plan(
        ingest_police=[(11, 0), (11, 0), (11, 0)],  # the source is down
        ingest_health=[(10, 0)],  # its data is held
        ingest_civil_affairs=[(11, 0), (0, 0)],  # a moment's trouble
    )
    known = airflow.warehouse_runs()
    city = airflow.city()
    runs = city.start()
    outcome = city.follow()

    tries = {name: hub.count("ingest", name) for name in DEPARTMENTS}
    assert tries == dict.fromkeys(DEPARTMENTS, 1) | {"police": 3, "civil_affairs": 2}
    states = {name: airflow.ended(runs[f"ingest_{name}"]).state for name in DEPARTMENTS}
    assert {name for name, state in states.items() if state == "failed"} == {"police", "health"}
    assert len(airflow.warehouse_runs()) == len(known) + 1
    assert hub.steps == STEPS
    assert len(outcome.warnings) == 2
    assert any("公安" in text and "told to fail with 11" in text for text in outcome.warnings)
    prefix = runs["ingest_police"].run_id.rsplit("__", 1)[0]
    announced = dict.fromkeys(DEPARTMENTS, "success")
    assert airflow.announced(prefix) == announced | {"police": "failed", "health": "held"}


def test_a_failing_step_fails_the_run_with_its_last_lines(
    airflow: RunningAirflow, hub: FakeHub
) -> None:
    hub.plan(check=[(10, 0)])

    with pytest.raises(HubError, match=r"check failed\n(?s:.*)check is told to fail with 10"):
        airflow.run_city()

    assert hub.steps == ["due", "build", "check"]


def test_a_department_pulled_by_hand_does_not_make_the_next_build_come_too_early(
    airflow: RunningAirflow, hub: FakeHub
) -> None:
    """Its event waits in Airflow's queue, where it completes the set before its next pull ends."""
    hub.plan()
    airflow.pull("police")
    assert airflow.queued_events() == {"police"}
    hub.plan(ingest_police=[(0, 7)])
    known = airflow.warehouse_runs()

    airflow.run_city()

    called = {" ".join(call["arguments"][:2]): call["at"] for call in hub.calls}
    assert hub.steps == STEPS
    assert called["due"] > called["ingest police"] + 7
    assert len(airflow.warehouse_runs()) == len(known) + 1


def test_marking_a_run_failed_by_hand_ends_the_program_it_started(
    airflow: RunningAirflow, hub: FakeHub
) -> None:
    hub.plan(ingest_police=[(0, 120)])
    run = airflow.api.trigger("ingest_police", f"stopped_{time.time_ns()}")
    wait_for(lambda: hub.count("ingest", "police"), "ingest")
    process = Path(f"/proc/{hub.calls[0]['pid']}")
    assert process.exists()

    airflow.mark_failed(run)

    wait_for(lambda: not process.exists(), "the end of ingest", timeout=30)


def test_the_deadline_builds_without_the_missing_and_a_latecomer_makes_a_build_of_its_own(
    airflow: RunningAirflow, hub: FakeHub
) -> None:
    airflow.forget_events()
    hub.plan()
    *early, late = DEPARTMENTS
    airflow.pull(*early)
    assert hub.steps == []

    known = airflow.warehouse_runs()
    airflow.set_deadline("* * * * * */15")
    assert airflow.next_warehouse_run(known).run_type == "scheduled"
    assert hub.steps == STEPS

    known = airflow.warehouse_runs()
    in_vain = airflow.next_warehouse_run(known)
    assert (in_vain.run_type, in_vain.state) == ("scheduled", "success")
    assert hub.steps == [*STEPS, "due"]

    hub.plan()
    known = airflow.warehouse_runs()
    airflow.pull(late)
    while "asset_triggered" not in (airflow.next_warehouse_run(known).run_type):
        known = airflow.warehouse_runs()
    assert hub.count("build") == 1
    assert airflow.queued_events() == set()
