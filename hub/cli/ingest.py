"""``hub ingest``: pull departments."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from hub.errors import HubError, friendly

DAY = "%Y-%m-%d"


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command()(ingest)


@friendly
def ingest(  # noqa: PLR0913, PLR0917 - a verb has the options that it has
    departments: Annotated[list[str] | None, typer.Argument(help="Departments to pull.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Pull every department.")] = False,
    run_id: Annotated[str | None, typer.Option(help="Run to enter the batches under.")] = None,
    contracts: Annotated[Path | None, typer.Option(help="Folder of contracts.")] = None,
    table: Annotated[str | None, typer.Option(help="Only this table of the department.")] = None,
    first: Annotated[
        datetime | None, typer.Option("--from", formats=[DAY], help="Read again from this day on.")
    ] = None,
    last: Annotated[
        datetime | None,
        typer.Option("--to", formats=[DAY], help="Up to this day, itself included."),
    ] = None,
    keys: Annotated[
        bool, typer.Option("--keys", help="Read all keys as well, and close those that are gone.")
    ] = False,
) -> None:
    """Pull departments; exit 10 when something was held, 11 when a source failed.

    With --table, --from and --to: read a range of days of a cursor table once more.
    """
    from hub.pipeline import code_lists
    from hub.pipeline import ingest as pipeline
    from hub.pipeline.extracting import watching
    from hub.pipeline.reading import wish
    from hub.settings import settings
    from hub.stack.environment import offer_source_environment
    from hub.warehouse.connection import dsn

    if bool(departments) == everything:
        raise HubError("name the departments to pull, or say --all", pipeline.USAGE)
    hub = settings()
    wanted = pipeline.chosen(contracts or hub.contracts_dir, departments or [], table)
    asked = wish(wanted, first, last, keys=keys)
    offer_source_environment(hub)
    with watching() as (say, watch):
        job = pipeline.Job(
            dsn=dsn(),
            landing=hub.landing,
            data_docs=hub.data_docs,
            run_id=run_id or pipeline.new_run_id(),
            trigger="airflow" if run_id else "manual",
            say=say,
            wish=asked,
            code_lists=code_lists.load(),
            watch=watch,
            part=table is not None,
        )
        code = pipeline.ingest(job, wanted)
    raise typer.Exit(code)
