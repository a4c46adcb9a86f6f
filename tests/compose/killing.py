"""Killing a worker at the one moment that matters: between a batch's first row and its last."""

import os
import signal
import subprocess
import time

from tests.compose.project import Project

IN_THE_MIDDLE = "select department from ops.batch where status in ('extracting', 'extracted')"


def kill_a_worker_in_the_middle_of_an_ingest(project: Project, job: "subprocess.Popen[str]") -> str:
    """Kill the worker that is ingesting while ``job`` runs; return the department it had begun.

    The workers are frozen first: a batch that is unfinished then is unfinished when its worker
    dies. Killed as a crash would, not through the engine, which then would not restart it.
    """
    workers = [worker["Id"] for worker in project.containers("worker")]
    with project.warehouse() as query:
        while job.poll() is None:
            if not query(IN_THE_MIDDLE):
                time.sleep(0.02)
                continue
            project.docker("pause", *workers)
            try:
                for (department,) in query(IN_THE_MIDDLE):
                    for worker in workers:
                        if _ingests(project, worker, department):
                            os.kill(_first_process(project, worker), signal.SIGKILL)
                            return str(department)
            finally:
                project.docker("unpause", *workers)
    raise AssertionError("the job ended before any department was seen in the middle of its ingest")


def _ingests(project: Project, container: str, department: str) -> bool:
    return f" ingest {department} " in project.docker("top", container, "-eo", "pid,args")


def _first_process(project: Project, container: str) -> int:
    return int(project.docker("inspect", "-f", "{{.State.Pid}}", container))
