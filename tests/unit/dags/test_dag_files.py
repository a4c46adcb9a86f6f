"""What Airflow finds in the DAG files: read in Airflow's own environment, without a network."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from hub.settings import REPOSITORY
from tests.support.orchestrator import environment, run_python
from tests.support.repository import CONTRACTS, DEPARTMENTS

READ = """
import json, socket, sys
from pathlib import Path

def refused(*_):
    raise AssertionError("a DAG file connects to something while it is read")

socket.socket.connect = refused

from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG

def described(task):
    return {
        "upstream": sorted(task.upstream_task_ids),
        "retries": task.retries,
        "retry_delay": task.retry_delay.total_seconds(),
        "exponential": bool(task.retry_exponential_backoff),
        "timeout": task.execution_timeout and task.execution_timeout.total_seconds(),
        "trigger_rule": task.trigger_rule.value,
        "arguments": getattr(task, "arguments", None),
        "outlets": [outlet.uri for outlet in task.outlets],
    }

files = {}
for file in sorted(Path(sys.argv[1] if len(sys.argv) > 1 else "dags").glob("*.py")):
    bag = DagBag(file)
    files[file.name] = {
        "errors": list(bag.import_errors.values()),
        "dags": {
            dag_id: {
                "display": dag.dag_display_name,
                "max_active_runs": dag.max_active_runs,
                "catchup": dag.catchup,
                "paused": dag.is_paused_upon_creation,
                "timetable": repr(dag.timetable),
                "tasks": {task.task_id: described(task) for task in dag.tasks},
            }
            for dag_id, dag in bag.dags.items()
        },
    }
print(json.dumps(files))
"""


@dataclass(frozen=True)
class DagFiles:
    files: dict[str, dict[str, Any]]

    @property
    def dags(self) -> dict[str, dict[str, Any]]:
        return {k: v for file in self.files.values() for k, v in file["dags"].items()}

    @property
    def errors(self) -> list[str]:
        return [error for file in self.files.values() for error in file["errors"]]


def read_dags(home: Path, contracts: Path = CONTRACTS) -> DagFiles:
    code = READ.replace('"dags"', repr(str(REPOSITORY / "dags")), 1)
    env = environment(home, HUB_CONTRACTS_DIR=str(contracts))
    return DagFiles(json.loads(run_python(code, env).splitlines()[-1]))


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> DagFiles:
    return read_dags(tmp_path_factory.mktemp("airflow"))


def test_there_is_one_dag_per_department_and_one_for_the_warehouse(read: DagFiles) -> None:
    assert set(read.dags) == {f"ingest_{name}" for name in DEPARTMENTS} | {"warehouse"}
    assert read.errors == []


def test_no_dag_catches_up_or_runs_twice_at_once_and_all_are_switched_on(read: DagFiles) -> None:
    for dag in read.dags.values():
        assert (dag["catchup"], dag["max_active_runs"], dag["paused"]) == (False, 1, False)


def test_a_department_is_pulled_with_retries_that_back_off(read: DagFiles) -> None:
    ingest = read.dags["ingest_police"]["tasks"]["ingest"]
    assert ingest["arguments"] == ["ingest", "police", "--run-id", "{{ run_id }}"]
    assert (ingest["retries"], ingest["retry_delay"], ingest["exponential"]) == (2, 20, True)
    assert ingest["timeout"] == 3600


def test_a_department_announces_itself_whatever_became_of_it(read: DagFiles) -> None:
    announce = read.dags["ingest_police"]["tasks"]["announce"]
    assert announce["upstream"] == ["ingest"]
    assert announce["trigger_rule"] == "all_done"
    assert announce["outlets"] == ["hub://reported/police"]


def test_a_leaf_carries_the_failure_of_ingest_to_the_run(read: DagFiles) -> None:
    verdict = read.dags["ingest_police"]["tasks"]["verdict"]
    assert "ingest" in verdict["upstream"]
    assert verdict["trigger_rule"] == "all_success"


def test_departments_run_at_the_time_their_contract_says_in_beijing_time(read: DagFiles) -> None:
    timetable = read.dags["ingest_police"]["timetable"]
    assert "0 2 * * *" in timetable
    assert "Asia/Shanghai" in timetable


def test_the_warehouse_waits_for_every_department_or_the_deadline(read: DagFiles) -> None:
    timetable = read.dags["warehouse"]["timetable"]
    assert all(f"hub://reported/{name}" in timetable for name in DEPARTMENTS)
    assert "0 6 * * *" in timetable


def test_the_warehouse_goes_step_by_step_through_hub_verbs(read: DagFiles) -> None:
    tasks = read.dags["warehouse"]["tasks"]
    order = ["due", "build", "check", "publish", "refresh"]
    assert [tasks[name]["upstream"] for name in order] == [[], *([name] for name in order[:-1])]
    verbs = [tasks[name]["arguments"][0] for name in order[1:]]
    assert verbs == ["build", "check", "publish", "refresh-dashboards"]


def test_what_fails_because_of_the_data_is_not_tried_again(read: DagFiles) -> None:
    tasks = read.dags["warehouse"]["tasks"]
    assert (tasks["build"]["retries"], tasks["check"]["retries"]) == (0, 0)


@pytest.fixture
def contracts(tmp_path: Path) -> Path:
    return shutil.copytree(
        CONTRACTS,
        tmp_path / "contracts",
        ignore=lambda _, names: [
            name for name in names if name.endswith(".py") or name == "__pycache__"
        ],
    )


def mend(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


def line_of(file: Path, text: str) -> int:
    return next(n for n, line in enumerate(file.read_text().splitlines(), 1) if text in line)


def test_a_broken_contract_is_an_import_error_with_file_and_line_and_the_others_live_on(
    contracts: Path, tmp_path: Path
) -> None:
    file = contracts / "police" / "resident.yaml"
    mend(file, "classification: L3", "classification: L7")

    read = read_dags(tmp_path, contracts)

    others = set(DEPARTMENTS) - {"police"}
    assert set(read.dags) == {f"ingest_{name}" for name in others} | {"warehouse"}
    assert "police" not in read.dags["warehouse"]["timetable"]
    assert len(read.errors) == 1
    assert f"{file}:{line_of(file, 'L7')}: " in read.errors[0]
    assert "L7" in read.errors[0]


def test_a_time_of_day_that_does_not_exist_takes_only_its_own_department_out(
    contracts: Path, tmp_path: Path
) -> None:
    file = contracts / "health" / "department.yaml"
    mend(file, 'schedule: "0 2', 'schedule: "99 2')

    read = read_dags(tmp_path, contracts)

    assert "ingest_health" not in read.dags
    assert "ingest_police" in read.dags
    assert "health" not in read.dags["warehouse"]["timetable"]
    assert len(read.errors) == 1
    assert f"{file}:{line_of(file, 'schedule:')}: schedule: " in read.errors[0]
