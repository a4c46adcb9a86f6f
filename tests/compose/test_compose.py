"""The compose file, really run: the main job, the screen, and a worker killed in the middle.

Not part of `make test`: `make test-compose` builds images and needs a container engine, which it
installs and starts itself where none answers. The tests follow one project, in order.
"""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from superset_assets.bundle import Bundle
from tests.compose.conftest import IMAGES, timed
from tests.compose.killing import kill_a_worker_in_the_middle_of_an_ingest
from tests.compose.project import Project
from tests.support import browser as chrome

pytestmark = pytest.mark.compose

UNFINISHED = "select count(*) from ops.batch where status in ('extracting', 'extracted')"
FAILED = "select department from ops.batch where status = 'failed'"
UNBALANCED = """
select count(*) from ops.batch
 where status in ('landed', 'held') and received <> appended + unchanged + rejected + held
"""
CONNECT = "import socket, sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), 5)"
PYTHON = "/opt/venvs/hub/bin/python"


def job(project: Project) -> dict[str, Any]:
    """Run the main job by its one command; return the status that it prints."""
    return dict(json.loads(project.compose("run", "--rm", "-T", "job")))


def open_rows(project: Project) -> dict[str, int]:
    """Return how many rows of each raw table are open."""
    with project.warehouse() as query:
        tables = query("select tablename from pg_tables where schemaname = 'raw'")
        assert tables
        return {
            name: query(f'select count(*) from raw."{name}" where _recorded_to is null')[0][0]
            for (name,) in tables
        }


def reaches(project: Project, service: str, host: str, port: str) -> bool:
    """Tell whether a service's container can open a connection."""
    return project.inside(service, PYTHON, "-c", CONNECT, host, port).returncode == 0


def address(project: Project, service: str) -> str:
    """Return the address of a department's container in the departments' network."""
    networks = project.containers(service)[0]["NetworkSettings"]["Networks"]
    return str(networks[f"{project.name}_departments"]["IPAddress"])


def test_the_file_follows_the_compose_specification(project: Project) -> None:
    (schema,) = Path("/usr/lib/python3").rglob("compose_spec.json")
    file = yaml.safe_load((project.folder / "docker-compose.yml").read_text())
    jsonschema.validate(file, json.loads(schema.read_text()))
    project.compose("config", "--quiet")


def test_nobody_runs_as_root(project: Project) -> None:
    assert {each["Config"]["User"] for each in project.containers()} == {"hub"}
    assert project.inside("worker", "id", "-u").stdout.strip() == "10001"


def test_no_secret_is_in_the_file_an_environment_or_an_image(project: Project) -> None:
    listed = project.inside("postgres", "sh", "-c", "cd /var/lib/hub/secrets; head -c 500 *")
    secrets = [line for line in listed.stdout.splitlines() if len(line) > 20 and "==>" not in line]
    assert len(secrets) > 20
    file = (project.folder / "docker-compose.yml").read_text()
    shown = file + json.dumps(project.containers())
    for image in IMAGES:
        shown += project.docker("history", "--no-trunc", image)
        shown += project.docker("image", "inspect", image)
        find = ("--entrypoint", "find", image, "/var/lib/hub", "-type", "f", "-size", "+0")
        assert "secrets" not in project.docker("run", "--rm", *find)
    assert [secret for secret in secrets if secret in shown] == []
    assert not re.search(r"(?i)password:|secret:", file)


def test_departments_are_reached_by_workers_only(project: Project) -> None:
    police = address(project, "police")
    assert reaches(project, "worker", "police", "15433")
    assert reaches(project, "worker", police, "15433")
    for service in ("superset", "airflow-api-server", "airflow-scheduler", "data-docs"):
        assert not reaches(project, service, "police", "15433"), service
        assert not reaches(project, service, police, "15433"), service
    assert not reaches(project, "police", "postgres", project.environment["HUB_PORT_POSTGRES"])


def test_a_worker_sees_what_departments_hand_over_and_nothing_else_of_them(
    project: Project,
) -> None:
    seen = project.inside("worker", "find", "/var/lib/hub/simulator", "/var/lib/hub/others")
    files = [Path(line) for line in seen.stdout.splitlines()]
    assert not [file for file in files if file.is_relative_to("/var/lib/hub/simulator/")][1:]
    assert [file for file in files if file.suffix == ".xlsx"]


def test_the_main_job_publishes_every_department(project: Project, notes: dict[str, str]) -> None:
    with timed(notes, "job_seconds"):
        status = job(project)

    assert status["build"]["published_at"]
    assert status["checks"]["failed"] == 0
    assert [each["name"] for each in status["departments"] if each["stale"]] == []
    assert sum(each["appended"] for each in status["departments"]) > 40_000


def test_a_leader_sees_the_figures(project: Project) -> None:
    superset = f"http://127.0.0.1:{project.environment['HUB_PORT_SUPERSET']}"
    with project.warehouse() as query:
        ((residents,),) = query(
            "select to_char(sum(residents), 'FM999,999,999') from mart.community_overview"
        )
    charts = Bundle().charts
    with chrome.chromium() as browser:
        page = chrome.new_session(browser, superset).new_page()
        chrome.login(page, "leader", project.secret("superset_leader_password"))
        page.goto("/superset/dashboard/community-overview/")
        chrome.wait_for_charts(page, len(charts))
        assert chrome.figure(page, charts["residents"]["slice_name"]) == residents


def test_a_worker_killed_in_the_middle_loses_nothing(
    project: Project, notes: dict[str, str]
) -> None:
    before = open_rows(project)
    with timed(notes, "job_with_killed_worker_seconds"):
        running = project.begin("run", "--rm", "-T", "job")
        department = kill_a_worker_in_the_middle_of_an_ingest(project, running)
        printed, _ = running.communicate(timeout=1800)
    assert running.returncode == 0, printed[-3000:]

    with project.warehouse() as query:
        assert query(UNBALANCED) == [(0,)]
        assert query(UNFINISHED) == [(0,)], "the batch of the killed worker is settled"
        assert (department,) in query(FAILED), "it had begun, and failed"
    assert open_rows(project) == before
    project.wait_until_healthy()
