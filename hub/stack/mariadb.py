"""A private MariaDB server: created, started, asked and stopped without the system's service.

It plays a department's database, in the local stack and in tests. It listens on loopback unless
told otherwise; the one administrator is ``root@%`` with a generated password.
"""

import hashlib
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pymysql

from hub.errors import HubError
from hub.stack.accounts import as_account, data_directory, remove_data_directory, server_account
from hub.stack.child import plain_environment
from hub.stack.private_server import PrivateServer

STOP_SIGNAL = signal.SIGTERM
CREATED = "created-by-hub"
OPTIONS = (
    "--skip-name-resolve",
    "--skip-log-bin",
    "--socket=mysqld.sock",  # relative to the data directory: long paths are refused
    "--pid-file=mysqld.pid",
    "--character-set-server=utf8mb4",
    "--collation-server=utf8mb4_unicode_ci",
    "--default-time-zone=+08:00",
    "--local-infile=ON",
    "--innodb-buffer-pool-size=64M",
    "--innodb-flush-log-at-trx-commit=2",
    "--max-connections=40",
)


@dataclass
class MariaDBServer(PrivateServer):
    """A MariaDB server; ``password_file`` holds its administrator's password."""

    program = "MariaDB"
    stop_signal = STOP_SIGNAL

    password_file: Path

    def create(self) -> bool:
        """Initialise the data directory; returns False when that was done before."""
        if (self.data / CREATED).exists():
            return False
        if self.data.exists():
            remove_data_directory(self.data)  # an attempt that was interrupted
        account = server_account(self.data)
        data = data_directory(self.data, account)
        self._run(
            [
                _program("mariadb-install-db"),
                "--no-defaults",
                f"--datadir={data}",
                "--auth-root-authentication-method=normal",
                "--skip-test-db",
                "--skip-name-resolve",
            ]
        )
        self._run(
            [_program("mariadbd"), "--no-defaults", f"--datadir={data}", "--bootstrap"],
            self._administrator_sql(),
        )
        (data / CREATED).touch()
        return True

    def command(self, *, die_with_parent: bool = False) -> list[str]:
        """Return the command that runs the server in the foreground."""
        return [
            *as_account(server_account(self.data), self.stop_signal if die_with_parent else None),
            _program("mariadbd"),
            "--no-defaults",
            f"--datadir={self.data.resolve()}",
            f"--port={self.port}",
            f"--bind-address={self.bind}",
            *OPTIONS,
        ]

    def connect(self) -> "pymysql.connections.Connection[pymysql.cursors.Cursor]":
        """Connect as administrator."""
        return pymysql.connect(
            host=self.host,
            port=self.port,
            user="root",
            password=self.password_file.read_text().strip(),
            connect_timeout=3,
        )

    def is_ready(self) -> bool:
        """Tell whether the server answers a real query."""
        try:
            with self.connect() as connection, connection.cursor() as cursor:
                cursor.execute("SELECT 1")
                return cursor.fetchone() == (1,)
        except pymysql.err.OperationalError:
            return False

    def _administrator_sql(self) -> str:
        password = self.password_file.read_text().strip().encode()
        # The hash that MariaDB keeps, computed here, so that no log can hold the clear password.
        digest = hashlib.sha1(hashlib.sha1(password).digest()).hexdigest().upper()  # noqa: S324
        statements = [
            "FLUSH PRIVILEGES",
            f"CREATE OR REPLACE USER 'root'@'%' IDENTIFIED BY PASSWORD '*{digest}'",
            "GRANT ALL PRIVILEGES ON *.* TO 'root'@'%' WITH GRANT OPTION",
            "DELETE FROM mysql.global_priv WHERE Host <> '%'",
        ]
        return "".join(f"{statement};\n" for statement in statements)

    def _run(self, command: list[str], stdin: str = "") -> None:
        done = subprocess.run(
            [*as_account(server_account(self.data)), *command],
            cwd="/",
            env=plain_environment(),
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            reason = "\n".join(done.stderr.strip().splitlines()[-3:])
            raise HubError(f"MariaDB could not be set up in {self.data}: {reason}")


def _program(name: str) -> str:
    found = shutil.which(name, path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
    if not found:
        raise HubError(f"'{name}' is missing: apt-get install mariadb-server")
    return found
