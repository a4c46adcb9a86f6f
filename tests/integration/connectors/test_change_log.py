"""The change log: appended only when content changed, closed never deleted, always in balance."""

import random
from typing import Any

import psycopg
import pytest

from connectors.landing import change_log
from connectors.landing.ledger import Ledger, TableBusyError
from tests.integration.connectors.conftest import Bench, Row
from tests.support import contracts as given

pytestmark = pytest.mark.integration


def tree(code: str, species: str | None = "榕", planted: str | None = "2020-01-01") -> Row:
    return {"code": code, "species": species, "planted": planted}


def test_a_first_snapshot_is_appended_and_a_second_like_it_changes_nothing(bench: Bench) -> None:
    bench.use("snapshot")
    rows = [tree("1"), tree("2", None), tree("3", "")]
    assert bench.send(rows) == change_log.Merged(appended=3, unchanged=0, closed=0)
    before = bench.ask("select ctid, * from raw.parks__tree order by code")
    assert bench.send(rows[::-1]) == change_log.Merged(appended=0, unchanged=3, closed=0)
    assert bench.ask("select ctid, * from raw.parks__tree order by code") == before
    assert bench.open_rows() == [("1", "榕", "2020-01-01"), ("2", None, "2020-01-01"),
                                 ("3", "", "2020-01-01")]  # fmt: skip


def test_a_changed_row_closes_its_old_version(bench: Bench) -> None:
    bench.use("snapshot")
    bench.send([tree("1"), tree("2")])
    assert bench.send([tree("1", "樟"), tree("2")]) == change_log.Merged(1, 1, 1)
    versions = bench.ask(
        "select species, _batch_id, _closed_batch_id, _recorded_to = lead(_recorded_from) over"
        " (order by _recorded_from) from raw.parks__tree where code = '1' order by _recorded_from"
    )
    assert versions == [("榕", 1, 2, True), ("樟", 2, None, None)]
    extracted = bench.ask("select extracted_at from ops.batch where batch_id = 2")
    assert bench.ask("select _recorded_from from raw.parks__tree where _batch_id = 2") == extracted


def test_what_a_snapshot_no_longer_shows_is_closed_and_may_come_back(bench: Bench) -> None:
    bench.use("snapshot")
    bench.send([tree("1"), tree("2")])
    assert bench.send([tree("2")]) == change_log.Merged(0, 1, 1)
    assert [row[0] for row in bench.open_rows()] == ["2"]
    assert bench.send([tree("1"), tree("2")]) == change_log.Merged(1, 1, 0)
    assert bench.count() == 3


@pytest.mark.parametrize("mode", ["cursor", "files"])
def test_an_increment_closes_only_what_it_replaces(bench: Bench, mode: str) -> None:
    columns = [given.key("code"), given.column("species"),
               given.column("planted", logicalType="timestamp", required=True)]  # fmt: skip
    bench.use(mode, columns, cursor="planted" if mode == "cursor" else "")
    bench.send([tree("1"), tree("2")])
    assert bench.send([tree("2", "樟"), tree("3")]) == change_log.Merged(2, 0, 1)
    assert bench.send([]) == change_log.Merged(0, 0, 0)
    assert [row[:2] for row in bench.open_rows()] == [("1", "榕"), ("2", "樟"), ("3", "榕")]


def test_rejected_keys_count_as_seen(bench: Bench) -> None:
    columns = [given.key("code"), given.column("species", required=True), given.column("planted")]
    bench.use("snapshot", columns)
    bench.send([tree("1"), tree("2"), tree("3")])
    merged = bench.send([tree("1", None), tree("2", ""), tree("2", "樟"), tree(None)])  # type: ignore[arg-type]
    assert merged == change_log.Merged(appended=1, unchanged=0, closed=2)
    assert [row[:2] for row in bench.open_rows()] == [("1", "榕"), ("2", "樟")]
    rejected = bench.ask("select row_number, rule from quality.rejected_record order by 1")
    assert rejected == [(1, "required_missing"), (2, "required_missing"), (4, "key_missing")]
    assert bench.ask("select received, appended, unchanged, rejected, held from ops.batch"
                     " where batch_id = 2") == [(4, 1, 0, 3, 0)]  # fmt: skip


