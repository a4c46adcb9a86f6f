"""The verbs about what was received: hold, rejects, replay, rebuild, batches."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from connectors.landing.decisions import Decision
from connectors.landing.ledger import Ledger
from hub.errors import HubError
from hub.pipeline.decisions import RejectedRows
from hub.pipeline.ingest import HELD, SOURCE_FAILED, chosen
from hub.pipeline.kept import USAGE
from hub.pipeline.rebuild import rebuild
from tests.integration.connectors.parks import GOOD, HEADER, Parks
from tests.support import contracts as given

pytestmark = pytest.mark.integration

BECAUSE = Decision("王科长", "已核实")
MOSTLY_BAD = HEADER + "5,榕,\n,柳,\n,槐,\n,杨,\n"
IN_GB18030 = {**given.FILES, "format": {**given.CSV, "encoding": "gb18030"}}


def held_by_the_gate(parks: Parks) -> None:
    parks.leaves("trees_1.csv", GOOD)
    parks.pull()
    parks.leaves("trees_2.csv", MOSTLY_BAD)
    assert parks.pull() == HELD


def test_what_the_gate_held_may_be_released_and_the_department_is_well_again(parks: Parks) -> None:
    held_by_the_gate(parks)
    parks.office.release_held(2, BECAUSE)
    parks.assert_sound()
    assert parks.said[-1] == (
        "parks.tree #2: released: received 4 appended 1 unchanged 0 rejected 3 held 0 closed 0"
    )
    assert parks.codes() == ["1", "2", "5"]
    assert parks.report() == ("success", None)
    assert parks.pull() == 0  # and the file is not read again
    assert len(parks.batches()) == 2


def test_the_same_file_held_again_and_again_is_released_once(parks: Parks) -> None:
    held_by_the_gate(parks)
    assert parks.pull() == HELD
    parks.office.release_held(3, BECAUSE)
    parks.assert_sound()
    assert parks.ask("select batch_id, status, dropped from ops.batch order by 1") == [
        (1, "landed", False), (2, "held", True), (3, "landed", False),
    ]  # fmt: skip
    outcomes = parks.ask("select run_id, outcome from ops.department_report order by 1")
    assert {outcome for _, outcome in outcomes} == {"success"}


def test_what_was_dropped_is_not_read_again_and_its_file_stays(parks: Parks) -> None:
    held_by_the_gate(parks)
    parks.office.drop_held(2, BECAUSE)
    kept = parks.said[-1].removeprefix("parks.tree #2: dropped; its raw file stays: ")
    assert Path(kept).is_file()
    assert parks.report()[0] == "held"
    assert parks.pull() == 0
    assert "no new file" in parks.said[-1]
    assert parks.codes() == ["1", "2"]


def test_a_file_that_cannot_be_taken_apart_is_replayed_once_the_contract_is_right(
    parks: Parks,
) -> None:
    parks.leaves("trees_1.csv", GOOD.encode("gb18030"))
    parks.leaves("trees_2.csv", HEADER + "1,榆,\n")
    assert parks.pull() == HELD
    with pytest.raises(HubError, match=r"cannot be told apart.*hub replay 1") as refused:
        parks.office.release_held(1, BECAUSE)
    assert refused.value.exit_code == USAGE
    with pytest.raises(HubError, match=r"stays held: 文件 trees_1\.csv：第 0 字节起") as told:
        parks.office.replay(1, BECAUSE)
    assert told.value.exit_code == HELD
    given.write(parks.contracts, given.table(extract=IN_GB18030))
    parks.office.replay(1, BECAUSE)
    parks.assert_sound()
    assert "replayed: received 2 appended 2 unchanged 0 rejected 0" in parks.said[-1]
    versions = parks.ask("select species, _batch_id, _closed_batch_id from raw.parks__tree"
                         " where code = '1' order by _recorded_from")  # fmt: skip
    assert versions == [("榕", 1, 2), ("榆", 2, None)]


def test_what_the_gate_refuses_again_stays_held(parks: Parks) -> None:
    held_by_the_gate(parks)
    with pytest.raises(HubError, match=r"parks\.tree #2 stays held: .*拒收率") as told:
        parks.office.replay(2, BECAUSE)
    assert told.value.exit_code == HELD
    lenient = {"max_rejected_share": 0.9, "min_type_share": 0, "max_lost_keys": 1}
    given.write(parks.contracts, given.table(gate=lenient))
    parks.office.replay(2, BECAUSE)
    parks.assert_sound()
    assert parks.codes() == ["1", "2", "5"]


def test_replaying_what_landed_changes_nothing(parks: Parks) -> None:
    parks.leaves("trees_1.csv", GOOD + "3,榆\n")
    parks.pull()
    parks.leaves("trees_2.csv", HEADER + "1,樟,\n")
    parks.pull()
    log = "select ctid, * from raw.parks__tree order by 1"
    rejects = "select ctid, * from quality.rejected_record order by 1"
    before = parks.ask(log), parks.ask(rejects), parks.batches()
    for batch_id in (1, 2, 1):
        parks.office.replay(batch_id, BECAUSE)
        parks.assert_sound()
    assert (parks.ask(log), parks.ask(rejects), parks.batches()) == before


def test_a_replay_goes_by_todays_contract(parks: Parks) -> None:
    required = [given.key("code", "编号"), given.column("species", "树种", required=True),
                given.column("planted", "种植日期")]  # fmt: skip
    given.write(parks.contracts, given.table(required))
    parks.leaves("trees_1.csv", HEADER + "1,榕,\n2,,\n3,榕,\n")
    parks.pull()
    assert parks.codes() == ["1", "3"]
    given.write(parks.contracts)
    parks.office.replay(1, BECAUSE)
    parks.assert_sound()
    assert parks.codes() == ["1", "2", "3"]
    assert parks.ask("select 1 from quality.rejected_record") == []
    given.write(parks.contracts, given.table(required))
    parks.office.replay(1, BECAUSE)
    parks.assert_sound()
    assert parks.codes() == ["1", "3"]


def test_nothing_is_replayed_from_a_file_that_is_not_what_was_written(parks: Parks) -> None:
    parks.leaves("trees_1.csv", GOOD)
    parks.pull()
    (kept,) = parks.landing.rglob("*.parquet")
    kept.write_bytes(kept.read_bytes()[:-1] + b"?")
    with pytest.raises(HubError, match="nothing whole was kept"):
        parks.office.replay(1, BECAUSE)
    with pytest.raises(HubError, match=r"raw file lost or altered: .*1\.parquet"):
        rebuild(parks.office, None, check=False)
    assert parks.codes() == ["1", "2"]


def test_a_broken_line_is_let_in_with_the_values_that_somebody_gives(parks: Parks) -> None:
    parks.leaves("trees_1.csv", GOOD + "3,榆\n")
    parks.pull()
    with pytest.raises(HubError, match="无法解析的行没有各列的值；请用 --set"):
        parks.office.release_rejected(RejectedRows([1]), {}, BECAUSE)
    with pytest.raises(HubError, match="has no column height"):
        parks.office.release_rejected(RejectedRows([1]), {"height": "3"}, BECAUSE)
    parks.office.release_rejected(RejectedRows([1]), {"code": "3", "species": "榆"}, BECAUSE)
    parks.assert_sound()
    assert parks.codes() == ["1", "2", "3"]
    with pytest.raises(HubError, match="no open rejected row 1"):
        parks.office.release_rejected(RejectedRows([1]), {}, BECAUSE)
    parks.office.replay(1, BECAUSE)  # what people released stays released
    parks.assert_sound()
    assert parks.codes() == ["1", "2", "3"]


def test_a_log_that_was_lost_comes_back_from_the_raw_files(parks: Parks) -> None:
    parks.leaves("trees_1.csv", GOOD)
    parks.pull()
    parks.leaves("trees_2.csv", HEADER + "1,樟,\n")
    parks.pull()
    everything = "select * from raw.parks__tree order by code, _recorded_from"
    before = parks.ask(everything)
    parks.connection.execute("drop table raw.parks__tree")
    with pytest.raises(HubError, match=r"different: parks\.tree") as told:
        rebuild(parks.office, "parks.tree", check=True)
    assert told.value.exit_code == HELD
    rebuild(parks.office, "parks.tree", check=False)
    assert parks.ask(everything) == before
    with pytest.raises(HubError, match=r"no table zoo\.lion"):
        rebuild(parks.office, "zoo.lion", check=False)


def test_no_verb_works_on_a_table_that_is_being_ingested(parks: Parks) -> None:
    held_by_the_gate(parks)
    with Ledger(parks.warehouse.dsn(), parks.landing) as other:
        other.lock(chosen(parks.contracts, [])["parks"][0])
        with pytest.raises(HubError, match="another run is at work") as told:
            parks.office.release_held(2, BECAUSE)
    assert told.value.exit_code == SOURCE_FAILED


@pytest.mark.parametrize("batch_id", [3, 99])
def test_only_batches_that_stand_can_be_decided_about(parks: Parks, batch_id: int) -> None:
    parks.leaves("trees_1.csv", GOOD)
    parks.pull()
    parks.connection.execute(
        "insert into ops.batch (batch_id, run_id, department, table_name, mode, contract_version,"
        " source_ref, status) overriding system value"
        " values (3, 'run 1', 'parks', 'tree', 'files', '1.0.0', 'x', 'failed')"
    )
    for verb in (parks.office.replay, parks.office.release_held, parks.office.drop_held):
        with pytest.raises(HubError) as refused:
            verb(batch_id, BECAUSE)
        assert refused.value.exit_code == USAGE


def hub(parks: Parks, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "hub", *arguments, "--contracts", str(parks.contracts)],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=False,
    )


def listed(*arguments: str) -> list[dict[str, Any]]:
    shown = subprocess.run(
        [sys.executable, "-m", "hub", *arguments, "--json"],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=True,
    )
    found: list[dict[str, Any]] = json.loads(shown.stdout)
    return found


def test_the_command_line_from_a_held_batch_to_a_rebuilt_log(parks: Parks) -> None:
    planter = given.column("planted", "种植日期", classification="L3", required=True)
    personal = [given.key("code", "编号"), given.column("species", "树种"), planter]
    given.write(parks.contracts, given.table(personal))
    parks.leaves("trees_1.csv", HEADER + "1,榕,2020\n,樟,王小明 A-7\n")
    done = hub(parks, "ingest", "parks")
    assert done.returncode == 0, done.stderr
    parks.leaves("trees_2.csv", MOSTLY_BAD)
    assert hub(parks, "ingest", "parks").returncode == HELD

    (held,) = listed("hold", "list", "--department", "parks")
    assert (held["#"], held["held"], held["possible"]) == (2, 0, "release, drop")
    assert listed("batches", "--status", "held")[0]["#"] == 2
    assert listed("batches", "--table", "bench") == []
    rules = {(r["batch"], r["rule"], r["rows"]) for r in listed("rejects", "list")}
    assert rules == {(1, "key_missing", 1), (2, "key_missing", 3), (2, "required_missing", 1)}

    shown = json.loads(hub(parks, "rejects", "show", "1", "--json").stdout)
    assert shown["payload"] == {"code": "", "species": "樟", "planted": "某某某 x-0"}
    assert hub(parks, "rejects", "show", "99").returncode == USAGE

    nobody_said_why = hub(parks, "rejects", "release", "1", "--set", "code=7")
    assert nobody_said_why.returncode == USAGE
    because = ("--why", "公园科更正", "--who", "王科长")
    released = hub(parks, "rejects", "release", "1", "--set", "code=7", *because)
    assert "released 1 rejected row(s): received 2 appended 2" in released.stdout, released.stderr
    assert hub(parks, "hold", "drop", "2", *because).returncode == 0
    assert listed("hold", "list") == []
    assert hub(parks, "replay", "1").returncode == 0
    rebuilt = hub(parks, "rebuild", "raw", "--check")
    assert "parks.tree: 1 batch(es) told again, the same row for row" in rebuilt.stdout
    assert parks.ask("select verb, who from ops.decision order by 1 limit 1") == [
        ("hold drop", "王科长")
    ]
