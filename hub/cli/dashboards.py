"""The verbs of Superset: import the dashboards, refresh what they show."""

import typer

from hub.errors import friendly


def register(app: typer.Typer) -> None:
    """Add ``import-dashboards`` and ``refresh-dashboards``."""
    app.command("import-dashboards")(import_dashboards)
    app.command("refresh-dashboards")(refresh_dashboards)


@friendly
def import_dashboards() -> None:
    """Bring Superset's dashboards, roles and users to what superset_assets/ says."""
    from hub.pipeline.dashboards import import_dashboards as run_import
    from hub.settings import settings

    typer.echo(run_import(settings()))


@friendly
def refresh_dashboards() -> None:
    """Let dashboards show the published build at once, instead of cached figures."""
    from hub.pipeline.refresh import refresh_dashboards as run_refresh
    from hub.settings import settings

    typer.echo(f"{run_refresh(settings())} datasets will be read anew")
