"""A bench for landing: rows go in as a department would send them, the database tells the rest."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
import psycopg
import pytest

from connectors.contracts import Contract
from connectors.landing import change_log, raw_table
from connectors.landing.batch import Batch
from connectors.landing.decisions import Desk
from connectors.landing.land import land
from connectors.landing.ledger import Ledger
from connectors.landing.statements import transaction
from connectors.protocols.base import Extraction
from tests.integration.connectors.parks import Parks, open_parks
from tests.support import contracts as given
from tests.support.ledger import assert_in_balance
from tests.support.warehouse import Warehouse

SQL_SERVER = {
    "type": "postgresql", "host": "h", "port": 1, "database": "d", "user": "u", "password": "${PW}",
}  # fmt: skip
Row = dict[str, str | None]


@dataclass
class Bench:
    """Lands rows of one table; ``raw`` and ``ledger`` say what came of it."""

    dsn: str
    folder: Path
    ledger: Ledger
    connection: psycopg.Connection[Any]
    contract: Contract = field(init=False)

    def use(self, mode: str, columns: list[dict[str, Any]] | None = None, cursor: str = "") -> None:
        """Land under a contract of this mode; the table starts empty."""
        extract: dict[str, Any] = {"object": "trees", "mode": mode}
        if cursor:
            extract["cursor"] = cursor
        server: dict[str, Any] = SQL_SERVER
        if mode == "files":
            extract, server = given.FILES, given.DEPARTMENT["server"]
        declared = given.table(columns, extract=extract)
        self.contract = given.tree_contract(self.folder / "contracts", declared, server=server)
        raw_table.prepare(self.dsn, self.contract)

    def extract(self, rows: list[Row], pieces: int = 1, *, paged: bool = False) -> Batch:
        """Keep rows, sent in some pieces, as a batch that waits for its merge."""
        names = [column.name for column in self.contract.columns]
        frame = pl.DataFrame(
            [{name: row.get(name) for name in names} for row in rows],
            schema=dict.fromkeys(names, pl.String),
        )
        size = max(-(-frame.height // pieces), 1)
        table = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
        batches = table.cast(_utf8(table.schema)).to_batches(size)
        return land(
            self.ledger, "run", self.contract, Extraction("trees", iter(batches), paged=paged)
        )

    def send(self, rows: list[Row], pieces: int = 1, *, paged: bool = False) -> change_log.Merged:
        """Land and merge rows."""
        batch = self.extract(rows, pieces, paged=paged)
        merged = change_log.merge(self.dsn, self.ledger.landing, batch)
        self.assert_sound()
        return merged

    @property
    def desk(self) -> Desk:
        """Where people's decisions are carried out."""
        return Desk(self.dsn, self.ledger.landing)

    def assert_sound(self) -> None:
        """The ledger balances, and the log is what its raw files and the ledger say."""
        assert_in_balance(self.connection)
        with transaction(self.dsn, "check") as db:
            assert change_log.rebuild(db, self.ledger.landing, self.contract, check=True) == (0, 0)

    def open_rows(self) -> list[tuple[Any, ...]]:
        """What the department last told us, key by key."""
        names = ", ".join(column.name for column in self.contract.columns)
        return self.ask(
            f"select {names} from raw.parks__tree where _recorded_to is null order by 1"
        )

    def count(self) -> int:
        """All rows of the change log, open and closed."""
        return int(self.ask("select count(*) from raw.parks__tree")[0][0])

    def ask(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Run a query."""
        return self.connection.execute(query, parameters).fetchall()


def _utf8(schema: Any) -> Any:
    import pyarrow as pa

    return pa.schema([(name, pa.string()) for name in schema.names])


@pytest.fixture
def bench(clean_warehouse: Warehouse, tmp_path: Path) -> Iterator[Bench]:
    dsn = clean_warehouse.dsn()
    with Ledger(dsn, tmp_path / "landing") as ledger, clean_warehouse.connect() as connection:
        ledger.open_run("run", "test")
        yield Bench(dsn, tmp_path, ledger, connection)


@pytest.fixture
def parks(clean_warehouse: Warehouse, tmp_path: Path) -> Iterator[Parks]:
    with open_parks(clean_warehouse, tmp_path) as parks:
        yield parks
