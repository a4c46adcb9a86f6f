"""The verb that says who is who."""

import typer

from hub.errors import friendly


def register(app: typer.Typer) -> None:
    """Add ``resolve``."""
    app.command()(resolve)


@friendly
def resolve() -> None:
    """Link the staged records of all departments again (`hub build` does it in its midst)."""
    from hub.pipeline.resolve import resolve as run_resolve
    from hub.settings import settings

    for step in run_resolve(settings()):
        typer.echo(f"{step.name}: {step.seconds:.1f} s")
