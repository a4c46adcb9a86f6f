"""Python environments, each exactly what its committed lock file says, hashes checked."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from hub.bootstrap.indexes import uv_environment
from hub.bootstrap.report import BootstrapError, say

NAMES = ("hub", "orchestrator", "dashboards", "dev", "bench")
OURS = ("hub", "dev")  # in these, the checkout itself can be imported
STAMP = "installed"
SUPPORTED = ((3, 11), (3, 12))
TRIES = 3
NETWORK = re.compile(
    r"timed? ?out|connect|network|dns|resolve|reset|temporar|unreachable|\b5\d\d\b", re.IGNORECASE
)


@dataclass(frozen=True)
class Installer:
    """Installs the environments of one checkout below ``venvs``."""

    venvs: Path
    repository: Path

    def ensure(self, names: Sequence[str]) -> None:
        """Bring the environments to their locks; quick when they are there already."""
        stale = [name for name in names if not self._is_current(name)]
        if not stale:
            return
        self.ensure_uv()
        environment = uv_environment(self.venvs / "uv" / "bin" / "pip", os.environ)
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        for name in stale:
            began = time.monotonic()
            say(f"• environment {name} …")
            self._install(name, environment)
            say(f"✓ environment {name} ({time.monotonic() - began:.0f} s)")

    @cached_property
    def python(self) -> str:
        """The interpreter that environments are made from."""
        return supported_python()

    def _install(self, name: str, environment: Mapping[str, str]) -> None:
        folder, uv = self.venvs / name, str(self.venvs / "uv" / "bin" / "uv")
        (folder / STAMP).unlink(missing_ok=True)
        if _version(str(folder / "bin" / "python")) != _version(self.python):
            shutil.rmtree(folder, ignore_errors=True)
            _run([uv, "venv", "-q", "--python", self.python, str(folder)], environment)
        options = ["-q", "--require-hashes", "--compile-bytecode"]
        target = ["--python", str(folder / "bin" / "python")]
        _run([uv, "pip", "sync", *options, *target, str(self._lock(name))], environment)
        if name in OURS:
            for packages in folder.glob("lib/python3*/site-packages"):
                (packages / "district_data_hub.pth").write_text(f"{self.repository}\n")
        (folder / STAMP).write_text(self._mark(name))

    def ensure_uv(self) -> None:
        """Install uv itself into an environment of its own, by pip."""
        if self._is_current("uv"):
            return
        say("• uv …")
        folder = self.venvs / "uv"
        shutil.rmtree(folder, ignore_errors=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        _run([self.python, "-m", "venv", str(folder)], os.environ)
        pip = [str(folder / "bin" / "pip"), "install", "-q", "--require-hashes"]
        _run([*pip, "-r", str(self._lock("uv"))], os.environ)
        (folder / STAMP).write_text(self._mark("uv"))
        say("✓ uv")

    def _is_current(self, name: str) -> bool:
        stamp = self.venvs / name / STAMP
        return stamp.exists() and stamp.read_text() == self._mark(name)

    def _mark(self, name: str) -> str:
        """Return what an environment's content depends on, as one hash."""
        parts = [self._lock(name).read_bytes(), _version(self.python), os.fsencode(self.repository)]
        return hashlib.sha256(b"\0".join(parts)).hexdigest()

    def _lock(self, name: str) -> Path:
        return self.repository / "requirements" / f"{name}.txt"


def supported_python() -> str:
    """Return an interpreter of a supported version: this one, or one on the PATH."""
    if sys.version_info[:2] in SUPPORTED:
        return sys.executable
    for major, minor in reversed(SUPPORTED):
        if found := shutil.which(f"python{major}.{minor}"):
            return found
    raise BootstrapError(
        f"python3 is {sys.version.split()[0]}; Python 3.11 or 3.12 is needed "
        "(install one, or name it: make PYTHON=python3.12 up)"
    )


def _version(python: str) -> bytes:
    """Return what an interpreter says of itself; empty when it does not run."""
    try:
        return subprocess.run([python, "-VV"], capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return b""


def _run(command: Sequence[str], environment: Mapping[str, str]) -> None:
    """Run a command; where the network failed, try again."""
    for attempt in range(1, TRIES + 1):
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return
        reason = (done.stderr or done.stdout).strip()
        if attempt < TRIES and NETWORK.search(reason):
            say(f"  the network failed ({reason.splitlines()[-1]}); trying again")
            time.sleep(3 * attempt)
            continue
        raise BootstrapError(f"`{' '.join(command[:4])} …` failed:\n{reason[-2000:]}")
