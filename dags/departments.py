"""One DAG per department: pull it, announce how it went, be red when it did not go well.

``ingest`` runs ``hub ingest <department>``; ``announce`` follows whatever became of it and updates
the department's asset, so that the warehouse never waits for a department that failed; ``verdict``
is the leaf that carries ingest's failure to the DAG run.
"""

from datetime import timedelta
from typing import Any

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG, CronTriggerTimetable, TriggerRule, task

from dags import options
from dags.catalogue import Department, departments
from dags.hub_command import HubCommand, run_hub


def department_dag(department: Department) -> DAG:
    """Build the DAG of one department."""
    with DAG(
        dag_id=department.dag_id,
        dag_display_name=f"接入 · {department.title}",
        description=f"{department.title}（{department.owner}）：拉取、入库、通报结果",
        doc_md=_documentation(department),
        schedule=CronTriggerTimetable(
            department.schedule,
            timezone=options.TIMEZONE,
            # A hub started at 03:00 does not make up for 02:00: its first job is started by hand.
            run_immediately=timedelta(0),
        ),
        catchup=False,
        max_active_runs=1,
        is_paused_upon_creation=False,
        tags=["接入", department.title],
    ) as dag:
        ingest = HubCommand(
            task_id="ingest",
            task_display_name="拉取入库",
            arguments=["ingest", department.name, "--run-id", "{{ run_id }}"],
            retries=options.RETRIES,
            retry_delay=options.RETRY_DELAY,
            retry_exponential_backoff=2.0,
            max_retry_delay=timedelta(minutes=15),
            execution_timeout=options.INGEST_TIMEOUT,
        )
        announced = _announce(department)
        ingest >> announced
        verdict = EmptyOperator(task_id="verdict", task_display_name="结论")
        [ingest, announced] >> verdict
    return dag


def _announce(department: Department) -> Any:
    asset = department.reported

    @task(
        task_display_name="通报结果",
        trigger_rule=TriggerRule.ALL_DONE,
        outlets=[asset],
        retries=options.RETRIES,
        retry_delay=options.RETRY_DELAY,
        execution_timeout=options.SHORT_TIMEOUT,
    )
    def announce(*, ti: Any, run_id: str, outlet_events: Any) -> str:
        states = ti.get_task_states(dag_id=ti.dag_id, task_ids=["ingest"], run_ids=[run_id])
        outcome = "success"
        if states[run_id]["ingest"] != "success":
            # The ledger knows why it failed, unless ingest died before it could say so.
            outcome = run_hub("report", department.name, "--run-id", run_id, "--outcome", "failed")
        outlet_events[asset].extra = {"outcome": outcome, "run_id": run_id}
        return outcome

    return announce()


def _documentation(department: Department) -> str:
    tables = "\n".join(f"- `{name}` {title}" for name, title in department.tables)
    return f"**{department.title}** · {department.owner}\n\n{tables}\n"


for _department in departments()[0]:
    globals()[_department.dag_id] = department_dag(_department)
