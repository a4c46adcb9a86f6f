"""The compose file, really run: the main job, the screen, and a worker killed in the middle.

Not part of `make test`: `make test-compose` builds images and needs a container engine, which it
installs and starts itself where none answers. The tests follow one project, in order.
"""

import json
import re
import time
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from superset_assets.bundle import Bundle
from tests.compose.project import Project
from tests.support import browser as chrome

pytestmark = pytest.mark.compose

BUSY = "select count(*) from ops.batch where status in ('extracting', 'extracted')"
UNBALANCED = """
select count(*) from ops.batch
 where status in ('landed', 'held') and received <> appended + unchanged + rejected + held
"""


def job(project: Project) -> dict[str, Any]:
    """Run the main job by its one command; return the status that it prints."""
    printed = project.compose("run", "--rm", "-T", "job")
    return dict(json.loads(printed[printed.index("{\n") :]))


def open_rows(project: Project) -> dict[str, int]:
    """Return how many rows of each raw table are open."""
    tables = project.query(
        "select table_name from information_schema.tables where table_schema = 'raw'"
    )
    return {
        name: project.query(f'select count(*) from raw."{name}" where _recorded_to is null')[0][0]
        for (name,) in tables
    }


def test_the_file_follows_the_compose_specification(project: Project) -> None:
    (schema,) = Path("/usr/lib/python3").rglob("compose_spec.json")
    file = yaml.safe_load((project.folder / "docker-compose.yml").read_text())
    jsonschema.validate(file, json.loads(schema.read_text()))
    project.compose("config", "--quiet")


def test_nobody_runs_as_root_and_no_secret_is_in_file_or_environment(project: Project) -> None:
    secret = project.secret("hub_password")
    for container in project.containers():
        assert container["Config"]["User"] == "hub", container["Name"]
        assert secret not in json.dumps(container)
    assert not re.search(
        r"(?i)password:|secret:", (project.folder / "docker-compose.yml").read_text()
    )


def test_departments_are_reached_by_workers_only(project: Project) -> None:
    reached = {
        container["Config"]["Labels"]["com.docker.compose.service"]
        for container in project.containers()
        if f"{project.name}_departments" in container["NetworkSettings"]["Networks"]
        and f"{project.name}_core" in container["NetworkSettings"]["Networks"]
    }
    assert reached == {"worker"}


def test_the_main_job_publishes_every_department(project: Project, notes: dict[str, str]) -> None:
    began = time.monotonic()
    status = job(project)
    notes["job_seconds"] = f"{time.monotonic() - began:.0f}"

    assert status["build"]["published_at"]
    assert status["checks"]["failed"] == 0
    assert [each["name"] for each in status["departments"] if each["stale"]] == []
    assert sum(each["appended"] for each in status["departments"]) > 40_000


def test_a_leader_sees_the_figures(project: Project) -> None:
    address = f"http://127.0.0.1:{project.environment['HUB_PORT_SUPERSET']}"
    residents = project.query(
        "select to_char(sum(residents), 'FM999,999,999') from mart.community_overview"
    )
    charts = Bundle().charts
    with chrome.chromium() as browser:
        page = chrome.new_session(browser, address).new_page()
        chrome.login(page, "leader", project.secret("superset_leader_password"))
        page.goto("/superset/dashboard/community-overview/")
        chrome.wait_for_charts(page, len(charts))
        assert chrome.figure(page, charts["residents"]["slice_name"]) == residents[0][0]


def test_a_worker_killed_in_the_middle_loses_nothing(project: Project) -> None:
    before = open_rows(project)
    running = project.begin("run", "--rm", "-T", "job")
    while not project.query(BUSY)[0][0]:
        assert running.poll() is None, "the job ended before any department was pulled"
    project.kill("worker")
    printed, _ = running.communicate(timeout=1200)
    assert running.returncode == 0, printed[-3000:]

    assert project.query(UNBALANCED) == [(0,)]
    assert project.query(BUSY) == [(0,)], "the batch of the killed worker is settled"
    assert open_rows(project) == before
    project.wait_until_healthy()
