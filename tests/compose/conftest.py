"""An engine, images built from this checkout, and the project brought up once for all tests."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.settings import REPOSITORY
from hub.stack.ports import free_port
from tests.compose.engine import base_image, engine, run
from tests.compose.project import Project

IMAGES = ("district-data-hub/server", "district-data-hub/app")


@pytest.fixture(scope="session")
def notes() -> Iterator[dict[str, str]]:
    """Figures for docs/compose.md, printed at the end."""
    found: dict[str, str] = {}
    yield found
    for name, value in found.items():
        print(f"measured: {name} = {value}")  # noqa: T201 - figures for a person


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory, notes: dict[str, str]) -> Iterator[Project]:
    """The stack with its simulated departments, from a clean checkout to healthy."""
    folder = tmp_path_factory.mktemp("compose")
    checkout = folder / "checkout"
    run("git", "clone", "-q", str(REPOSITORY), str(checkout))
    with engine(folder) as reach:
        ports = {
            f"HUB_PORT_{name}": str(free_port())
            for name in ("POSTGRES", "AIRFLOW", "SUPERSET", "DATA_DOCS")
        }
        base = os.environ.get("HUB_BASE_IMAGE") or base_image(reach, folder)
        project = Project(checkout, {**reach, **ports, "HUB_BASE_IMAGE": base})
        try:
            _bring_up(project, notes)
            yield project
        finally:
            project.compose("--profile", "demo", "down", "--volumes", "--timeout", "20")
            _keep_logs(folder)


def _bring_up(project: Project, notes: dict[str, str]) -> None:
    began = time.monotonic()
    project.compose("build", "postgres", "superset")
    notes["build_seconds"] = f"{time.monotonic() - began:.0f}"
    for image in IMAGES:
        size = run(
            *("docker", "image", "inspect", "-f", "{{.Size}}", image),
            environment=project.environment,
        )
        notes[f"{image}_megabytes"] = f"{int(size) / 1e6:.0f}"
    project.compose("run", "--rm", "secrets")
    began = time.monotonic()
    project.compose("--profile", "demo", "up", "-d", "--scale", "worker=2")
    project.wait_until_healthy()
    notes["up_seconds"] = f"{time.monotonic() - began:.0f}"


def _keep_logs(folder: Path) -> None:
    for rest in ("data", "base", "checkout"):
        subprocess.run(["rm", "-rf", str(folder / rest)], check=False)
    shutil.rmtree(folder / "exec", ignore_errors=True)
