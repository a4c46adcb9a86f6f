"""Secrets of one hub: generated on first start, one file each, never overwritten.

A secret travels by file name; programs read the file. Derived files are rewritten at every start:
``passwords.txt`` for people, and passfiles for libpq.
"""

import os
import secrets
import tempfile
from collections.abc import Callable
from pathlib import Path

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hub.errors import HubError
from hub.settings import LOOPBACK, Settings

PASSWORDS = (
    "postgres_password",
    "hub_password",
    "hub_reader_password",
    "hub_dashboards_password",
    "airflow_db_password",
    "superset_db_password",
    "redis_password",
    "airflow_admin_password",
    "superset_admin_password",
    "superset_leader_password",
    "superset_analyst_password",
    "police_admin_password",
    "police_password",
    "civil_affairs_admin_password",
    "civil_affairs_password",
    "requests_admin_password",
    "requests_password",
    "party_building_app_secret",
    "city_management_app_secret",
    "grid_password",
    "iot_password",
    "iot_platform_password",
)
GENERATED: dict[str, Callable[[], str]] = {
    **{name: lambda: secrets.token_urlsafe(24) for name in PASSWORDS},
    "airflow_jwt_secret": lambda: secrets.token_urlsafe(64),
    "airflow_fernet_key": lambda: Fernet.generate_key().decode(),
    "superset_secret_key": lambda: secrets.token_urlsafe(48),
}
KEY_PAIRS = {
    "health_private_key": "health_public_key",
    "health_host_key": "health_host_key_public",
}
WAREHOUSE_PASSWORDS = {
    "postgres": "postgres_password",
    "hub": "hub_password",
    "hub_reader": "hub_reader_password",
    "hub_dashboards": "hub_dashboards_password",
    "airflow": "airflow_db_password",
    "superset": "superset_db_password",
}


def secret_file(settings: Settings, name: str) -> Path:
    """Return the file of a secret."""
    return settings.secrets / name


def read_secret(settings: Settings, name: str) -> str:
    """Read a secret; raises :class:`HubError` when the hub was never started."""
    try:
        return secret_file(settings, name).read_text().strip()
    except FileNotFoundError:
        remedy = (
            "generate them with `docker compose run --rm secrets`"
            if settings.containers
            else "start the hub once with `make up`"
        )
        raise HubError(f"no secret '{name}' in {settings.secrets}; {remedy}") from None


def ensure_secrets(settings: Settings) -> None:
    """Generate the secrets that are missing, then rewrite the derived files."""
    settings.secrets.mkdir(parents=True, exist_ok=True)
    settings.secrets.chmod(0o700)
    for name, generate in GENERATED.items():
        if not secret_file(settings, name).exists():
            write_private(secret_file(settings, name), generate())
    for private, public in KEY_PAIRS.items():
        if not secret_file(settings, private).exists():
            _write_key_pair(secret_file(settings, private), secret_file(settings, public))
    _write_passfiles(settings)
    _write_passwords_for_people(settings)


def write_private(path: Path, text: str) -> None:
    """Write a file of mode 600 in one step: readers see the old content or the whole new one."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent)  # born with mode 600
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    Path(temporary).replace(path)


def _write_key_pair(private: Path, public: Path) -> None:
    key = Ed25519PrivateKey.generate()
    openssh = serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
    write_private(public, key.public_key().public_bytes(*openssh).decode())
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.OpenSSH,
        serialization.NoEncryption(),
    )
    write_private(private, pem.decode())


def _write_passfiles(settings: Settings) -> None:
    """Write what libpq reads; the reader's can be handed on, it opens nothing else."""
    warehouse = {
        role: _passfile_line(
            settings.host("postgres"), settings.port_postgres, role, read_secret(settings, name)
        )
        for role, name in WAREHOUSE_PASSWORDS.items()
    }
    police = read_secret(settings, "police_admin_password")
    files = {
        "pgpass": "".join(warehouse.values()),
        "reader.pgpass": warehouse["hub_reader"],
        "police_pgpass": _passfile_line(
            settings.host("police"), settings.port_police, "postgres", police
        ),
    }
    for name, content in files.items():
        write_private(secret_file(settings, name), content)


def _passfile_line(host: str, port: int, role: str, password: str) -> str:
    return f"{host}:{port}:*:{role}:{password}\n"


def _write_passwords_for_people(settings: Settings) -> None:
    logins = [
        ("Airflow", settings.port_airflow, "admin", "airflow_admin_password"),
        ("Superset", settings.port_superset, "admin", "superset_admin_password"),
        ("Superset", settings.port_superset, "leader", "superset_leader_password"),
        ("Superset", settings.port_superset, "analyst", "superset_analyst_password"),
    ]
    lines = [
        f"{title:<9} http://{LOOPBACK}:{port}  {user}  {read_secret(settings, name)}\n"
        for title, port, user, name in logins
    ]
    lines.append(
        f"warehouse (read only)  hub_reader  {read_secret(settings, 'hub_reader_password')}\n"
    )
    write_private(secret_file(settings, "passwords.txt"), "".join(lines))
