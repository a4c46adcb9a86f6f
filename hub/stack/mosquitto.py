"""A private MQTT broker: configured, started, asked and stopped without the system's service.

It plays the broker of city management's sensors, in the local stack and in tests. Loopback only;
everybody logs in, and may do with the topics what a line per user says.
"""

import base64
import hashlib
import os
import shutil
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from hub.errors import HubError
from hub.stack.accounts import (
    as_account,
    data_directory,
    give,
    server_account,
)
from hub.stack.private_server import PrivateServer
from hub.stack.secrets import write_private

STOP_SIGNAL = signal.SIGTERM
HASH_ROUNDS = 1000
# Sessions and queued messages are on disk every few seconds and at each stop; a killed broker
# loses what came since. No queue limit that a day of messages could reach.
CONFIGURATION = """\
listener {port} {bind}
allow_anonymous false
password_file {data}/passwords
acl_file {data}/rights
persistence true
persistence_location {data}/
autosave_interval 5
max_inflight_messages 500
max_queued_messages 1000000
max_queued_bytes 0
message_size_limit 4194304
log_dest stdout
log_type error
log_type warning
"""


@dataclass(frozen=True)
class BrokerUser:
    """Who may log in, with which password, and what for (lines of an access list)."""

    name: str
    password_file: Path
    rights: Sequence[str]


@dataclass
class MosquittoBroker(PrivateServer):
    """A mosquitto broker and its users."""

    program = "mosquitto"
    stop_signal = STOP_SIGNAL

    users: Sequence[BrokerUser]

    def create(self) -> None:
        """Write configuration, passwords (hashed) and rights; what is queued stays."""
        account = server_account(self.data)
        data = data_directory(self.data, account)
        files = {
            "mosquitto.conf": CONFIGURATION.format(port=self.port, bind=self.bind, data=data),
            "passwords": "".join(_password_line(user) for user in self.users),
            "rights": "".join(_rights(user) for user in self.users),
        }
        for name, text in files.items():
            write_private(data / name, text)
            give(data / name, account)

    def command(self, *, die_with_parent: bool = False) -> list[str]:
        """Return the command that runs the broker in the foreground."""
        data = self.data.resolve()
        return [
            *as_account(server_account(self.data), self.stop_signal if die_with_parent else None),
            _program("mosquitto"),
            *("-c", str(data / "mosquitto.conf")),
        ]

    def is_ready(self) -> bool:
        """Tell whether the broker lets its first user in."""
        user = self.users[0]
        welcome: list[bool] = []
        client = Client(CallbackAPIVersion.VERSION2)
        client.connect_timeout = 2
        client.username_pw_set(user.name, user.password_file.read_text().strip())
        client.on_connect = lambda *answer: welcome.append(not answer[3].is_failure)
        try:
            client.connect(self.host, self.port)
            for _ in range(10):
                if welcome or client.loop(0.2):
                    break
        except OSError:
            return False
        client.disconnect()
        return welcome == [True]


def _password_line(user: BrokerUser) -> str:
    """Return a line of mosquitto's password file: PBKDF2 with SHA-512 and a salt."""
    salt = os.urandom(12)
    password = user.password_file.read_text().strip().encode()
    digest = hashlib.pbkdf2_hmac("sha512", password, salt, HASH_ROUNDS)
    parts = (base64.b64encode(part).decode() for part in (salt, digest))
    return f"{user.name}:$7${HASH_ROUNDS}${'$'.join(parts)}\n"


def _rights(user: BrokerUser) -> str:
    return "".join(f"{line}\n" for line in (f"user {user.name}", *user.rights))


def _program(name: str) -> str:
    found = shutil.which(name, path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
    if not found:
        raise HubError(f"'{name}' is missing: apt-get install mosquitto")
    return found
