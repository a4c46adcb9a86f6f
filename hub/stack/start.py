"""Bring the stack up, part by part and as much as possible at the same time."""

from hub.errors import HubError
from hub.settings import Settings
from hub.stack.home import prepare_home
from hub.stack.ports import holder, is_taken
from hub.stack.preparation import stack_steps
from hub.stack.service import Service
from hub.stack.services import all_services
from hub.stack.steps import Report, run_steps, without
from hub.stack.supervisor import Supervisor


def start_stack(settings: Settings, report: Report, *, import_dashboards: bool) -> None:
    """Start whatever does not run, in order; returns when every service is ready for use.

    Safe to call at any time: what runs already is left alone, unless its definition changed.
    ``import_dashboards`` also brings Superset's dashboards, roles and users to what the files say.
    """
    prepare_home(settings)
    services = all_services(settings)
    supervisor = Supervisor(settings)
    if supervisor.is_running():
        changed = supervisor.write(list(services.values()))
        supervisor.reread()
        supervisor.stop_services(changed)
    else:
        supervisor.end_leftovers()
    refuse_taken_ports(
        [each for each in services.values() if not _is_up(supervisor, each)], settings
    )
    if not supervisor.is_running():
        supervisor.start(list(services.values()))
    steps = stack_steps(settings, services, supervisor.start_service)
    if not import_dashboards:
        steps = without(steps, "import_dashboards")
    run_steps(steps, report)


def refuse_taken_ports(services: list[Service], settings: Settings) -> None:
    """Raise :class:`HubError` when a port is taken: which, for what, by whom, and what to do."""
    lines = []
    for service in services:
        if not service.port_setting:
            continue
        port = getattr(settings, service.port_setting)
        if is_taken(port):
            lines.append(
                f"port {port} for {service.title} is taken by {holder(port)}; stop that, or "
                f"choose another port: HUB_{service.port_setting.upper()}=<port> make up"
            )
    if lines:
        raise HubError("\n     ".join(lines))


def _is_up(supervisor: Supervisor, service: Service) -> bool:
    return supervisor.is_running() and supervisor.is_up(service.name)
