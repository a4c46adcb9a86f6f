"""A department that leaves CSV files in a folder, and all that a test wants to ask of it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest

from connectors.contracts import load_contracts
from connectors.landing.drift import NO_CODE_LISTS
from hub.errors import HubError
from hub.pipeline.decisions import Office
from hub.pipeline.ingest import Job, chosen, ingest
from hub.pipeline.rebuild import rebuild
from tests.support import contracts as given
from tests.support.ledger import assert_in_balance
from tests.support.warehouse import Warehouse

HEADER = "编号,树种,种植日期\n"
GOOD = HEADER + "1,榕,2020-01-01\n2,樟,\n"


@dataclass
class Parks:
    """A department that leaves CSV files in a folder."""

    warehouse: Warehouse
    folder: Path
    contracts: Path
    connection: psycopg.Connection[Any]
    said: list[str] = field(default_factory=list)
    runs: int = 0

    def leaves(self, name: str, content: str | bytes) -> None:
        """Leave a file for the hub."""
        data = content if isinstance(content, bytes) else content.encode()
        (self.folder / name).write_bytes(data)

    def pull(self) -> int:
        """Ingest; return the exit code."""
        self.runs += 1
        job = Job(
            dsn=self.warehouse.dsn(),
            landing=self.landing,
            data_docs=self.folder.parent / "docs",
            run_id=f"run {self.runs}",
            trigger="test",
            say=self.said.append,
        )
        departments = chosen(self.contracts, [])
        code = ingest(job, departments)
        self.assert_sound()
        return code

    @property
    def landing(self) -> Path:
        """Where raw files are kept."""
        return self.folder.parent / "landing"

    def pull_when_free(self, seconds: float = 60) -> int:
        """Pull; the server may need a moment to notice that a killed run is gone."""
        end = time.monotonic() + seconds
        while True:
            try:
                return self.pull()
            except HubError as busy:
                assert "another run" in str(busy)
                assert time.monotonic() < end
                time.sleep(0.1)

    @property
    def office(self) -> Office:
        """Where people's decisions come in."""
        contracts = {(c.department, c.table): c for c in load_contracts(self.contracts)}
        docs = self.folder.parent / "docs"
        return Office(
            self.warehouse.dsn(), self.landing, docs, contracts, NO_CODE_LISTS, self.said.append
        )

    def assert_sound(self) -> None:
        """The ledger balances, and the log is what its raw files and the ledger say."""
        assert_in_balance(self.connection)
        said = list(self.said)
        rebuild(self.office, None, check=True)
        self.said[:] = said

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """Run a query."""
        return self.connection.execute(query).fetchall()

    def batches(self) -> list[tuple[Any, ...]]:
        """The ledger, in short."""
        return self.ask(
            "select source_ref, status, received, appended, unchanged, rejected, held"
            " from ops.batch order by batch_id"
        )

    def codes(self) -> list[str]:
        """Trees that stand."""
        rows = self.ask("select code from raw.parks__tree where _recorded_to is null order by 1")
        return [code for (code,) in rows]

    def report(self) -> tuple[str, str | None]:
        """The department's last report."""
        (found,) = self.ask(
            "select outcome, reason from ops.department_report order by reported_at desc limit 1"
        )
        return found


@contextmanager
def open_parks(warehouse: Warehouse, folder: Path) -> Iterator[Parks]:
    """Let the department work below ``folder``; the environment says where its files lie."""
    drop = folder / "drop"
    drop.mkdir()
    with pytest.MonkeyPatch.context() as patch, warehouse.connect() as connection:
        patch.setenv("PARKS_FOLDER", str(drop))
        patch.setattr("connectors.protocols.files.SETTLE_SECONDS", 0.0)
        yield Parks(warehouse, drop, given.write(folder / "contracts"), connection)
