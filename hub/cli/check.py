"""``hub check``: Great Expectations on the newest build, before it is published."""

from typing import Annotated

import typer

from hub.errors import friendly


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command()(check)


@friendly
def check(
    run_id: Annotated[
        str | None, typer.Option(help="Label of the results; unsaid: the build's own run.")
    ] = None,
) -> None:
    """Check the newest build; exit 10 when a blocking check fails."""
    from hub.pipeline.check import check_newest
    from hub.settings import settings
    from hub.warehouse.connection import dsn

    check_newest(dsn(), settings().data_docs, run_id, typer.echo)
