"""What a service's script sees to before it becomes the service."""

import os
import select
import subprocess
from pathlib import Path

from hub.stack.service import Service


def test_the_supervisors_end_of_the_input_stays_whole(tmp_path: Path) -> None:
    """A server that closes its input (MariaDB does) must not make supervisord spin."""
    command = ["/bin/sh", "-c", "exec <&-; echo closed; sleep 60"]
    service = Service("deaf", "a server that closes its input", command, lambda: True)
    script = tmp_path / "deaf.sh"
    script.write_text(service.script(tmp_path / "pid"))

    with subprocess.Popen(
        ["/bin/sh", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin
        assert process.stdout
        try:
            assert process.stdout.readline() == b"closed\n"
            watched = select.poll()
            watched.register(process.stdin.fileno(), select.POLLIN)
            assert watched.poll(100) == []
            assert int((tmp_path / "pid").read_text()) == process.pid
        finally:
            process.kill()


def test_the_environment_of_a_service_reaches_it_unchanged(tmp_path: Path) -> None:
    awkward = "a 'quoted' $HOME \n value"
    service = Service(
        "echo", "echo", ["/usr/bin/printenv", "AWKWARD"], lambda: True, {"AWKWARD": awkward}
    )
    script = tmp_path / "echo.sh"
    script.write_text(service.script(tmp_path / "pid"))
    said = subprocess.run(["/bin/sh", script], capture_output=True, check=True, env=os.environ)
    assert said.stdout.decode() == awkward + "\n"
