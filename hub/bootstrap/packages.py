"""System packages: which are missing, and how they get here.

A requirement is a file to be found, not a package name: whoever has the program from elsewhere
needs no package. Packages come through apt when we are root or may use sudo without a password.
"""

import importlib.util
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hub.bootstrap.report import BootstrapError, say

DEBIAN_12, UBUNTU_24_04 = "debian 12", "ubuntu 24.04"
APT = ["apt-get", "-y", "-q", "-o", "DPkg::Lock::Timeout=120", "-o", "Acquire::Retries=3"]
POLICY = Path("/usr/sbin/policy-rc.d")
NO_CLUSTER = Path("/etc/postgresql-common/createcluster.d/district-data-hub.conf")


@dataclass(frozen=True)
class Requirement:
    """Something the machine must have.

    ``files`` are patterns of which one must exist; none means the module ``ensurepip``.
    ``packages`` names the packages of each known system; ``environments`` needs it. ``services``
    would start with the machine: they are switched off, for we run our own.
    """

    title: str
    environments: frozenset[str]
    packages: Mapping[str, Sequence[str]]
    files: Sequence[str] = ()
    services: Sequence[str] = ()

    def is_met(self) -> bool:
        """Tell whether the machine has it."""
        if not self.files:
            return importlib.util.find_spec("ensurepip") is not None
        return any(any(Path("/").glob(pattern.lstrip("/"))) for pattern in self.files)


ALL = frozenset({"hub", "orchestrator", "dashboards", "dev"})
SERVERS = frozenset({"hub", "dev"})
TESTS = frozenset({"dev"})

REQUIREMENTS = (
    Requirement(
        "Python's venv",
        ALL,
        {DEBIAN_12: ["python3-venv"], UBUNTU_24_04: ["python3-venv"]},
    ),
    Requirement(
        "PostgreSQL server",
        SERVERS,
        {DEBIAN_12: ["postgresql-15"], UBUNTU_24_04: ["postgresql-16"]},
        ["/usr/lib/postgresql/*/bin/postgres"],
    ),
    Requirement(
        "PostGIS",
        SERVERS,
        {
            DEBIAN_12: ["postgresql-15-postgis-3"],
            UBUNTU_24_04: ["postgresql-16-postgis-3"],
        },
        ["/usr/share/postgresql/*/extension/postgis.control"],
    ),
    Requirement(
        "MariaDB server",
        SERVERS,
        # Only the programs: the full package would add a service that starts with the machine.
        {
            DEBIAN_12: ["mariadb-server-core", "mariadb-client-core"],
            UBUNTU_24_04: ["mariadb-server-core", "mariadb-client-core"],
        },
        ["/usr/sbin/mariadbd"],
    ),
    Requirement(
        "MariaDB's my_print_defaults",
        SERVERS,
        {DEBIAN_12: ["mariadb-client-core"], UBUNTU_24_04: ["mariadb-client-core"]},
        ["/usr/bin/my_print_defaults"],
    ),
    Requirement(
        "mosquitto, an MQTT broker",
        SERVERS,
        {DEBIAN_12: ["mosquitto"], UBUNTU_24_04: ["mosquitto"]},
        ["/usr/sbin/mosquitto"],
        services=("mosquitto",),
    ),
    Requirement(
        "mosquitto_sub, a stock MQTT client",
        TESTS,
        {DEBIAN_12: ["mosquitto-clients"], UBUNTU_24_04: ["mosquitto-clients"]},
        ["/usr/bin/mosquitto_sub"],
    ),
    Requirement(
        "Chromium",
        TESTS,
        {DEBIAN_12: ["chromium"], UBUNTU_24_04: ["chromium-browser"]},
        ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome*"],
    ),
    Requirement(
        "libatomic, for the browser driver's runtime",
        TESTS,
        {DEBIAN_12: ["libatomic1"], UBUNTU_24_04: ["libatomic1"]},
        ["/usr/lib/*/libatomic.so.1", "/lib/*/libatomic.so.1"],
    ),
    Requirement(
        "a font with Chinese characters",
        TESTS,
        {DEBIAN_12: ["fonts-noto-cjk"], UBUNTU_24_04: ["fonts-noto-cjk"]},
        ["/usr/share/fonts/*/noto/NotoSansCJK-*", "/usr/share/fonts/**/NotoSansCJK-Regular*"],
    ),
)