def test_a_row_repeated_in_a_batch_counts_as_unchanged(bench: Bench) -> None:
    bench.use("snapshot")
    assert bench.send([tree("1"), tree("1"), tree("2")], pieces=2) == change_log.Merged(2, 1, 0)
    assert bench.count() == 2


def test_a_snapshot_whose_pages_overlap_closes_nothing_that_it_lacks(bench: Bench) -> None:
    bench.use("snapshot")
    bench.send([tree("1"), tree("2"), tree("3"), tree("4")], pieces=2, paged=True)
    overlapping = [tree("1"), tree("2", "樟"), tree("1"), tree("4")]  # "3" fell between two pages
    assert bench.send(overlapping, pieces=2, paged=True) == change_log.Merged(1, 3, 1)
    assert [row[:2] for row in bench.open_rows()] == [
        ("1", "榕"), ("2", "樟"), ("3", "榕"), ("4", "榕"),
    ]  # fmt: skip
    assert bench.ask("select complete, reason from ops.batch where batch_id = 2") == [
        (False, "分页重复 1 行，快照不完整，不关闭消失的主键")
    ]
    on_one_page = [tree("1"), tree("1"), tree("2", "樟"), tree("4")]
    assert bench.send(on_one_page, pieces=2, paged=True) == change_log.Merged(0, 4, 1)


@pytest.mark.parametrize("mode", ["snapshot", "files"])
def test_versions_of_one_key_in_one_batch_are_all_kept_and_stay_put(
    bench: Bench, mode: str
) -> None:
    bench.use(mode)
    rows = [tree("1", "榕"), tree("2"), tree("1", "樟"), tree("1", "榆")]
    assert bench.send(rows) == change_log.Merged(appended=4, unchanged=0, closed=2)
    assert [row[:2] for row in bench.open_rows()] == [("1", "榆"), ("2", "榕")]
    again = [rows[3], rows[2], rows[0], rows[1]] if mode == "snapshot" else rows
    assert bench.send(again) == change_log.Merged(appended=0, unchanged=4, closed=0)
    assert bench.count() == 4


def test_the_greatest_cursor_wins_among_versions_of_one_key(bench: Bench) -> None:
    columns = [given.key("code"), given.column("species"),
               given.column("planted", logicalType="integer", required=True)]  # fmt: skip
    bench.use("cursor", columns, cursor="planted")
    bench.send([tree("1", "old", "9")])
    bench.send([tree("1", "newest", "100"), tree("1", "newer", "20"), tree("1", "old", "9")])
    assert bench.open_rows() == [("1", "newest", "100")]
    assert bench.count() == 3


def test_a_key_of_several_columns(bench: Bench) -> None:
    columns = [given.key("code"), given.key("species"), given.column("planted")]
    bench.use("snapshot", columns)
    bench.send([tree("1", "a", "x"), tree("1", "b", "x")])
    merged = bench.send([tree("1", "a", "y"), tree("1", "a", "z"), tree("2", "b", "x")])
    assert merged == change_log.Merged(appended=3, unchanged=0, closed=3)
    assert bench.open_rows() == [("1", "a", "z"), ("2", "b", "x")]


def test_a_new_column_of_a_newer_contract_is_added(bench: Bench) -> None:
    bench.use("snapshot", given.TREE[:2])
    bench.send([tree("1"), tree("2")])
    bench.use("snapshot")
    merged = bench.send([tree("1", planted=None), tree("2", planted="2020")])
    assert merged == change_log.Merged(appended=1, unchanged=1, closed=1)
    assert bench.open_rows() == [("1", "榕", None), ("2", "榕", "2020")]


def test_any_series_of_snapshots_leaves_the_last_one_open_and_all_history(bench: Bench) -> None:
    bench.use("snapshot")
    chance = random.Random(7)  # noqa: S311 - test data
    history: set[tuple[Any, ...]] = set()
    for _ in range(12):
        codes = chance.sample(range(30), chance.randint(0, 30))
        rows = [tree(str(code), chance.choice(["榕", "樟", None, ""])) for code in codes]
        sent = rows + chance.sample(rows, min(3, len(rows)))
        chance.shuffle(sent)
        batch_before = bench.count()
        merged = bench.send(sent, pieces=3)
        assert bench.open_rows() == sorted(tuple(row.values()) for row in rows)
        assert bench.count() == batch_before + merged.appended
        assert merged.appended + merged.unchanged == len(sent)
        history |= {tuple(row.values()) for row in rows}
        assert bench.send(sent) == change_log.Merged(0, len(sent), 0)
    kept = bench.ask("select distinct code, species, planted from raw.parks__tree")
    assert set(kept) == history
    assert bench.ask("select 1 from raw.parks__tree where _recorded_to < _recorded_from") == []


