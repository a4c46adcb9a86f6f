"""Held batches and rejected rows that people let in: each takes its own batch's place in time."""

import random
from typing import Any

import pytest

from connectors.landing import change_log
from connectors.landing.batch import Batch
from connectors.landing.decisions import Decision, DecisionError
from connectors.landing.statements import transaction
from tests.integration.connectors.conftest import Bench, Row
from tests.support import contracts as given

pytestmark = pytest.mark.integration

BECAUSE = Decision("王科长", "已与公园科核实")
COLUMNS = [given.key("code"), given.column("species", required=True), given.column("planted")]


def tree(code: str | None, species: str | None = "榕", planted: str | None = None) -> Row:
    return {"code": code, "species": species, "planted": planted}


def history(bench: Bench, code: str) -> list[tuple[Any, ...]]:
    """Versions of one tree: species, the batch it came with, the batch that closed it."""
    return bench.ask(
        "select species, _batch_id, _closed_batch_id from raw.parks__tree where code = %s"
        " order by _recorded_from, _recorded_to",
        code,
    )


def counts(bench: Bench, batch_id: int) -> tuple[Any, ...]:
    """received, appended, unchanged, rejected, held, closed, status."""
    (found,) = bench.ask(
        "select received, appended, unchanged, rejected, held, closed, status from ops.batch"
        " where batch_id = %s",
        batch_id,
    )
    return found


def hold(bench: Bench, rows: list[Row]) -> Batch:
    batch = bench.extract(rows)
    bench.ledger.hold(batch, "太少了")
    return batch


def release(bench: Bench, batch_id: int) -> None:
    bench.desk.release_held(bench.contract, batch_id, BECAUSE)
    bench.assert_sound()


def let_in(bench: Bench, batch_id: int, **correction: str) -> None:
    ids = bench.ask(
        "select rejected_id from quality.rejected_record where batch_id = %s and status = 'open'",
        batch_id,
    )
    bench.desk.release_rejected(
        bench.contract, batch_id, [number for (number,) in ids], correction, BECAUSE
    )
    bench.assert_sound()


def test_a_held_batch_that_is_released_lands_like_any_other(bench: Bench) -> None:
    bench.use("snapshot", COLUMNS)
    bench.send([tree("1"), tree("2")])
    hold(bench, [tree("1", "樟"), tree(None)])
    release(bench, 2)
    assert history(bench, "1") == [("榕", 1, 2), ("樟", 2, None)]
    assert history(bench, "2") == [("榕", 1, 2)]
    assert counts(bench, 2) == (2, 1, 0, 1, 0, 2, "landed")
    assert bench.ask("select batch_id, verb, row_count, who, why from ops.decision") == [
        (2, "hold release", 1, "王科长", "已与公园科核实")
    ]


def test_an_older_snapshot_released_later_does_not_overwrite_a_newer_one(bench: Bench) -> None:
    bench.use("snapshot", COLUMNS)
    bench.send([tree("1"), tree("2"), tree("3")])
    hold(bench, [tree("1", "樟"), tree("2"), tree("4")])
    bench.send([tree("1", "榆"), tree("2"), tree("3")])
    release(bench, 2)
    assert history(bench, "1") == [("榕", 1, 2), ("樟", 2, 3), ("榆", 3, None)]
    assert history(bench, "2") == [("榕", 1, None)]
    assert history(bench, "3") == [("榕", 1, 2), ("榕", 3, None)]  # the snapshot did not show it
    assert history(bench, "4") == [("榕", 2, 3)]
    assert counts(bench, 2) == (3, 2, 1, 0, 0, 2, "landed")
    assert counts(bench, 3) == (3, 2, 1, 0, 0, 2, "landed")


def test_a_released_snapshot_may_lose_more_keys_than_the_brake_allows(bench: Bench) -> None:
    bench.use("snapshot", COLUMNS)
    bench.send([tree(str(number)) for number in range(100)])
    hold(bench, [tree("1")])
    release(bench, 2)
    assert [row[0] for row in bench.open_rows()] == ["1"]


