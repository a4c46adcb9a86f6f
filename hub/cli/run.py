"""``hub run``: the main job through Airflow; ``hub due`` and ``hub report``: what its DAGs ask."""

from typing import Annotated, Literal

import typer

from hub.errors import HubError, friendly

NOTHING_NEW = 12
Outcome = Literal["success", "held", "failed"]


def register(app: typer.Typer) -> None:
    """Add ``run``, and the two verbs that only Airflow's tasks call."""
    app.command()(run)
    app.command(hidden=True)(due)
    app.command(hidden=True)(report)


@friendly
def run(
    departments: Annotated[
        list[str] | None, typer.Argument(help="Pull only these; unsaid: all of them.")
    ] = None,
    *,
    wait: Annotated[bool, typer.Option(help="Follow the run to its end.")] = True,
    timeout: Annotated[float, typer.Option(help="Seconds to follow it at most.")] = 3600,
) -> None:
    """Pull the departments and publish a new build, through Airflow.

    A run that is under way already is followed instead of starting another. A department that
    fails is shown with its last log lines, and the city goes on without it; the command fails
    when nothing new is published.
    """
    from rich.console import Console

    from hub.pipeline.airflow_api import Airflow
    from hub.pipeline.orchestrate import CityRun, known_departments
    from hub.pipeline.progress import Progress
    from hub.settings import settings
    from hub.stack.airflow import USER, internal_address
    from hub.stack.secrets import read_secret

    hub = settings()
    password = read_secret(hub, "airflow_admin_password")
    airflow = Airflow(internal_address(hub), USER, password)
    console = Console()
    city = CityRun(airflow, known_departments(hub), Progress(console), timeout, departments or [])
    for started in city.start().values():
        console.out(f"{started.dag_id}: {started.run_id}", highlight=False)
    try:
        if wait:
            city.follow()
    finally:
        for warning in city.outcome.warnings:
            console.out(f"warning: {warning}", style="yellow", highlight=False)


@friendly
def due() -> None:
    """Say who has reported since the last build; exit 12 when nobody has."""
    from hub.pipeline.reports import new_reports
    from hub.warehouse.connection import dsn

    reports = new_reports(dsn())
    if not reports:
        raise HubError("nothing was reported since the last build", NOTHING_NEW)
    typer.echo("reported: " + ", ".join(f"{each.department} {each.outcome}" for each in reports))


@friendly
def report(
    department: Annotated[str, typer.Argument(help="Whose run it was.")],
    run_id: Annotated[str, typer.Option(help="The run.")],
    outcome: Annotated[Outcome, typer.Option(help="How it ended.")],
) -> None:
    """Record how a department's run ended unless it said so itself; print what is recorded."""
    from hub.pipeline.reports import report_outcome
    from hub.settings import settings
    from hub.warehouse.connection import dsn

    typer.echo(report_outcome(dsn(), settings().landing, department, run_id, outcome))
