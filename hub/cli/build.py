"""The verbs of the warehouse: build, publish, rollback."""

from typing import Annotated

import typer

from hub.errors import friendly


def register(app: typer.Typer) -> None:
    """Add ``build``, ``publish`` and ``rollback``."""
    app.command()(build)
    app.command()(publish)
    app.command()(rollback)


@friendly
def build(
    run_id: Annotated[str | None, typer.Option(help="Run that the build belongs to.")] = None,
    select: Annotated[
        str | None, typer.Option(help="Build only these models (dbt's syntax); not publishable.")
    ] = None,
) -> None:
    """Build and test every model in schemas that readers do not see yet.

    Exits 10 when a test fails, 1 when a model cannot be built.
    """
    from hub.pipeline.build import build as run_build
    from hub.pipeline.building import watching
    from hub.settings import settings

    with watching() as watch:
        built = run_build(settings(), run_id, select, watch)
    warnings = f", {built.warnings} of them with warnings" if built.warnings else ""
    typer.echo(
        f"build {built.build_id}: {built.tables} tables, {built.checks} checks{warnings},"
        f" {built.seconds:.1f} s"
    )


@friendly
def publish() -> None:
    """Show readers the newest build, if it was built and checked; keep the one before."""
    from hub.pipeline.publish import publish as run_publish
    from hub.warehouse.connection import dsn

    done = run_publish(dsn())
    typer.echo(f"build {done.build_id} is published ({_effort(done.seconds, done.retries)})")


@friendly
def rollback() -> None:
    """Show readers the previous build again."""
    from hub.pipeline.publish import rollback as run_rollback
    from hub.warehouse.connection import dsn

    done = run_rollback(dsn())
    typer.echo(f"back to build {done.build_id} ({_effort(done.seconds, done.retries)})")


def _effort(seconds: float, retries: int) -> str:
    waited = f", waited for readers {retries} times" if retries else ""
    return f"switched in {seconds * 1000:.0f} ms{waited}"
