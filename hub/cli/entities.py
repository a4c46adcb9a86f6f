"""The verb that draws what belongs to what."""

from pathlib import Path
from typing import Annotated

import typer

from hub.errors import friendly


def register(app: typer.Typer) -> None:
    """Add ``entities``."""
    app.command()(entities)


@friendly
def entities(
    target: Annotated[Path, typer.Argument(help="Markdown file to write, docs/entities.md.")],
) -> None:
    """Write the entity-relationship diagram of what readers see."""
    from hub.warehouse.entities import page

    target.write_text(page(), encoding="utf-8")
    typer.echo(f"written to {target}")
