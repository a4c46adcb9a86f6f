"""``hub ingest``: bad input ends in a clear record, a failing source stops nobody else."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from connectors.landing.ledger import Ledger
from hub.errors import HubError
from hub.pipeline.ingest import HELD, SOURCE_FAILED, chosen
from tests.integration.connectors.parks import GOOD, HEADER, Parks
from tests.support import contracts as given
from tests.support.warehouse import Warehouse

pytestmark = pytest.mark.integration


def test_a_good_file_is_landed_once(parks: Parks) -> None:
    parks.leaves("trees_1.csv", GOOD)
    assert parks.pull() == 0
    assert parks.batches() == [("trees_1.csv", "landed", 2, 2, 0, 0, 0)]
    assert parks.report() == ("success", None)
    assert "received 2 appended 2 unchanged 0 rejected 0 held 0" in parks.said[-1]
    assert parks.pull() == 0
    assert len(parks.batches()) == 1
    assert "no new file" in parks.said[-1]


def test_a_broken_line_is_one_rejected_row_with_its_raw_text(parks: Parks) -> None:
    parks.leaves("trees_1.csv", GOOD + "3,榆\n4,柳,2021-01-01\n")
    assert parks.pull() == 0
    assert parks.batches() == [("trees_1.csv", "landed", 4, 3, 0, 1, 0)]
    assert parks.codes() == ["1", "2", "4"]
    (record,) = parks.ask("select rule, reason, payload, status from quality.rejected_record")
    assert record == (
        "broken_line",
        "第 4 条记录应有 3 个字段，实有 2 个",
        {"raw": "3,榆"},
        "open",
    )


def test_a_wrong_encoding_holds_the_file_and_keeps_it(parks: Parks) -> None:
    content = GOOD.encode("gb18030")
    parks.leaves("trees_1.csv", content)
    assert parks.pull() == HELD
    assert parks.batches() == [("trees_1.csv", "held", 2, 0, 0, 0, 2)]
    (reason, kept) = parks.ask("select reason, raw_file from ops.batch")[0]
    assert reason == "文件 trees_1.csv：第 0 字节起不是合法的 utf-8 编码（从 0 计）"
    assert (parks.folder.parent / "landing" / kept).read_bytes() == content
    assert parks.report() == ("held", f"树木：{reason}")


def test_a_missing_column_holds_the_file_and_a_better_one_heals(parks: Parks) -> None:
    parks.leaves("trees_1.csv", "编号,种植日期\n1,2020-01-01\n")
    assert parks.pull() == HELD
    assert "缺少列：树种" in (parks.report()[1] or "")
    parks.leaves("trees_1.csv", GOOD)
    assert parks.pull() == 0
    assert parks.codes() == ["1", "2"]
    assert [row[1] for row in parks.batches()] == ["held", "landed"]


def test_a_held_file_is_tried_again_when_the_contract_was_wrong(parks: Parks) -> None:
    parks.leaves("trees_1.csv", GOOD.encode("gb18030"))
    assert parks.pull() == HELD
    csv = {**given.FILES, "format": {**given.CSV, "encoding": "gb18030"}}
    given.write(parks.contracts, given.table(extract=csv))
    assert parks.pull() == 0
    assert parks.codes() == ["1", "2"]


def test_what_the_gate_refuses_is_held_and_the_last_good_data_stays(parks: Parks) -> None:
    parks.leaves("trees_1.csv", GOOD)
    parks.pull()
    parks.leaves("trees_2.csv", HEADER + "5,榕,\n,柳,\n,槐,\n,杨,\n")
    assert parks.pull() == HELD
    assert parks.batches()[-1] == ("trees_2.csv", "held", 4, 0, 0, 3, 1)
    assert parks.codes() == ["1", "2"]
    assert "拒收率" in (parks.report()[1] or "")


def test_an_extra_column_is_noted_and_everything_else_goes_on(parks: Parks) -> None:
    parks.leaves("trees_1.csv", "编号,树种,种植日期,树高\n1,榕,2020-01-01,9\n")
    assert parks.pull() == 0
    assert parks.ask("select kind, column_name, note, action from quality.drift") == [
        ("added", "树高", "多出的列：树高", "warn")
    ]


@pytest.mark.parametrize(("policy", "code"), [("accept", 0), ("warn", 0), ("hold", HELD)])
def test_the_contract_decides_what_becomes_of_an_extra_column(
    parks: Parks, policy: str, code: int
) -> None:
    given.write(parks.contracts, given.table(drift={"added": policy}))
    parks.leaves("trees_1.csv", "编号,树种,种植日期,树高\n1,榕,2020-01-01,9\n")
    assert parks.pull() == code
    assert parks.ask("select action from quality.drift") == [(policy,)]
    assert ("drift: 多出的列：树高" in parks.said[-1]) is (policy != "accept")
    assert parks.codes() == ([] if policy == "hold" else ["1"])
    assert ("多出的列：树高（契约 drift：hold）" in (parks.report()[1] or "")) is (policy == "hold")


def test_a_renamed_column_holds_the_file_and_is_named_in_the_ledger(parks: Parks) -> None:
    parks.leaves("trees_1.csv", "编号,品种,种植日期\n1,榕,2020-01-01\n")
    assert parks.pull() == HELD
    assert "缺少列：树种（疑似改名为 品种）" in (parks.report()[1] or "")
    assert parks.ask("select kind, column_name, note, action from quality.drift") == [
        ("renamed", "树种", "疑似改名的列：树种 → 品种", "hold")
    ]


def test_files_merge_in_the_order_of_their_names(parks: Parks) -> None:
    parks.leaves("trees_2.csv", HEADER + "1,樟,\n")
    parks.leaves("trees_1.csv", HEADER + "1,榕,\n")
    assert parks.pull() == 0
    assert parks.ask("select species from raw.parks__tree where _recorded_to is null") == [("樟",)]


def add_broken_table(parks: Parks) -> None:
    """Give the department a second table, in a folder that is not there."""
    declared = given.table(server={"directory": "/no/such/folder"})
    declared["schema"][0]["name"] = "bench"
    text = yaml.safe_dump({**declared, "name": "长椅"}, allow_unicode=True)
    (parks.contracts / "parks" / "bench.yaml").write_text(text, encoding="utf-8")


def test_a_table_that_fails_does_not_stop_the_others(parks: Parks) -> None:
    add_broken_table(parks)
    parks.leaves("trees_1.csv", GOOD)
    assert parks.pull() == SOURCE_FAILED
    assert parks.codes() == ["1", "2"]
    outcome, reason = parks.report()
    assert (outcome, reason) == (
        "failed",
        "长椅：无法读取目录 /no/such/folder（No such file or directory）",
    )
    assert parks.ask("select status from ops.run") == [("failed",)]


def test_wrong_contracts_stop_everything_before_it_begins(parks: Parks) -> None:
    (parks.contracts / "parks" / "tree.yaml").write_text("version: 1\n")
    with pytest.raises(HubError, match=r"parks/tree\.yaml:1: version: must be text") as refused:
        parks.pull()
    assert refused.value.exit_code == 2
    assert parks.ask("select to_regclass('ops.batch')::text") == [(None,)]


def test_a_second_run_on_the_same_table_is_told_to_wait(parks: Parks) -> None:
    parks.leaves("trees_1.csv", GOOD)
    parks.pull()
    with Ledger(parks.warehouse.dsn(), parks.folder) as other:
        other.lock(chosen(parks.contracts, [])["parks"][0])
        with pytest.raises(HubError, match=r"parks\.tree is being ingested by another run") as told:
            parks.pull()
    assert told.value.exit_code == SOURCE_FAILED
    assert parks.pull() == 0


def test_the_contracts_are_entered_for_whoever_judges_freshness(parks: Parks) -> None:
    parks.pull()
    assert parks.ask(
        "select department, table_name, title, department_title, owner, fresh_within::text, version"
        " from ops.contract"
    ) == [("parks", "tree", "树木", "公园", "公园管理科", "2 days", "1.0.0")]


STOPPED = """
import sys
from pathlib import Path
from connectors.landing import {module}
import {module_path} as module
from hub.pipeline import ingest as pipeline

