"""The simulated grid system on a port of its own."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from hub.stack.ports import free_port
from simulator.faults.orders import OrderBook
from simulator.servers.faulty import refusing
from simulator.servers.grid import grid

USER, PASSWORD = "hub", "grid-p4ssword"


@contextmanager
def served(home: Path, lifetime_seconds: int = 1800) -> Iterator[str]:
    """Serve a district's grid system; yield its address."""
    port, book = free_port(), OrderBook(home, "grid")
    platform = grid(home, USER, PASSWORD, lifetime_seconds)
    config = uvicorn.Config(platform, port=port, log_level="warning", http=refusing(book))
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()
