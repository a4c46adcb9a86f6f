"""What the supervisor needs to know about one service."""

import shlex
import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Service:
    """One program of the stack.

    ``port_setting`` names the setting whose port it listens on, None when it has none.
    ``is_ready`` asks for a real page or query, never just for an open port.
    ``patience`` is how many seconds it may take to stop.
    """

    name: str
    title: str
    command: Sequence[str]
    is_ready: Callable[[], bool]
    environment: Mapping[str, str] = field(default_factory=dict)
    port_setting: str | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    patience: int = 15

    def script(self, pid_file: Path) -> str:
        """Return the shell script that becomes this service, after noting its process id.

        The id is that of the process group as well; it is how leftovers of a killed supervisor
        are found again.
        """
        lines = [
            "#!/bin/sh",
            f"# {self.title}; written by `hub up`, which replaces any change",
            f"echo $$ > {shlex.quote(str(pid_file))}",
            *(
                f"export {name}={shlex.quote(value)}"
                for name, value in sorted(self.environment.items())
            ),
            "cd /",
            # supervisord never notices that a program closed its input: its loop then spins on
            # the broken pipe. Another descriptor keeps the pipe whole as long as the program lives.
            "exec 9<&0 </dev/null",
            f"exec {shlex.join(self.command)}",
        ]
        return "\n".join(lines) + "\n"
