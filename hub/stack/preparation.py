"""What must be done before and between the services' starts, and in which order.

The same steps serve the supervisor, which starts services itself, and containers, where each
service is started by the engine and only waited for.
"""

import hashlib
from collections.abc import Callable, Mapping

from hub.settings import REPOSITORY, Settings
from hub.stack import airflow, databases, sources, streams, superset
from hub.stack.itself import call_hub
from hub.stack.service import Service
from hub.stack.services import warehouse_cluster
from hub.stack.steps import Step

StartService = Callable[[Service], object]


def stack_steps(
    settings: Settings, services: Mapping[str, Service], start: StartService
) -> list[Step]:
    """Return every step that brings the whole stack up; ``start`` returns when a service is up."""
    return [
        *hub_steps(settings, services, start),
        *source_steps(settings, services, start),
        *(
            starting(services[name], start, "prepare_airflow")
            for name in services
            if name.startswith("airflow_")
        ),
        starting(services["superset"], start, "prepare_superset", "import_dashboards"),
        starting(services["data_docs"], start),
    ]


def starting(service: Service, start: StartService, *after: str) -> Step:
    """Return the step that starts a service; it has the service's name."""
    return Step(service.name, service.title, lambda: start(service), after)


def hub_steps(
    settings: Settings, services: Mapping[str, Service], start: StartService
) -> list[Step]:
    """Return the steps that prepare the hub's own databases, Airflow and Superset."""
    cluster = warehouse_cluster(settings)

    def prepared(
        database: str, lock: str, prepare: Callable[[Settings], None]
    ) -> Callable[[], None]:
        return lambda: databases.once_per_version(
            cluster, database, _version(lock), lambda: prepare(settings)
        )

    return [
        Step("create_postgres", "create the warehouse cluster", cluster.create),
        starting(services["postgres"], start, "create_postgres"),
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
    ]


def source_steps(
    settings: Settings, services: Mapping[str, Service], start: StartService
) -> list[Step]:
    """Return the steps that generate the district and put it behind the departments' servers."""
    police = sources.police_cluster(settings)
    return [
        Step("generate", f"district at scale {settings.scale}", lambda: sources.generate(settings)),
        Step("create_police", "create the police's cluster", police.create),
        starting(services["police"], start, "create_police"),
        Step(
            "load_police",
            "load the police's database",
            lambda: sources.load_police(settings),
            ["police", "generate"],
        ),
        *(
            step
            for system in sources.MARIADB
            for step in _mariadb_steps(settings, services[system], start)
        ),
        *(
            starting(services[name], start, "generate")
            for name in ("party_building", "city_management", "health", "market_regulation", "grid")
        ),
        *_stream_steps(settings, services, start),
    ]


def _stream_steps(
    settings: Settings, services: Mapping[str, Service], start: StartService
) -> list[Step]:
    """Return the steps of the sensors: the hub subscribes before the first message is sent."""
    broker, collector, platform = (services[name] for name in streams.NAMES)
    return [
        Step("create_iot_broker", "configure the sensors' broker", streams.broker(settings).create),
        starting(broker, start, "create_iot_broker"),
        starting(collector, start, broker.name),
        starting(platform, start, collector.name, "generate"),
    ]


def _mariadb_steps(settings: Settings, service: Service, start: StartService) -> list[Step]:
    """Return the steps of a system with a MariaDB server of its own."""
    system = service.name
    server = sources.mariadb_server(settings, system)
    return [
        Step(f"create_{system}", f"create the server of {service.title}", server.create),
        starting(service, start, f"create_{system}"),
        Step(
            f"load_{system}",
            f"load the database of {service.title}",
            lambda: sources.load_mariadb(settings, system),
            [system, "generate"],
        ),
    ]


def _version(environment: str) -> str:
    """Return what an environment's lock file holds, as a short mark."""
    lock = REPOSITORY / "requirements" / f"{environment}.txt"
    return hashlib.sha256(lock.read_bytes()).hexdigest()[:16]
