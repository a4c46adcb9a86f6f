"""``hub status``: what is in the warehouse, for people and as JSON."""

import json
from typing import Annotated

import typer

from hub.errors import friendly


def register(app: typer.Typer) -> None:
    """Add ``status``."""
    app.command()(status)


@friendly
def status(
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object and nothing else.")
    ] = False,
    tables: Annotated[
        bool, typer.Option("--tables", help="Each table: speed, size, lag, last success, drift.")
    ] = False,
) -> None:
    """Show each department's last run, the published build, its checks, and where to look."""
    from hub.pipeline.status import status as read_status
    from hub.settings import settings

    found = read_status(settings())
    if as_json:
        typer.echo(json.dumps(found.as_json(tables=tables), ensure_ascii=False, indent=2))
        return
    from hub.console import console
    from hub.pipeline.status_screen import show, show_tables

    (show_tables if tables else show)(found, console())