def test_a_dropped_batch_stays_out_and_keeps_its_file(bench: Bench) -> None:
    bench.use("snapshot", COLUMNS)
    batch = hold(bench, [tree("1")])
    bench.desk.drop_held(bench.contract, 1, BECAUSE)
    assert batch.raw_file.exists()
    assert counts(bench, 1) == (1, 0, 0, 0, 1, 0, "held")
    assert bench.ask("select verb, row_count from ops.decision") == [("hold drop", 1)]
    release(bench, 1)
    assert bench.open_rows() == [("1", "榕", None)]


def test_only_a_held_batch_can_be_released_and_only_once(bench: Bench) -> None:
    bench.use("snapshot", COLUMNS)
    bench.send([tree("1")])
    with pytest.raises(DecisionError, match="not held"):
        bench.desk.release_held(bench.contract, 1, BECAUSE)
    with pytest.raises(DecisionError, match="not held"):
        bench.desk.drop_held(bench.contract, 99, BECAUSE)
    assert bench.ask("select 1 from ops.decision") == []


def test_a_corrected_row_enters_with_the_corrected_values(bench: Bench) -> None:
    bench.use("snapshot", COLUMNS)
    bench.send([tree("1"), tree("2")])
    bench.send([tree("1", None, "2020"), tree("2")])
    let_in(bench, 2, species="樟")
    assert bench.open_rows() == [("1", "樟", "2020"), ("2", "榕", None)]
    assert history(bench, "1") == [("榕", 1, 2), ("樟", 2, None)]
    assert counts(bench, 2) == (2, 1, 1, 0, 0, 1, "landed")
    assert bench.ask("select status, correction from quality.rejected_record") == [
        ("released", {"species": "樟"})
    ]


def test_a_row_may_be_accepted_as_it_is(bench: Bench) -> None:
    bench.use("snapshot", COLUMNS)
    bench.send([tree("1", None), tree("2")])
    let_in(bench, 1)
    assert bench.open_rows() == [("1", None, None), ("2", "榕", None)]


def test_a_row_without_its_key_is_not_accepted_before_somebody_gives_one(bench: Bench) -> None:
    bench.use("snapshot", COLUMNS)
    bench.send([tree("1"), tree("2")])
    bench.send([tree("1"), tree(None, "樟")])
    with pytest.raises(DecisionError, match="主键列 code（code）为空；请用 --set"):
        let_in(bench, 2)
    let_in(bench, 2, code="2")
    assert history(bench, "2") == [("榕", 1, 2), ("樟", 2, None)]


def test_a_row_released_late_stands_between_its_neighbours(bench: Bench) -> None:
    bench.use("snapshot", COLUMNS)
    bench.send([tree("1", "榕"), tree("2")])
    bench.send([tree("1", None), tree("2")])
    bench.send([tree("1", "榆"), tree("2")])
    let_in(bench, 2, species="樟")
    assert history(bench, "1") == [("榕", 1, 2), ("樟", 2, 3), ("榆", 3, None)]
    assert counts(bench, 3) == (2, 1, 1, 0, 0, 1, "landed")
    revised = bench.ask("select batch_id from ops.batch where revised_at is not null order by 1")
    assert revised == [(1,), (2,), (3,)]  # the first one's version is closed by another now


def test_a_version_that_came_back_after_a_late_release_is_a_version_of_its_own(
    bench: Bench,
) -> None:
    bench.use("snapshot", COLUMNS)
    bench.send([tree("1", "榕")])
    bench.send([tree("1", None)])
    bench.send([tree("1", "榕")])
    assert counts(bench, 3) == (1, 0, 1, 0, 0, 0, "landed")
    let_in(bench, 2, species="樟")
    assert history(bench, "1") == [("榕", 1, 2), ("樟", 2, 3), ("榕", 3, None)]
    assert counts(bench, 3) == (1, 1, 0, 0, 0, 1, "landed")


def test_what_a_later_snapshot_did_not_show_is_closed_by_it(bench: Bench) -> None:
    bench.use("snapshot", COLUMNS)
    bench.send([tree("1", None), tree("2")])
    bench.send([tree("2")])
    let_in(bench, 1, species="樟")
    assert history(bench, "1") == [("樟", 1, 2)]


