"""An engine, images built from this checkout, and the project brought up once for all tests."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

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
        say(f"measured: {name} = {value}")


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory, notes: dict[str, str]) -> Iterator[Project]:
    """The stack with its simulated departments, from a clean checkout to healthy."""
    folder = tmp_path_factory.mktemp("compose")
    checkout = folder / "checkout"
    run("git", "clone", "-q", str(REPOSITORY), str(checkout))
    try:
        with engine(folder) as reach:
            ports = {
                f"HUB_PORT_{name}": str(free_port())
                for name in ("POSTGRES", "AIRFLOW", "SUPERSET", "DATA_DOCS")
            }
            with timed(notes, "base_seconds"):
                base = os.environ.get("HUB_BASE_IMAGE") or base_image(reach, folder)
            project = Project(checkout, {**reach, **ports, "HUB_BASE_IMAGE": base})
            try:
                _bring_up(project, notes)
                yield project
            finally:
                project.compose("--profile", "demo", "down", "--volumes", "--timeout", "20")
    finally:
        for kept_by_engine in ("data", "exec", "checkout"):
            run("rm", "-rf", str(folder / kept_by_engine))


@contextmanager
def timed(notes: dict[str, str], name: str) -> Iterator[None]:
    """Note how many seconds something takes, and say so: it may be minutes."""
    began = time.monotonic()
    yield
    notes[name] = f"{time.monotonic() - began:.0f}"
    say(f"{name} = {notes[name]}")


def say(line: str) -> None:
    """Print a line for the person who waits."""
    print(line, flush=True)  # noqa: T201


def _bring_up(project: Project, notes: dict[str, str]) -> None:
    with timed(notes, "build_seconds"):
        project.compose("build", "postgres", "superset")
    for image in IMAGES:
        size = project.docker("image", "inspect", "-f", "{{.Size}}", image)
        notes[f"{image}_megabytes"] = f"{int(size) / 1e6:.0f}"
    with timed(notes, "secrets_seconds"):
        project.compose("run", "--rm", "secrets")
    with timed(notes, "up_seconds"):
        project.compose("--profile", "demo", "up", "-d", "--scale", "worker=2")
        project.wait_until_healthy()
