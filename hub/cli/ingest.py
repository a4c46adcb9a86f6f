"""``hub ingest``, ``hub batches`` and ``hub rejects``: pull departments, look at what came."""

from pathlib import Path
from typing import Annotated

import typer

from hub.errors import HubError, friendly

rejects = typer.Typer(no_args_is_help=True, help="Rows that were rejected, and why.")

Department = Annotated[str | None, typer.Option(help="Only this department.")]
Limit = Annotated[int, typer.Option(help="At most so many, newest first.", min=1)]


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    app.command()(ingest)
    app.command()(batches)
    app.add_typer(rejects, name="rejects")


@friendly
def ingest(
    departments: Annotated[list[str] | None, typer.Argument(help="Departments to pull.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Pull every department.")] = False,
    run_id: Annotated[str | None, typer.Option(help="Run to enter the batches under.")] = None,
    contracts: Annotated[Path | None, typer.Option(help="Folder of contracts.")] = None,
) -> None:
    """Pull departments; exit 10 when something was held, 11 when a source failed."""
    from hub.pipeline import ingest as pipeline
    from hub.settings import settings
    from hub.stack.environment import offer_source_environment
    from hub.warehouse.connection import dsn

    if bool(departments) == everything:
        raise HubError("name the departments to pull, or say --all", pipeline.USAGE)
    hub = settings()
    wanted = pipeline.chosen(contracts or hub.contracts_dir, departments or [])
    offer_source_environment(hub)
    job = pipeline.Job(
        dsn=dsn(),
        landing=hub.landing,
        data_docs=hub.data_docs,
        run_id=run_id or pipeline.new_run_id(),
        trigger="airflow" if run_id else "manual",
        say=typer.echo,
    )
    raise typer.Exit(pipeline.ingest(job, wanted))


@friendly
def batches(department: Department = None, limit: Limit = 20) -> None:
    """List batches: what was received, and where its rows went."""
    from hub.pipeline import received
    from hub.warehouse.connection import dsn

    received.show_batches(dsn(), department, limit)


@rejects.command("list")
@friendly
def list_rejects(department: Department = None, limit: Limit = 20) -> None:
    """List rejected rows by table and rule, of batches that stand."""
    from hub.pipeline import received
    from hub.warehouse.connection import dsn

    received.show_rejects(dsn(), department, limit)


@rejects.command("show")
@friendly
def show_reject(
    rejected_id: Annotated[int, typer.Argument(help="Number from `hub rejects list`.")],
) -> None:
    """Show one rejected row with what was received. May show personal data."""
    from hub.pipeline import received
    from hub.warehouse.connection import dsn

    received.show_reject(dsn(), rejected_id)
