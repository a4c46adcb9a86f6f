"""``hub collect``: listen to a department's stream and keep what it sends."""

from pathlib import Path
from typing import Annotated

import typer

from hub.errors import friendly


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command()(collect)


@friendly
def collect(
    department: Annotated[str, typer.Argument(help="Department whose messages to collect.")],
    contracts: Annotated[Path | None, typer.Option(help="Folder of contracts.")] = None,
) -> None:
    """Listen to a department's broker until stopped; `hub ingest` lands what was kept."""
    from hub.pipeline import collect as pipeline
    from hub.settings import settings
    from hub.stack.environment import offer_source_environment

    hub = settings()
    offer_source_environment(hub)
    pipeline.collect(contracts or hub.contracts_dir, department, typer.echo)
