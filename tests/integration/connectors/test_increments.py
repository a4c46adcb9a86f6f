"""Increments of a real database: the brake, keys that are gone, days read again."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from connectors.protocols.base import Days
from hub.errors import HubError
from hub.pipeline.ingest import HELD, Job, chosen, ingest
from hub.pipeline.reading import Wish, wish
from tests.support import contracts as given
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.integration

COLUMNS = [
    given.key("code"),
    given.column("species"),
    given.column("changed", logicalType="timestamp", required=True),
]
SNAPSHOT = {"object": "trees", "mode": "snapshot"}
CURSOR = {"object": "trees", "mode": "cursor", "cursor": "changed", "late_arrival": "1d"}
GATE = {"max_rejected_share": 0.5, "min_type_share": 0, "max_volume_drop": 1}
Row = tuple[Any, ...]


@dataclass
class Nursery:
    """A department whose database has one table of trees."""

    warehouse: Warehouse
    home: Path
    connection: psycopg.Connection[Any]
    said: list[str] = field(default_factory=list)
    runs: int = 0

    def declare(self, extract: dict[str, Any], **gate: Any) -> None:
        """Write the contract; ``gate`` changes its limits."""
        tree = given.table(COLUMNS, extract=extract, gate={**GATE, **gate})
        hub = self.warehouse.settings
        server = {
            "type": "postgresql", "host": "127.0.0.1", "port": hub.port_postgres,
            "database": "warehouse", "user": "hub", "password": "${TREES_PW}",
        }  # fmt: skip
        given.write(self.home / "contracts", tree, server=server)

    def plant(self, first: int, last: int, day: str = "2026-01-01") -> None:
        """Add trees with these numbers, last changed on ``day``."""
        self.ask(
            "insert into trees.trees select n::text, 'oak', %s::timestamp"
            " from generate_series(%s::int, %s::int) n",
            day, first, last,
        )  # fmt: skip

    def pull(self, wanted: Wish | None = None) -> int:
        """Pull as ``hub ingest`` does."""
        self.runs += 1
        job = Job(
            dsn=self.warehouse.dsn(),
            landing=self.home / "landing",
            data_docs=self.home / "docs",
            run_id=f"run {self.runs}",
            trigger="test",
            say=self.said.append,
            wish=wanted or Wish(),
        )
        return ingest(job, chosen(self.home / "contracts", []))

    def ask(self, query: str, *parameters: Any) -> list[Row]:
        """Run a statement; return its rows, if it has any."""
        cursor = self.connection.execute(query, parameters)
        return cursor.fetchall() if cursor.description else []

    def open_codes(self) -> list[str]:
        """The keys that count as there."""
        rows = self.ask("select code from raw.parks__tree where _recorded_to is null"
                        " order by code::int")  # fmt: skip
        return [code for (code,) in rows]

    def batches(self) -> list[Row]:
        """The ledger, in balance."""
        assert not self.ask("select 1 from ops.batch where status in ('landed', 'held') and"
                            " received <> appended + unchanged + rejected + held")  # fmt: skip
        return self.ask(
            "select mode, status, received, appended, unchanged, held, closed from ops.batch"
            " order by batch_id"
        )


@pytest.fixture
def nursery(
    clean_warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Nursery]:
    password = clean_warehouse.settings.secrets / "hub_password"
    monkeypatch.setenv("TREES_PW", password.read_text())
    with clean_warehouse.connect() as connection:
        connection.execute("create schema trees")
        connection.execute("create table trees.trees (code text, species text, changed timestamp)")
        connection.execute("alter role hub set search_path = trees, public")
        yield Nursery(clean_warehouse, tmp_path, connection)
        connection.execute("alter role hub reset search_path")


def test_a_snapshot_that_suddenly_lacks_many_keys_is_held_and_says_what_to_do(
    nursery: Nursery,
) -> None:
    nursery.declare(SNAPSHOT, max_lost_keys=0.1)
    nursery.plant(1, 200)
    assert nursery.pull() == 0
    nursery.ask("delete from trees.trees where code::int > 150")
    nursery.ask("update trees.trees set species = 'elm' where code::int <= 100")
    assert nursery.pull() == HELD
    assert nursery.batches()[-1] == ("snapshot", "held", 150, 0, 0, 150, 0)
    assert len(nursery.open_codes()) == 200
    (reason,) = nursery.ask("select reason from ops.batch order by batch_id desc limit 1")[0]
    assert "200 个在用主键中有 50 个（25.0%）突然消失，超过契约允许的 10%" in reason
    assert "hub hold release 2" in reason
    nursery.plant(151, 185)
    assert nursery.pull() == 0, "15 lost keys are within the limit"
    assert nursery.batches()[-1] == ("snapshot", "landed", 185, 100, 85, 0, 115)


def test_new_content_under_known_keys_is_no_loss(nursery: Nursery) -> None:
    nursery.declare(SNAPSHOT, max_lost_keys=0)
    nursery.plant(1, 100)
    nursery.pull()
    nursery.ask("update trees.trees set species = 'elm'")
    assert nursery.pull() == 0
    assert nursery.batches()[-1] == ("snapshot", "landed", 100, 100, 0, 0, 100)


def test_few_keys_never_stop_a_batch(nursery: Nursery) -> None:
    nursery.declare(SNAPSHOT, max_lost_keys=0.1)
    nursery.plant(1, 20)
    nursery.pull()
    nursery.ask("delete from trees.trees where code::int > 1")
    assert nursery.pull() == 0
    assert nursery.open_codes() == ["1"]


def test_keys_that_are_gone_are_closed_when_it_is_time(nursery: Nursery) -> None:
    nursery.declare({**CURSOR, "reconcile": "7d"})
    nursery.plant(1, 5)
    nursery.pull()
    nursery.ask("delete from trees.trees where code in ('2', '3')")
    nursery.plant(6, 6, "2026-01-02")
    assert nursery.pull() == 0
    assert nursery.open_codes() == ["1", "2", "3", "4", "5", "6"], "an increment shows no loss"
    nursery.ask("update ops.batch set extracted_at = extracted_at - interval '7 days'")
    assert nursery.pull() == 0
    assert nursery.open_codes() == ["1", "4", "5", "6"]
    assert nursery.batches()[-1] == ("keys", "landed", 4, 0, 4, 0, 2)
    assert "parks.tree keys #4: received 4" in nursery.said[-1]
    closed = nursery.ask("select code, _closed_batch_id from raw.parks__tree"
                         " where _recorded_to is not null order by 1")  # fmt: skip
    assert closed == [("2", 4), ("3", 4)]
    runs = len(nursery.batches())
    assert nursery.pull() == 0
    assert len(nursery.batches()) == runs + 1, "no keys again for another seven days"


def test_keys_may_be_read_at_any_time_and_know_what_was_rejected_or_held(
    nursery: Nursery,
) -> None:
    nursery.declare(CURSOR, max_rejected_share=0)
    nursery.plant(1, 3)
    nursery.pull()
    nursery.ask("update trees.trees set changed = null where code = '1'")  # rejected: required
    nursery.ask("delete from trees.trees where code = '3'")
    assert nursery.pull(Wish(keys=True)) == HELD, "no rejected row is tolerated"
    assert nursery.open_codes() == ["1", "2"]


def test_the_brake_holds_keys_as_well(nursery: Nursery) -> None:
    nursery.declare(CURSOR)
    nursery.plant(1, 50)
    nursery.pull()
    nursery.ask("truncate trees.trees")
    assert nursery.pull(Wish(keys=True)) == HELD
    assert len(nursery.open_codes()) == 50
    assert nursery.batches()[-1] == ("keys", "held", 0, 0, 0, 0, 0)


def test_days_are_read_again_without_moving_the_cursor(nursery: Nursery) -> None:
    nursery.declare({**CURSOR, "late_arrival": "0d"})
    for day in range(1, 10):
        nursery.plant(day, day, f"2026-01-0{day} 12:00")
    nursery.pull()
    nursery.plant(30, 30, "2026-01-03 23:59:59")  # came far too late for any window
    nursery.ask("update trees.trees set species = 'elm' where code in ('4', '9')")
    assert nursery.pull() == 0
    assert "30" not in nursery.open_codes()
    days = Days.of("2026-01-03", "2026-01-04")
    assert nursery.pull(Wish(days=days)) == 0
    assert nursery.batches()[-1] == ("backfill", "landed", 3, 2, 1, 0, 1)
    assert "30" in nursery.open_codes()
    assert nursery.ask("select cursor_from, cursor_to from ops.batch where mode = 'backfill'") == [
        ("2026-01-03", "2026-01-04")
    ]
    assert nursery.pull() == 0
    (start,) = nursery.ask("select cursor_from from ops.batch order by batch_id desc limit 1")[0]
    assert start == "2026-01-09 12:00:00", "the increment goes on where it was"


def test_days_read_again_do_not_put_an_older_version_over_a_newer(nursery: Nursery) -> None:
    nursery.declare({**CURSOR, "late_arrival": "0d"})
    nursery.plant(1, 1, "2026-01-05")
    nursery.pull()
    nursery.ask("insert into trees.trees values ('1', 'seed', '2026-01-01')")  # an older version
    days = Days.of("2026-01-01", "2026-01-02")
    assert nursery.pull(Wish(days=days)) == 0
    assert nursery.batches()[-1] == ("backfill", "landed", 1, 1, 0, 0, 1)
    versions = nursery.ask("select species, _recorded_to is null from raw.parks__tree order by 2")
    assert versions == [("seed", False), ("oak", True)]
    assert nursery.pull(Wish(days=days)) == 0
    assert nursery.batches()[-1] == ("backfill", "landed", 1, 0, 1, 0, 0)


@pytest.mark.parametrize(
    ("extract", "first", "last", "reason"),
    [
        (SNAPSHOT, "2026-01-01", "2026-01-02", "parks.tree has no cursor of days"),
        (CURSOR, "2026-01-03", "2026-01-02", "the earlier day first"),
        (CURSOR, "2026-01-03", None, "give both --from and --to"),
    ],
)
def test_a_wish_that_cannot_be_fulfilled_is_refused(
    nursery: Nursery, extract: dict[str, Any], first: str, last: str | None, reason: str
) -> None:
    nursery.declare(extract)
    contracts = chosen(nursery.home / "contracts", [])
    days = [datetime.fromisoformat(day) if day else None for day in (first, last)]
    with pytest.raises(HubError, match=reason) as refused:
        wish(contracts, *days, keys=False)
    assert refused.value.exit_code == 2
