"""A container engine for the test: the machine's own when it runs, else one of ours.

Ours is Debian's package with a daemon that keeps everything in one folder, and ends with the test.
"""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PUBLIC_BASE = "debian:bookworm-slim"
OWN_BASE = "district-data-hub/base"
SUITE = "bookworm"
# How this machine reaches its package registries; an organisation's base image has the same.
MIRRORS = [
    *("etc/apt/sources.list.d", "etc/apt/apt.conf.d", "etc/pip.conf", "root/.config/pip"),
    *("usr/local/share/ca-certificates", "etc/ssl/certs/ca-certificates.crt"),
]


def run(*command: str, environment: dict[str, str] | None = None, timeout: float = 1800) -> str:
    """Run a command that must end well; returns its output, raises with its last lines."""
    done = subprocess.run(
        command,
        env=os.environ | (environment or {}),
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    if done.returncode:
        last = "\n".join((done.stdout + done.stderr).splitlines()[-30:])
        raise AssertionError(f"`{' '.join(command)}` ended with {done.returncode}:\n{last}")
    return done.stdout


@contextmanager
def engine(folder: Path) -> Iterator[dict[str, str]]:
    """Yield the environment variables under which ``docker`` reaches a running engine."""
    if not shutil.which("docker-compose"):  # it brings the specification's schema as well
        _install("docker-compose")
    if shutil.which("docker") and _answers({}):
        yield {}
        return
    if not shutil.which("dockerd"):
        _install("docker.io", "iptables")
    socket = f"unix://{folder / 'docker.sock'}"
    environment = {"DOCKER_HOST": socket}
    with (folder / "dockerd.log").open("wb") as log:
        daemon = subprocess.Popen(
            [
                *("dockerd", "--host", socket),
                *("--data-root", str(folder / "data"), "--exec-root", str(folder / "exec")),
                *("--pidfile", str(folder / "docker.pid")),
            ],
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + 60
        while not _answers(environment):
            assert daemon.poll() is None, (folder / "dockerd.log").read_text()[-2000:]
            assert time.monotonic() < deadline, "the engine does not answer"
            time.sleep(0.5)
        yield environment
    finally:
        daemon.terminate()
        daemon.wait(60)


def base_image(environment: dict[str, str], folder: Path) -> str:
    """Return a Debian image: the public one, or one that we make where none can be pulled."""
    pulled = subprocess.run(
        ["docker", "pull", "-q", PUBLIC_BASE],
        env=os.environ | environment,
        capture_output=True,
        timeout=300,
        check=False,
    )
    if pulled.returncode == 0:
        return PUBLIC_BASE
    if not shutil.which("debootstrap"):
        _install("debootstrap")
    root = folder / "base"
    run("debootstrap", "--variant=minbase", SUITE, str(root), _debian_mirror())
    for name in MIRRORS:
        source, target = Path("/") / name, root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, dirs_exist_ok=True)
        elif source.exists():
            shutil.copy2(source, target)
    (root / "etc/apt/sources.list").unlink(missing_ok=True)
    archive = folder / "base.tar"
    run("tar", "-C", str(root), "-cf", str(archive), ".")
    run("docker", "import", str(archive), OWN_BASE, environment=environment)
    shutil.rmtree(root)
    archive.unlink()
    return OWN_BASE


def _install(*packages: str) -> None:
    run("apt-get", "update", "-q")
    run("apt-get", "install", "-y", "-q", "--no-install-recommends", *packages)


def _answers(environment: dict[str, str]) -> bool:
    asked = subprocess.run(
        ["docker", "info"], env=os.environ | environment, capture_output=True, check=False
    )
    return asked.returncode == 0 and b"Server Version" in asked.stdout


def _debian_mirror() -> str:
    sources = Path("/etc/apt/sources.list.d/debian.sources").read_text()
    return next(line.split()[1] for line in sources.splitlines() if line.startswith("URIs:"))