def test_the_ledger_refuses_a_batch_that_does_not_balance(bench: Bench) -> None:
    bench.use("snapshot")
    bench.send([tree("1")])
    with pytest.raises(psycopg.errors.CheckViolation, match="every_row_is_accounted_for"):
        bench.connection.execute("update ops.batch set unchanged = unchanged + 1")


def test_a_held_batch_changes_nothing_and_all_its_good_rows_are_held(bench: Bench) -> None:
    bench.use("snapshot")
    bench.send([tree("1")])
    batch = bench.extract([tree("2"), tree(""), tree("3")])
    bench.ledger.hold(batch, "太少了")
    assert bench.open_rows() == [("1", "榕", "2020-01-01")]
    assert bench.ask("select status, received, appended, rejected, held, reason from ops.batch"
                     " where batch_id = 2") == [("held", 3, 0, 1, 2, "太少了")]  # fmt: skip
    assert batch.raw_file.exists()


def test_two_runs_exclude_each_other(bench: Bench) -> None:
    bench.use("snapshot")
    bench.ledger.lock(bench.contract)
    with Ledger(bench.dsn, bench.folder / "landing") as other:
        with pytest.raises(TableBusyError, match=r"parks\.tree"):
            other.lock(bench.contract)
        bench.ledger.__exit__()
        other.lock(bench.contract)


def test_a_batch_that_another_run_took_over_is_not_merged(bench: Bench) -> None:
    bench.use("snapshot")
    batch = bench.extract([tree("1")])
    with Ledger(bench.dsn, bench.folder / "landing") as other:
        assert other.recover(bench.contract) == 1
    with pytest.raises(change_log.BatchTakenError, match="taken over"):
        change_log.merge(bench.dsn, bench.ledger.landing, batch)
    assert bench.count() == 0


def test_what_a_dead_run_left_behind_is_cleaned_up(bench: Bench) -> None:
    bench.use("snapshot")
    batch = bench.extract([tree("1"), tree("")])
    part = batch.raw_file.with_name("9.parquet.part")
    part.write_bytes(b"half")
    assert bench.ledger.recover(bench.contract) == 1
    assert not part.exists()
    assert bench.ask("select status from quality.rejected_record") == [("superseded",)]
    assert bench.send([tree("1"), tree("")]) == change_log.Merged(1, 0, 0)
    assert bench.ask("select status from ops.batch order by 1") == [("failed",), ("landed",)]


def test_errors_of_the_database_never_show_a_row(bench: Bench) -> None:
    bench.use("snapshot")
    bench.send([tree("1")])
    bench.connection.execute("alter table raw.parks__tree add check (species <> '王某')")
    batch = bench.extract([tree("1"), tree("2", "王某")])
    with pytest.raises(change_log.MergeError, match="was not merged") as caught:
        change_log.merge(bench.dsn, bench.ledger.landing, batch)
    assert "王某" not in str(caught.value)
    assert bench.open_rows() == [("1", "榕", "2020-01-01")]


def test_parts_of_a_key_may_be_empty_but_not_all_of_them(bench: Bench) -> None:
    columns = [given.column("code", primaryKey=True), given.column("species", primaryKey=True),
               given.column("planted")]  # fmt: skip
    bench.use("snapshot", columns)
    assert bench.send([tree("1", None), tree("1", "a"), tree("", " ")]).appended == 2  # type: ignore[arg-type]
    assert bench.ask("select rule, reason from quality.rejected_record") == [
        ("key_missing", "主键各列均为空")
    ]
    merged = bench.send([tree("1", "", "x"), tree("1", "a")])
    assert merged == change_log.Merged(appended=1, unchanged=1, closed=1)
    bench.use("files", columns)
    assert bench.send([tree("1", None, "y")]) == change_log.Merged(1, 0, 1)
