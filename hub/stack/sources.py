"""The simulated departmental systems: how each is created, loaded, served and asked.

The simulator is a program of its own, called on its command line; nothing of it is imported.
"""

import shutil
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

MARIADB = {"civil_affairs": "民政", "requests": "民生诉求"}


def district(settings: Settings) -> Path:
    """Return the folder of the generated district of this scale and seed."""
    return settings.district


def police_cluster(settings: Settings) -> PostgresCluster:
    """Return the police's own database server."""
    return PostgresCluster(
        settings.home / "police",
        settings.port_police,
        secret_file(settings, "police_admin_password"),
        host=settings.host("police"),
        bind=settings.bind,
    )


def mariadb_server(settings: Settings, system: str) -> MariaDBServer:
    """Return the database server of its own that a system of :data:`MARIADB` has."""
    return MariaDBServer(
        settings.home / system,
        getattr(settings, f"port_{system}"),
        secret_file(settings, f"{system}_admin_password"),
        host=settings.host(system),
        bind=settings.bind,
    )


def generate(settings: Settings) -> None:
    """Generate the district, quick when it is there; bring its files to the drop folder."""
    scale = ["--scale", settings.scale, "--seed", str(settings.seed)]
    _run(settings, "generate", *scale, "--home", str(district(settings)))
    outbox, folder = environment.others_outbox(settings), environment.drop_folder(settings)
    if folder != outbox:
        for path in sorted(outbox.iterdir()):
            partial = folder / f".{path.name}"
            shutil.copy2(path, partial)
            partial.replace(folder / path.name)  # nobody reads half a file


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


def load_mariadb(settings: Settings, system: str) -> None:
    """Fill the database of a system of :data:`MARIADB`."""
    server = mariadb_server(settings, system)
    _run(
        settings,
        *("load", system, "--home", str(district(settings))),
        *("--host", server.host, "--port", str(server.port), "--user", "root"),
        *("--password-file", str(server.password_file)),
        *("--reader-password-file", str(secret_file(settings, f"{system}_password"))),
    )


def services(settings: Settings) -> list[Service]:
    """Return the systems as services, databases first."""
    police = police_cluster(settings)
    return [
        Service(
            name="police",
            title="公安 PostgreSQL",
            command=police.command(),
            is_ready=police.is_ready,
            port_setting="port_police",
            stop_signal=POSTGRES_STOP,
        ),
        *(_mariadb_service(settings, system, title) for system, title in MARIADB.items()),
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
        Service(
            name="grid",
            title="网格 HTTP",
            command=_simulator(
                *("serve", "grid", "--home", str(district(settings))),
                *("--port", str(settings.port_grid), "--user", environment.GRID_USER),
                *("--password-file", str(secret_file(settings, "grid_password"))),
            ),
            environment=environment.child_environment(settings),
            is_ready=health.page(settings.port_grid, "/health", "up"),
            port_setting="port_grid",
        ),
    ]


def _mariadb_service(settings: Settings, system: str, title: str) -> Service:
    server = mariadb_server(settings, system)
    return Service(
        name=system,
        title=f"{title} MariaDB",
        command=server.command(),
        is_ready=server.is_ready,
        port_setting=f"port_{system}",
        stop_signal=MARIADB_STOP,
    )


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
