"""Starts the main job in Airflow and follows it: every department, then the warehouse.

A department that fails is a warning: the city goes on without it. The job fails when no new build
is published.
"""

import secrets
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from hub.errors import HubError
from hub.pipeline.airflow_api import Airflow, AirflowUnreachableError, Run, Task
from hub.pipeline.progress import Progress
from hub.settings import Settings

WAREHOUSE = "warehouse"
STEPS = ("due", "build", "check", "publish", "refresh")

POLL_SECONDS = 1.5
PARSE_PATIENCE = 60.0
OUTAGE_PATIENCE = 60.0
# How long after the last department ended the warehouse's own trigger may take.
TRIGGER_PATIENCE = 30.0
# The same when only some were pulled, which may still complete what waits in Airflow's queue.
ONE_SIDED_PATIENCE = 5.0
# A department announces itself a moment before its own run ends.
ANNOUNCED_BEFORE = timedelta(seconds=10)
LAST_LINES = 15
AT_WORK = ("scheduled", "queued", "running", "up_for_retry")
WAITING = {"scheduled": "，排队", "queued": "，排队", "up_for_retry": "，稍后重试"}


@dataclass
class Outcome:
    """How a city's run went; ``warnings`` are for people, each with its reason."""

    warehouse: Run | None = None
    warnings: list[str] = field(default_factory=list)


def ingest_dag(department: str) -> str:
    """Return the DAG that pulls ``department``."""
    return f"ingest_{department}"


def known_departments(settings: Settings) -> list[str]:
    """Return the departments that have contracts, sound or not."""
    return sorted(file.parent.name for file in settings.contracts_dir.glob("*/department.yaml"))


