"""The little of Airflow's REST API (v2) that triggering and following runs needs."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

import httpx

from hub.errors import HubError

ACTIVE = ("queued", "running")
# Airflow may be slow to answer while it parses DAGs on a busy machine, but not to be reached.
TIMEOUT = httpx.Timeout(60.0, connect=5.0)
# The module of the DAGs that copies the output of hub verbs into the log.
HUB_LOGGER = "dags.hub_command"


@dataclass(frozen=True)
class Run:
    """One DAG run; ``queued_at`` is when Airflow created it, ``ended_at`` None while it goes on."""

    dag_id: str
    run_id: str
    run_type: str
    state: str
    queued_at: datetime
    ended_at: datetime | None = None

    @property
    def active(self) -> bool:
        """Whether it has not ended yet."""
        return self.state in ACTIVE


@dataclass(frozen=True)
class Task:
    """One task of a run; ``state`` is None before Airflow has looked at it."""

    task_id: str
    title: str
    state: str | None
    try_number: int


class Airflow:
    """A signed-in client; every method raises :class:`HubError` when Airflow cannot be used."""

    def __init__(self, url: str, user: str, password: str) -> None:
        self.url = url
        self._http = httpx.Client(base_url=url, timeout=TIMEOUT, trust_env=False)
        answer = self._send("POST", "/auth/token", {"username": user, "password": password})
        self._http.headers["Authorization"] = f"Bearer {answer['access_token']}"

    def dags(self) -> dict[str, dict[str, Any]]:
        """Return the DAGs that Airflow knows now, by id."""
        found = self._send("GET", "/api/v2/dags?limit=1000")["dags"]
        return {dag["dag_id"]: dag for dag in found if not dag["is_stale"]}

    def import_errors(self) -> int:
        """Return how many DAG files cannot be read."""
        return int(self._send("GET", "/api/v2/importErrors?limit=1")["total_entries"])

    def trigger(self, dag_id: str, run_id: str) -> Run:
        """Start a run that has no logical date."""
        body = {"logical_date": None, "dag_run_id": run_id}
        return _run(self._send("POST", f"/api/v2/dags/{dag_id}/dagRuns", body))

    def latest_runs(self, dag_id: str, limit: int = 10) -> list[Run]:
        """Return the latest runs of a DAG, newest first."""
        path = f"/api/v2/dags/{dag_id}/dagRuns?order_by=-run_after&limit={limit}"
        return [_run(run) for run in self._send("GET", path)["dag_runs"]]

    def tasks(self, run: Run) -> list[Task]:
        """Return the tasks of a run."""
        return [
            Task(ti["task_id"], ti["task_display_name"], ti["state"], ti["try_number"])
            for ti in self._send("GET", _path(run))["task_instances"]
        ]

    def hub_lines(self, run: Run, task: Task) -> list[str]:
        """Return what ``hub`` said in a task's last try; failing that, why the task failed."""
        path = f"{_path(run)}/{task.task_id}/logs/{max(task.try_number, 1)}?full_content=true"
        content = self._send("GET", path)["content"]
        entries = [entry for entry in content if isinstance(entry, dict)]
        said = [entry["event"] for entry in entries if entry.get("logger") == HUB_LOGGER]
        if len(said) > 1:
            return said
        errors = [error for entry in entries for error in entry.get("error_detail") or []]
        return said + [f"{error['exc_type']}: {error['exc_value']}" for error in errors]

    def _send(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        try:
            answer = self._http.request(
                method, path, json=body, headers={"Accept": "application/json"}
            )
        except httpx.TransportError as error:
            raise AirflowUnreachableError(
                f"Airflow does not answer on {self.url} ({type(error).__name__}); "
                "start the hub with `make up`, or look into its log with `hub logs`"
            ) from None
        if answer.status_code in (401, 403):
            raise HubError(
                f"Airflow on {self.url} refuses the hub's password (HTTP {answer.status_code})"
            )
        if answer.status_code >= 500:
            raise AirflowUnreachableError(
                f"Airflow on {self.url} answers {answer.status_code} to {path}"
            )
        if answer.status_code >= 400:
            raise HubError(f"Airflow refuses {method} {path}: {answer.text[:300]}")
        return answer.json()


class AirflowUnreachableError(HubError):
    """Airflow is not there, or not well, at this moment."""


def _path(run: Run) -> str:
    return f"/api/v2/dags/{run.dag_id}/dagRuns/{quote(run.run_id, safe='')}/taskInstances"


def _run(fields: dict[str, Any]) -> Run:
    return Run(
        dag_id=fields["dag_id"],
        run_id=fields["dag_run_id"],
        run_type=fields["run_type"],
        state=fields["state"],
        queued_at=datetime.fromisoformat(fields["queued_at"]),
        ended_at=datetime.fromisoformat(fields["end_date"]) if fields["end_date"] else None,
    )