def test_a_later_rejected_row_of_the_same_key_counts_as_seen(bench: Bench) -> None:
    bench.use("snapshot", COLUMNS)
    bench.send([tree("1", None), tree("2")])
    bench.send([tree("1", ""), tree("2")])
    let_in(bench, 1, species="樟")
    assert history(bench, "1") == [("樟", 1, None)]


def test_a_corrected_key_is_no_longer_the_key_that_was_seen(bench: Bench) -> None:
    bench.use("snapshot", COLUMNS)
    bench.send([tree("1"), tree("2")])
    bench.send([tree("1", None), tree("2")])
    assert history(bench, "1") == [("榕", 1, None)]
    let_in(bench, 2, code="3", species="樟")
    assert history(bench, "1") == [("榕", 1, 2)]
    assert history(bench, "3") == [("樟", 2, None)]


def test_rows_of_a_held_batch_may_be_released_before_it_is(bench: Bench) -> None:
    bench.use("snapshot", COLUMNS)
    hold(bench, [tree("1", None), tree("2")])
    let_in(bench, 1, species="樟")
    assert counts(bench, 1) == (2, 0, 0, 0, 2, 0, "held")
    assert bench.count() == 0
    release(bench, 1)
    assert [row[:2] for row in bench.open_rows()] == [("1", "樟"), ("2", "榕")]


def test_a_row_is_released_once_and_not_from_a_batch_that_was_read_again(bench: Bench) -> None:
    bench.use("snapshot", COLUMNS)
    bench.extract([tree("1", None)])
    bench.ledger.recover(bench.contract)
    bench.send([tree("1", None)])
    (first,), (second,) = bench.ask("select rejected_id from quality.rejected_record order by 1")
    with pytest.raises(DecisionError, match="read again"):
        bench.desk.release_rejected(bench.contract, 1, [first], {}, BECAUSE)
    let_in(bench, 2)
    with pytest.raises(DecisionError, match="released already"):
        bench.desk.release_rejected(bench.contract, 2, [second], {}, BECAUSE)
    bench.assert_sound()


def test_a_key_of_several_columns_finds_its_place_too(bench: Bench) -> None:
    columns = [given.column("code", primaryKey=True), given.column("species", primaryKey=True),
               given.column("planted", required=True)]  # fmt: skip
    bench.use("snapshot", columns)
    bench.send([tree("1", None, "a"), tree("1", "x", "a")])
    bench.send([tree("1", "", None), tree("1", "x", "b")])
    bench.send([tree("1", None, "c"), tree("1", "x", "b")])
    let_in(bench, 2, planted="b")
    versions = bench.ask("select species, planted, _batch_id, _closed_batch_id from raw.parks__tree"
                         " where coalesce(species, '') = '' order by _recorded_from")  # fmt: skip
    assert versions == [(None, "a", 1, 2), ("", "b", 2, 3), (None, "c", 3, None)]


def test_increments_keep_their_order_whenever_they_are_released(bench: Bench) -> None:
    columns = [given.key("code"), given.column("species"),
               given.column("planted", logicalType="integer", required=True)]  # fmt: skip
    bench.use("cursor", columns, cursor="planted")
    bench.send([tree("1", "a", "1"), tree("2", "a", "1")])
    hold(bench, [tree("1", "b", "2"), tree("3", "b", "2")])
    bench.send([tree("1", "c", "3")])
    release(bench, 2)
    assert history(bench, "1") == [("a", 1, 2), ("b", 2, 3), ("c", 3, None)]
    assert history(bench, "2") == [("a", 1, None)]
    assert history(bench, "3") == [("b", 2, None)]


