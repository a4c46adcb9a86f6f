"""The table of services, in the order in which they stop last to first."""

import sys

from hub.settings import Settings
from hub.stack import airflow, health, redis, sources, streams, superset
from hub.stack.environment import child_environment
from hub.stack.postgres import STOP_SIGNAL, WAREHOUSE, PostgresCluster
from hub.stack.secrets import secret_file
from hub.stack.service import Service

DATABASES = ("postgres", "police", "civil_affairs", "requests", "iot_broker")


def warehouse_cluster(settings: Settings) -> PostgresCluster:
    """Return the cluster of the warehouse, which also keeps Airflow's and Superset's own data."""
    return PostgresCluster(
        settings.home / "postgres",
        settings.port_postgres,
        secret_file(settings, "postgres_password"),
        options=dict(WAREHOUSE),
        host=settings.host("postgres"),
        bind=settings.bind,
    )


def all_services(settings: Settings) -> dict[str, Service]:
    """Return every service of the stack by name."""
    cluster = warehouse_cluster(settings)
    table = [
        Service(
            name="postgres",
            title="PostgreSQL (warehouse)",
            command=cluster.command(),
            is_ready=cluster.is_ready,
            port_setting="port_postgres",
            stop_signal=STOP_SIGNAL,
            patience=60,
        ),
        *sources.services(settings),
        *streams.services(settings),
        *airflow.services(settings),
        superset.service(settings),
        Service(
            name="data_docs",
            title="Data Docs",
            command=[
                *(sys.executable, "-m", "http.server", "--bind", settings.bind),
                *("--directory", str(settings.data_docs), str(settings.port_data_docs)),
            ],
            environment=child_environment(settings),
            is_ready=health.page(settings.port_data_docs, "/", ""),
            port_setting="port_data_docs",
        ),
    ]
    if settings.executor == "CeleryExecutor":
        table += [redis.service(settings), airflow.worker(settings)]
    return {service.name: service for service in table}