@dataclass
class CityRun:
    """One run of the main job, from the first trigger to the last step.

    ``only`` names the departments to pull when it shall not be all; the warehouse then does not
    wait for the others. ``timeout`` is in seconds.
    """

    airflow: Airflow
    departments: Sequence[str]
    progress: Progress
    timeout: float
    only: Sequence[str] = ()

    def __post_init__(self) -> None:
        if unknown := set(self.only) - set(self.departments):
            known = ", ".join(self.departments)
            raise HubError(f"no department {', '.join(sorted(unknown))}; known: {known}", 2)
        self.outcome = Outcome()
        self._titles: dict[str, str] = {}
        self._runs: dict[str, Run] = {}
        self._deadline = time.monotonic() + self.timeout

    def start(self) -> dict[str, Run]:
        """Trigger each department, or find the run it is in already; returns the runs by DAG."""
        prefix = _run_id()
        for dag_id in self._usable_dags():
            active = [run for run in self.airflow.latest_runs(dag_id) if run.active]
            if active:
                self._runs[dag_id] = active[-1]
                self.progress.note(f"{self._titles[dag_id]}: follows the run that is under way")
            else:
                department = dag_id.removeprefix("ingest_")
                self._runs[dag_id] = self.airflow.trigger(dag_id, f"{prefix}__{department}")
        if not self._runs:
            raise HubError("no department can be pulled: " + "; ".join(self.outcome.warnings))
        return self._runs

    def follow(self) -> Outcome:
        """Wait for the departments and for the warehouse.

        Raises :class:`HubError` with the failing step's last lines when nothing was published, or
        when the time is up (the run then goes on in Airflow).
        """
        with self.progress.shown():
            self._until(self._departments_ended, "the departments")
            warehouse = self._warehouse_run()
        self._judge_departments()
        self._judge_warehouse(warehouse)
        return self.outcome

    # -- before ----------------------------------------------------------------------------------

    def _usable_dags(self) -> list[str]:
        wanted = [ingest_dag(department) for department in self.only or self.departments]
        known = self._known_dags([*wanted, WAREHOUSE])
        if WAREHOUSE not in known:
            raise HubError(
                f"Airflow has no DAG '{WAREHOUSE}'; see its import errors: {self._url()}"
            )
        self._titles = {dag_id: known[dag_id]["dag_display_name"] for dag_id in known}
        if known[WAREHOUSE]["is_paused"]:
            raise HubError(f"the DAG '{WAREHOUSE}' is paused; switch it on: {self._url()}")
        usable = []
        for dag_id in wanted:
            if dag_id not in known:
                self.outcome.warnings.append(f"{dag_id}: no such DAG; try `hub contract lint`")
            elif known[dag_id]["is_paused"]:
                self.outcome.warnings.append(f"{dag_id}: paused in Airflow, not pulled")
            else:
                usable.append(dag_id)
        return usable

    def _known_dags(self, wanted: Sequence[str]) -> dict[str, dict[str, str]]:
        """Return the wanted DAGs; an Airflow that has just started needs a moment to read them."""
        give_up = time.monotonic() + PARSE_PATIENCE
        while True:
            known = self.airflow.dags()
            missing = [dag_id for dag_id in wanted if dag_id not in known]
            if not missing or self.airflow.import_errors() or time.monotonic() > give_up:
                return {dag_id: known[dag_id] for dag_id in wanted if dag_id in known}
            time.sleep(POLL_SECONDS)

    # -- while -----------------------------------------------------------------------------------

    def _until(self, ended: Callable[[], bool], what: str) -> None:
        last_answer = time.monotonic()
        while True:
            try:
                if ended():
                    return
                last_answer = time.monotonic()
            except AirflowUnreachableError:
                if time.monotonic() - last_answer > OUTAGE_PATIENCE:
                    raise
            if time.monotonic() > self._deadline:
                raise HubError(
                    f"{what} did not end within {self.timeout:.0f} s; "
                    f"the run goes on in Airflow: {self._url()}"
                )
            time.sleep(POLL_SECONDS)

    def _departments_ended(self) -> bool:
        for dag_id, run in self._runs.items():
            if run.active:
                self._runs[dag_id] = self._look(run)
        return not any(run.active for run in self._runs.values())

    def _look(self, run: Run) -> Run:
        """Fetch the run's present state and show it."""
        runs = {found.run_id: found for found in self.airflow.latest_runs(run.dag_id)}
        now = runs.get(run.run_id, run)
        at_work = [task for task in self.airflow.tasks(now) if task.state in AT_WORK]
        detail = ", ".join(described(task) for task in at_work) if now.active else ""
        self.progress.update({self._titles[run.dag_id]: (now.state, detail)})
        return now

    def _warehouse_run(self) -> Run:
        """Follow the warehouse's run for these departments; create one if none comes by itself."""
        patience = time.monotonic() + (ONE_SIDED_PATIENCE if self.only else TRIGGER_PATIENCE)
        pulls = self._runs.values()
        reported = max(run.ended_at or run.queued_at for run in pulls)
        since = max(reported - ANNOUNCED_BEFORE, min(run.queued_at for run in pulls))
        followed: list[Run] = []

        def ended() -> bool:
            runs = self.airflow.latest_runs(WAREHOUSE)
            ours = [run for run in runs if run.active or run.queued_at > since]
            if ours or followed:
                followed[:] = [self._look((ours or followed)[0])]
            elif time.monotonic() > patience:
                if not self.only:
                    self.progress.note("not every department announced itself: building without")
                followed[:] = [self.airflow.trigger(WAREHOUSE, _run_id())]
            return bool(followed) and not followed[0].active

        self._until(ended, "the warehouse")
        return followed[0]

    # -- after -----------------------------------------------------------------------------------

    def _judge_departments(self) -> None:
        for dag_id, run in self._runs.items():
            if run.state != "success":
                reason = self._last_lines(run, [t for t in self._tasks(run) if t.state == "failed"])
                self.outcome.warnings.append(f"{self._titles[dag_id]} did not succeed\n{reason}")

    def _judge_warehouse(self, run: Run) -> None:
        self.outcome.warehouse = run
        if run.state == "success":
            return
        failed = [task for task in self._tasks(run) if task.state == "failed"]
        reason = self._last_lines(run, failed)
        if [task.task_id for task in failed] == ["refresh"]:
            self.outcome.warnings.append(f"published, but the dashboards are not fresh\n{reason}")
            return
        steps = ", ".join(task.task_id for task in failed) or "the run"
        raise HubError(f"the warehouse was not published: {steps} failed\n{reason}")

    def _tasks(self, run: Run) -> list[Task]:
        order = {name: position for position, name in enumerate(STEPS)}
        return sorted(self.airflow.tasks(run), key=lambda task: order.get(task.task_id, 99))

    def _last_lines(self, run: Run, failed: Sequence[Task]) -> str:
        lines: list[str] = []
        if failed:
            with suppress(HubError):  # a log that cannot be read must not hide the failure itself
                lines = self.airflow.hub_lines(run, failed[0])
        lines = lines or [f"see {self._url()}/dags/{run.dag_id}"]
        return "\n".join(f"  | {line}" for line in lines[-LAST_LINES:])

    def _url(self) -> str:
        return self.airflow.url


def _run_id() -> str:
    return f"hub_{datetime.now(UTC):%Y%m%dT%H%M%S}_{secrets.token_hex(2)}"


def described(task: Task) -> str:
    """Return what people read of a task at work: its title, which try, what it waits for."""
    again = f"（第 {task.try_number} 次）" if task.try_number > 1 else ""
    return f"{task.title}{again}{WAITING.get(task.state or '', '')}"
