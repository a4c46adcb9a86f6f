"""Settings of one hub: where its state lives, which ports it uses, how large its district is.

Every setting is an environment variable ``HUB_<NAME>``. ``hub up`` notes the ones that differ from
the defaults in ``<home>/settings.env``, so that later commands mean the same hub without being told
again; the environment wins over that file.
"""

import os
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator
from pydantic_settings import BaseSettings, SettingsConfigDict

REPOSITORY = Path(__file__).resolve().parents[1]

DEFAULT_HOME = REPOSITORY / ".hub"
REMEMBERED = "settings.env"

Scale = Literal["community", "street"]
Executor = Literal["LocalExecutor", "CeleryExecutor"]
LOOPBACK = "127.0.0.1"
AbsolutePath = Annotated[Path, AfterValidator(Path.absolute)]


class Settings(BaseSettings):
    """What may differ between two hubs on one machine.

    ``home`` holds all state (git-ignored). ``venvs`` holds the environments, which belong to the
    checkout, so several homes share them. Everything listens on loopback only, unless
    ``containers``: then every service is a host of its own name (:meth:`host`).
    """

    model_config = SettingsConfigDict(env_prefix="HUB_", frozen=True, extra="ignore")

    home: AbsolutePath = DEFAULT_HOME
    venvs: AbsolutePath = DEFAULT_HOME / "venvs"
    contracts_dir: AbsolutePath = REPOSITORY / "connectors" / "contracts"
    scale: Scale = "street"
    seed: int = 20261121

    containers: bool = False
    executor: Executor = "LocalExecutor"

    port_postgres: int = 15432
    port_redis: int = 16379
    port_airflow: int = 18080
    port_airflow_worker_log: int = 18793
    port_airflow_trigger_log: int = 18794
    port_superset: int = 18088
    port_data_docs: int = 18090
    port_police: int = 15433
    port_civil_affairs: int = 13306
    port_requests: int = 13307
    port_party_building: int = 18101
    port_city_management: int = 18102
    port_health: int = 12222
    port_iot_broker: int = 11883
    port_market_regulation: int = 18104
    port_grid: int = 18105

    # What the DAGs do (dags/options.py reads these; cron and durations, Beijing time).
    deadline: str = "0 6 * * *"
    retry_delay_seconds: float = 20
    ingest_timeout_seconds: float = 3600
    straggler_wait_seconds: float = 3600

    def host(self, service: str) -> str:
        """Return the name under which other services reach a service."""
        return service.replace("_", "-") if self.containers else LOOPBACK

    @property
    def bind(self) -> str:
        """Return the address on which services listen; a container's network is its wall."""
        return "0.0.0.0" if self.containers else LOOPBACK  # noqa: S104

    @property
    def secrets(self) -> Path:
        """Folder of generated secrets, one per file, mode 600."""
        return self.home / "secrets"

    @property
    def district(self) -> Path:
        """Folder of the generated district of this scale and seed."""
        return self.home / "simulator" / f"{self.scale}-{self.seed}"

    @property
    def landing(self) -> Path:
        """Folder of immutable raw files: ``<department>/<table>/<date>/<batch_id>.parquet``."""
        return self.home / "landing"

    @property
    def logs(self) -> Path:
        """One log file per service."""
        return self.home / "logs"

    @property
    def data_docs(self) -> Path:
        """Folder of Great Expectations' Data Docs."""
        return self.home / "data_docs"


@lru_cache
def settings() -> Settings:
    """Return the settings of this process, read once from the environment."""
    home = Path(os.environ.get("HUB_HOME", DEFAULT_HOME))
    return Settings(_env_file=home / REMEMBERED)  # type: ignore[call-arg]  # pydantic's own
