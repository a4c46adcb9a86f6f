"""A private PostgreSQL cluster: created, started, asked and stopped without the system's service.

The same class serves the warehouse, the police's own database and the throwaway clusters of
tests. It listens on loopback unless told otherwise, without unix sockets, and knows nobody without
a password.
"""

import signal
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from hub.errors import HubError
from hub.stack.accounts import as_account, data_directory, give, server_account
from hub.stack.child import plain_environment
from hub.stack.private_server import PrivateServer

BINARIES = Path("/usr/lib/postgresql")
STOP_SIGNAL = signal.SIGINT  # "fast": open transactions are rolled back

# An error quotes the value it stumbles over, and with it a person: whoever sent the statement gets
# to read it, the log holds the server's own messages only.
PRIVATE_LOG = {"log_min_messages": "log", "log_min_error_statement": "panic"}
COMMON = {
    "unix_socket_directories": "",
    "password_encryption": "scram-sha-256",
    "timezone": "Asia/Shanghai",
    "log_timezone": "Asia/Shanghai",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "jit": "off",
    "random_page_cost": "1.1",
    **PRIVATE_LOG,
}
WAREHOUSE = {
    "shared_buffers": "512MB",
    "work_mem": "64MB",
    "maintenance_work_mem": "256MB",
    "effective_cache_size": "4GB",
    "max_wal_size": "4GB",
    "wal_compression": "lz4",
    "checkpoint_timeout": "15min",
    "max_connections": "120",
}
SMALL = {"shared_buffers": "64MB", "max_connections": "40"}
THROWAWAY = {**SMALL, "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass
class PostgresCluster(PrivateServer):
    """A PostgreSQL cluster; ``password_file`` holds its superuser's password.

    ``options`` are server settings by name, handed over on the command line at every start, so
    that no configuration file has to be edited when a port changes.
    """

    program = "PostgreSQL"
    stop_signal = STOP_SIGNAL

    password_file: Path
    options: dict[str, str] = field(default_factory=lambda: dict(SMALL))

    def create(self) -> bool:
        """Initialise the data directory; returns False when there is a cluster already."""
        if (self.data / "PG_VERSION").exists():
            return False
        account = server_account(self.data)
        data = data_directory(self.data, account)
        with tempfile.TemporaryDirectory() as handover:
            password = Path(handover) / "password"
            password.touch(mode=0o600)
            password.write_text(self.password_file.read_text())
            for path in (Path(handover), password):
                give(path, account)
            done = subprocess.run(
                [
                    *as_account(account),
                    str(self._binary("initdb")),
                    f"--pgdata={data}",
                    "--username=postgres",
                    "--auth=scram-sha-256",
                    f"--pwfile={password}",
                    "--encoding=UTF8",
                    "--locale=C.UTF-8",
                    "--lc-collate=C",  # the same order, but sorts compare bytes: twice as fast
                    "--no-sync",
                ],
                cwd="/",
                env=plain_environment(),
                capture_output=True,
                text=True,
                check=False,
            )
        if done.returncode:
            raise HubError(f"initdb failed in {data}: {done.stderr.strip()}")
        # Where it listens is the wall; whoever gets through needs a password.
        (data / "pg_hba.conf").write_text("host all all all scram-sha-256\n")
        return True

    def command(self, *, die_with_parent: bool = False) -> list[str]:
        """Return the command that runs the server in the foreground."""
        options = {
            **COMMON,
            **self.options,
            "listen_addresses": self.bind,
            "port": str(self.port),
        }
        return [
            *as_account(server_account(self.data), self.stop_signal if die_with_parent else None),
            str(self._binary("postgres")),
            "-D",
            str(self.data.resolve()),
            *(f"--{name}={value}" for name, value in options.items()),
        ]

    def uri(self, database: str = "postgres", user: str = "postgres") -> str:
        """Return a libpq URI without a password."""
        return f"postgresql://{user}@{self.host}:{self.port}/{database}"

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        """Connect as superuser, autocommit."""
        password = self.password_file.read_text().strip()
        return psycopg.connect(
            self.uri(database), password=password, autocommit=True, connect_timeout=10
        )

    def is_ready(self) -> bool:
        """Tell whether the server answers a real query."""
        try:
            with self.connect() as connection:
                return connection.execute("SELECT 1").fetchone() == (1,)
        except psycopg.OperationalError:
            return False

    def _binary(self, name: str) -> Path:
        return binaries(self.data) / name


def binaries(data: Path) -> Path:
    """Return the folder of server programs: of the cluster's version, else the newest with PostGIS.

    Raises :class:`HubError` naming what is missing.
    """
    version_file = data / "PG_VERSION"
    if version_file.exists():
        version = version_file.read_text().strip()
        if (BINARIES / version / "bin" / "postgres").exists():
            return BINARIES / version / "bin"
        raise HubError(
            f"{data} was made by PostgreSQL {version}, which is not installed any more; "
            f"install postgresql-{version}, or start anew with `make clean`"
        )
    with_postgis = [
        folder
        for folder in BINARIES.glob("*/bin")
        if Path(f"/usr/share/postgresql/{folder.parent.name}/extension/postgis.control").exists()
        and (folder / "postgres").exists()
    ]
    if not with_postgis:
        raise HubError(
            "no PostgreSQL server with PostGIS is installed: "
            "apt-get install postgresql postgresql-15-postgis-3 (Ubuntu 24.04: 16)"
        )
    return max(with_postgis, key=lambda folder: int(folder.parent.name))
