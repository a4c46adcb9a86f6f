"""Following a city's run, against an Airflow that lives in memory."""

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rich.console import Console

from hub.errors import HubError
from hub.pipeline import orchestrate
from hub.pipeline.airflow_api import AirflowUnreachableError, Run, Task
from hub.pipeline.orchestrate import CityRun, described
from hub.pipeline.progress import Progress

LONG_AGO = datetime(2026, 11, 20, tzinfo=UTC)


class MemoryAirflow:
    """Runs end as told, at the second look; the warehouse runs when all departments have."""

    url = "http://airflow"

    def __init__(self, *departments: str) -> None:
        self.known = {
            f"ingest_{name}": {"dag_display_name": name, "is_paused": False} for name in departments
        }
        self.known["warehouse"] = {"dag_display_name": "warehouse", "is_paused": False}
        self.runs: dict[str, list[Run]] = {dag_id: [] for dag_id in self.known}
        self.ends: dict[str, str] = {}
        self.failed_tasks: dict[str, str] = {}
        self.announces = True
        self.outages = 0
        self.stuck = False
        self.import_error_count = 0
        self.clock = LONG_AGO

    def dags(self) -> dict[str, dict[str, Any]]:
        return self.known

    def import_errors(self) -> int:
        return self.import_error_count

    def trigger(self, dag_id: str, run_id: str, run_type: str = "manual") -> Run:
        self.clock += timedelta(seconds=1)
        run = Run(dag_id, run_id, run_type, "queued", self.clock)
        self.runs[dag_id].insert(0, run)
        return run

    def latest_runs(self, dag_id: str) -> list[Run]:
        if self.outages:
            self.outages -= 1
            raise AirflowUnreachableError("Airflow does not answer")
        before = list(self.runs[dag_id])
        if before and before[0].active and not self.stuck:
            self.runs[dag_id][0] = replace(before[0], state=self.ends.get(dag_id, "success"))
            self._announce()
        return before

    def _announce(self) -> None:
        latest = [runs[0] for dag_id, runs in self.runs.items() if dag_id != "warehouse" and runs]
        ended = not any(run.active for run in latest)
        if self.announces and ended and not self.runs["warehouse"]:
            self.trigger("warehouse", "asset_triggered__1", "asset_triggered")

    def tasks(self, run: Run) -> list[Task]:
        failed = self.failed_tasks.get(run.dag_id, "ingest")
        state = "failed" if run.state == "failed" else "running"
        return [Task(failed, failed, state, 1)]

    def hub_lines(self, run: Run, task: Task) -> list[str]:
        return [f"line {number} of {task.task_id}" for number in range(30)]


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(orchestrate, "POLL_SECONDS", 0.001)
    monkeypatch.setattr(orchestrate, "TRIGGER_PATIENCE", 0.05)
    monkeypatch.setattr(orchestrate, "ONE_SIDED_PATIENCE", 0.02)
    monkeypatch.setattr(orchestrate, "PARSE_PATIENCE", 0.05)
    return


@pytest.fixture
def airflow() -> MemoryAirflow:
    return MemoryAirflow("police", "health")


def city(
    airflow: MemoryAirflow, timeout: float = 5, only: tuple[str, ...] = ()
) -> tuple[CityRun, io.StringIO]:
    screen = io.StringIO()
    progress = Progress(Console(file=screen, width=200))
    run = CityRun(airflow, ["health", "police"], progress, timeout, only)  # type: ignore[arg-type]
    return run, screen


def test_every_department_gets_a_run_with_a_common_prefix(airflow: MemoryAirflow) -> None:
    started = city(airflow)[0].start()

    prefixes = {run.run_id.rsplit("__", 1)[0] for run in started.values()}
    assert set(started) == {"ingest_health", "ingest_police"}
    assert len(prefixes) == 1


def test_a_run_that_goes_well_has_no_warnings_and_shows_each_change(airflow: MemoryAirflow) -> None:
    run, screen = city(airflow)
    run.start()
    outcome = run.follow()

    assert outcome.warnings == []
    assert outcome.warehouse is not None
    assert outcome.warehouse.run_id == "asset_triggered__1"
    for change in ("police: queued ingest", "police: success", "warehouse: success"):
        assert change in screen.getvalue()


@pytest.mark.parametrize(
    ("state", "try_number", "words"),
    [
        ("running", 1, "拉取入库"),
        ("queued", 1, "拉取入库，排队"),
        ("up_for_retry", 2, "拉取入库（第 2 次），稍后重试"),
        ("running", 3, "拉取入库（第 3 次）"),
    ],
)
def test_a_task_at_work_says_which_try_it_is_and_what_it_waits_for(
    state: str, try_number: int, words: str
) -> None:
    assert described(Task("ingest", "拉取入库", state, try_number)) == words


