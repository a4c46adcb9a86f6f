"""Airflow: its configuration as environment variables, its three processes, its database.

Secrets reach Airflow as commands that print a file, or as libpq's passfile, never as values.
"""

import json
import os
import shlex
import subprocess
from pathlib import Path

from hub.settings import LOOPBACK, REPOSITORY, Settings
from hub.stack import environment, health, redis
from hub.stack.child import run_logged
from hub.stack.secrets import read_secret, secret_file, write_private
from hub.stack.service import Service

USER = "admin"
# Each task is a `hub` verb of its own: more at once than this only fight for two cores.
TASKS_AT_ONCE = 3


def home(settings: Settings) -> Path:
    """Return the folder of Airflow's logs and generated files."""
    return settings.home / "airflow"


def address(settings: Settings) -> str:
    """Return the address of Airflow's pages."""
    return f"http://{LOOPBACK}:{settings.port_airflow}"


def internal_address(settings: Settings) -> str:
    """Return the address under which our own programs reach Airflow's api-server."""
    return f"http://{settings.host('airflow_api_server')}:{settings.port_airflow}"


def program(settings: Settings) -> str:
    """Return the ``airflow`` command of the orchestrator environment."""
    return str(settings.venvs / "orchestrator" / "bin" / "airflow")


def prepare_files(settings: Settings) -> None:
    """Create Airflow's folder and the password file of its single user."""
    (home(settings) / "logs").mkdir(parents=True, exist_ok=True)
    passwords = {USER: read_secret(settings, "airflow_admin_password")}
    write_private(_passwords_file(settings), json.dumps(passwords))


def configuration(settings: Settings) -> dict[str, str]:
    """Return Airflow's environment, and with it that of the ``hub`` verbs its tasks run."""
    passfile = secret_file(settings, "pgpass")
    database = f"{settings.host('postgres')}:{settings.port_postgres}/airflow?passfile={passfile}"
    options = {
        "CORE__EXECUTOR": settings.executor,
        "CORE__PARALLELISM": str(TASKS_AT_ONCE),
        "CORE__DAGS_FOLDER": str(REPOSITORY / "dags"),
        "CORE__LOAD_EXAMPLES": "False",
        "CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "CORE__DEFAULT_TIMEZONE": "Asia/Shanghai",
        "CORE__EXECUTION_API_SERVER_URL": f"{internal_address(settings)}/execution/",
        "CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin",
        "CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(_passwords_file(settings)),
        "CORE__FERNET_KEY_CMD": _printed(settings, "airflow_fernet_key"),
        "API_AUTH__JWT_SECRET_CMD": _printed(settings, "airflow_jwt_secret"),
        "API__SECRET_KEY_CMD": _printed(settings, "airflow_jwt_secret"),
        "API__HOST": settings.bind,
        "API__PORT": str(settings.port_airflow),
        "API__BASE_URL": address(settings),
        "API__WORKERS": "1",
        "API__EXPOSE_CONFIG": "False",
        "DATABASE__SQL_ALCHEMY_CONN": f"postgresql+psycopg2://airflow@{database}",
        "DATABASE__SQL_ALCHEMY_CONN_ASYNC": f"postgresql+asyncpg://airflow@{database}",
        "DATABASE__SQL_ALCHEMY_POOL_SIZE": "5",
        "LOGGING__BASE_LOG_FOLDER": str(home(settings) / "logs"),
        "LOGGING__WORKER_LOG_SERVER_PORT": str(settings.port_airflow_worker_log),
        "LOGGING__TRIGGER_LOG_SERVER_PORT": str(settings.port_airflow_trigger_log),
        # The default of 5 s keeps the slot of a finished task that long.
        "WORKERS__MIN_HEARTBEAT_INTERVAL": "1",
        "DAG_PROCESSOR__PARSING_PROCESSES": "1",
        "DAG_PROCESSOR__REFRESH_INTERVAL": "30",
        "SCHEDULER__CATCHUP_BY_DEFAULT": "False",
        "USAGE_DATA_COLLECTION__ENABLED": "False",
    }
    if settings.executor == "CeleryExecutor":
        options |= _celery(settings, database)
    return {
        **environment.child_environment(settings),
        **{f"AIRFLOW__{name}": value for name, value in options.items()},
        "AIRFLOW_HOME": str(home(settings)),
        "HUB_COMMAND": str(settings.home / "bin" / "hub"),
    }


def _celery(settings: Settings, database: str) -> dict[str, str]:
    """Return how scheduler and workers find each other."""
    return {
        "CELERY__BROKER_URL_CMD": redis.broker_url_command(settings),
        "CELERY__RESULT_BACKEND": f"db+postgresql+psycopg2://airflow@{database}",
        "CELERY__WORKER_CONCURRENCY": str(TASKS_AT_ONCE),
        # A task that a killed worker had taken is given to another one after so many seconds.
        "CELERY_BROKER_TRANSPORT_OPTIONS__VISIBILITY_TIMEOUT": "7200",
        "SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "60",
        "SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "5",
    }


def worker(settings: Settings) -> Service:
    """Return one worker of the queue; ready when it answers a ping through the queue."""
    python = str(settings.venvs / "orchestrator" / "bin" / "python")
    # -P: our neighbouring redis.py is not the one that Celery imports.
    ping = [python, "-P", str(Path(__file__).with_name("ping_worker.py"))]
    variables = configuration(settings)
    return Service(
        name="airflow_worker",
        title="Airflow worker",
        command=[program(settings), "celery", "worker", "--skip-serve-logs"],
        environment=variables,
        is_ready=lambda: (
            (
                subprocess.run(ping, env=os.environ | variables, capture_output=True, check=False)
            ).returncode
            == 0
        ),
        patience=60,
    )


def migrate(settings: Settings) -> None:
    """Bring Airflow's database to this version."""
    run_logged(
        "`airflow db migrate`",
        [program(settings), "db", "migrate"],
        settings.logs / "airflow-migrate.log",
        environment=configuration(settings),
        folder=home(settings),
    )


def services(settings: Settings) -> list[Service]:
    """Return Airflow's three processes; each is asked after through the api-server's monitor."""
    parts = [
        ("api-server", "api_server", "metadatabase", "port_airflow", []),
        # Task logs are files on this machine; without a log server nothing listens beyond loopback.
        ("scheduler", "scheduler", "scheduler", None, ["--skip-serve-logs"]),
        ("dag-processor", "dag_processor", "dag_processor", None, []),
    ]
    return [
        Service(
            name=f"airflow_{name}",
            title=f"Airflow {verb}",
            command=[program(settings), verb, *options],
            environment=configuration(settings),
            is_ready=health.airflow_part(settings, part),
            port_setting=port,
            patience=20,
        )
        for verb, name, part, port, options in parts
    ]


def _passwords_file(settings: Settings) -> Path:
    return home(settings) / "passwords.json"


def _printed(settings: Settings, secret: str) -> str:
    return f"cat {shlex.quote(str(secret_file(settings, secret)))}"
