"""The verbs of the local stack: up, down, start, stop, restart, services, logs, clean."""

from typing import Annotated

import typer

from hub.errors import HubError, friendly

ServiceName = Annotated[str, typer.Argument(help="One of `hub services`.")]


def register(app: typer.Typer) -> None:
    """Add the verbs of the local stack."""
    for verb in (up, down, start, stop, restart, services, logs, clean):
        app.command()(verb)


@friendly
def up(
    run: Annotated[
        bool | None,
        typer.Option("--run/--no-run", help="Run the main job; unsaid: if it never succeeded."),
    ] = None,
) -> None:
    """Start everything, run the main job the first time, and say where to look."""
    from hub.pipeline.dashboards import are_imported
    from hub.settings import settings
    from hub.stack.home import one_at_a_time
    from hub.stack.itself import show_hub
    from hub.stack.job import is_due, note_done
    from hub.stack.start import start_stack
    from hub.stack.summary import summary

    hub = settings()
    job = is_due(hub) if run is None else run
    typer.echo(f"Starting the hub in {hub.home}")
    with one_at_a_time(hub):
        start_stack(hub, typer.echo, import_dashboards=job or not are_imported(hub))
    if job:
        typer.echo("Running the main job")
        if not show_hub(hub, "run", "--wait"):
            raise HubError("the stack is up, but the main job failed; again: make up ARGS=--run")
        note_done(hub)
    typer.echo(summary(hub))


@friendly
def down() -> None:
    """Stop everything, leaving no process behind."""
    from hub.settings import settings
    from hub.stack.home import one_at_a_time
    from hub.stack.stop import stop_stack

    hub = settings()
    with one_at_a_time(hub):
        stopped = stop_stack(hub)
    typer.echo("stopped" if stopped else "nothing was running")


@friendly
def start(service: ServiceName) -> None:
    """Start one service of a running stack, and wait until it is ready."""
    from hub.settings import settings
    from hub.stack.control import start_one

    start_one(settings(), service)
    typer.echo(f"{service} is ready")


@friendly
def stop(service: ServiceName) -> None:
    """Stop one service; the others go on."""
    from hub.settings import settings
    from hub.stack.control import stop_one

    stop_one(settings(), service)
    typer.echo(f"{service} is stopped")


@friendly
def restart(service: ServiceName) -> None:
    """Stop one service and start it again."""
    from hub.settings import settings
    from hub.stack.control import start_one, stop_one

    stop_one(settings(), service)
    start_one(settings(), service)
    typer.echo(f"{service} is ready")


@friendly
def services() -> None:
    """List the services: process state, and whether each answers a real page or query."""
    from hub.console import console
    from hub.settings import settings
    from hub.stack.control import overview, table

    found = overview(settings())
    console().print(table(found))
    if not all(each.ready for each in found):
        raise SystemExit(1)


@friendly
def logs(
    service: ServiceName,
    lines: Annotated[int, typer.Option("--lines", "-n", help="How many last lines.")] = 40,
) -> None:
    """Print the last lines of a service's log."""
    from hub.settings import settings
    from hub.stack.child import tail

    log = settings().logs / f"{service}.log"
    if not log.exists():
        known = ", ".join(sorted(file.stem for file in settings().logs.glob("*.log")))
        raise HubError(
            f"no log of '{service}' in {settings().logs}; there are: {known or 'none'}", 2
        )
    typer.echo(tail(log, lines))


@friendly
def clean(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Delete all state: databases, landed files, secrets, logs. The environments stay."""
    from hub.settings import settings
    from hub.stack.home import one_at_a_time
    from hub.stack.stop import delete_state

    hub = settings()
    if not hub.home.exists():
        return
    with one_at_a_time(hub):
        if not yes:
            typer.confirm(f"Delete every database, file and password in {hub.home}?", abort=True)
        delete_state(hub)
    typer.echo(f"{hub.home} is empty but for the environments")
