"""Where the servers listen."""

import os

LOOPBACK = "127.0.0.1"


def bind() -> str:
    """Return the address to listen on: loopback, unless ``SIMULATOR_BIND`` says otherwise.

    Among containers every server has a network address of its own, and the network is its wall.
    """
    return os.environ.get("SIMULATOR_BIND", LOOPBACK)
