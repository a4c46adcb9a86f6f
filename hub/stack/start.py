"""Bring the stack up, part by part and as much as possible at the same time."""

import hashlib
from collections.abc import Callable

from hub.errors import HubError
from hub.settings import REPOSITORY, Settings
from hub.stack import airflow, databases, sources, superset
from hub.stack.home import prepare_home
from hub.stack.itself import call_hub
from hub.stack.ports import holder, is_taken
from hub.stack.service import Service
from hub.stack.services import all_services, warehouse_cluster
from hub.stack.steps import Report, Step, run_steps, without
from hub.stack.supervisor import Supervisor


def start_stack(settings: Settings, report: Report, *, import_dashboards: bool) -> None:
    """Start whatever does not run, in order; returns when every service is ready for use.

    Safe to call at any time: what runs already is left alone, unless its definition changed.
    ``import_dashboards`` also brings Superset's dashboards, roles and users to what the files say.
    """
    prepare_home(settings)
    services = all_services(settings)
    supervisor = Supervisor(settings)
    if supervisor.is_running():
        changed = supervisor.write(list(services.values()))
        supervisor.reread()
        supervisor.stop_services(changed)
    else:
        supervisor.end_leftovers()
    refuse_taken_ports(
        [each for each in services.values() if not _is_up(supervisor, each)], settings
    )
    if not supervisor.is_running():
        supervisor.start(list(services.values()))
    steps = _steps(settings, services, supervisor)
    if not import_dashboards:
        steps = without(steps, "import_dashboards")
    run_steps(steps, report)


def refuse_taken_ports(services: list[Service], settings: Settings) -> None:
    """Raise :class:`HubError` when a port is taken: which, for what, by whom, and what to do."""
    lines = []
    for service in services:
        if not service.port_setting:
            continue
        port = getattr(settings, service.port_setting)
        if is_taken(port):
            lines.append(
                f"port {port} for {service.title} is taken by {holder(port)}; stop that, or "
                f"choose another port: HUB_{service.port_setting.upper()}=<port> make up"
            )
    if lines:
        raise HubError("\n     ".join(lines))


def _is_up(supervisor: Supervisor, service: Service) -> bool:
    return supervisor.is_running() and supervisor.is_up(service.name)


def _steps(settings: Settings, services: dict[str, Service], supervisor: Supervisor) -> list[Step]:
    cluster = warehouse_cluster(settings)
    police, civil_affairs = sources.police_cluster(settings), sources.civil_affairs_server(settings)

    def start(name: str, *after: str) -> Step:
        service = services[name]
        return Step(name, service.title, lambda: supervisor.start_service(service), after)

    def prepared(
        database: str, lock: str, prepare: Callable[[Settings], None]
    ) -> Callable[[], None]:
        return lambda: databases.once_per_version(
            cluster, database, _version(lock), lambda: prepare(settings)
        )

    return [
        Step("create_postgres", "create the warehouse cluster", cluster.create),
        start("postgres", "create_postgres"),
        Step(
            "prepare_databases",
            "roles, databases, extensions",
            lambda: databases.prepare(cluster, settings),
            ["postgres"],
        ),
        Step(
            "prepare_superset",
            "Superset's database",
            prepared("superset", "dashboards", superset.migrate),
            ["prepare_databases"],
        ),
        Step(
            "import_dashboards",
            "dashboards, roles and users",
            lambda: call_hub(settings, "import-dashboards"),
            ["prepare_superset"],
        ),
        Step(
            "prepare_airflow",
            "Airflow's database",
            prepared("airflow", "orchestrator", airflow.migrate),
            ["prepare_databases"],
        ),
        Step("generate", f"district at scale {settings.scale}", lambda: sources.generate(settings)),
        Step("create_police", "create the police's cluster", police.create),
        start("police", "create_police"),
        Step("create_civil_affairs", "create civil affairs' server", civil_affairs.create),
        start("civil_affairs", "create_civil_affairs"),
        Step(
            "load_police",
            "load the police's database",
            lambda: sources.load_police(settings),
            ["police", "generate"],
        ),
        Step(
            "load_civil_affairs",
            "load civil affairs' database",
            lambda: sources.load_civil_affairs(settings),
            ["civil_affairs", "generate"],
        ),
        *(start(name, "generate") for name in ("party_building", "city_management", "health")),
        *(start(name, "prepare_airflow") for name in services if name.startswith("airflow_")),
        start("superset", "prepare_superset", "import_dashboards"),
        start("data_docs"),
    ]


def _version(environment: str) -> str:
    """Return what an environment's lock file holds, as a short mark."""
    lock = REPOSITORY / "requirements" / f"{environment}.txt"
    return hashlib.sha256(lock.read_bytes()).hexdigest()[:16]
