"""Which faults a system knows (``tables/faults.yaml``), and orders checked against it."""

from typing import Any

from simulator.errors import SimulatorError
from simulator.faults.orders import Order
from simulator.tables import settings

PROTOCOLS = {
    "police": "postgresql",
    "civil_affairs": "mariadb",
    "requests": "mariadb",
    "party_building": "http",
    "city_management": "http",
    "health": "sftp",
    "iot": "mqtt",
    "grid": "http",
    "market_regulation": "http_file",
    "others": "folder",
}
DATABASES = {"postgresql", "mariadb"}
REALISED = DATABASES | {"folder"}  # faults are carried out once, where nobody looks at the orders
Value = str | int | float


def known(system: str) -> dict[str, dict[str, Value]]:
    """Return the faults of a system's protocol with their arguments' defaults."""
    protocol = PROTOCOLS.get(system)
    if protocol is None:
        raise SimulatorError(f"there is no system {system}; there are: {', '.join(PROTOCOLS)}")
    return {
        name: about[protocol] for name, about in settings("faults").items() if protocol in about
    }


def imitates(fault: str) -> str:
    """Return which event of real life a fault stands for."""
    return str(settings("faults")[fault]["imitates"])


def order(
    system: str,
    fault: str,
    arguments: dict[str, Any],
    times: int | None = None,
    until: float | None = None,
) -> Order:
    """Return an order with every argument, the ones not given at their defaults.

    Raises:
        SimulatorError: the system has no such fault, or the fault no such argument or value.
    """
    faults = known(system)
    if fault not in faults:
        raise SimulatorError(f"{system} has no fault {fault}; it has: {', '.join(faults)}")
    defaults = faults[fault]
    for name in arguments:
        if name not in defaults:
            raise SimulatorError(f"{fault} has no argument {name}; it has: {', '.join(defaults)}")
    if times is not None and (times < 1 or PROTOCOLS[system] in REALISED):
        raise SimulatorError("databases and folders cannot count (use --for), times are at least 1")
    given = {name: _like(defaults[name], value, name) for name, value in arguments.items()}
    return Order(fault, {**defaults, **given}, times, until)


def _like(default: Value, value: Any, name: str) -> Value:
    """Return a value as the type of its default."""
    try:
        return type(default)(value)
    except (TypeError, ValueError):
        kind = type(default).__name__
        raise SimulatorError(f"{name} must be of type {kind}, not {value!r}") from None
