"""Runs the collector of a department whose data comes as a stream, until it is told to stop."""

import signal
import threading
from pathlib import Path

from connectors.contracts import StreamContract
from connectors.protocols.base import SourceError
from connectors.protocols.collector import Collector, Say
from connectors.protocols.spool import SpoolBusyError
from hub.errors import HubError
from hub.pipeline.ingest import USAGE, chosen


def collect(contracts_dir: Path, department: str, say: Say) -> None:
    """Collect a department's messages until SIGTERM or SIGINT.

    Raises:
        HubError: the department has no stream, or another collector is at work for it.
    """
    tables = chosen(contracts_dir, [department])[department]
    servers = {table.server for table in tables if isinstance(table, StreamContract)}
    if not servers:
        raise HubError(f"{department} has no table that comes as a stream", USAGE)
    if len(servers) > 1:
        raise HubError(f"the streams of {department} must share one server", USAGE)
    stop = threading.Event()
    for wanted in (signal.SIGTERM, signal.SIGINT):
        signal.signal(wanted, lambda *_: stop.set())
    try:
        Collector(servers.pop(), say).run(stop.is_set)
    except SpoolBusyError as error:
        raise HubError(f"another collector is writing to {error}") from None
    except SourceError as error:
        raise HubError(str(error)) from None
