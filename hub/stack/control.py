"""Single services of a running stack: start, stop, and how they are."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from rich.table import Table

from hub.errors import HubError
from hub.settings import Settings
from hub.stack.service import Service
from hub.stack.services import all_services
from hub.stack.start import refuse_taken_ports
from hub.stack.supervisor import Supervisor


@dataclass(frozen=True)
class Condition:
    """How a service is: the supervisor's word, and whether it really answers."""

    name: str
    title: str
    port: int | None
    state: str
    ready: bool


def start_one(settings: Settings, name: str) -> None:
    """Start one service and wait until it is ready; raises when its port is taken."""
    supervisor, service = _find(settings, name)
    if not supervisor.is_up(name):
        refuse_taken_ports([service], settings)
    supervisor.start_service(service)


def stop_one(settings: Settings, name: str) -> None:
    """Stop one service and wait for its end."""
    supervisor, _ = _find(settings, name)
    supervisor.stop_services([name])


def overview(settings: Settings) -> list[Condition]:
    """Ask every service how it is; works on a stopped stack, too."""
    supervisor = Supervisor(settings)
    states = supervisor.states() if supervisor.is_running() else {}

    def condition(service: Service) -> Condition:
        state = states.get(service.name, "STOPPED")
        port = getattr(settings, service.port_setting) if service.port_setting else None
        ready = state == "RUNNING" and service.is_ready()
        return Condition(service.name, service.title, port, state, ready)

    with ThreadPoolExecutor() as pool:
        return list(pool.map(condition, all_services(settings).values()))


def table(conditions: list[Condition]) -> Table:
    """Return the overview as a table for the screen."""
    shown = Table("service", "what", "port", "process", "answers", box=None, pad_edge=False)
    for each in conditions:
        answers = "[green]yes[/]" if each.ready else "[red]no[/]"
        shown.add_row(each.name, each.title, str(each.port or ""), each.state.lower(), answers)
    return shown


def _find(settings: Settings, name: str) -> tuple[Supervisor, Service]:
    known = all_services(settings)
    if name not in known:
        raise HubError(f"no service '{name}'; there are: {', '.join(known)}", 2)
    supervisor = Supervisor(settings)
    if not supervisor.is_running():
        raise HubError("the stack is not running; start it with `make up`")
    return supervisor, known[name]