def test_any_order_of_decisions_leads_to_the_log_of_an_undisturbed_series(bench: Bench) -> None:
    bench.use("snapshot", COLUMNS)
    chance = random.Random(11)  # noqa: S311 - test data
    sent: dict[int, list[Row]] = {}
    waiting: list[tuple[str, int]] = []
    for batch_id in range(1, 16):
        rows = [
            tree(str(code), chance.choice(["榕", "樟", "榆", None]))
            for code in chance.sample(range(8), chance.randint(2, 8))
        ]
        sent[batch_id] = rows
        if chance.random() < 0.4:
            hold(bench, rows)
            waiting.append(("batch", batch_id))
        else:
            bench.send(rows)
        if any(row["species"] is None for row in rows):
            waiting.append(("rows", batch_id))
        if waiting and chance.random() < 0.5:
            decide(bench, waiting.pop(chance.randrange(len(waiting))))
    chance.shuffle(waiting)
    for decision in waiting:
        decide(bench, decision)
    found = bench.ask("select code, species, _batch_id, _closed_batch_id from raw.parks__tree")
    assert sorted(found, key=str) == sorted(undisturbed(sent), key=str)


@pytest.mark.parametrize("mode", ["snapshot", "cursor", "files"])
def test_keys_that_come_twice_find_their_places_too(bench: Bench, mode: str) -> None:
    planted = given.column("planted", logicalType="integer", required=True)
    columns = [given.key("code"), given.column("species", required=True), planted]
    bench.use(mode, columns, cursor="planted" if mode == "cursor" else "")
    chance = random.Random(mode)  # noqa: S311 - test data
    waiting: list[tuple[str, int]] = []
    for batch_id in range(1, 11):
        rows = [
            tree(chance.choice("1234"), chance.choice(["榕", "樟", None]), chance.choice("123"))
            for _ in range(chance.randint(1, 8))
        ]
        if chance.random() < 0.4:
            hold(bench, rows)
            waiting.append(("batch", batch_id))
        else:
            bench.send(rows)
        if any(row["species"] is None for row in rows):
            waiting.append(("rows", batch_id))
    chance.shuffle(waiting)
    for decision in waiting:
        decide(bench, decision)  # looks each time whether the log told from the start is the same
    assert bench.ask("select 1 from ops.batch where rejected + held > 0") == []


def decide(bench: Bench, decision: tuple[str, int]) -> None:
    what, batch_id = decision
    if what == "batch":
        release(bench, batch_id)
    else:
        let_in(bench, batch_id, species="柳")


def undisturbed(sent: dict[int, list[Row]]) -> set[tuple[Any, ...]]:
    """Versions that come of whole snapshots merged one after the other, all rows corrected."""
    versions: set[tuple[Any, ...]] = set()
    standing: dict[str | None, tuple[str, int]] = {}
    for batch_id, rows in sent.items():
        shown = {row["code"]: row["species"] or "柳" for row in rows}
        for code, (species, since) in list(standing.items()):
            if shown.get(code) != species:
                versions.add((code, species, since, batch_id))
                del standing[code]
        for code, species in shown.items():
            standing.setdefault(code, (species, batch_id))
    return versions | {(code, name, since, None) for code, (name, since) in standing.items()}


def rebuild(bench: Bench, *, check: bool) -> tuple[int, int]:
    with transaction(bench.dsn, "rebuild") as db:
        return change_log.rebuild(db, bench.ledger.landing, bench.contract, check=check)


@pytest.mark.parametrize(
    "damage",
    [
        "delete from raw.parks__tree where code = '1'",
        "update raw.parks__tree set species = 'other' where code = '2'",
        "update raw.parks__tree set _recorded_to = null where code = '1' and _batch_id = 1",
        "insert into raw.parks__tree select * from raw.parks__tree where _recorded_to is not null",
        "truncate raw.parks__tree",
    ],
)
def test_a_damaged_log_is_told_again_row_for_row(bench: Bench, damage: str) -> None:
    bench.use("snapshot", COLUMNS)
    bench.send([tree("1"), tree("2"), tree("3", None)])
    bench.send([tree("2"), tree("4")])
    let_in(bench, 1, species="樟")
    everything = "select * from raw.parks__tree order by code, _recorded_from"
    before = bench.ask(everything)
    bench.connection.execute(damage)
    lost, found = rebuild(bench, check=True)
    assert lost or found
    assert bench.ask(everything) != before
    rebuild(bench, check=False)
    assert bench.ask(everything) == before
    bench.assert_sound()
