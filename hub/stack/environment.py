"""Environment variables that tell a process which hub it belongs to, and where its sources are."""

import os
from pathlib import Path

from hub.settings import REPOSITORY, Settings
from hub.stack.secrets import secret_file

# Users and databases as the simulated departments' own systems name them.
POLICE_DATABASE, POLICE_READER = "police", "police_reader"
CIVIL_AFFAIRS_DATABASE, CIVIL_AFFAIRS_READER = "minzheng", "minzheng_reader"
REQUESTS_DATABASE, REQUESTS_READER = "minsheng", "minsheng_reader"
HEALTH_USER = "health"
GRID_USER = "hub"
IOT_READER, IOT_PLATFORM = "hub", "iot_platform"
APP_KEY = "district-data-hub"

TIMEZONE = "Asia/Shanghai"
STANDARD_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def hub_environment(settings: Settings) -> dict[str, str]:
    """Return ``settings`` as ``HUB_*`` variables, for a process that shall see the same hub."""
    return {
        f"{Settings.model_config['env_prefix']}{name.upper()}": str(value)
        for name, value in settings.model_dump().items()
    }


def source_environment(settings: Settings) -> dict[str, str]:
    """Return what the contracts' ``${…}`` references name, pointing to the simulated departments.

    Secrets are given as file names (``*_FILE``). A real deployment sets these variables itself.
    """

    def file(name: str) -> str:
        return str(secret_file(settings, name))

    def address(service: str) -> str:
        return f"http://{settings.host(service)}:{getattr(settings, f'port_{service}')}"

    return {
        "POLICE_HOST": settings.host("police"),
        "POLICE_PORT": str(settings.port_police),
        "POLICE_DATABASE": POLICE_DATABASE,
        "POLICE_USER": POLICE_READER,
        "POLICE_PASSWORD_FILE": file("police_password"),
        "CIVIL_AFFAIRS_HOST": settings.host("civil_affairs"),
        "CIVIL_AFFAIRS_PORT": str(settings.port_civil_affairs),
        "CIVIL_AFFAIRS_DATABASE": CIVIL_AFFAIRS_DATABASE,
        "CIVIL_AFFAIRS_USER": CIVIL_AFFAIRS_READER,
        "CIVIL_AFFAIRS_PASSWORD_FILE": file("civil_affairs_password"),
        "REQUESTS_HOST": settings.host("requests"),
        "REQUESTS_PORT": str(settings.port_requests),
        "REQUESTS_DATABASE": REQUESTS_DATABASE,
        "REQUESTS_USER": REQUESTS_READER,
        "REQUESTS_PASSWORD_FILE": file("requests_password"),
        "PARTY_BUILDING_URL": address("party_building"),
        "PARTY_BUILDING_APP_KEY": APP_KEY,
        "PARTY_BUILDING_APP_SECRET_FILE": file("party_building_app_secret"),
        "CITY_MANAGEMENT_URL": address("city_management"),
        "CITY_MANAGEMENT_APP_KEY": APP_KEY,
        "CITY_MANAGEMENT_APP_SECRET_FILE": file("city_management_app_secret"),
        "MARKET_REGULATION_URL": address("market_regulation"),
        "OTHERS_FOLDER": str(drop_folder(settings)),
        "CITY_MANAGEMENT_MQTT_HOST": settings.host("iot_broker"),
        "CITY_MANAGEMENT_MQTT_PORT": str(settings.port_iot_broker),
        "CITY_MANAGEMENT_MQTT_USER": IOT_READER,
        "CITY_MANAGEMENT_MQTT_PASSWORD_FILE": file("iot_password"),
        "CITY_MANAGEMENT_MQTT_TLS": "none",  # it never leaves this machine
        "CITY_MANAGEMENT_SPOOL": str(settings.home / "spool" / "city_management"),
        "GRID_URL": address("grid"),
        "GRID_USER": GRID_USER,
        "GRID_PASSWORD_FILE": file("grid_password"),
        "HEALTH_HOST": settings.host("health"),
        "HEALTH_PORT": str(settings.port_health),
        "HEALTH_USER": HEALTH_USER,
        "HEALTH_PRIVATE_KEY_FILE": file("health_private_key"),
        "HEALTH_HOST_KEY_FILE": file("health_host_key_public"),
    }


def others_outbox(settings: Settings) -> Path:
    """Return the folder in which the simulator leaves the files of several departments."""
    return settings.district / "systems" / "others" / "outbox"


def drop_folder(settings: Settings) -> Path:
    """Return the folder in which the hub finds these files.

    Among containers it is a volume of its own: workers see nothing else of the district.
    """
    return settings.home / "others" if settings.containers else others_outbox(settings)


def offer_source_environment(settings: Settings) -> None:
    """Put the simulated departments' addresses into this process, where nobody set real ones."""
    for name, value in source_environment(settings).items():
        os.environ.setdefault(name, value)


def child_environment(settings: Settings) -> dict[str, str]:
    """Return a clean environment for our own programs: this hub, its sources, and the basics.

    The same at every start from any shell, so that services need not restart for nothing.
    ``PYTHONPATH`` makes the checkout importable, whichever folder a program starts in.
    """
    sources = source_environment(settings)
    return {
        "HOME": str(Path.home()),
        "PATH": f"{settings.home / 'bin'}:{STANDARD_PATH}",
        "LC_ALL": "C.UTF-8",
        "TZ": TIMEZONE,
        "PYTHONPATH": str(REPOSITORY),
        "PYTHONUNBUFFERED": "1",
        "SIMULATOR_BIND": settings.bind,
        **{name: os.environ.get(name, value) for name, value in sources.items()},
        **hub_environment(settings),
    }
