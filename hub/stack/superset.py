"""Superset: its configuration as environment variables, its server, its database."""

from pathlib import Path

from hub.settings import LOOPBACK, REPOSITORY, Settings
from hub.stack import environment, health
from hub.stack.child import run_logged
from hub.stack.secrets import secret_file
from hub.stack.service import Service

USERS = ("admin", "leader", "analyst")
WORKERS, THREADS = 2, 8


def home(settings: Settings) -> Path:
    """Return the folder of Superset's caches and generated files."""
    return settings.home / "superset"


def address(settings: Settings) -> str:
    """Return the address of Superset's pages."""
    return f"http://{LOOPBACK}:{settings.port_superset}"


def python(settings: Settings) -> str:
    """Return the interpreter of the dashboards environment."""
    return str(settings.venvs / "dashboards" / "bin" / "python")


def configuration(settings: Settings) -> dict[str, str]:
    """Return the environment that Superset needs, and ``superset_assets.apply`` inside it."""
    passfile = secret_file(settings, "pgpass")
    address_of_metadata = f"superset@{settings.host('postgres')}:{settings.port_postgres}/superset"
    passwords = {
        f"SUPERSET_{user.upper()}_PASSWORD_FILE": f"superset_{user}_password" for user in USERS
    } | {"WAREHOUSE_DASHBOARDS_PASSWORD_FILE": "hub_dashboards_password"}
    return {
        **environment.child_environment(settings),
        "SUPERSET_CONFIG_PATH": str(REPOSITORY / "superset_assets" / "superset_config.py"),
        "SUPERSET_HOME": str(home(settings)),
        "SUPERSET_SECRET_KEY_FILE": str(secret_file(settings, "superset_secret_key")),
        "SUPERSET_DB_URI": f"postgresql+psycopg2://{address_of_metadata}?passfile={passfile}",
        "FLASK_APP": "superset.app:create_app()",
        "WAREHOUSE_HOST": settings.host("postgres"),
        "WAREHOUSE_PORT": str(settings.port_postgres),
        **{name: str(secret_file(settings, secret)) for name, secret in passwords.items()},
    }


def migrate(settings: Settings) -> None:
    """Bring Superset's database to this version; users and roles come with the assets."""
    home(settings).mkdir(parents=True, exist_ok=True)
    run_logged(
        "`superset db upgrade`",
        [str(settings.venvs / "dashboards" / "bin" / "superset"), "db", "upgrade"],
        settings.logs / "superset-migrate.log",
        environment=configuration(settings),
        folder=home(settings),
    )


def service(settings: Settings) -> Service:
    """Return Superset's server; ready when its login page comes with the application in it."""
    return Service(
        name="superset",
        title="Superset",
        command=[
            str(settings.venvs / "dashboards" / "bin" / "gunicorn"),
            f"--bind={settings.bind}:{settings.port_superset}",
            f"--workers={WORKERS}",
            "--worker-class=gthread",
            f"--threads={THREADS}",
            "--timeout=120",
            "--graceful-timeout=5",
            "superset.app:create_app()",
        ],
        environment=configuration(settings),
        is_ready=health.page(settings.port_superset, "/login/", 'id="app"'),
        port_setting="port_superset",
    )
