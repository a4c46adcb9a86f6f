"""The simulated departmental systems: how each is created, loaded, served and asked.

The simulator is a program of its own, called on its command line; nothing of it is imported.
"""

import sys
from pathlib import Path

from hub.settings import REPOSITORY, Settings
from hub.stack import environment, health
from hub.stack.child import run_logged
from hub.stack.databases import ensure_database
from hub.stack.mariadb import STOP_SIGNAL as MARIADB_STOP
from hub.stack.mariadb import MariaDBServer
from hub.stack.postgres import STOP_SIGNAL as POSTGRES_STOP
from hub.stack.postgres import PostgresCluster
from hub.stack.secrets import secret_file
from hub.stack.service import Service


def district(settings: Settings) -> Path:
    """Return the folder of the generated district of this scale and seed."""
    return settings.home / "simulator" / f"{settings.scale}-{settings.seed}"


def police_cluster(settings: Settings) -> PostgresCluster:
    """Return the police's own database server."""
    return PostgresCluster(
        settings.home / "police",
        settings.port_police,
        secret_file(settings, "police_admin_password"),
        host=settings.host("police"),
        bind=settings.bind,
    )


def civil_affairs_server(settings: Settings) -> MariaDBServer:
    """Return civil affairs' own database server."""
    return MariaDBServer(
        settings.home / "civil_affairs",
        settings.port_civil_affairs,
        secret_file(settings, "civil_affairs_admin_password"),
        host=settings.host("civil_affairs"),
        bind=settings.bind,
    )


def generate(settings: Settings) -> None:
    """Generate the district; quick when it is there."""
    scale = ["--scale", settings.scale, "--seed", str(settings.seed)]
    _run(settings, "generate", *scale, "--home", str(district(settings)))


def load_police(settings: Settings) -> None:
    """Fill the police's database; the administrator's password travels in a passfile."""
    cluster, database = police_cluster(settings), environment.POLICE_DATABASE
    with cluster.connect() as connection:
        ensure_database(connection, database, "postgres")
    passfile = secret_file(settings, "police_pgpass")
    _run(
        settings,
        *("load", "police", "--home", str(district(settings))),
        *("--dsn", f"{cluster.uri(database)}?passfile={passfile}"),
        *("--reader-password-file", str(secret_file(settings, "police_password"))),
    )


def load_civil_affairs(settings: Settings) -> None:
    """Fill civil affairs' database."""
    server = civil_affairs_server(settings)
    _run(
        settings,
        *("load", "civil_affairs", "--home", str(district(settings))),
        *("--host", server.host, "--port", str(server.port), "--user", "root"),
        *("--password-file", str(server.password_file)),
        *("--reader-password-file", str(secret_file(settings, "civil_affairs_password"))),
    )


def services(settings: Settings) -> list[Service]:
    """Return the five systems as services, databases first."""
    police, civil_affairs = police_cluster(settings), civil_affairs_server(settings)
    return [
        Service(
            name="police",
            title="公安 PostgreSQL",
            command=police.command(),
            is_ready=police.is_ready,
            port_setting="port_police",
            stop_signal=POSTGRES_STOP,
        ),
        Service(
            name="civil_affairs",
            title="民政 MariaDB",
            command=civil_affairs.command(),
            is_ready=civil_affairs.is_ready,
            port_setting="port_civil_affairs",
            stop_signal=MARIADB_STOP,
        ),
        _http_service(settings, "party_building", "党建 HTTP", settings.port_party_building),
        _http_service(settings, "city_management", "城管 HTTP", settings.port_city_management),
        Service(
            name="health",
            title="卫健 SFTP",
            command=_simulator(
                *("serve", "health", "--home", str(district(settings))),
                *("--port", str(settings.port_health)),
                *("--host-key", str(secret_file(settings, "health_host_key"))),
                *("--authorized-key", str(secret_file(settings, "health_public_key"))),
                *("--user", environment.HEALTH_USER),
            ),
            environment=environment.child_environment(settings),
            is_ready=health.sftp_listing(settings, "/outbox"),
            port_setting="port_health",
        ),
        Service(
            name="market_regulation",
            title="市场监管 HTTP",
            command=_simulator(
                *("serve", "market_regulation", "--home", str(district(settings))),
                *("--port", str(settings.port_market_regulation)),
            ),
            environment=environment.child_environment(settings),
            is_ready=health.page(settings.port_market_regulation, "/health", "up"),
            port_setting="port_market_regulation",
        ),
    ]


def _http_service(settings: Settings, name: str, title: str, port: int) -> Service:
    return Service(
        name=name,
        title=title,
        command=_simulator(
            *("serve", name, "--home", str(district(settings)), "--port", str(port)),
            *("--app-key", environment.APP_KEY),
            *("--app-secret-file", str(secret_file(settings, f"{name}_app_secret"))),
        ),
        environment=environment.child_environment(settings),
        is_ready=health.page(port, "/health", "up"),
        port_setting=f"port_{name}",
    )


def _simulator(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "simulator", *arguments]


def _run(settings: Settings, *arguments: str) -> None:
    run_logged(
        f"`simulator {' '.join(arguments[:2])}`",
        _simulator(*arguments),
        settings.logs / "simulator.log",
        environment=environment.child_environment(settings),
        folder=REPOSITORY,
    )
