"""A landed batch is held for a named reason, and only then."""

from pathlib import Path

import pytest

from connectors.contracts import Contract
from expectations.gate import Case, Verdict, case_of, evaluate, verdict
from expectations.landed import derived
from expectations.profiles import LandedBatch
from tests.unit.expectations.conftest import batch_of, with_column

Contracts = dict[str, Contract]


def judged(batch: LandedBatch, contract: Contract) -> Verdict:
    """Judge by the contract's rules alone."""
    rules = derived(contract, batch)
    told = tuple(rule for rule in rules if Case(batch, contract, ()).concerns(rule))
    (finished,) = evaluate([Case(batch, contract, told)])
    return verdict(batch.batch_id, finished.outcomes)


def test_a_batch_as_usual_passes(contracts: Contracts) -> None:
    contract = contracts["city_management.component"]
    assert judged(batch_of(contract), contract) == Verdict(1, True, "")


def test_a_column_that_nobody_profiled_is_named(contracts: Contracts) -> None:
    contract = contracts["city_management.component"]
    batch = batch_of(contract)
    columns = {name: p for name, p in batch.columns.items() if name not in ("bgid", "pointx")}
    reason = judged(batch_of(contract, columns=columns), contract).reason
    assert reason == "缺失列数：实际 2 处（bgid、pointx），要求 ≤ 0"


def test_too_many_rejected_rows_hold_the_batch(contracts: Contracts) -> None:
    contract = contracts["city_management.component"]  # at most 1 %
    at_limit = batch_of(contract, rejected=10, profiled=990)
    above = batch_of(contract, rejected=11, profiled=989)
    assert judged(at_limit, contract).passed
    assert judged(above, contract).reason == "拒收率：实际 1.1%，要求 ≤ 1%"


def test_one_bad_row_does_not_hold_back_a_small_batch(contracts: Contracts) -> None:
    contract = contracts["city_management.component"]
    one = batch_of(contract, rows=10, rejected=1, profiled=9)
    two = batch_of(contract, rows=10, rejected=2, profiled=8)
    assert judged(one, contract).passed
    assert judged(two, contract).reason == "拒收率：实际 20%，要求 ≤ 10%"
    mistyped = with_column(batch_of(contract, rows=5), "pointx", type_ok=4)
    assert judged(mistyped, contract).passed


def test_hand_written_shares_say_nothing_about_a_handful_of_rows(contracts: Contracts) -> None:
    contract = contracts["police.resident"]

    def reason(rows: int) -> str:
        batch = with_column(batch_of(contract, rows=rows), "gmsfhm", nulls=rows)
        case = case_of(batch, contract)
        (finished,) = evaluate([case])
        return verdict(1, finished.outcomes).reason

    assert reason(99) == ""
    assert reason(100) == "身份证号空值率：实际 100%，要求 ≤ 15%"


def test_with_no_rejection_allowed_one_row_is_too_many(contracts: Contracts) -> None:
    contract = contracts["city_management.grid"]
    assert contract.gate.max_rejected_share == 0
    assert judged(batch_of(contract), contract).passed
    assert not judged(batch_of(contract, rejected=1, profiled=999), contract).passed


def test_a_required_column_may_not_be_empty(contracts: Contracts) -> None:
    contract = contracts["city_management.component"]
    batch = with_column(batch_of(contract), "objid", nulls=1)
    assert judged(batch, contract).reason == "部件标识码空值率（必填）：实际 0.1%，要求 ≤ 0%"


def test_values_of_the_wrong_type_are_counted_among_those_that_are_there(
    contracts: Contracts,
) -> None:
    contract = contracts["city_management.component"]  # at least 90 % in typed columns
    enough = with_column(batch_of(contract), "pointx", nulls=500, type_ok=450)
    too_few = with_column(batch_of(contract), "pointx", nulls=500, type_ok=449)
    assert judged(enough, contract).passed
    assert judged(too_few, contract).reason == "横坐标类型合格率：实际 89.8%，要求 ≥ 90%"


def test_a_column_of_nothing_but_nulls_has_no_type_to_check(contracts: Contracts) -> None:
    contract = contracts["city_management.component"]
    assert judged(with_column(batch_of(contract), "chdate", nulls=1000, type_ok=0), contract).passed


