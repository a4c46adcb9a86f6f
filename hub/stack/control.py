"""Single services of a running stack: start, stop, and how they are."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from rich.table import Table

from hub.errors import HubError
from hub.settings import Settings
from hub.stack.memory import tree_pss
from hub.stack.service import Service
from hub.stack.services import all_services
from hub.stack.start import refuse_taken_ports
from hub.stack.supervisor import Supervisor


@dataclass(frozen=True)
class Condition:
    """How a service is: the supervisor's word, whether it really answers, its memory in bytes."""

    name: str
    title: str
    port: int | None
    state: str
    ready: bool
    memory: int


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
    running = supervisor.is_running()
    states = supervisor.states() if running else {}
    pids = supervisor.process_ids() if running else {}

    def condition(service: Service) -> Condition:
        state = states.get(service.name, "STOPPED")
        port = getattr(settings, service.port_setting) if service.port_setting else None
        ready = state == "RUNNING" and service.is_ready()
        memory = tree_pss(pids[service.name]) if service.name in pids else 0
        return Condition(service.name, service.title, port, state, ready, memory)

    with ThreadPoolExecutor() as pool:
        return list(pool.map(condition, all_services(settings).values()))


def table(conditions: list[Condition]) -> Table:
    """Return the overview as a table for the screen."""
    shown = Table("service", "what", "port", "process", "answers", box=None, pad_edge=False)
    shown.add_column("memory (PSS)", justify="right")
    for each in conditions:
        answers = "[green]yes[/]" if each.ready else "[red]no[/]"
        port = str(each.port or "")
        memory = _megabytes(each.memory)
        shown.add_row(each.name, each.title, port, each.state.lower(), answers, memory)
    shown.add_section()
    shown.add_row("together", "", "", "", "", _megabytes(sum(each.memory for each in conditions)))
    return shown


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:,.0f} MB"


def _find(settings: Settings, name: str) -> tuple[Supervisor, Service]:
    known = all_services(settings)
    if name not in known:
        raise HubError(f"no service '{name}'; there are: {', '.join(known)}", 2)
    supervisor = Supervisor(settings)
    if not supervisor.is_running():
        raise HubError("the stack is not running; start it with `make up`")
    return supervisor, known[name]
