"""The verbs that containers run: what the supervisor does on one machine, cut by container."""

import typer

from hub.errors import friendly

container = typer.Typer(no_args_is_help=True, help="What docker-compose.yml runs.")


def register(app: typer.Typer) -> None:
    """Add ``hub container …``."""
    app.add_typer(container, name="container")


@container.command()
@friendly
def secrets() -> None:
    """Generate the secrets that are missing."""
    from hub.settings import settings
    from hub.stack.secrets import ensure_secrets, secret_file

    hub = settings()
    ensure_secrets(hub)
    typer.echo(f"secrets are in {hub.secrets}; people's: {secret_file(hub, 'passwords.txt').name}")


@container.command()
@friendly
def prepare(demo: bool = typer.Option(False, help="The simulated departments instead.")) -> None:
    """Prepare databases, Airflow and Superset; with --demo the district and its departments."""
    from hub.settings import settings
    from hub.stack import containers

    containers.prepare(settings(), typer.echo, demo=demo)


@container.command()
@friendly
def serve(service: str) -> None:
    """Become a service of the stack."""
    from hub.settings import settings
    from hub.stack import containers

    containers.serve(settings(), service)


@container.command()
@friendly
def healthy(service: str) -> None:
    """Exit 0 when a service answers its real page or query, else 1."""
    from hub.settings import settings
    from hub.stack import containers

    if not containers.is_healthy(settings(), service):
        raise typer.Exit(1)
