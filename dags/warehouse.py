"""The warehouse DAG: once a day, when every department has reported or the deadline has passed.

Two things could make it run in vain or too early, and ``due`` stands before both. A run at the
deadline, after the departments' run has built everything, finds nothing new and skips. A department
pulled by hand leaves its event in Airflow's queue, so that the next night four others complete the
set while it is still being pulled: then ``due`` waits for it.
"""

import logging
import time
from datetime import timedelta
from typing import Any

from airflow.sdk import DAG, AssetAll, AssetOrTimeSchedule, CronTriggerTimetable, chain, task

from dags import options
from dags.catalogue import Department, departments
from dags.hub_command import HubCommand, run_hub

log = logging.getLogger(__name__)

POLL_SECONDS = 3.0


def warehouse_dag(expected: list[Department]) -> DAG:
    """Build the warehouse's DAG, which waits for the ``expected`` departments."""
    with DAG(
        dag_id="warehouse",
        dag_display_name="建库 · 全区",
        description="全部部门通报后（或到截止时间）：建模、检查、发布、刷新看板",
        doc_md=__doc__,
        schedule=AssetOrTimeSchedule(
            timetable=CronTriggerTimetable(
                options.DEADLINE, timezone=options.TIMEZONE, run_immediately=timedelta(0)
            ),
            assets=AssetAll(*(department.reported for department in expected)),
        ),
        catchup=False,
        max_active_runs=1,
        is_paused_upon_creation=False,
        tags=["建库"],
    ) as dag:
        chain(
            _due([department.dag_id for department in expected]),
            _step("build", "建模", ["build", "--run-id", "{{ run_id }}"], options.BUILD_TIMEOUT),
            _step("check", "检查", ["check", "--run-id", "{{ run_id }}"], options.STEP_TIMEOUT),
            _step("publish", "发布", ["publish"], options.STEP_TIMEOUT, retries=1),
            _step("refresh", "刷新看板", ["refresh-dashboards"], options.SHORT_TIMEOUT, retries=2),
        )
    return dag


def _due(ingest_dags: list[str]) -> Any:
    @task(
        task_display_name="是否需要建库",
        retries=options.RETRIES,
        retry_delay=options.RETRY_DELAY,
        execution_timeout=options.STRAGGLER_WAIT + options.SHORT_TIMEOUT,
    )
    def due(*, ti: Any, dag_run: Any) -> None:
        if dag_run.run_type == "manual":
            return
        if dag_run.run_type == "asset_triggered":
            _wait_for(ingest_dags, ti)
        run_hub("due")

    return due()


def _wait_for(ingest_dags: list[str], ti: Any) -> None:
    give_up = time.monotonic() + options.STRAGGLER_WAIT.total_seconds()
    while busy := [dag for dag in ingest_dags if ti.get_dr_count(dag, states=["running"])]:
        if time.monotonic() > give_up:
            log.warning("building without waiting any longer for %s", ", ".join(busy))
            return
        log.info("waiting for %s", ", ".join(busy))
        time.sleep(POLL_SECONDS)


def _step(
    task_id: str, title: str, arguments: list[str], timeout: timedelta, retries: int = 0
) -> HubCommand:
    """One step; what fails for a reason in the data is not tried again."""
    return HubCommand(
        task_id=task_id,
        task_display_name=title,
        arguments=arguments,
        execution_timeout=timeout,
        retries=retries,
        retry_delay=options.RETRY_DELAY,
    )


warehouse = warehouse_dag(departments()[0])
