"""Resolve ``requirements/<name>.in`` into ``<name>.txt``: versions and hashes, no addresses."""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from hub.bootstrap.indexes import uv_environment
from hub.bootstrap.report import BootstrapError, say

OLDEST_PYTHON = "3.11"


def compile_locks(
    names: Sequence[str], venvs: Path, repository: Path, extra: Sequence[str]
) -> None:
    """Write the lock of each name; versions stay where they may, unless ``extra`` says upgrade.

    Raises :class:`BootstrapError` with uv's words when something cannot be resolved.
    """
    uv = venvs / "uv" / "bin"
    options = ["-q", "--universal", "--python-version", OLDEST_PYTHON, "--generate-hashes"]
    options += ["--no-emit-index-url", "--no-header", "--override", "overrides.txt", *extra]
    for name in names:
        say(f"• {name}.txt …")
        done = subprocess.run(
            [str(uv / "uv"), "pip", "compile", *options, f"{name}.in", "-o", f"{name}.txt"],
            cwd=repository / "requirements",
            env=uv_environment(uv / "pip", os.environ),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise BootstrapError(f"{name}.in cannot be resolved:\n{done.stderr.strip()}")
    say("✓ locks")
