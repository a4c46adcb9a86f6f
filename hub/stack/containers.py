"""The stack among containers: the engine starts and restarts services, we say what each one is.

Every container has the same state folder by name, and in it only what its volumes bring.
"""

import os
from typing import NoReturn

from hub.errors import HubError
from hub.settings import Settings
from hub.stack import airflow, redis
from hub.stack.home import prepare_folders, write_launcher
from hub.stack.preparation import hub_steps, source_steps
from hub.stack.service import Service
from hub.stack.services import DATABASES, all_services
from hub.stack.steps import Report, Step, run_steps
from hub.stack.waiting import wait_until

PATIENCE = 300.0  # seconds for a server that creates its data first
CREATES = "create_"


def serve(settings: Settings, name: str) -> NoReturn:
    """Become a service: create its data if need be, then run its program in our place.

    Raises :class:`HubError` when there is no such service.
    """
    service = _service(settings, name)
    _prepare(settings)
    if service.name == "redis":
        redis.prepare_files(settings)
    if name in DATABASES:
        for step in (*_hub_steps(settings), *_source_steps(settings)):
            if step.name == CREATES + name:
                step.run()
    os.chdir("/")
    os.execvpe(  # noqa: S606 - the program takes our place, as the engine's first process
        service.command[0], list(service.command), os.environ | service.environment
    )


def is_healthy(settings: Settings, name: str) -> bool:
    """Ask a service for its real page or query."""
    return _service(settings, name).is_ready()


def prepare(settings: Settings, report: Report, *, demo: bool) -> None:
    """Prepare databases, Airflow and Superset, or (``demo``) the district and its departments.

    Databases are waited for; data directories are their own containers' business.
    """
    _prepare(settings)
    steps = _source_steps(settings) if demo else _hub_steps(settings)
    others = all_services(settings).keys() - set(DATABASES)
    wanted = [step for step in steps if not step.name.startswith(CREATES)]
    wanted = [step for step in wanted if step.name not in others]
    names = {step.name for step in wanted}
    run_steps([_only_after(step, names) for step in wanted], report)


def _only_after(step: Step, names: set[str]) -> Step:
    return Step(step.name, step.title, step.run, [name for name in step.after if name in names])


def _prepare(settings: Settings) -> None:
    prepare_folders(settings)
    airflow.prepare_files(settings)
    write_launcher(settings)


def _hub_steps(settings: Settings) -> list[Step]:
    return hub_steps(settings, all_services(settings), _wait)


def _source_steps(settings: Settings) -> list[Step]:
    return source_steps(settings, all_services(settings), _wait)


def _wait(service: Service) -> None:
    wait_until(service.is_ready, service.title, timeout=PATIENCE, pause=1.0)


def _service(settings: Settings, name: str) -> Service:
    services = all_services(settings)
    if name not in services:
        raise HubError(f"no service '{name}'; there are: {', '.join(services)}", 2)
    return services[name]