def test_a_failed_department_is_a_warning_with_its_last_lines(airflow: MemoryAirflow) -> None:
    airflow.ends["ingest_police"] = "failed"
    run, _ = city(airflow)
    run.start()

    warnings = run.follow().warnings

    assert len(warnings) == 1
    assert "police did not succeed" in warnings[0]
    assert "line 29 of ingest" in warnings[0]
    assert "line 0 of ingest" not in warnings[0]


def test_a_warehouse_that_publishes_nothing_is_an_error_with_the_steps_last_lines(
    airflow: MemoryAirflow,
) -> None:
    airflow.ends["warehouse"] = "failed"
    airflow.failed_tasks["warehouse"] = "check"
    run, _ = city(airflow)
    run.start()

    with pytest.raises(HubError, match=r"not published: check failed\n(?s:.*)line 29 of check"):
        run.follow()


def test_dashboards_that_were_not_refreshed_are_a_warning(airflow: MemoryAirflow) -> None:
    airflow.ends["warehouse"] = "failed"
    airflow.failed_tasks["warehouse"] = "refresh"
    run, _ = city(airflow)
    run.start()

    assert "published, but the dashboards are not fresh" in run.follow().warnings[0]


def test_a_run_that_is_under_way_is_followed_instead_of_starting_another(
    airflow: MemoryAirflow,
) -> None:
    under_way = airflow.trigger("ingest_police", "scheduled__2")

    started = city(airflow)[0].start()

    assert started["ingest_police"] == under_way
    assert len(airflow.runs["ingest_police"]) == 1


def test_a_paused_department_is_left_out_with_a_warning(airflow: MemoryAirflow) -> None:
    airflow.known["ingest_police"]["is_paused"] = True
    run, _ = city(airflow)

    assert set(run.start()) == {"ingest_health"}
    assert run.follow().warnings == ["ingest_police: paused in Airflow, not pulled"]


def test_a_department_with_a_broken_contract_is_left_out_with_a_warning(
    airflow: MemoryAirflow,
) -> None:
    del airflow.known["ingest_police"]
    airflow.import_error_count = 1
    run, _ = city(airflow)

    assert set(run.start()) == {"ingest_health"}
    assert run.follow().warnings == ["ingest_police: no such DAG; try `hub contract lint`"]


def test_the_warehouse_is_started_when_its_own_trigger_never_comes(airflow: MemoryAirflow) -> None:
    airflow.announces = False
    run, screen = city(airflow)
    run.start()

    assert run.follow().warehouse is not None
    assert "building without" in screen.getvalue()


def test_a_short_outage_of_airflow_is_waited_out(airflow: MemoryAirflow) -> None:
    run, _ = city(airflow)
    run.start()
    airflow.outages = 3

    assert run.follow().warnings == []


def test_a_run_that_takes_too_long_says_that_it_goes_on(airflow: MemoryAirflow) -> None:
    airflow.stuck = True
    run, _ = city(airflow, timeout=0.02)
    run.start()

    with pytest.raises(HubError, match=r"did not end within 0 s; the run goes on in Airflow"):
        run.follow()


def test_a_paused_warehouse_is_an_error_before_anything_starts(airflow: MemoryAirflow) -> None:
    airflow.known["warehouse"]["is_paused"] = True

    with pytest.raises(HubError, match="'warehouse' is paused"):
        city(airflow)[0].start()
    assert airflow.runs["ingest_police"] == []


def test_one_department_alone_is_pulled_and_built_without_waiting_for_the_others(
    airflow: MemoryAirflow,
) -> None:
    airflow.announces = False
    run, screen = city(airflow, only=("police",))

    assert set(run.start()) == {"ingest_police"}
    outcome = run.follow()

    assert outcome.warnings == []
    assert outcome.warehouse is not None
    assert "building without" not in screen.getvalue()


def test_an_unknown_department_is_refused_with_the_known_ones(airflow: MemoryAirflow) -> None:
    with pytest.raises(HubError, match="no department polcie; known: health, police"):
        city(airflow, only=("polcie",))


def test_a_build_of_an_hour_ago_is_not_taken_for_the_one_that_is_to_come(
    airflow: MemoryAirflow,
) -> None:
    airflow.announces = False
    earlier = airflow.trigger("warehouse", "asset_triggered__0", "asset_triggered")
    airflow.runs["warehouse"] = [replace(earlier, state="success")]
    airflow.clock += timedelta(hours=1)
    run, _ = city(airflow)
    run.start()

    outcome = run.follow()

    assert outcome.warehouse is not None
    assert outcome.warehouse.run_id != earlier.run_id
