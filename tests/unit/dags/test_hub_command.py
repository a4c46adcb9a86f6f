"""How tasks call ``hub``: what becomes of its output and exit code; nothing survives the task."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from tests.support.orchestrator import environment, python, run_python

# Says two lines and ends as it is told.
TALKS = """#!/bin/sh
echo "calls itself $*"
echo "小问题：第二行" >&2
case "$1" in
  killed) kill -9 $$ ;;
  *) exit "$1" ;;
esac
"""

# Starts a program of its own, as dbt would be, and stays.
STAYS = """#!/bin/sh
sleep 300 &
echo "$$ $!" > "$PIDS.new" && mv "$PIDS.new" "$PIDS"
echo started
wait
"""

JUDGE = """
import json
from dags.hub_command import run_hub

ends = {}
for told in ["0", "1", "2", "10", "11", "12", "killed"]:
    try:
        ends[told] = ["returned", run_hub(told)]
    except Exception as error:
        ends[told] = [type(error).__name__, str(error)]
print(json.dumps(ends))
"""

INTERRUPTED = """
import os, signal
from pathlib import Path
from dags.hub_command import run_hub

def too_late(*_):
    raise TimeoutError

signal.signal(signal.SIGALRM, too_late)
signal.setitimer(signal.ITIMER_REAL, 1)
try:
    run_hub("stay")
except TimeoutError:
    print("interrupted")
"""

KILLED_TASK = """
import threading, time
from pathlib import Path
from dags.hub_command import HubCommand

task = HubCommand(task_id="build", arguments=["stay"])

def kill():
    while not Path(PIDS).exists():
        time.sleep(0.02)
    task.on_kill()

threading.Thread(target=kill).start()
try:
    task.execute.__wrapped__(task, {})
except Exception as error:
    print(type(error).__name__, error)
"""


def command(folder: Path, script: str) -> Path:
    file = folder / "hub"
    file.write_text(script)
    file.chmod(0o755)
    return file


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except FileNotFoundError:
        return False


def gone(pids: list[int], within: float = 5) -> bool:
    give_up = time.monotonic() + within
    while any(alive(pid) for pid in pids) and time.monotonic() < give_up:
        time.sleep(0.05)
    return not any(alive(pid) for pid in pids)


@pytest.fixture(scope="module")
def ends(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("hub")
    env = environment(folder, HUB_COMMAND=str(command(folder, TALKS)))
    found: dict[str, Any] = json.loads(run_python(JUDGE, env).splitlines()[-1])
    return found


def test_success_returns_the_last_line(ends: dict[str, Any]) -> None:
    assert ends["0"] == ["returned", "小问题：第二行"]


@pytest.mark.parametrize("code", ["2", "10"])
def test_wrong_use_and_held_data_are_not_tried_again(ends: dict[str, Any], code: str) -> None:
    assert ends[code][0] == "AirflowFailException"


@pytest.mark.parametrize("code", ["1", "11", "killed"])
def test_a_failing_source_or_a_crash_is_tried_again(ends: dict[str, Any], code: str) -> None:
    assert ends[code][0] == "AirflowException"


def test_nothing_new_skips_the_task(ends: dict[str, Any]) -> None:
    assert ends["12"][0] == "AirflowSkipException"


def test_the_error_says_the_verb_the_reason_and_the_last_lines(ends: dict[str, Any]) -> None:
    assert ends["11"][1] == ("hub 11: the source failed (exit 11)\ncalls itself 11\n小问题：第二行")
    assert "ended by SIGKILL" in ends["killed"][1]


def test_running_out_of_time_ends_the_verb_and_all_it_started(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    env = environment(tmp_path, HUB_COMMAND=str(command(tmp_path, STAYS)), PIDS=str(pids))

    assert "interrupted" in run_python(INTERRUPTED, env)

    assert gone([int(pid) for pid in pids.read_text().split()])


def test_killing_the_task_ends_the_verb_and_all_it_started(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    env = environment(tmp_path, HUB_COMMAND=str(command(tmp_path, STAYS)), PIDS=str(pids))

    said = run_python(f"PIDS = {str(pids)!r}\n{KILLED_TASK}", env)

    assert "AirflowException hub stay: ended by SIGTERM" in said
    assert gone([int(pid) for pid in pids.read_text().split()])


def test_a_task_that_dies_without_notice_takes_the_verb_with_it(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    env = environment(tmp_path, HUB_COMMAND=str(command(tmp_path, STAYS)), PIDS=str(pids))
    code = "from dags.hub_command import run_hub; run_hub('stay')"
    task = subprocess.Popen([python(), "-c", code], env=env, stderr=subprocess.DEVNULL)
    try:
        while not pids.exists():
            assert task.poll() is None
            time.sleep(0.05)
        verb, child = (int(pid) for pid in pids.read_text().split())
        task.kill()

        assert gone([verb])
    finally:
        task.kill()
        task.wait()
        os.kill(child, signal.SIGKILL)


def test_the_verb_does_not_see_the_secrets_of_airflow(tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    env = environment(
        tmp_path,
        HUB_COMMAND=str(command(tmp_path, f"#!/bin/sh\nenv > {seen}\n")),
        AIRFLOW__API_AUTH__JWT_SECRET="open sesame",
        POLICE_HOST="127.0.0.1",
    )

    run_python("from dags.hub_command import run_hub; run_hub('ingest')", env)

    assert "POLICE_HOST=127.0.0.1" in seen.read_text()
    assert "open sesame" not in seen.read_text()