def stop(*_, **__):
    print("at the point", flush=True)
    import time
    time.sleep(60)

module.{name} = stop
job = pipeline.Job(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), "killed", "test", print)
pipeline.ingest(job, pipeline.chosen(Path(sys.argv[4]), []))
"""

POINTS = {
    "while extracting": ("connectors.landing.land", "Examination.pieces"),
    "before the file has its name": ("connectors.landing.raw_file", "RawFileWriter.close"),
    "before the ledger knows": ("connectors.landing.ledger", "Ledger.extracted"),
    "between extract and judgement": ("expectations.gate", "judge"),
    "between judgement and merge": ("connectors.landing.change_log", "merge"),
    "within the merge": ("connectors.landing.merging", "Merging._append"),
    "before the report": ("connectors.landing.ledger", "Ledger.report"),
}


@pytest.mark.parametrize("point", POINTS)
def test_a_run_that_was_killed_is_completed_by_the_next(parks: Parks, point: str) -> None:
    parks.leaves("trees_1.csv", GOOD + "3,榆\n")
    module, name = POINTS[point]
    script = STOPPED.format(module="land", module_path=module, name=name)
    folders = [str(parks.folder.parent / name) for name in ("landing", "docs")]
    process = subprocess.Popen(
        [sys.executable, "-c", script, parks.warehouse.dsn(), *folders, str(parks.contracts)],
        cwd=Path(__file__).parents[3],
        env=dict(os.environ),
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert any("at the point" in line for line in process.stdout)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    wait_until(lambda: parks.ask("select 1 from pg_stat_activity where application_name ="
                                 " 'hub ledger' and state = 'active'") == [])  # fmt: skip
    assert parks.pull_when_free() == 0
    assert parks.codes() == ["1", "2"]
    landed = [batch for batch in parks.batches() if batch[1] == "landed"]
    assert landed == [("trees_1.csv", "landed", 3, 2, 0, 1, 0)]
    assert parks.ask("select count(*) from raw.parks__tree") == [(2,)]
    open_rejects = parks.ask("select count(*) from quality.rejected_record where status = 'open'")
    assert open_rejects == [(1,)]
    assert list((parks.folder.parent / "landing").rglob("*.part")) == []
    assert parks.ask("select 1 from ops.batch where status in ('extracting', 'extracted')") == []


def wait_until(holds: Callable[[], bool], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_the_command_line_says_what_happened_in_one_line(
    parks: Parks, clean_warehouse: Warehouse
) -> None:
    add_broken_table(parks)
    parks.leaves("trees_1.csv", GOOD + "x\n")

    def hub(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "hub", *arguments],
            cwd=Path(__file__).parents[3],
            capture_output=True,
            text=True,
            check=False,
        )

    done = hub("ingest", "parks", "--contracts", str(parks.contracts))
    assert done.returncode == SOURCE_FAILED
    assert "Traceback" not in done.stderr
    assert "parks.bench: FAILED: 无法读取目录 /no/such/folder" in done.stdout
    assert "received 3 appended 2 unchanged 0 rejected 1 held 0" in done.stdout
    assert "trees_1.csv" in hub("batches").stdout
    assert "broken_line" in hub("rejects", "list", "--department", "parks").stdout
    shown = hub("rejects", "show", "1").stdout
    assert json.loads(shown[shown.index("{") :]) == {"raw": "x"}
    assert hub("rejects", "show", "99").returncode == 2
    unknown = hub("ingest", "zoo")
    assert unknown.returncode == 2
    assert "no contracts for zoo; known: city_management" in unknown.stderr
    assert hub("ingest").returncode == 2
