"""A table of each protocol, faults on order, and pulls as ``hub ingest`` does them."""

import itertools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest
from typer.testing import CliRunner

from connectors.contracts import Contract
from hub.pipeline import code_lists
from hub.pipeline.ingest import Job, chosen, ingest
from hub.settings import Settings
from hub.stack import sources
from hub.stack.secrets import secret_file
from simulator.cli import app as simulator
from simulator.faults.catalogue import DATABASES, PROTOCOLS
from tests.support.departments import Departments
from tests.support.warehouse import Warehouse

# One table of each protocol on which its faults are tried.
SUBJECTS = {
    "postgresql": ("police", "building"),
    "mariadb": ("civil_affairs", "social_organisation"),
    "http": ("party_building", "member"),
    "http_file": ("market_regulation", "business"),
    "sftp": ("health", "family_doctor_contract"),
}
# Shorter than the catalogue has it: a test need not wait as long as a department may let us.
SHORTER = {"slow": ["seconds=0.3"], "too_many_requests": ["retry_after=0"]}
CUT_FOR = "1.5"  # seconds; longer than reading the table takes


@dataclass
class Disaster:
    """A department that may be struck by a fault, and the hub that pulls it nevertheless."""

    settings: Settings
    warehouse: Warehouse
    home: Path
    district: Path
    connection: psycopg.Connection[Any]
    runs: Iterator[int] = field(default_factory=itertools.count)

    @contextmanager
    def struck(self, system: str, fault: str) -> Iterator[None]:
        """Order a fault while the block runs; everything is as before when it ends."""
        given = [part for argument in SHORTER.get(fault, []) for part in ("--arg", argument)]
        if PROTOCOLS[system] in DATABASES and fault == "cut_connection":
            cutting = threading.Thread(
                target=self._order, args=(system, [system, fault, "--for", CUT_FOR])
            )
            cutting.start()
            yield
            cutting.join()
            return
        self._order(system, [system, fault, *given])
        try:
            yield
        finally:
            self._order(system, ["clear", system])

    def _order(self, system: str, arguments: list[str]) -> None:
        options = ["--home", str(self.district), *self._access(system)]
        result = CliRunner().invoke(simulator, ["fault", *arguments, *options])
        assert result.exception is None, result.output

    def _access(self, system: str) -> list[str]:
        if PROTOCOLS[system] == "postgresql":
            passfile = secret_file(self.settings, "police_pgpass")
            uri = sources.police_cluster(self.settings).uri("postgres")
            return ["--dsn", f"{uri}?passfile={passfile}"]
        if PROTOCOLS[system] == "mariadb":
            server = sources.mariadb_server(self.settings, system)
            return ["--port", str(server.port), "--password-file", str(server.password_file)]
        return []

    def contract(self, system: str, table: str) -> Contract:
        """The contract of the struck table."""
        return chosen(self.settings.contracts_dir, [system], table)[system][0]

    def pull(self, system: str, table: str) -> int:
        """Pull one table; return the exit code."""
        job = Job(
            dsn=self.warehouse.dsn(),
            landing=self.home / "landing",
            data_docs=self.home / "docs",
            run_id=f"run {next(self.runs)}",
            trigger="test",
            say=print,
            code_lists=code_lists.load(),
            part=True,
        )
        return ingest(job, chosen(self.settings.contracts_dir, [system], table))

    def open_rows(self, contract: Contract) -> tuple[int, str]:
        """How many rows are open, and a digest of their content."""
        names = ", ".join(f'"{column.name}"' for column in contract.columns)
        rows = f"(select ({names})::text as row from raw.{contract.raw_table}"
        rows += " where _recorded_to is null) rows"
        ((count, digest),) = self.ask(
            f"select count(*), md5(string_agg(row, '|' order by row)) from {rows}"
        )
        return count, digest

    def unbalanced(self) -> list[tuple[Any, ...]]:
        """Batches that do not account for every row, and any that are neither here nor there."""
        return self.ask(
            "select batch_id, status from ops.batch where status in ('extracting', 'extracted')"
            " or status in ('landed', 'held')"
            " and received <> appended + unchanged + rejected + held"
        )

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """Query the warehouse."""
        return self.connection.execute(query).fetchall()


@pytest.fixture
def disaster(
    departments: Departments,
    hub_home: Settings,
    clean_warehouse: Warehouse,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Disaster]:
    monkeypatch.setattr("connectors.protocols.files.SETTLE_SECONDS", 0.0)
    with clean_warehouse.connect() as connection:
        yield Disaster(hub_home, clean_warehouse, tmp_path, departments.district, connection)
