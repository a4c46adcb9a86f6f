"""Whatever happens to a run, the next one completes with the rows of an undisturbed run."""

import json
import random
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from connectors.landing import change_log
from connectors.landing.land import Examination
from connectors.landing.merging import Merging
from hub.errors import HubError
from tests.integration.connectors.conftest import Bench, Row
from tests.integration.connectors.parks import GOOD, HEADER, Parks, open_parks
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.integration

MEGABYTE = 1 << 20

# Where the code of each part of a run lies.
ROOMS = {
    "extract": "connectors/protocols/",
    "landing": "connectors/landing/(land|raw_file|row_check|row_hash|profile)",
    "merge": "connectors/landing/(change_log|merging|statements|stored|versions|binary_copy)",
    "ledger": "connectors/landing/ledger",
}

# An ingest that counts its steps in every room, and kills itself at the n-th step in one.
KILLED = """
import json, os, re, signal, sys, threading
from pathlib import Path
from expectations import gate
from hub.pipeline import ingest as pipeline

dsn, landing, docs, contracts, rooms, fatal_room, fatal_step = sys.argv[1:]
gate.judge = lambda dsn, ids, *_: [gate.Verdict(number, True, "") for number in ids]
rooms = {name: re.compile(pattern) for name, pattern in json.loads(rooms).items()}
steps = dict.fromkeys(rooms, 0)

def step(frame, event, _):
    for room, files in rooms.items():
        if event in ("call", "c_call") and files.search(frame.f_code.co_filename):
            steps[room] += 1
            if room == fatal_room and steps[room] == int(fatal_step):
                os.kill(os.getpid(), signal.SIGKILL)

job = pipeline.Job(dsn, Path(landing), Path(docs), "killed", "test", lambda _: None)
chosen = pipeline.chosen(Path(contracts), [])
threading.setprofile(step)
sys.setprofile(step)
pipeline.ingest(job, chosen)
sys.setprofile(None)
print(json.dumps(steps))
"""


def first_day(parks: Parks) -> None:
    parks.leaves("trees_1.csv", HEADER + "".join(f"{n},榕,2020\n" for n in range(3000)))
    assert parks.pull() == 0


def second_day(parks: Parks) -> None:
    changed = "".join(f"{n},樟,2021\n" for n in range(1000, 4000))
    parks.leaves("trees_2.csv", HEADER + changed + ",榆,\n")
    parks.leaves("trees_3.csv", HEADER + "".join(f"{n},榆,2022\n" for n in range(0, 4500, 9)))


def history(parks: Parks) -> list[tuple[Any, ...]]:
    """Every version of every tree, in order, and whether it stands."""
    return parks.ask(
        "select code, species, planted, row_number() over (partition by code"
        " order by _recorded_from), _recorded_to is null from raw.parks__tree"
        ' order by code collate "C", 4'
    )


def undisturbed_history() -> list[tuple[Any, ...]]:
    """Return what two undisturbed days leave behind."""
    days = (
        dict.fromkeys(range(3000), ("榕", "2020")),
        dict.fromkeys(range(1000, 4000), ("樟", "2021")),
        dict.fromkeys(range(0, 4500, 9), ("榆", "2022")),
    )
    versions: dict[str, list[tuple[str, str]]] = {}
    for day in days:
        for number, content in day.items():
            versions.setdefault(str(number), []).append(content)
    return [
        (code, *content, at, at == len(told))
        for code, told in sorted(versions.items())
        for at, content in enumerate(told, start=1)
    ]