@pytest.mark.parametrize(("received", "passed"), [(701, True), (700, True), (699, False)])
def test_a_snapshot_may_shrink_by_thirty_percent(
    contracts: Contracts, received: int, passed: bool
) -> None:
    contract = contracts["city_management.component"]
    batch = batch_of(contract, received=received, profiled=received)
    assert judged(batch, contract).passed == passed


def test_a_contract_may_allow_another_drop(contracts: Contracts) -> None:
    contract = contracts["city_management.component"]
    gate = contract.gate.model_copy(update={"max_volume_drop": 0.7})
    generous = contract.model_copy(update={"gate": gate})
    assert judged(batch_of(generous, received=300, profiled=300), generous).passed
    assert not judged(batch_of(generous, received=299, profiled=299), generous).passed


def test_an_empty_snapshot_after_a_full_one_is_held(contracts: Contracts) -> None:
    contract = contracts["city_management.component"]
    reason = judged(batch_of(contract, rows=0, last_received=1000, columns={}), contract).reason
    assert reason == "快照行数：实际 0，要求 ≥ 1；行数较上一批减少：实际 100%，要求 ≤ 30%"


def test_a_new_table_has_no_history_to_fall_short_of(contracts: Contracts) -> None:
    contract = contracts["city_management.component"]
    assert judged(batch_of(contract, rows=3, last_received=None), contract).passed


def test_an_empty_first_snapshot_is_only_warned_about(contracts: Contracts) -> None:
    contract = contracts["city_management.component"]
    batch = batch_of(contract, rows=0, last_received=None, columns={})
    assert judged(batch, contract).passed


def test_an_increment_may_be_empty_and_any_size(contracts: Contracts) -> None:
    contract = contracts["police.resident"]
    assert judged(batch_of(contract, rows=0, columns={}), contract).passed
    assert judged(batch_of(contract, rows=3, last_received=27000), contract).passed


def test_a_file_has_at_least_one_row(contracts: Contracts) -> None:
    contract = contracts["health.family_doctor_contract"]
    assert judged(batch_of(contract, rows=1, last_received=9000), contract).passed
    reason = judged(batch_of(contract, rows=0, columns={}), contract).reason
    assert reason == "文件行数：实际 0，要求 ≥ 1"


def test_a_batch_without_any_profile_is_held(contracts: Contracts) -> None:
    contract = contracts["police.resident"]
    reason = judged(batch_of(contract, columns={}, profiled=0), contract).reason
    assert reason == "未画像的合格行数：实际 1,000，要求 0"


def test_a_batch_whose_rows_were_all_rejected_is_held_for_that(contracts: Contracts) -> None:
    contract = contracts["police.resident"]
    batch = batch_of(contract, rejected=1000, profiled=0, columns={})
    assert judged(batch, contract).reason == "拒收率：实际 100%，要求 ≤ 1%"


def test_rows_that_fell_out_between_gate_and_profile_are_noticed(contracts: Contracts) -> None:
    contract = contracts["police.resident"]
    reason = judged(batch_of(contract, rejected=5, profiled=990), contract).reason
    assert reason == "未画像的合格行数：实际 5，要求 0"


def test_drift_is_a_hint_and_holds_nothing(contracts: Contracts) -> None:
    contract = contracts["police.resident"]
    assert judged(batch_of(contract, drift=["多出列 SFZP"]), contract).passed


def test_many_failures_make_one_short_line(contracts: Contracts) -> None:
    contract = contracts["police.resident"]
    reason = judged(batch_of(contract, rejected=500, profiled=0, columns={}), contract).reason
    assert "\n" not in reason
    batch = batch_of(contract, rejected=500, profiled=500)
    for column in ("xlh", "gxsj"):
        batch = with_column(batch, column, nulls=10)
    batch = with_column(batch, "csrq", type_ok=1)
    assert judged(batch, contract).reason.endswith("；另有 1 项")


def test_an_unknown_batch_is_not_let_through(tmp_path: Path) -> None:
    assert verdict(7, None) == Verdict(7, False, "批次 7 不在 ops.batch 中，或没有它的合同")