def ensure(environments: Sequence[str]) -> None:
    """Install the system packages that ``environments`` need and the machine lacks.

    Raises :class:`BootstrapError` with the list and the command when we may not install.
    """
    missing = [
        each for each in REQUIREMENTS if each.environments & set(environments) and not each.is_met()
    ]
    if not missing:
        return
    system = current_system()
    prefix = _privilege()
    if prefix is None or not shutil.which("apt-get") or system not in missing[0].packages:
        raise BootstrapError(what_to_install(missing, system))
    wanted = package_names(missing, system)
    say(f"• system packages: {' '.join(wanted)}")
    _install(wanted, prefix)
    _switch_off([name for each in missing for name in each.services], prefix)
    still = [each for each in missing if not each.is_met()]
    importlib.invalidate_caches()
    if still:
        raise BootstrapError(what_to_install(still, system))
    say("✓ system packages")


def current_system() -> str:
    """Return the system as ``debian 12``, from ``/etc/os-release``."""
    try:
        lines = Path("/etc/os-release").read_text().splitlines()
    except FileNotFoundError:
        return "unknown"
    facts = dict(line.split("=", 1) for line in lines if "=" in line)
    return f"{facts.get('ID', '')} {facts.get('VERSION_ID', '')}".replace('"', "").strip()


def package_names(missing: Iterable[Requirement], system: str) -> list[str]:
    """Return the packages that bring ``missing`` on ``system``, each once."""
    return list(dict.fromkeys(name for each in missing for name in each.packages[system]))


def what_to_install(missing: Sequence[Requirement], system: str) -> str:
    """Say what is missing and which command brings it, for every system we know if need be."""
    lines = ["missing on this machine: " + ", ".join(each.title for each in missing)]
    known = [system] if system in missing[0].packages else [DEBIAN_12, UBUNTU_24_04]
    if system not in known:
        lines.append(
            f"this system ({system}) is not one we know; elsewhere these packages have it:"
        )
    for each in known:
        names = " ".join(package_names(missing, each))
        lines.append(f"  {each}: apt-get install --no-install-recommends {names}")
    lines.append("run that as root, then start again")
    return "\n".join(lines)


def _privilege() -> list[str] | None:
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo"):
        done = subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False)
        if done.returncode == 0:
            return ["sudo", "-n"]
    return None


def _install(names: Sequence[str], prefix: Sequence[str]) -> None:
    with (
        tempfile.NamedTemporaryFile("w+", suffix=".log", delete=False) as log,
        _file(POLICY, "#!/bin/sh\nexit 101\n", "755", prefix),
        _file(NO_CLUSTER, "create_main_cluster = false\n", "644", prefix),
    ):
        for arguments in (["update"], ["install", "--no-install-recommends", *names]):
            command = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", *APT, *arguments]
            done = subprocess.run(command, stdout=log, stderr=subprocess.STDOUT, check=False)
            if done.returncode and arguments[0] == "install":
                log.seek(0)
                tail = "".join(log.readlines()[-15:])
                raise BootstrapError(f"`{' '.join(command)}` failed ({log.name}):\n{tail}")
    Path(log.name).unlink()


def _switch_off(services: Sequence[str], prefix: Sequence[str]) -> None:
    """Keep services that a package brought from starting with the machine."""
    if services and shutil.which("systemctl"):
        # --root: files only, so that it works where no systemd runs (containers)
        command = [*prefix, "systemctl", "--root=/", "--quiet", "disable", *services]
        subprocess.run(command, capture_output=True, check=False)


@contextmanager
def _file(path: Path, content: str, mode: str, prefix: Sequence[str]) -> Iterator[None]:
    """Have a file of root's for a while, where there is none.

    One keeps packages from starting their services, one keeps PostgreSQL's package from creating
    a cluster of its own, which would start with the machine.
    """
    if path.exists():
        yield
        return
    with tempfile.NamedTemporaryFile("w") as source:
        source.write(content)
        source.flush()
        new = not path.parent.exists()
        subprocess.run([*prefix, "install", "-D", "-m", mode, source.name, str(path)], check=True)
    try:
        yield
    finally:
        subprocess.run([*prefix, "rm", "-f", str(path)], check=True)
        if new:
            folder = ["rmdir", "--ignore-fail-on-non-empty", str(path.parent)]
            subprocess.run([*prefix, *folder], check=False)
