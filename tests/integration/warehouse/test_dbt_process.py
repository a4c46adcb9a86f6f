"""dbt as one process for several orders: what it answers, and what is said when it cannot."""

import signal

import psutil
import pytest

from hub.errors import HubError
from hub.warehouse.apply import apply_schema
from hub.warehouse.dbt_process import WORKER, Dbt
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.integration

ONE = "resource_type:function,tidy"


def workers() -> list[psutil.Process]:
    return [each for each in psutil.Process().children(recursive=True) if is_worker(each)]


def is_worker(process: psutil.Process) -> bool:
    try:
        return WORKER in " ".join(process.cmdline())
    except psutil.NoSuchProcess:  # another test's process that has just ended, a zombie perhaps
        return False


def test_one_process_builds_part_after_part(empty_warehouse: Warehouse) -> None:
    apply_schema(empty_warehouse.dsn())
    with Dbt(empty_warehouse.settings) as project:
        assert [node.name for node in project.build(ONE)] == ["tidy"]
        (worker,) = workers()
        told: list[tuple[int, int]] = []
        again = project.build(ONE, watch=lambda *how_far: told.append(how_far))
        assert ([node.status for node in again], told) == (["success"], [(1, 1)])
        assert workers() == [worker]
        assert project.build(ONE, exclusion="tidy") == [], "a part may be empty"
    assert workers() == []


def test_a_process_that_is_killed_is_an_error_not_an_endless_wait(
    empty_warehouse: Warehouse,
) -> None:
    with Dbt(empty_warehouse.settings) as project:
        (worker,) = workers()
        worker.kill()
        with pytest.raises(HubError, match="dbt did not end its work: its process ended"):
            project.build(ONE)


def test_a_build_that_was_interrupted_is_an_error_whatever_was_finished(
    empty_warehouse: Warehouse,
) -> None:
    def interrupt(finished: int, total: int) -> None:
        if finished == 1:
            workers()[0].send_signal(signal.SIGINT)

    with (
        Dbt(empty_warehouse.settings) as project,
        pytest.raises(HubError, match="dbt did not end its work"),
    ):
        project.build("resource_type:seed", watch=interrupt)


def test_whoever_gives_up_ends_it(empty_warehouse: Warehouse) -> None:
    with pytest.raises(KeyboardInterrupt), Dbt(empty_warehouse.settings):
        raise KeyboardInterrupt
    assert workers() == []


def test_a_project_that_cannot_be_read_says_why(
    empty_warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUB_DBT_THREADS", "many")
    with (
        Dbt(empty_warehouse.settings) as project,
        pytest.raises(HubError, match=r"dbt did not end its work: .*'many'"),
    ):
        project.build(ONE)
