"""Data Docs: one site that works offline, one folder per section and run, safe to build at once.

Great Expectations renders the results; the page around them is ours, because its own asks a dozen
outside hosts for styles and scripts. Layout under the site's root::

    index.html  hub.css  <section>/<run>/index.html  <section>/<run>/<table>.html

A run is built beside its place and renamed into it, so a reader never sees half of one. The front
page is rewritten under a lock from what the runs say of themselves (``run.json``).
"""

import fcntl
import json
import logging
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from expectations.engine import Finished
from expectations.pages import STYLES, Pages

KEEP_RUNS = 20
_ABANDONED_AFTER = 3600  # seconds
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Section:
    """A part of the site: its folder and its title."""

    key: str
    title: str


@dataclass(frozen=True)
class Page:
    """What the front page says of one suite of a run."""

    file: str
    title: str
    passed: int
    failed: int
    warned: int


def publish(finished: Sequence[Finished], section: Section, run_id: str, site: Path) -> Path | None:
    """Add one run to ``section`` of the site and return its page; old runs are pruned.

    A site that cannot be written is only warned about (None): pages must not stop the data.
    """
    try:
        return _publish(finished, section, run_id, site)
    except OSError as error:
        _log.warning("Data Docs in %s were not written: %s", site, error.strerror)
        return None


def _publish(finished: Sequence[Finished], section: Section, run_id: str, site: Path) -> Path:
    home = site / section.key
    home.mkdir(parents=True, exist_ok=True)
    now = datetime.now(UTC)
    building = Path(tempfile.mkdtemp(prefix=".building-", dir=home))
    building.chmod(0o755)
    pages = Pages()
    run: dict[str, Any] = {
        "section": section.title,
        "run_id": run_id,
        "at": now.isoformat(timespec="seconds"),
    }
    run["pages"] = [asdict(_write_suite(pages, one, run, building)) for one in finished]
    (building / "run.json").write_text(json.dumps(run, ensure_ascii=False), encoding="utf-8")
    (building / "index.html").write_text(pages.run(run), encoding="utf-8")
    place = home / f"{now:%Y%m%dT%H%M%S.%fZ}-{os.getpid()}"
    building.rename(place)
    with _locked(site):
        _prune(home)
        _write(site / STYLES.name, STYLES.read_text(encoding="utf-8"))
        _write(site / "index.html", pages.front(_runs(site)))
    return place / "index.html"


def _write_suite(pages: Pages, one: Finished, run: dict[str, Any], folder: Path) -> Page:
    failures = [outcome for outcome in one.outcomes if not outcome.passed]
    page = Page(
        file=re.sub(r"\W+", "-", one.suite.name) + ".html",
        title=one.suite.title,
        passed=len(one.outcomes) - len(failures),
        failed=sum(outcome.blocks for outcome in failures),
        warned=sum(not outcome.blocks for outcome in failures),
    )
    (folder / page.file).write_text(pages.suite(one, run, asdict(page)), encoding="utf-8")
    return page


def _runs(site: Path) -> list[list[dict[str, Any]]]:
    """Return the runs of every section, newest first, each with its place in the site."""
    sections = []
    for home in sorted(path for path in site.iterdir() if path.is_dir()):
        runs = [
            json.loads((place / "run.json").read_text(encoding="utf-8"))
            | {"place": f"{home.name}/{place.name}"}
            for place in reversed(_places(home))
        ]
        if runs:
            sections.append(runs)
    return sections


def _places(home: Path) -> list[Path]:
    """Return the finished runs of a section, oldest first; hidden ones are still being built."""
    return sorted(path.parent for path in home.glob("[!.]*/run.json"))


def _prune(home: Path) -> None:
    """Keep the newest runs; sweep up what a killed process left behind."""
    for place in _places(home)[:-KEEP_RUNS]:
        shutil.rmtree(place, ignore_errors=True)
    for left in home.glob(".building-*"):
        if time.time() - left.stat().st_mtime > _ABANDONED_AFTER:
            shutil.rmtree(left, ignore_errors=True)


@contextmanager
def _locked(site: Path) -> Iterator[None]:
    with (site / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _write(path: Path, text: str) -> None:
    with tempfile.NamedTemporaryFile(
        "w", dir=path.parent, prefix=".", delete=False, encoding="utf-8"
    ) as new:
        new.write(text)
    Path(new.name).chmod(0o644)
    Path(new.name).replace(path)
