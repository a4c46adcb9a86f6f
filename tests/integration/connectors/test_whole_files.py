"""A file that is a whole table, fetched over real HTTP: what it does not show is gone."""

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from hub.pipeline.ingest import Job, chosen, ingest
from tests.support import contracts as given
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.integration

HEADER = "编号,树种,种植日期\n"
THREE = HEADER + "1,榕,2020-01-01\n2,樟,\n3,木棉,\n"
GATE = {
    "max_rejected_share": 0.9,
    "min_type_share": 0,
    "max_volume_drop": 0.9,
    "max_lost_keys": 0.9,
}


class Site(http.server.ThreadingHTTPServer):
    """Offers ``/open/trees.csv`` with whatever content it is told; counts the requests."""

    content = b""
    asked = 0


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Site)
        self.server.asked += 1
        found = self.path == "/open/trees.csv"
        self.send_response(200 if found else 404)
        self.send_header("Content-Length", str(len(self.server.content) if found else 0))
        self.end_headers()
        if found:
            self.wfile.write(self.server.content)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def site() -> Iterator[Site]:
    with Site(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


class Trees:
    """The table as the hub has it after each pull."""

    def __init__(self, warehouse: Warehouse, folder: Path, connection: psycopg.Connection) -> None:
        self._warehouse, self._folder, self._connection = warehouse, folder, connection
        self._runs = 0

    def pull(self) -> int:
        self._runs += 1
        job = Job(
            dsn=self._warehouse.dsn(),
            landing=self._folder / "landing",
            data_docs=self._folder / "docs",
            run_id=f"run {self._runs}",
            trigger="test",
            say=lambda _: None,
        )
        return ingest(job, chosen(self._folder / "contracts", []))

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        return self._connection.execute(query).fetchall()

    def open(self) -> list[tuple[str, str]]:
        return self.ask(
            "select code, species from raw.parks__tree where _recorded_to is null order by code"
        )

    def batches(self) -> list[tuple[Any, ...]]:
        return self.ask(
            "select status, received, appended, unchanged, rejected, closed from ops.batch"
            " order by batch_id"
        )


@pytest.fixture
def trees(
    clean_warehouse: Warehouse, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Trees]:
    monkeypatch.setenv("PARKS_URL", f"http://127.0.0.1:{site.server_port}")
    extract = {**given.FILES, "object": "trees.csv", "mode": "snapshot"}
    server = {"type": "http", "url": "${PARKS_URL}", "directory": "/open"}
    given.write(tmp_path / "contracts", given.table(extract=extract, gate=GATE), server=server)
    with clean_warehouse.connect() as connection:
        connection.autocommit = True
        yield Trees(clean_warehouse, tmp_path, connection)


def test_keys_that_the_file_does_not_show_any_more_are_closed(trees: Trees, site: Site) -> None:
    site.content = THREE.encode()
    assert trees.pull() == 0
    site.content = (HEADER + "1,榕,2020-01-01\n3,木棉树,\n").encode()
    assert trees.pull() == 0
    assert trees.open() == [("1", "榕"), ("3", "木棉树")]
    assert trees.batches() == [("landed", 3, 3, 0, 0, 0), ("landed", 2, 1, 1, 0, 2)]


def test_the_same_file_is_landed_once_and_an_old_one_again(trees: Trees, site: Site) -> None:
    contents = [THREE, THREE, HEADER + "1,榕,2020-01-01\n2,樟,\n", THREE]
    for content in contents:
        site.content = content.encode()
        assert trees.pull() == 0
    assert site.asked == 4
    assert [batch[1] for batch in trees.batches()] == [3, 2, 3]
    assert [code for code, _ in trees.open()] == ["1", "2", "3"]


def test_the_key_of_a_broken_line_was_shown(trees: Trees, site: Site) -> None:
    site.content = THREE.encode()
    trees.pull()
    site.content = (HEADER + "1,榕,2020-01-01\n2,樟,,多\n").encode()
    assert trees.pull() == 0
    assert [code for code, _ in trees.open()] == ["1", "2"], "2 came broken, 3 did not come"
    assert trees.batches()[-1] == ("landed", 2, 0, 1, 1, 1)


def test_a_line_of_which_nobody_knows_the_key_keeps_all_keys_open(trees: Trees, site: Site) -> None:
    site.content = THREE.encode()
    trees.pull()
    site.content = (HEADER + "1,榕,2020-01-01\n,樟,,多\n").encode()
    assert trees.pull() == 0
    assert [code for code, _ in trees.open()] == ["1", "2", "3"]
    ((reason,),) = trees.ask("select reason from ops.batch order by batch_id desc limit 1")
    assert reason == "1 行无法解析、不知其主键，快照不完整，不关闭消失的主键"