def ingest_in_a_process(
    parks: Parks, room: str = "", step: int = 0
) -> subprocess.CompletedProcess[str]:
    folders = [str(parks.landing), str(parks.folder.parent / "docs"), str(parks.contracts)]
    arguments = [parks.warehouse.dsn(), *folders, json.dumps(ROOMS), room, str(step)]
    return subprocess.run(
        [sys.executable, "-c", KILLED, *arguments],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def steps(warehouse: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> dict[str, int]:
    """How many steps an undisturbed second day takes in each room."""
    warehouse.clean()
    with open_parks(warehouse, tmp_path_factory.mktemp("undisturbed")) as parks:
        first_day(parks)
        second_day(parks)
        done = ingest_in_a_process(parks)
        assert done.returncode == 0, done.stderr
        assert history(parks) == undisturbed_history()
        counted: dict[str, int] = json.loads(done.stdout)
        return counted


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("room", ROOMS)
def test_a_run_killed_at_any_moment_is_completed_by_the_next(
    steps: dict[str, int], parks: Parks, room: str, seed: int
) -> None:
    first_day(parks)
    second_day(parks)
    chance = random.Random(f"{room} {seed}")  # noqa: S311 - test data
    killed = ingest_in_a_process(parks, room, chance.randint(1, steps[room]))
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert parks.pull_when_free() == 0
    assert history(parks) == undisturbed_history()
    assert parks.ask("select 1 from ops.batch where status in ('extracting', 'extracted')") == []
    assert list(parks.landing.rglob("*.part")) == []


def fails_clearly(parks: Parks, message: str) -> None:
    with pytest.raises(HubError, match=message) as told:
        parks.pull()
    assert told.value.exit_code != 0


@contextmanager
def interrupted(
    monkeypatch: pytest.MonkeyPatch, room: type, name: str, what: Callable[[], None]
) -> Iterator[None]:
    """Let something happen when a method is called for the first time."""
    method = getattr(room, name)

    def first_this(*arguments: Any, **named: Any) -> Any:
        what()
        return method(*arguments, **named)

    with monkeypatch.context() as patch:
        patch.setattr(room, name, first_this)
        yield


def test_a_restart_of_the_database_within_the_merge_heals(
    parks: Parks, monkeypatch: pytest.MonkeyPatch
) -> None:
    first_day(parks)
    second_day(parks)

    def restart() -> None:
        parks.warehouse.cluster.stop()
        parks.warehouse.cluster.start()

    with interrupted(monkeypatch, Merging, "_append", restart):
        fails_clearly(parks, "was not merged: .*the next run reads it again")
    parks.connection = parks.warehouse.connect()
    assert parks.pull() == 0
    assert history(parks) == undisturbed_history()


LOST = {
    "hub merge": (Merging, "_append", "was not merged"),
    "hub ledger": (Examination, "_examine", "the warehouse does not answer"),
}


@pytest.mark.parametrize("session", LOST)
def test_a_connection_that_is_lost_heals(
    parks: Parks, monkeypatch: pytest.MonkeyPatch, session: str
) -> None:
    first_day(parks)
    second_day(parks)
    room, method, message = LOST[session]

    def lose() -> None:
        parks.connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = %s",
            [session],
        )

    with interrupted(monkeypatch, room, method, lose):
        fails_clearly(parks, message)
    assert parks.pull_when_free() == 0
    assert history(parks) == undisturbed_history()


@contextmanager
def no_file_larger_than(size: int) -> Iterator[None]:
    """Let this process, and those it starts, find the disk full once a file reaches ``size``."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def incompressible(width: int) -> Iterator[str]:
    chance = random.Random(3)  # noqa: S311 - test data
    while True:
        yield chance.randbytes(width // 2).hex()


def test_a_full_disk_under_the_raw_files_ends_clearly_and_heals(bench: Bench) -> None:
    bench.use("snapshot")
    values = zip(range(400), incompressible(20_000), strict=False)
    rows: list[Row] = [{"code": str(number), "species": value} for number, value in values]
    with no_file_larger_than(MEGABYTE), pytest.raises(OSError, match="File too large"):
        bench.extract(rows)
    assert list(bench.ledger.landing.rglob("*.part")) == []
    assert bench.ledger.recover(bench.contract) == 1
    assert bench.send(rows) == change_log.Merged(400, 0, 0)


def test_a_full_disk_under_the_warehouse_ends_clearly_and_heals(parks: Parks) -> None:
    values = zip(range(900), incompressible(30_000), strict=False)
    parks.leaves("trees_1.csv", HEADER + "".join(f"{n},{value},\n" for n, value in values))
    cluster = parks.warehouse.cluster
    cluster.stop()
    with no_file_larger_than(20 * MEGABYTE):
        cluster.start()
    fails_clearly(parks, "was not merged: could not extend file.*the next run reads it again")
    cluster.stop()
    cluster.start()
    parks.connection = parks.warehouse.connect()
    assert parks.pull() == 0
    assert len(parks.codes()) == 900


def test_of_runs_that_start_together_one_works_and_the_others_are_told_to_wait(
    parks: Parks,
) -> None:
    parks.leaves("trees_1.csv", GOOD)
    outcomes: list[int | str] = []

    def run() -> None:
        done = ingest_in_a_process(parks)
        outcomes.append(done.returncode if done.returncode == 0 else done.stderr)

    runs = [threading.Thread(target=run) for _ in range(3)]
    for one in runs:
        one.start()
    for one in runs:
        one.join()
    assert 0 in outcomes
    assert all(one == 0 or "ingested by another run" in str(one) for one in outcomes)
    assert [batch[:3] for batch in parks.batches()] == [("trees_1.csv", "landed", 2)]
    parks.assert_sound()
