"""Data Docs open without a network, hold no data, and survive being built by several at once."""

import json
import os
import re
import socket
from html.parser import HTMLParser
from multiprocessing import get_context
from pathlib import Path

import pytest

from connectors.contracts import Contract
from expectations import data_docs
from expectations.data_docs import KEEP_RUNS, Section, publish
from expectations.engine import Finished
from expectations.gate import case_of, evaluate
from tests.unit.expectations.conftest import batch_of, with_column

POLICE = Section("police", "公安·入库")
HEALTH = Section("health", "卫健·入库")
LOADING = {"link": "href", "script": "src", "img": "src", "iframe": "src", "source": "src"}


class Loads(HTMLParser):
    """Collects what a page would load by itself, and where its links lead."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.links: list[str] = []
        self.scripts = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.scripts += tag == "script"
        if tag in LOADING:
            self.loaded.append(values.get(LOADING[tag]) or "")
        if tag == "a":
            self.links.append(values.get("href") or "")


@pytest.fixture(scope="module")
def finished(contracts: dict[str, Contract]) -> list[Finished]:
    """A good batch of buildings and a bad one of residents."""
    buildings, residents = contracts["police.building"], contracts["police.resident"]
    bad = with_column(batch_of(residents, rejected=500, profiled=500), "gmsfhm", nulls=400)
    return evaluate([case_of(batch_of(buildings), buildings), case_of(bad, residents)])


def pages(site: Path) -> list[Path]:
    found = sorted(site.rglob("*.html"))
    assert found
    return found


def test_a_run_has_a_page_per_table_with_what_was_expected_and_seen(
    finished: list[Finished], tmp_path: Path
) -> None:
    place = publish(finished, POLICE, "scheduled-1", tmp_path)
    assert place is not None
    (page,) = place.parent.glob("police__resident*.html")
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.read_text(encoding="utf-8")))
    assert "拒收率（≤ 1%） 50%" in text
    assert "公安分局人口管理科" in text
    assert "scheduled-1" in text
    front = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert "公安·入库" in front
    assert page.name in front


def test_no_page_asks_another_host_for_anything(finished: list[Finished], tmp_path: Path) -> None:
    publish(finished, POLICE, "run", tmp_path)
    for page in pages(tmp_path):
        seen = Loads()
        seen.feed(page.read_text(encoding="utf-8"))
        assert seen.scripts == 0
        for address in seen.loaded:
            if not address.startswith("data:"):
                assert (page.parent / address).is_file(), f"{page.name} loads {address}"
        for address in seen.links:
            assert (page.parent / address).is_file(), f"{page.name} links to {address}"
    styles = (tmp_path / "hub.css").read_text(encoding="utf-8")
    assert not re.search(r"https?:|url\(|@import", styles)


def test_judging_and_publishing_make_no_outside_call(
    contracts: dict[str, Contract], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError(f"asked the network for {args[:2]}")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    building = contracts["police.building"]
    its = evaluate([case_of(batch_of(building), building)])
    assert os.environ["GX_ANALYTICS_ENABLED"] == "false"
    assert publish(its, POLICE, "run", tmp_path) is not None


def test_old_runs_are_pruned_and_the_newest_stay(finished: list[Finished], tmp_path: Path) -> None:
    for number in range(KEEP_RUNS + 3):
        publish(finished[:1], POLICE, f"run-{number}", tmp_path)
    kept = [json.loads(p.read_text())["run_id"] for p in tmp_path.glob("police/*/run.json")]
    assert sorted(kept) == sorted(f"run-{n}" for n in range(3, KEEP_RUNS + 3))
    front = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert f"以往 {KEEP_RUNS - 1} 次" in front


def test_what_a_killed_process_left_is_swept_up(
    finished: list[Finished], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "police" / ".building-dead").mkdir(parents=True)
    publish(finished, POLICE, "run", tmp_path)
    assert (tmp_path / "police" / ".building-dead").exists()  # it may still be at work
    monkeypatch.setattr(data_docs, "_ABANDONED_AFTER", -1)
    publish(finished, POLICE, "run", tmp_path)
    assert not (tmp_path / "police" / ".building-dead").exists()


def test_departments_publish_at_the_same_time(finished: list[Finished], tmp_path: Path) -> None:
    fork = get_context("fork")
    workers = [
        fork.Process(target=publish, args=(finished, section, f"run-{n}", tmp_path))
        for n in range(3)
        for section in (POLICE, HEALTH)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0] * 6
    front = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert front.count("以往 2 次") == 2
    assert len(list(tmp_path.glob("*/*/run.json"))) == 6


def test_a_site_that_cannot_be_written_stops_nobody(
    finished: list[Finished], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    assert publish(finished, POLICE, "run", blocked) is None
    assert "were not written" in caplog.text
